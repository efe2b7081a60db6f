// SPDX-License-Identifier: Apache-2.0
// Arrays as files that numpy.load reads.

import Glibc

/// What an element may be.
protocol NumpyElement: BitwiseCopyable {
    static var descriptor: String { get }
}

extension Double: NumpyElement { static var descriptor: String { "<f8" } }
extension UInt32: NumpyElement { static var descriptor: String { "<u4" } }

/// Version 1.0 of the format of NEP 1, "A Simple File Format for NumPy Arrays": a magic word, a header that is a Python
/// literal, and the elements row by row.
enum NumpyFile {
    private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
    /// The elements begin at a multiple of it.
    private static let alignment = 64

    /// - Parameter shape: the product is the count of `elements`; the machine is little-endian, as all we run on are.
    static func write<Element: NumpyElement>(
        _ elements: [Element], shape: [Int], to path: String
    ) throws(CommandError) {
        precondition(shape.reduce(1, *) == elements.count)
        let axes = shape.map { "\($0)," }.joined(separator: " ")
        let literal = "{'descr': '\(Element.descriptor)', 'fortran_order': False, 'shape': (\(axes)), }"
        let unpadded = self.magic.count + 2 + literal.utf8.count + 1
        let padding = (self.alignment - unpadded % self.alignment) % self.alignment
        let header = Array(literal.utf8) + [UInt8](repeating: UInt8(ascii: " "), count: padding) + [UInt8(ascii: "\n")]
        let length = [UInt8(header.count & 0xff), UInt8(header.count >> 8)]
        guard let file = fopen(path, "wb") else { throw .cannotWrite(path: path) }
        var isWritten = Self.put(self.magic + length + header, file) && Self.put(elements, file)
        isWritten = fclose(file) == 0 && isWritten
        guard isWritten else { throw .cannotWrite(path: path) }
    }

    private static func put<Element: BitwiseCopyable>(_ elements: [Element], _ file: UnsafeMutablePointer<FILE>) -> Bool
    {
        elements.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, file) == $0.count }
    }
}
