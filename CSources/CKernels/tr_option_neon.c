// SPDX-License-Identifier: Apache-2.0
// Option values, four prices at a time in pairs of registers, so that one waits less for the other.
#include "tr_kernels.h"

#if defined(__aarch64__)
#pragma STDC FP_CONTRACT OFF

#define TR_WIDTH 4
#include "tr_option_lanes.h"

void tr_option_values_neon(const tr_option *option, const double *spot, size_t count, double *value) {
    tr_option_values_lanes(option, spot, count, value);
}

#endif
