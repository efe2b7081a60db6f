// SPDX-License-Identifier: Apache-2.0
// An answer as JSON: numbers, words, lists and objects; what is absent or not finite is null.

/// A tree of values.
indirect enum ProbeValue: Encodable {
    case absent
    case number(Double)
    case text(String)
    case list([ProbeValue])
    case object([String: ProbeValue])

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .absent: try container.encodeNil()
        case .number(let value): if value.isFinite { try container.encode(value) } else { try container.encodeNil() }
        case .text(let text): try container.encode(text)
        case .list(let values): try container.encode(values)
        case .object(let members): try container.encode(members)
        }
    }

    init(_ value: Double?) { self = value.map(ProbeValue.number) ?? .absent }
    init(_ value: Int?) { self.init(value.map(Double.init)) }
    init(_ text: String) { self = .text(text) }
    init(_ values: [Double?]) { self = .list(values.map { ProbeValue($0) }) }
    init(_ values: [Int]) { self = .list(values.map { ProbeValue($0) }) }
    init(_ texts: [String]) { self = .list(texts.map(ProbeValue.text)) }
    init(_ members: [String: Double]) { self = .object(members.mapValues(ProbeValue.number)) }

    /// By confidence in basis points.
    init(_ figures: [Int: Double]) {
        self = .object(Dictionary(uniqueKeysWithValues: figures.map { (String($0), .number($1)) }))
    }

    /// One answer for each key, under the key's name.
    init<Key>(each keys: [Key], name: (Key) -> String, _ value: (Key) -> ProbeValue) {
        self = .object(Dictionary(uniqueKeysWithValues: keys.map { (name($0), value($0)) }))
    }

    /// One answer for each case, under its raw value.
    init<Key: CaseIterable & RawRepresentable>(
        each: Key.Type, _ value: (Key) -> ProbeValue
    ) where Key.RawValue == String {
        self.init(each: Array(Key.allCases), name: \.rawValue, value)
    }
}

extension ProbeValue: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral {
    init(dictionaryLiteral elements: (String, ProbeValue)...) {
        self = .object(Dictionary(uniqueKeysWithValues: elements))
    }

    init(arrayLiteral elements: ProbeValue...) { self = .list(elements) }
}
