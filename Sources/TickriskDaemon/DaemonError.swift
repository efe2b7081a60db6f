// SPDX-License-Identifier: Apache-2.0
// What keeps a checked configuration from running here.

import Glibc

public enum DaemonError: Error, CustomStringConvertible {
    /// The machine's time zone database lacks it.
    case unknownZone(String)
    /// A key of a feed or of the venue is none, or one that everybody knows.
    case unusableKey(owner: String)
    case noTemporaryDirectory(code: Int32)
    /// The socket we were handed can be reached from elsewhere, and `http.listen` says it cannot, or the other way.
    case listenerDiffers(configured: String, isLoopback: Bool)
    /// The address of a webhook is none.
    case unusableWebhook(url: String)
    /// Not a partition of so many.
    case noPlace(String)
    /// Units are an engine's.
    case notAnEngine
    /// A unit announced itself where others could listen, and there are no keys.
    case unprotectedUnit(endpoint: String)

    public var description: String {
        switch self {
        case .unknownZone(let name): "unknown time zone \(name): is the time zone database installed?"
        case .unusableKey(let owner): "\(owner): its CURVE key is of no use; make one with `tickrisk keys`"
        case .noTemporaryDirectory(let code):
            "no folder for a store that goes with the process: \(String(cString: strerror(code)))"
        case .listenerDiffers(let configured, let isLoopback):
            """
            the socket that was handed over \(isLoopback ? "is on loopback" : "can be reached from other machines"), \
            http.listen is \(configured); hint: write the ListenStream of the .socket there too
            """
        case .noPlace(let text): "--unit \(text): not P/N, a partition of so many"
        case .notAnEngine: "--unit is of a node of the role engine"
        case .unprotectedUnit(let endpoint):
            "\(endpoint) is outside loopback and ipc, where CURVE keys are required: relay.curve_secret_key_file"
        case .unusableWebhook(let url): "webhook \(url): not an address such as http://127.0.0.1:9000/alerts"
        }
    }
}
