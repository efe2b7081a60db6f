// SPDX-License-Identifier: Apache-2.0
// Where a daemon is, from the URL a person types.

import Foundation

/// Host, port and stream path of a daemon.
struct StreamAddress: Equatable {
    let host: String
    let port: Int
    let path: String

    /// Takes `ws://HOST:PORT/ws` and `http://HOST:PORT`; the stream is at `/ws` where no path is given.
    init(url: String) throws {
        guard let parts = URLComponents(string: url), let host = parts.host, !host.isEmpty,
            ["ws", "http"].contains(parts.scheme)
        else {
            let hint = url.hasPrefix("https") ? "; a proxy speaks https, the daemon's own port http" : ""
            throw Failure("not a daemon's address: \(url); write http://127.0.0.1:8080\(hint)")
        }
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        self.port = parts.port ?? 80
        self.path = parts.path.isEmpty || parts.path == "/" ? "/ws" : parts.path
    }

    var authority: String { "\(self.host.contains(":") ? "[\(self.host)]" : self.host):\(self.port)" }

    func resource(_ path: String) -> URL { URL(string: "http://\(self.authority)\(path)")! }
}
