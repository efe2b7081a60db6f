// SPDX-License-Identifier: Apache-2.0
// Weighted sums of rows, the definition: what the other tiers must reproduce bit for bit.
#include "tr_kernels.h"

#pragma STDC FP_CONTRACT OFF

void tr_weighted_rows_scalar(
    const double *rows, size_t stride, const uint32_t *row, const double *weight, size_t count, size_t columns,
    double *out) {
    tr_weighted_rows_check(rows, stride, columns, out);
    for (size_t t = 0; t < columns; t += 1) out[t] = 0.0;
    for (size_t i = 0; i < count; i += 1) {
        const double *values = rows + row[i] * stride;
        for (size_t t = 0; t < columns; t += 1) out[t] += weight[i] * values[t];
    }
    for (size_t t = 0; t < columns; t += 1) out[t] = tr_one_nan(out[t]);
}

void tr_weighted_together_scalar(
    const double *rows, size_t stride, const uint32_t *row, const double *const *weight, size_t count, size_t columns,
    double *const *out) {
    for (size_t a = 0; a < TR_WEIGHTED_TOGETHER; a += 1) {
        tr_weighted_rows_scalar(rows, stride, row, weight[a], count, columns, out[a]);
    }
}
