// SPDX-License-Identifier: Apache-2.0
// What a client says on the stream (DESIGN.md §6).

import Foundation

package enum ControlMessage: Equatable {
    case subscribe(channels: [String], resume: Resume?)
    case unsubscribe(channels: [String])
    case rate(hertz: Double)
    case ping(id: PingID?)

    package struct Resume: Equatable, Decodable {
        package let epoch: String
        package let sequences: [String: UInt64]?
        package let events: [String: UInt64]?
    }

    /// Echoed as it came.
    package enum PingID: Equatable, Decodable {
        case number(Int64)
        case text(String)

        package init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let number = try? container.decode(Int64.self) {
                self = .number(number)
            } else {
                self = .text(try container.decode(String.self))
            }
        }
    }

    package static let rateRange = 0.2...10.0

    package init(parsing text: [UInt8]) throws(ControlMessageError) {
        let raw: Raw
        do {
            raw = try JSONDecoder().decode(Raw.self, from: Data(text))
        } catch {
            throw ControlMessageError(message: "not a control message: \(Self.fact(of: error))")
        }
        switch raw.op {
        case "subscribe":
            guard let channels = raw.channels else { throw ControlMessageError(message: "subscribe needs channels") }
            self = .subscribe(channels: channels, resume: raw.resume)
        case "unsubscribe":
            guard let channels = raw.channels else { throw ControlMessageError(message: "unsubscribe needs channels") }
            self = .unsubscribe(channels: channels)
        case "rate":
            guard let hertz = raw.hz, Self.rateRange.contains(hertz) else {
                throw ControlMessageError(message: "rate needs hz from 0.2 to 10")
            }
            self = .rate(hertz: hertz)
        case "ping":
            self = .ping(id: raw.id)
        default:
            throw ControlMessageError(message: "unknown op; known are subscribe, unsubscribe, rate, ping")
        }
    }

    private struct Raw: Decodable {
        let op: String
        let channels: [String]?
        let resume: Resume?
        let hz: Double?
        let id: PingID?
    }

    private static func fact(of error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, _): "\(key.stringValue) is missing"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
            "\(context.codingPath.map(\.stringValue).joined(separator: ".")) has the wrong type"
        default: "it is not valid JSON"
        }
    }
}

package struct ControlMessageError: Error, Equatable {
    package let message: String
}
