// SPDX-License-Identifier: Apache-2.0
// Alerts and limits between the desk's words and the store's.

import FrameCodec
import RiskStore
import TradeDesk

extension AlertRecord {
    init(_ alert: Alert, nowNanoseconds: UInt64) {
        self.init(
            id: alert.id, account: alert.rule.scope.account,
            rule: alert.rule.id + (alert.rule.scope.part.map { "/\($0)" } ?? ""), level: alert.rule.level.rawValue,
            text: alert.text, state: State(rawValue: alert.stage.rawValue)!, acknowledgedBy: alert.acknowledged?.user,
            raisedNanoseconds: alert.raisedNanoseconds, updatedNanoseconds: nowNanoseconds)
    }

    /// The event on the stream and the entry of a list (DESIGN.md §6): `ts` is when it was raised.
    public func write(to json: inout JSONWriter) {
        json.beginObject()
        json.member("id", self.id)
        if let account { json.member("account", account) }
        json.member("rule", self.rule)
        json.member("level", self.level)
        json.member("text", self.text)
        json.member("ts", self.raisedNanoseconds)
        json.member("state", self.state.rawValue)
        if let acknowledgedBy { json.member("acknowledged_by", acknowledgedBy) }
        json.member("updated_ns", self.updatedNanoseconds)
        json.endObject()
    }
}

extension Alert {
    /// Fact first, for people.
    var text: String {
        let figure = self.rule.metric.rawValue.split(separator: "_").joined(separator: " ")
        let part: String
        if case .part(_, let name) = self.rule.scope { part = " of \(name)" } else { part = "" }
        let unit = self.rule.metric.isPercent ? " %" : ""
        return "\(figure)\(part) is \(Self.shown(self.raisedValue))\(unit); the limit is "
            + "\(Self.shown(self.rule.threshold))\(unit)"
    }

    /// Two decimals at most.
    private static func shown(_ value: Double) -> String {
        let rounded = (value * 100).rounded() / 100
        let text = String(describing: rounded)
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}

extension LimitMetric {
    var isPercent: Bool {
        switch self {
        case .concentration, .drawdown, .marginUtilisation: true
        default: false
        }
    }
}
