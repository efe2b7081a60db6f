// SPDX-License-Identifier: Apache-2.0
// What routes take out of requests: the account of the path, the bytes of the body.

import FramePublisher
import Hummingbird
import NIOCore
import RiskStore

extension AppRequestContext {
    /// The account `:id` of the path, where whoever asks has the role on it.
    func account(for role: AccountRole, in catalog: ChannelCatalog) throws -> String {
        let id = try self.parameters.require("id")
        _ = try self.identity.require(role, account: id, in: catalog)
        return id
    }
}

extension Request {
    /// The whole body.
    ///
    /// - Throws: a ``ProblemResponse`` for one that is longer than any may be.
    func bytes() async throws -> [UInt8] {
        do {
            return Array(try await self.body.collect(upTo: RequestLimits.bodyBytesMax).readableBytesView)
        } catch is NIOTooManyBytesError {
            throw RequestRefusal.bodyTooLarge.problem
        }
    }
}
