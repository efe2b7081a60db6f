// SPDX-License-Identifier: Apache-2.0
// Settings of the port, the stream and of access, from the configuration's words.

import DeskService
import NIOCore
import Operations
import RiskFiles
import WebServer

extension PortListener {
    /// The socket systemd holds for us, or the address of the configuration. What is not asked of whoever comes from
    /// this machine alone must not be open to others: both have to say the same of that.
    init(_ http: Configuration.HTTP, manager: SystemdLink) throws {
        guard let inherited = try InheritedListener(manager) else {
            self = .address(host: http.host, port: http.port)
            return
        }
        guard inherited.isLoopback == http.isLoopback else {
            throw DaemonError.listenerDiffers(configured: http.listen, isLoopback: inherited.isLoopback)
        }
        manager.closeInheritedOnExec()
        self = .inherited(descriptor: inherited.descriptor)
    }
}

extension SocketAddress {
    /// As in a URL.
    var hostAndPort: String {
        let host = self.ipAddress ?? "?"
        return "\(host.contains(":") ? "[\(host)]" : host):\(self.port ?? 0)"
    }
}

extension EdgeSettings {
    init(_ http: Configuration.HTTP) {
        self.init(
            isLoopback: http.isLoopback, allowedHosts: http.allowedHosts, connectionsMax: http.maxConnections,
            connectionsPerAddressMax: http.maxConnectionsPerAddress,
            headerNanosecondsMax: http.headerTimeoutNanoseconds,
            responseNanosecondsMax: http.responseTimeoutNanoseconds, idleNanosecondsMax: http.idleTimeoutNanoseconds,
            trustedProxies: Set(http.trustedProxies))
    }
}

extension StreamSettings {
    init(_ streaming: Configuration.Streaming) {
        self.init(
            maximumClients: streaming.maxClients, slowClientTimeoutNanoseconds: streaming.slowClientTimeoutNanoseconds,
            frameNanosecondsMax: streaming.frameTimeoutNanoseconds, allowedOrigins: streaming.allowedOrigins,
            zstdLevel: streaming.zstdLevel,
            deflateLevel: streaming.deflateLevel)
    }
}

extension AccessSettings {
    init(_ authentication: Configuration.Authentication) {
        self.init(
            lifetimeNanoseconds: authentication.sessionLifetimeNanoseconds,
            idleNanoseconds: authentication.sessionIdleNanoseconds)
    }
}
