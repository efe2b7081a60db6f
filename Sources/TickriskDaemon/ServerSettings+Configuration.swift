// SPDX-License-Identifier: Apache-2.0
// Settings of the port, the stream and of access, from the configuration's words.

import DeskService
import RiskFiles
import WebServer

extension EdgeSettings {
    init(_ http: Configuration.HTTP) {
        self.init(
            isLoopback: http.isLoopback, allowedHosts: http.allowedHosts, connectionsMax: http.maxConnections,
            connectionsPerAddressMax: http.maxConnectionsPerAddress,
            headerNanosecondsMax: http.headerTimeoutNanoseconds,
            responseNanosecondsMax: http.responseTimeoutNanoseconds, idleNanosecondsMax: http.idleTimeoutNanoseconds)
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
