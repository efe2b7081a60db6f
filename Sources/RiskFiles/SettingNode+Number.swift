// SPDX-License-Identifier: Apache-2.0
// Numbers out of YAML values, and how a value of the wrong kind is told.

extension SettingNode {
    /// A number in decimal notation, not quoted; `nil` after logging what is wrong.
    ///
    /// - Parameters:
    ///   - name: key path of the value.
    ///   - allowed: the range in words.
    func number(_ name: String, allowed: String, log: ProblemLog, _ isAllowed: (Double) -> Bool) -> Double? {
        guard case .scalar(let text, let style) = self.content, style != .quoted,
            let number = DecimalNumber.parse(text)
        else {
            self.refuse(.wrongType, name, allowed: "a number \(allowed)", log: log)
            return nil
        }
        guard isAllowed(number) else {
            self.refuse(.outOfRange, name, allowed: "a number \(allowed)", log: log)
            return nil
        }
        return number
    }

    func number(_ name: String, in range: ClosedRange<Double>, log: ProblemLog) -> Double? {
        self.number(name, allowed: "from \(range.lowerBound) to \(range.upperBound)", log: log, range.contains)
    }

    /// Logs that the value is none of what is allowed here.
    func refuse(
        _ kind: FileProblem.Kind, _ name: String, allowed: String, log: ProblemLog,
        nearest: @autoclosure () -> String? = nil
    ) {
        let fact = "\(name) is \(self.shown); allowed: \(allowed)"
        log.add(kind, at: self.origin, name: name, value: self.shown, fact, nearest: nearest())
    }
}
