// SPDX-License-Identifier: Apache-2.0
// Services for the life of a process, whatever its role.

import Logging
import ServiceLifecycle
import UnixSignals

extension ServiceGroup {
    /// Runs until SIGTERM or SIGINT; then the last service is stopped first.
    ///
    /// - Parameter limit: what has not ended by itself after so long is cut.
    static func run(_ services: [any Service], stoppingWithin limit: Duration, logger: Logger) async throws {
        var configuration = ServiceGroupConfiguration(
            services: services.map { .init(service: $0) }, gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger)
        configuration.maximumGracefulShutdownDuration = limit
        try await ServiceGroup(configuration: configuration).run()
    }
}
