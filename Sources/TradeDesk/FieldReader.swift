// SPDX-License-Identifier: Apache-2.0
// Reads the fields of a form one by one and collects what is wrong with them.

import RiskDomain

/// Each reader returns `nil` where it has noted an error or the field may be absent and is.
struct FieldReader {
    private(set) var errors: [FieldError] = []

    mutating func note(_ field: String, _ code: FieldError.Code, _ detail: String) {
        self.errors.append(FieldError(field: field, code: code, detail: detail))
    }

    private mutating func note(_ fault: DecimalLiteral.Fault, at field: String) {
        switch fault {
        case .malformed:
            self.note(field, .malformedNumber, "must be a decimal number such as 180.25")
        case .beyondRange:
            let limits = "\(DecimalLiteral.bytesMax) characters and an exponent of \(DecimalLiteral.exponentMax)"
            self.note(field, .beyondRange, "may have up to \(limits)")
        }
    }

    mutating func required(_ field: String) {
        self.note(field, .required, "is required")
    }

    mutating func text(_ field: String, _ raw: RawField) -> String? {
        switch raw {
        case .text(let text): return text
        case .absent: return nil
        case .number, .other:
            self.note(field, .wrongType, "must be a string")
            return nil
        }
    }

    mutating func number(_ field: String, _ raw: RawField) -> Double? {
        switch raw {
        case .absent: return nil
        case .text, .other: self.note(field, .wrongType, "must be a number, not a string")
        case .number(let literal):
            do {
                return try DecimalLiteral.value(of: literal)
            } catch {
                self.note(error, at: field)
            }
        }
        return nil
    }

    /// One of the words of an enumeration; `missing` where the field is absent.
    mutating func word<Word: RawRepresentable & CaseIterable>(
        _ field: String, _ raw: RawField, missing: Word?
    ) -> Word? where Word.RawValue == String {
        guard raw != .absent else {
            if missing == nil { self.required(field) }
            return missing
        }
        guard let text = self.text(field, raw) else { return nil }
        if let word = Word(rawValue: text) { return word }
        self.note(field, .unknownValue, "must be one of \(Word.allCases.map(\.rawValue).joined(separator: ", "))")
        return nil
    }

    /// 1 to `bytesMax` of letters, digits and `-_.:`; absent is allowed.
    mutating func identifier(_ field: String, _ raw: RawField, bytesMax: Int) -> String? {
        guard let text = self.text(field, raw) else { return nil }
        guard (1...bytesMax).contains(text.utf8.count) else {
            self.note(field, .badLength, "must have 1 to \(bytesMax) characters")
            return nil
        }
        let isPlain = text.unicodeScalars.allSatisfy {
            ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
                || ["-", "_", ".", ":"].contains($0)
        }
        guard isPlain else {
            self.note(field, .badCharacter, "may hold letters, digits, - _ . and : only")
            return nil
        }
        return text
    }

    /// Above 0, up to the maximum, on the lot of the instrument where it is known.
    mutating func quantity(_ field: String, _ raw: RawField, of instrument: Instrument?, max: Double) -> Double? {
        guard let value = self.number(field, raw) else { return nil }
        if !(value > 0) {
            self.note(field, .notPositive, "must be above 0")
        } else if !(value <= max) {
            self.note(field, .aboveMaximum, "must be at most \(max)")
        } else if let instrument, !StepGrid.contains(value, step: instrument.lotSize) {
            self.note(field, .offLot, "must be a multiple of \(instrument.lotSize)")
        } else {
            return value
        }
        return nil
    }

    /// Within the range of prices, above 0 but where the instrument says otherwise, on its tick.
    mutating func price(_ field: String, _ raw: RawField, of instrument: Instrument?) -> Double? {
        guard let value = self.number(field, raw) else { return nil }
        if !(value.magnitude <= Tick.priceLimit) {
            self.note(field, .beyondRange, "must be within \(Tick.priceLimit)")
        } else if let instrument, !instrument.allowsNegativePrices, !(value > 0) {
            self.note(field, .notPositive, "must be above 0")
        } else if let instrument, !StepGrid.contains(value, step: instrument.tickSize) {
            self.note(field, .offTick, "must be a multiple of \(instrument.tickSize)")
        } else {
            return value
        }
        return nil
    }
}
