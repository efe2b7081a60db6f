// SPDX-License-Identifier: Apache-2.0
// Option values, one price at a time: the definition that every tier must match bit for bit.
#include "tr_kernels.h"

#pragma STDC FP_CONTRACT OFF

#define TR_WIDTH 1
#include "tr_option_lanes.h"

void tr_option_values_scalar(const tr_option *option, const double *spot, size_t count, double *value) {
    tr_option_values_lanes(option, spot, count, value);
}
