// SPDX-License-Identifier: Apache-2.0
// Which instructions the kernels use.

import CPlatform

/// The instruction-set tier of the kernels, chosen once at start. All tiers give the same bits.
public struct KernelTier: Sendable {
    let code: tr_tier

    /// "scalar", "avx2", "avx512" or "neon".
    public var name: String { String(cString: tr_tier_name(self.code)) }

    /// - Parameter name: `nil` or empty for the best this machine has (the value of `TICKRISK_TIER`).
    public init(named name: String?) throws(KernelTierError) {
        var code = TR_TIER_SCALAR
        let wanted = name ?? ""
        switch wanted.withCString({ tr_tier_choose($0, &code) }) {
        case TR_TIER_OK: self.code = code
        case TR_TIER_NOT_SUPPORTED: throw .notSupported(name: wanted)
        default: throw .unknown(name: wanted, known: Self.allNames)
        }
    }

    static var allNames: [String] {
        (0..<UInt32(TR_TIER_COUNT)).map { String(cString: tr_tier_name(tr_tier(rawValue: $0))) }
    }
}

public enum KernelTierError: Error, Equatable, CustomStringConvertible {
    case unknown(name: String, known: [String])
    case notSupported(name: String)

    public var description: String {
        switch self {
        case .unknown(let name, let known): "unknown kernel tier \(name); known are \(known.joined(separator: ", "))"
        case .notSupported(let name): "kernel tier \(name) is not supported by this CPU"
        }
    }
}
