// SPDX-License-Identifier: Apache-2.0
// Weighted sums of rows, tiled over columns so that the sums of a tile stay in sixteen of the 32 registers.
#include "tr_kernels.h"

#if defined(__aarch64__)
#pragma STDC FP_CONTRACT OFF

enum { WIDTH = 2, TILE_VECTORS = 16, TILE = WIDTH * TILE_VECTORS };

/// One tile: `vectors` is a constant where this is inlined, so the inner loops vanish. Multiplication and addition are
/// separate instructions: vfmaq_f64 would round once where the contract rounds twice.
TR_INLINE void tr_weighted_tile(
    const double *tile_rows, size_t stride, const uint32_t *row, const double *weight, size_t count, size_t vectors,
    size_t last_columns, double *out) {
    float64x2_t sum_f64x2[TILE_VECTORS];
    for (size_t v = 0; v < vectors; v += 1) sum_f64x2[v] = vdupq_n_f64(0.0);
    for (size_t i = 0; i < count; i += 1) {
        const double *values = tile_rows + row[i] * stride;
        float64x2_t weight_f64x2 = vdupq_n_f64(weight[i]);
        for (size_t v = 0; v < vectors; v += 1) {
            float64x2_t product_f64x2 = vmulq_f64(weight_f64x2, vld1q_f64(values + v * WIDTH));
            sum_f64x2[v] = vaddq_f64(sum_f64x2[v], product_f64x2);
        }
    }
    for (size_t v = 0; v < vectors; v += 1) {
        uint64x2_t present = vceqq_f64(sum_f64x2[v], sum_f64x2[v]);
        float64x2_t value_f64x2 = vbslq_f64(present, sum_f64x2[v], vdupq_n_f64(tr_absent()));
        if (v + 1 < vectors || last_columns == WIDTH) {
            vst1q_f64(out + v * WIDTH, value_f64x2);
        } else {
            vst1q_lane_f64(out + v * WIDTH, value_f64x2, 0);
        }
    }
}

void tr_weighted_rows_neon(
    const double *rows, size_t stride, const uint32_t *row, const double *weight, size_t count, size_t columns,
    double *out) {
    tr_weighted_rows_check(rows, stride, columns, out);
    size_t t = 0;
    for (; columns - t >= TILE; t += TILE) {
        tr_weighted_tile(rows + t, stride, row, weight, count, TILE_VECTORS, WIDTH, out + t);
    }
    // What is left, halving: no column's sum depends on the tile it is in.
    if (columns - t >= TILE / 2) {
        tr_weighted_tile(rows + t, stride, row, weight, count, TILE_VECTORS / 2, WIDTH, out + t);
        t += TILE / 2;
    }
    if (columns - t >= TILE / 4) {
        tr_weighted_tile(rows + t, stride, row, weight, count, TILE_VECTORS / 4, WIDTH, out + t);
        t += TILE / 4;
    }
    if (columns - t >= TILE / 8) {
        tr_weighted_tile(rows + t, stride, row, weight, count, TILE_VECTORS / 8, WIDTH, out + t);
        t += TILE / 8;
    }
    if (columns - t >= WIDTH) {
        tr_weighted_tile(rows + t, stride, row, weight, count, 1, WIDTH, out + t);
        t += WIDTH;
    }
    // The other lane of the last column is the row's padding: stride is a multiple of WIDTH.
    if (columns - t == 1) tr_weighted_tile(rows + t, stride, row, weight, count, 1, 1, out + t);
}

void tr_weighted_together_neon(
    const double *rows, size_t stride, const uint32_t *row, const double *const *weight, size_t count, size_t columns,
    double *const *out) {
    for (size_t a = 0; a < TR_WEIGHTED_TOGETHER; a += 1) {
        tr_weighted_rows_neon(rows, stride, row, weight[a], count, columns, out[a]);
    }
}

#endif
