// SPDX-License-Identifier: Apache-2.0
// What a route knows of a request beside the request: above all who asks.

import DeskService
import FramePublisher
import Hummingbird
import NIOCore
import RiskStore

struct AppRequestContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// Set by ``AuthenticationMiddleware`` before any route; nobody, who may nothing, where a path is open to all.
    var identity: Identity
    /// The other end of the connection, as the limit of failed sign-ins counts it.
    let peerAddress: String

    init(source: ApplicationRequestContextSource) {
        self.coreContext = .init(source: source)
        self.identity = .nobody
        self.peerAddress = ConnectionOrigin(source.channel.remoteAddress).text
    }
}

extension ConnectionOrigin {
    /// `192.0.2.1`, `2001:db8:0:1::/64`, or `unknown`.
    fileprivate var text: String {
        switch self {
        case .ipv4(let number): (0..<4).map { String(number >> (24 - 8 * $0) & 0xFF) }.joined(separator: ".")
        case .ipv6(let number):
            (0..<4).map { String(number >> (48 - 16 * $0) & 0xFFFF, radix: 16) }.joined(separator: ":") + "::/64"
        case .unknown: "unknown"
        }
    }
}

extension Identity {
    /// The place of an account that this identity may see, when it may do what is asked too.
    ///
    /// - Throws: for an account that may not be seen what is thrown for one that does not exist.
    func require(_ role: AccountRole, account id: String, in catalog: ChannelCatalog) throws(ProblemResponse) -> Int {
        let number = catalog.number(ofAccount: id)
        guard self.may(.view, account: id), let number else { throw .notFound("no such account: \(id)") }
        guard self.may(role, account: id) else { throw .forbidden("needs the role \(role.rawValue) on \(id)") }
        return number
    }

    /// What belongs to nobody's account: the firm, the global kill switch, the users.
    func requireHouse(_ role: AccountRole) throws(ProblemResponse) {
        guard self.may(role, account: nil) else {
            throw .forbidden("needs the role \(role.rawValue) on the whole house")
        }
    }
}
