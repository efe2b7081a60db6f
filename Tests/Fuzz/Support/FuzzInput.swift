// SPDX-License-Identifier: Apache-2.0
// What the fuzz targets share: their input as numbers and messages, and a way to say that something does not hold.

/// Reads values off the front of what the fuzzer invents; zeros where it has ended.
struct FuzzInput {
    private var bytes: UnsafeRawBufferPointer

    init(_ start: UnsafePointer<UInt8>?, _ count: Int) {
        self.bytes = UnsafeRawBufferPointer(start: start, count: count)
    }

    var isEmpty: Bool { self.bytes.isEmpty }

    mutating func byte() -> UInt8 {
        guard let first = self.bytes.first else { return 0 }
        self.bytes = UnsafeRawBufferPointer(rebasing: self.bytes.dropFirst())
        return first
    }

    mutating func index(below count: Int) -> Int { Int(self.byte()) % count }

    mutating func word() -> UInt64 { (0..<8).reduce(0) { word, _ in word << 8 | UInt64(self.byte()) } }

    /// Mostly numbers a few bytes make, sometimes any bits at all.
    mutating func double() -> Double {
        switch self.byte() % 8 {
        case 0: Double(bitPattern: self.word())
        case 1: .nan
        case 2: 0
        default: (Double(self.byte()) - 64) / 8
        }
    }

    mutating func text() -> String {
        let length = self.index(below: 12)
        return String(decoding: self.take(length), as: UTF8.self)
    }

    /// At most `count` bytes.
    mutating func take(_ count: Int) -> [UInt8] {
        let taken = Array(self.bytes.prefix(count))
        self.bytes = UnsafeRawBufferPointer(rebasing: self.bytes.dropFirst(count))
        return taken
    }

    mutating func rest() -> [UInt8] { self.take(self.bytes.count) }

    /// The next message: a length of two bytes, big-endian, and its bytes, or what is left of them.
    mutating func message() -> [UInt8] {
        let length = Int(self.byte()) << 8 | Int(self.byte())
        return self.take(length)
    }
}

/// Stops the fuzzer with a finding.
func require(_ holds: Bool, _ fact: @autoclosure () -> String, line: UInt = #line) {
    if !holds { fatalError("does not hold (line \(line)): \(fact())") }
}

/// For code that is right to throw: `nil` then.
func attempt<Value, Failure: Error>(_ body: () throws(Failure) -> Value) -> Value? { try? body() }
