// SPDX-License-Identifier: Apache-2.0
// Whether a price stands on its tick and a quantity on its lot.

/// Multiples of a step, in binary floating point where few decimal steps are exact.
public enum StepGrid {
    /// Whether a value is a whole multiple of a step.
    ///
    /// The value, the step and their product are each off by half a unit in the last place at most, so a multiple is
    /// at most two such units away; four are allowed. A value so large that the grid is finer than its last place
    /// stands on no grid.
    ///
    /// - Parameters:
    ///   - value: finite, else the answer is no.
    ///   - step: finite and above 0, else the answer is no.
    public static func contains(_ value: Double, step: Double) -> Bool {
        guard value.isFinite, step.isFinite, step > 0 else { return false }
        let count = (value / step).rounded()
        guard count.magnitude <= 0x1p50 else { return false }
        return (value - count * step).magnitude <= 4 * value.ulp
    }

    /// The greatest multiple of a step at or below a value, for values ≥ 0.
    public static func floor(_ value: Double, step: Double) -> Double {
        guard value.isFinite, step > 0 else { return value }
        if Self.contains(value, step: step) { return value }
        return (value / step).rounded(.down) * step
    }
}
