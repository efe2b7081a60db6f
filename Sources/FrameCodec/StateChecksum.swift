// SPDX-License-Identifier: Apache-2.0
// CRC-32 over a channel's integer state (docs/wire-format.md, "Checksum").

import CLibZ

#if !_endian(little)
    #error("the checksum reads integers as they lie in memory: swap them on this machine")
#endif

/// The checksum that tells a receiver whether its state is the sender's.
enum StateChecksum {
    static func value(layout: ChannelLayout, integers: [Int64], texts: [TextCell]) -> UInt32 {
        var sum = crc32(0, nil, 0)
        for table in layout.tables.indices {
            layout.checksumKeys[table].withUnsafeBytes { sum = self.updated(sum, $0) }
            for column in layout.tables[table].columns.indices {
                let slot = layout.slot(table: table, column: column)
                if slot.isNumeric {
                    integers.withUnsafeBytes { bytes in
                        let size = MemoryLayout<Int64>.size
                        let cells = bytes[slot.range.lowerBound * size..<slot.range.upperBound * size]
                        sum = self.updated(sum, UnsafeRawBufferPointer(rebasing: cells))
                    }
                } else {
                    self.bytes(of: texts[slot.range], in: slot).withUnsafeBytes { sum = self.updated(sum, $0) }
                }
            }
        }
        return UInt32(truncatingIfNeeded: sum)
    }

    private static func updated(_ sum: UInt, _ bytes: UnsafeRawBufferPointer) -> UInt {
        guard let base = bytes.bindMemory(to: UInt8.self).baseAddress, !bytes.isEmpty else { return sum }
        return crc32_z(sum, base, bytes.count)
    }

    private static func bytes(of cells: ArraySlice<TextCell>, in slot: ColumnSlot) -> [UInt8] {
        var bytes: [UInt8] = []
        for cell in cells {
            switch cell {
            case .absent:
                bytes.append(0xFF)
                if case .texts = slot.kind { bytes.append(0xFF) }
            case .text(let text):
                bytes.append(contentsOf: text.utf8)
                bytes.append(0)
            case .list(let texts):
                for text in texts {
                    bytes.append(contentsOf: text.utf8)
                    bytes.append(0)
                }
                bytes.append(0xFF)
            }
        }
        return bytes
    }
}

extension ChannelState {
    /// CRC-32 of the state as a binary receiver holds it.
    public func checksum() -> UInt32 {
        let integers = ChannelIntegers(self)
        return StateChecksum.value(layout: self.layout, integers: integers.integers, texts: self.texts)
    }
}
