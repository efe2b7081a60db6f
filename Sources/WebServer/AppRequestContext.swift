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
    /// Whoever asks, as the limit of failed sign-ins counts it; ``ForwardedAddressMiddleware`` looks behind proxies.
    var peerAddress: String
    /// The other end of the connection, written out; `unknown` where it has no address.
    let remoteAddress: String

    init(source: ApplicationRequestContextSource) {
        self.coreContext = .init(source: source)
        self.identity = .nobody
        self.peerAddress = ConnectionOrigin(source.channel.remoteAddress).text
        self.remoteAddress = source.channel.remoteAddress?.ipAddress ?? "unknown"
    }
}

/// Whom trusted proxies ask for counts in their place.
struct ForwardedAddressMiddleware: RouterMiddleware {
    typealias Context = AppRequestContext

    /// Addresses of proxies and gateways.
    let trusted: Set<String>

    func handle(
        _ request: Request, context: AppRequestContext,
        next: (Request, AppRequestContext) async throws -> Response
    ) async throws -> Response {
        guard self.trusted.contains(context.remoteAddress) else { return try await next(request, context) }
        var context = context
        let client = ForwardedFields.client(
            request.headers[values: ForwardedFields.forwardedFor], peer: context.remoteAddress, trusted: self.trusted)
        if let address = try? SocketAddress(ipAddress: client, port: 0) {
            context.peerAddress = ConnectionOrigin(address).text
        }
        return try await next(request, context)
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
