// SPDX-License-Identifier: Apache-2.0
// exp, ln and the Mills ratio of the normal distribution on TR_WIDTH doubles at a time, the same bits at every width.
//
// Nothing here calls libm, whose last bits differ between machines: there are only + − · ÷, comparisons and the bits of
// integers. One text serves every tier, so the order of operations cannot differ: a tier's file defines TR_WIDTH
// (1 is the scalar definition) and includes this between its TR_TARGET pragmas. Compilers turn a vector wider than a
// register into several registers.
#pragma once
#include "tr_kernels.h"

// How such a vector is passed is not settled, and does not matter: everything is inlined, none crosses a call.
#pragma clang diagnostic ignored "-Wpsabi"

typedef double tr_lanes __attribute__((ext_vector_type(TR_WIDTH)));
/// All bits of a lane set, or none.
typedef int64_t tr_lane_mask __attribute__((ext_vector_type(TR_WIDTH)));
/// The bits of doubles as numbers that may wrap.
typedef uint64_t tr_lane_bits __attribute__((ext_vector_type(TR_WIDTH)));

TR_INLINE tr_lanes tr_lanes_of(double value) {
    return (tr_lanes)value;
}

/// `yes` in the lanes of the mask, `no` in the others: bits are chosen, nothing is computed.
TR_INLINE tr_lanes tr_lanes_select(tr_lane_mask mask, tr_lanes yes, tr_lanes no) {
    return (tr_lanes)((mask & (tr_lane_mask)yes) | (~mask & (tr_lane_mask)no));
}

/// The smaller; `b` where either is NaN.
TR_INLINE tr_lanes tr_lanes_min(tr_lanes a, tr_lanes b) {
    return tr_lanes_select(a < b, a, b);
}

/// The larger; `b` where either is NaN.
TR_INLINE tr_lanes tr_lanes_max(tr_lanes a, tr_lanes b) {
    return tr_lanes_select(a > b, a, b);
}

TR_INLINE tr_lanes tr_lanes_absolute(tr_lanes value) {
    return (tr_lanes)((tr_lane_mask)value & INT64_MAX);
}

/// ln 2 in two parts: a product of the first, which has 21 zero bits at its end, with an exponent is exact.
#define TR_LN2_HIGH 0x1.62e42feep-1
#define TR_LN2_LOW 0x1.a39ef35793c76p-33

/// e^x to about one unit in the last place. Below −746 it is 0 and above 660 it is e^660; of NaN it is one of these.
///
/// x = n·ln 2 + r with n whole and r at most (ln 2)/2; the Taylor series of e^r to r¹³ leaves 4·10⁻¹⁸. The exponent is
/// set to n + 64 and the product scaled down again, so that results below 2⁻¹⁰²² are rounded once.
TR_INLINE tr_lanes tr_lanes_exp(tr_lanes x) {
    const double shift = 0x1.8p52;  // adding it leaves a whole number in the low bits
    x = tr_lanes_max(tr_lanes_min(x, tr_lanes_of(660)), tr_lanes_of(-746));
    tr_lanes shifted = x * 0x1.71547652b82fep0 + shift;
    tr_lanes whole = shifted - shift;
    tr_lanes r = (x - whole * TR_LN2_HIGH) - whole * TR_LN2_LOW;
    tr_lanes series = r * (1.0 / 6227020800) + 1.0 / 479001600;
    series = series * r + 1.0 / 39916800;
    series = series * r + 1.0 / 3628800;
    series = series * r + 1.0 / 362880;
    series = series * r + 1.0 / 40320;
    series = series * r + 1.0 / 5040;
    series = series * r + 1.0 / 720;
    series = series * r + 1.0 / 120;
    series = series * r + 1.0 / 24;
    series = series * r + 1.0 / 6;
    series = series * r + 0.5;
    series = series * (r * r) + r + 1;
    // What the shift has above the low twelve bits falls out.
    tr_lanes power = (tr_lanes)(((tr_lane_bits)shifted + (1023 + 64)) << 52);
    return series * power * 0x1p-64;
}

/// ln x to about one unit in the last place. Below 2⁻¹⁰²², 0 and negative numbers included, it is −∞; of ∞ it is ∞ and
/// of NaN −∞.
///
/// x = 2^n·m with m from √½ to √2; ln m = 2·artanh(s), s = (m − 1)/(m + 1), by its series to s²¹, which leaves 10⁻¹⁸.
TR_INLINE tr_lanes tr_lanes_log(tr_lanes x) {
    tr_lane_bits bits = (tr_lane_bits)x;
    // The exponent goes up where the fraction is √2 or more.
    tr_lane_bits raised = bits + (0x3ff0000000000000 - 0x3fe6a09e667f3bcd);
    tr_lane_bits fraction = (raised & 0x000fffffffffffff) + 0x3fe6a09e667f3bcd;
    tr_lanes m = (tr_lanes)fraction;
    // 2^52 with the exponent in its low bits, minus 2^52 and the bias: a conversion that every machine has.
    tr_lanes n = (tr_lanes)(((raised >> 52) & 0x7ff) | 0x4330000000000000) - (0x1p52 + 1023);
    tr_lanes s = (m - 1) / (m + 1);
    tr_lanes z = s * s;
    tr_lanes series = z * (2.0 / 21) + 2.0 / 19;
    series = series * z + 2.0 / 17;
    series = series * z + 2.0 / 15;
    series = series * z + 2.0 / 13;
    series = series * z + 2.0 / 11;
    series = series * z + 2.0 / 9;
    series = series * z + 2.0 / 7;
    series = series * z + 2.0 / 5;
    series = series * z + 2.0 / 3;
    tr_lanes result = n * TR_LN2_HIGH + (n * TR_LN2_LOW + (s + s + s * z * series));
    result = tr_lanes_select(x >= 0x1p-1022, result, tr_lanes_of(-__builtin_inf()));
    return tr_lanes_select(x <= 0x1.fffffffffffffp1023, result, tr_lanes_select(x > 0, x, result));
}

/// Beyond this many deviations the density of the normal distribution is 0 in double precision.
#define TR_DEVIATIONS_MAX 40.0

/// N(−x)/φ(x) of the standard normal distribution for x from 0 to TR_DEVIATIONS_MAX, to four units in the last place.
///
/// Multiplying it by φ keeps the tails' relative precision (Mills, "Table of the ratio: area to bounding ordinate, for
/// any portion of normal curve", Biometrika 18 (1926)). The rational function was fitted here by least squares on the
/// relative error, which is 7·10⁻¹⁷; no coefficient is negative, so nothing cancels.
TR_INLINE tr_lanes tr_lanes_mills(tr_lanes x) {
    tr_lanes above = x * 0x1.ce44e795ae49dp-19 + 0x1.8506fd3ce4a73p-14;
    tr_lanes below = x * 0x1.ce44e795b426ap-19 + 0x1.8506fd3cbe698p-14;
    above = above * x + 0x1.407d1573ac41ep-10;
    below = below * x + 0x1.416437e857a32p-10;
    above = above * x + 0x1.4e66ee71948f9p-7;
    below = below * x + 0x1.5170fc65df640p-7;
    above = above * x + 0x1.e35e09bd0b2a4p-5;
    below = below * x + 0x1.ed53807c64cfdp-5;
    above = above * x + 0x1.f42f5a5e880dbp-3;
    below = below * x + 0x1.045a42f7c1dc2p-2;
    above = above * x + 0x1.7295d651094a0p-1;
    below = below * x + 0x1.8f8fc5cc05ef6p-1;
    above = above * x + 0x1.7cb065e8a8dd7p+0;
    below = below * x + 0x1.b6393b4d6c646p+0;
    above = above * x + 0x1.f0e440d4b4864p+0;
    below = below * x + 0x1.47869b135885dp+1;
    above = above * x + 0x1.40d931ff62705p+0;
    below = below * x + 0x1.2c5c3c74a6befp+1;
    below = below * x + 1;
    return above / below;
}
