// SPDX-License-Identifier: Apache-2.0
// Any state and any change of it: what is encoded is decoded, in both compressions, and the JSON form is JSON.

import Foundation
import FrameCodec

nonisolated(unsafe) private let encoder = attempt { () throws(FrameCodecError) in
    try FrameEncoder(zstdLevel: 1, deflateLevel: 1)
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzFrameRoundTrip(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = FuzzInput(start, count)
    let encoding = input.byte() % 2 == 0 ? FrameEncoding.zstd : .deflate
    var state = ChannelState(layout: input.layout())
    fill(&state, &input, oneIn: 1)
    let decoder = FrameDecoder()
    var head = FrameHead(channel: input.text(), sequence: 1, cutNanoseconds: input.word())
    check(state, nil, head, encoding, decoder)
    while !input.isEmpty {
        let base = state
        fill(&state, &input, oneIn: 1 + input.index(below: 9))
        head.base = head.sequence
        head.sequence += 1
        check(state, base, head, encoding, decoder)
    }
    checkJSON(state)
    return 0
}

/// What goes out comes in.
private func check(
    _ state: ChannelState, _ base: ChannelState?, _ head: FrameHead, _ encoding: FrameEncoding, _ decoder: FrameDecoder
) {
    let frame = attempt { () throws(FrameCodecError) in
        if let base {
            return try encoder?.delta(from: base, to: state, head: head, includingChecksum: true, encoding: encoding)
        }
        return try encoder?.snapshot(of: state, head: head, encoding: encoding)
    }
    guard let frame, let frame else { fatalError("not encoded") }
    do throws(FrameDecodeError) {
        let decoded = try decoder.decode(frame)
        require(decoded.head == head, "head \(decoded.head)")
        require(decoded.checksum == state.checksum(), "checksum")
        require(decoded.state.texts == state.texts, "texts")
    } catch { fatalError("not decoded: \(error)") }
}

private func checkJSON(_ state: ChannelState) {
    let text = Data(state.jsonData())
    require((try? JSONSerialization.jsonObject(with: text)) != nil, String(decoding: text, as: UTF8.self))
}

/// Sets about one in `share` cells.
private func fill(_ state: inout ChannelState, _ input: inout FuzzInput, oneIn share: Int) {
    for index in state.numbers.indices where index % share == 0 { state.numbers[index] = input.double() }
    let layout = state.layout
    for (table, definition) in layout.tables.enumerated() {
        for (column, columnDefinition) in definition.columns.enumerated() where !columnDefinition.kind.isNumeric {
            let offset = layout.textOffset(table: table, column: column)
            for row in 0..<definition.rowCount where row % share == 0 {
                state.texts[offset + row] = input.cell(isList: columnDefinition.kind == .texts)
            }
        }
    }
}

extension FuzzInput {
    fileprivate mutating func cell(isList: Bool) -> TextCell {
        let length = self.index(below: 4)
        if length == 0 { return .absent }
        return isList ? .list((1..<length).map { _ in self.text() }) : .text(self.text())
    }

    /// Tables whose names cannot clash.
    fileprivate mutating func layout() -> ChannelLayout {
        let paths = ["", "a", "a.b", "c.d.e"].prefix(self.index(below: 5))
        return ChannelLayout(tables: paths.map { self.table(path: $0) })
    }

    private mutating func table(path: String) -> Table {
        let shape = TableShape(rawValue: self.byte() % 3)!
        let columns = (0..<(shape == .map ? 1 : self.index(below: 4))).map { Column(name: "#\($0)", kind: self.kind()) }
        let keys = shape == .record ? [] : (0..<self.index(below: 6)).map { "\(self.text())/\($0)" }
        var table = Table(path: path, shape: shape, columns: columns, keys: keys)
        if columns.contains(where: { $0.kind == .price }) {
            table.priceDecimals = (0..<table.rowCount).map { _ in self.byte() % 19 }
        }
        return table
    }

    private mutating func kind() -> ColumnKind {
        switch self.byte() % 5 {
        case 0: .decimal(self.index(below: 19))
        case 1: .price
        case 2: .choice((0..<self.index(below: 4)).map { "choice \($0)" })
        case 3: .text
        default: .texts
        }
    }
}
