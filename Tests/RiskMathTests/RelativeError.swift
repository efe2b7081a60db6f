// SPDX-License-Identifier: Apache-2.0
// How far a figure is off, as a part of what it should be.

/// `|value − expected|/|expected|`; the plain difference where nothing is expected, infinite where there is no value.
func relativeError(_ value: Double?, _ expected: Double) -> Double {
    guard let value, !value.isNaN else { return .infinity }
    let difference = (value - expected).magnitude
    return expected == 0 ? difference : difference / expected.magnitude
}
