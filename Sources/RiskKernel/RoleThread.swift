// SPDX-License-Identifier: Apache-2.0
// A thread of its own for a role, with a name that `top -H` shows.

import CPlatform
import Glibc
import Synchronization

/// Runs one body on one dedicated thread, can be asked to stop, and can be waited for.
public final class RoleThread: Sendable {
    private final class Job {
        let name: String
        let body: @Sendable () -> Void
        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    private let name: String
    private let stopFlag = Atomic(false)
    private let handle = Mutex<pthread_t?>(nil)

    /// - Parameter name: at most 15 bytes.
    public init(name: String) {
        precondition(name.utf8.count <= 15, "thread names have at most 15 bytes")
        self.name = name
    }

    /// Whether the body should come to its end.
    public var isStopping: Bool { self.stopFlag.load(ordering: .acquiring) }

    /// Starts the thread. Once.
    public func start(_ body: @escaping @Sendable () -> Void) {
        self.handle.withLock { handle in
            precondition(handle == nil, "\(self.name) starts once")
            var created = pthread_t()
            let job = Unmanaged.passRetained(Job(name: self.name, body: body))
            let result = pthread_create(
                &created, nil,
                { argument in
                    let job = Unmanaged<Job>.fromOpaque(argument!).takeRetainedValue()
                    tr_thread_set_name(job.name)
                    job.body()
                    return nil
                }, job.toOpaque())
            precondition(result == 0, "no thread for \(self.name): error \(result)")
            handle = created
        }
    }

    /// Asks the body to end and waits until it has; nothing where it was not started.
    ///
    /// - Parameter wake: ends the body's sleep, if it is in one.
    public func stop(waking wake: () -> Void) {
        self.stopFlag.store(true, ordering: .releasing)
        wake()
        self.join()
    }

    /// Waits until the body has returned; blocks the calling thread.
    public func join() {
        self.handle.withLock { handle in
            if let running = handle { pthread_join(running, nil) }
            handle = nil
        }
    }
}
