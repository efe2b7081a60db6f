// SPDX-License-Identifier: Apache-2.0
// A thread of its own for a role, with a name that `top -H` shows.

import CPlatform
import Glibc

/// Runs one body on one dedicated thread and can be waited for.
public final class RoleThread: @unchecked Sendable {
    private final class Job {
        let name: String
        let body: @Sendable () -> Void
        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    private let handle: pthread_t

    /// - Parameter name: at most 15 bytes.
    public init(name: String, body: @escaping @Sendable () -> Void) {
        precondition(name.utf8.count <= 15, "thread names have at most 15 bytes")
        var handle = pthread_t()
        let job = Unmanaged.passRetained(Job(name: name, body: body))
        let result = pthread_create(
            &handle, nil,
            { argument in
                let job = Unmanaged<Job>.fromOpaque(argument!).takeRetainedValue()
                tr_thread_set_name(job.name)
                job.body()
                return nil
            }, job.toOpaque())
        precondition(result == 0, "no thread for \(name): error \(result)")
        self.handle = handle
    }

    /// Waits until the body has returned. Call once; blocks the calling thread.
    public func join() { pthread_join(self.handle, nil) }
}
