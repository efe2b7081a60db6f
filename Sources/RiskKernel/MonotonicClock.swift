// SPDX-License-Identifier: Apache-2.0
// The two clocks of the daemon.

import CPlatform

public enum MonotonicClock {
    /// Nanoseconds that never go back; for intervals.
    public static var nowNanoseconds: UInt64 { tr_clock_monotonic_ns() }
}

public enum WallClock {
    /// Nanoseconds since 1970; for stamps.
    public static var nowNanoseconds: UInt64 { tr_clock_realtime_ns() }
}
