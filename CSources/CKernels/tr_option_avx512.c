// SPDX-License-Identifier: Apache-2.0
// Option values, sixteen prices at a time in pairs of registers, so that one waits less for the other.
#include "tr_kernels.h"

#if defined(__x86_64__)
#pragma STDC FP_CONTRACT OFF
TR_TARGET_AVX512_BEGIN

#define TR_WIDTH 16
#include "tr_option_lanes.h"

void tr_option_values_avx512(const tr_option *option, const double *spot, size_t count, double *value) {
    tr_option_values_lanes(option, spot, count, value);
}

TR_TARGET_END
#endif
