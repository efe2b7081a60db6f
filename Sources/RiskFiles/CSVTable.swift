// SPDX-License-Identifier: Apache-2.0
// A CSV file with a header, read by column name; what is wrong goes to the log with line and column.

struct CSVTable {
    /// Names of the header's fields, in file order.
    let columns: [String]
    let path: String
    let log: ProblemLog
    private let indexByName: [String: Int]
    private var reader: CSVReader

    /// Files may be this large.
    static let fileBytesMax = 256 << 20

    /// Reads the header; `nil` after logging that the file or its header is of no use.
    ///
    /// - Parameters:
    ///   - required: columns the header must have.
    ///   - spellings: other names of columns in the header, by what they are called here.
    init?(path: String, required: [String], spellings: [String: String] = [:], log: ProblemLog) {
        guard let bytes = FileContent.bytes(of: path, bytesMax: Self.fileBytesMax, log: log) else { return nil }
        self.path = path
        self.log = log
        self.reader = CSVReader(bytes)
        do throws(CSVError) {
            guard try self.reader.nextRow() else {
                log.add(.missing, at: ProblemOrigin(source: path, line: 1), "the file is empty; expected a header")
                return nil
            }
        } catch {
            log.add(.syntax, at: ProblemOrigin(source: path, line: error.line), "\(error)")
            return nil
        }
        let origin = ProblemOrigin(source: path, line: self.reader.line)
        var columns: [String] = []
        var indexByName: [String: Int] = [:]
        var isSound = true
        for index in 0..<self.reader.fieldCount {
            guard let text = self.reader.text(index) else {
                log.add(.syntax, at: origin, "the name of column \(index + 1) is not valid UTF-8")
                return nil
            }
            let name = spellings[text] ?? text
            columns.append(name)
            if indexByName.updateValue(index, forKey: name) != nil {
                let shown = FileProblem.shown(name)
                log.add(.duplicate, at: origin, name: shown, "column \(shown) is there twice")
                isSound = false
            }
        }
        for name in required where indexByName[name] == nil {
            let unused = columns.filter { !required.contains($0) && !$0.isEmpty }
            let nearest = NearestName.find(name, among: unused).flatMap { candidate in
                NearestName.edits(from: name, to: candidate) <= 3 ? candidate : nil
            }
            let hint = nearest.map { "; the header has \(FileProblem.shown($0))" } ?? ""
            log.add(.missing, at: origin, name: name, "missing column \(name)\(hint)")
            isSound = false
        }
        guard isSound else { return nil }
        self.columns = columns
        self.indexByName = indexByName
    }

    func index(of column: String) -> Int? { self.indexByName[column] }

    /// Reads on to the next sound row; `false` at the end or after an error that hides the rest.
    mutating func nextRow() -> Bool {
        while true {
            do throws(CSVError) {
                return try self.reader.nextRow()
            } catch {
                self.log.add(.syntax, at: ProblemOrigin(source: self.path, line: error.line), "\(error)")
                guard case .rowRagged = error else { return false }
            }
        }
    }

    /// Line of the current row.
    var line: Int { self.reader.line }

    func bytes(_ index: Int) -> ArraySlice<UInt8> { self.reader.field(index) }

    /// Logs a problem of one field of the current row.
    func report(
        _ kind: FileProblem.Kind, _ column: String, value: String, _ fact: String,
        nearest: @autoclosure () -> String? = nil
    ) {
        let origin = ProblemOrigin(source: self.path, line: self.line)
        let name = FileProblem.shown(column)
        self.log.add(kind, at: origin, name: name, value: value, "column \(name): \(fact)", nearest: nearest())
    }
}

/// Fields of the current row by column; each gives `nil` after logging what is wrong.
extension CSVTable {
    /// Text of 1 to `bytesMax` bytes without control characters.
    func text(_ column: String, bytesMax: Int = 256) -> String? {
        guard let index = self.index(of: column) else { return nil }
        guard let text = self.reader.text(index) else {
            self.report(.syntax, column, value: "", "the text is not valid UTF-8")
            return nil
        }
        guard (1...bytesMax).contains(text.utf8.count), !text.unicodeScalars.contains(where: \.isControl) else {
            let fact = "\"\(FileProblem.shown(text))\"; allowed: 1 to \(bytesMax) bytes without control characters"
            self.report(text.isEmpty ? .missing : .outOfRange, column, value: text, fact)
            return nil
        }
        return text
    }

    /// Text of an identifier: 1 to 64 bytes without blanks, quotes, commas, backslashes or control characters.
    func identifier(_ column: String) -> String? {
        guard let text = self.text(column, bytesMax: 64) else { return nil }
        guard Self.isIdentifier(text) else {
            let shown = FileProblem.shown(text)
            let fact = "\"\(shown)\"; allowed: 1 to 64 bytes without blanks, quotes, commas, backslashes"
            self.report(.outOfRange, column, value: text, fact)
            return nil
        }
        return text
    }

    static func isIdentifier(_ text: String) -> Bool {
        let forbidden = "\"'\\,".unicodeScalars
        return (1...64).contains(text.utf8.count)
            && !text.unicodeScalars.contains { $0.isControl || $0.properties.isWhitespace || forbidden.contains($0) }
    }

    /// ISO 4217 in form, or a minor unit in which some exchanges quote.
    func currency(_ column: String) -> String? {
        guard let text = self.text(column) else { return nil }
        guard CurrencyCode.isValid(text) || CurrencyCode.isMinorUnit(text) else {
            let minor = CurrencyCode.minorUnits.joined(separator: ", ")
            let fact = "\(FileProblem.shown(text)); allowed: three capital letters, or a minor unit of \(minor)"
            self.report(.outOfRange, column, value: text, fact)
            return nil
        }
        return text
    }

    /// - Parameters:
    ///   - fallback: for a column that is absent or blank; `nil` requires a number.
    ///   - allowed: the range in words.
    func number(
        _ column: String, default fallback: Double? = nil, allowed: String, _ isAllowed: (Double) -> Bool
    ) -> Double? {
        guard let index = self.index(of: column) else { return fallback }
        let bytes = self.bytes(index)
        if bytes.isEmpty, let fallback { return fallback }
        let shown = FileProblem.shown(String(decoding: bytes, as: UTF8.self))
        guard let number = DecimalNumber.parse(bytes) else {
            let kind = bytes.isEmpty ? FileProblem.Kind.missing : .wrongType
            self.report(kind, column, value: shown, "\"\(shown)\" is not a number such as -12.5")
            return nil
        }
        guard isAllowed(number) else {
            self.report(.outOfRange, column, value: shown, "\(shown); allowed: \(allowed)")
            return nil
        }
        return number
    }

    func whole(_ column: String, default fallback: Int? = nil, in range: ClosedRange<Int>) -> Int? {
        guard let index = self.index(of: column) else { return fallback }
        let bytes = self.bytes(index)
        if bytes.isEmpty, let fallback { return fallback }
        guard let number = DecimalNumber.parseWhole(bytes), range.contains(number) else {
            let shown = FileProblem.shown(String(decoding: bytes, as: UTF8.self))
            let fact = "\"\(shown)\"; allowed: a whole number from \(range.lowerBound) to \(range.upperBound)"
            self.report(.outOfRange, column, value: shown, fact)
            return nil
        }
        return number
    }

    /// `true` or `false`; absent or blank is false.
    func flag(_ column: String) -> Bool? {
        guard let index = self.index(of: column) else { return false }
        let text = String(decoding: self.bytes(index), as: UTF8.self)
        switch text {
        case "true": return true
        case "false", "": return false
        default:
            self.report(.wrongType, column, value: text, "\"\(FileProblem.shown(text))\"; allowed: true, false")
            return nil
        }
    }

    func isBlank(_ column: String) -> Bool { self.index(of: column).map { self.bytes($0).isEmpty } ?? true }
}
