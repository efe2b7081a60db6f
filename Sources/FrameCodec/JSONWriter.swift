// SPDX-License-Identifier: Apache-2.0
// Writes JSON text, for frames and for HTTP.

/// Appends JSON (RFC 8259) to bytes, with commas where they belong.
///
/// ```swift
/// var json = JSONWriter()
/// json.beginObject()
/// json.member("symbol", "AAPL")
/// json.member("last", 189.34)
/// json.endObject()  // {"symbol":"AAPL","last":189.34}
/// ```
///
/// That keys are written in objects only, and every begin has its end, is up to the caller.
public struct JSONWriter: Sendable {
    public private(set) var bytes: [UInt8] = []
    private var needsComma = false

    public init(reservingBytes: Int = 0) { self.bytes.reserveCapacity(reservingBytes) }

    public var text: String { String(decoding: self.bytes, as: UTF8.self) }

    public mutating func beginObject() { self.open(UInt8(ascii: "{")) }
    public mutating func endObject() { self.close(UInt8(ascii: "}")) }
    public mutating func beginArray() { self.open(UInt8(ascii: "[")) }
    public mutating func endArray() { self.close(UInt8(ascii: "]")) }

    /// The name of the member whose value is written next.
    public mutating func key(_ name: String) {
        self.separate()
        self.quote(name)
        self.bytes.append(UInt8(ascii: ":"))
        self.needsComma = false
    }

    public mutating func value(_ text: String) {
        self.separate()
        self.quote(text)
    }

    /// NaN is written as `null`; an infinity as the largest finite number of its sign.
    public mutating func value(_ number: Double) {
        self.separate()
        self.number(number)
    }

    public mutating func value(_ number: some BinaryInteger) {
        self.separate()
        if number < 0 { self.bytes.append(UInt8(ascii: "-")) }
        self.digits(UInt64(number.magnitude))
    }

    public mutating func value(_ flag: Bool) { self.literal(flag ? "true" : "false") }
    public mutating func null() { self.literal("null") }

    public mutating func value(_ texts: [String]) {
        self.beginArray()
        for text in texts { self.value(text) }
        self.endArray()
    }

    /// A value that is JSON already.
    public mutating func raw(_ json: [UInt8]) {
        self.separate()
        self.bytes.append(contentsOf: json)
    }

    public mutating func member(_ name: String, _ text: String) {
        self.key(name)
        self.value(text)
    }

    public mutating func member(_ name: String, _ number: Double) {
        self.key(name)
        self.value(number)
    }

    public mutating func member(_ name: String, _ number: some BinaryInteger) {
        self.key(name)
        self.value(number)
    }

    public mutating func member(_ name: String, _ flag: Bool) {
        self.key(name)
        self.value(flag)
    }

    /// Empties the writer but keeps its storage.
    public mutating func removeAll() {
        self.bytes.removeAll(keepingCapacity: true)
        self.needsComma = false
    }

    /// Writes an object member that is dropped again when `body` says it has nothing in it.
    mutating func objectMember(_ name: String, unlessEmpty body: (inout JSONWriter) -> Bool) -> Bool {
        let byteCount = self.bytes.count
        let neededComma = self.needsComma
        self.key(name)
        self.beginObject()
        if body(&self) {
            self.endObject()
            return true
        }
        self.bytes.removeLast(self.bytes.count - byteCount)
        self.needsComma = neededComma
        return false
    }

    private mutating func open(_ bracket: UInt8) {
        self.separate()
        self.bytes.append(bracket)
        self.needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        self.bytes.append(bracket)
        self.needsComma = true
    }

    private mutating func literal(_ text: StaticString) {
        self.separate()
        text.withUTF8Buffer { self.bytes.append(contentsOf: $0) }
    }

    private mutating func separate() {
        if self.needsComma { self.bytes.append(UInt8(ascii: ",")) }
        self.needsComma = true
    }

    mutating func append(byte: UInt8) { self.bytes.append(byte) }
    mutating func append(contentsOf bytes: some Collection<UInt8>) { self.bytes.append(contentsOf: bytes) }
}
