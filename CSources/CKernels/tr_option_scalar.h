// SPDX-License-Identifier: Apache-2.0
// The option formulas on one number: what is prepared, measured and implied uses the functions the kernels use.
#pragma once
#define TR_WIDTH 1
#include "tr_option_lanes.h"

#pragma clang assume_nonnull begin

#define TR_SQRT_2_PI 0x1.40d931ff62706p+1

TR_INLINE double tr_exp(double x) {
    return tr_lanes_exp(tr_lanes_of(x))[0];
}

TR_INLINE double tr_log(double x) {
    return tr_lanes_log(tr_lanes_of(x))[0];
}

/// Exact as IEEE 754 has it, unlike the rest of libm.
TR_INLINE double tr_sqrt(double x) {
    return __builtin_elementwise_sqrt(tr_lanes_of(x))[0];
}

TR_INLINE double tr_normal_density(double x) {
    return tr_exp(x * x * -0.5) / TR_SQRT_2_PI;
}

TR_INLINE double tr_normal_cdf(double x) {
    tr_lanes size = tr_lanes_min(tr_lanes_absolute(tr_lanes_of(x)), tr_lanes_of(TR_DEVIATIONS_MAX));
    double tail = tr_normal_density(size[0]) * tr_lanes_mills(size)[0];
    return x > 0 ? 1 - tail : tail;
}

/// Infinite and NaN are not.
TR_INLINE bool tr_is_finite(double x) {
    return x - x == 0;
}

/// What the kernels give for one price.
TR_INLINE double tr_option_value_at(const tr_option *option, double spot) {
    double value;
    tr_option_values_scalar(option, &spot, 1, &value);
    return value;
}

/// Yield of the underlying as the lognormal formula takes it: a forward's is the rate, so that its carry is nothing.
TR_INLINE double tr_option_yield(const tr_option_terms *terms) {
    return terms->model == TR_OPTION_BLACK_SCHOLES_MERTON ? terms->yield : terms->rate;
}

#pragma clang assume_nonnull end
