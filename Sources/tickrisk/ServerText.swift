// SPDX-License-Identifier: Apache-2.0
// The server's JSON messages, as far as the commands read them.

import Foundation

struct ServerText: Decodable {
    let type: String
    let message: String?
    let channel: String?
    let code: String?

    init?(_ text: String) {
        guard let message = try? JSONDecoder().decode(ServerText.self, from: Data(text.utf8)) else { return nil }
        self = message
    }

    static func subscribe(_ channels: [String]) throws -> String {
        struct Subscribe: Encodable {
            let op = "subscribe"
            let channels: [String]
        }
        return String(decoding: try JSONEncoder().encode(Subscribe(channels: channels)), as: UTF8.self)
    }
}
