// SPDX-License-Identifier: Apache-2.0
// What a command line of the benchmark may be refused for.

import RiskKernel

package enum CommandError: Error, CustomStringConvertible {
    case unknownCommand(line: String)
    case unknownBook(name: String)
    case unknownShare(book: String, share: String)
    case bookNotOpen(name: String)
    case cannotWrite(path: String)
    case noEngine(EngineError)

    package var description: String {
        switch self {
        case .unknownCommand(let line): "unknown command: \(line)"
        case .unknownBook(let name): "unknown book: \(name)"
        case .unknownShare(let book, let share): "book \(book) has no case \(share)"
        case .bookNotOpen(let name): "book \(name) is not open"
        case .cannotWrite(let path): "cannot write \(path)"
        case .noEngine(let error): "no engine: \(error)"
        }
    }
}
