// SPDX-License-Identifier: Apache-2.0
// Weighted sums of rows, tiled over columns so that the sums of a tile stay in eight registers.
#include "tr_kernels.h"

#if defined(__x86_64__)
#pragma STDC FP_CONTRACT OFF
TR_TARGET_AVX2_BEGIN

/// AHEAD: rows asked for before they are needed, since they lie anywhere and a tile of one is too short for the
/// hardware to see where it leads.
enum { WIDTH = 4, TILE_VECTORS = 8, TILE = WIDTH * TILE_VECTORS, AHEAD = 16 };

/// One tile: `vectors` is a constant where this is inlined, so the inner loops vanish. `last_columns` of the last
/// vector are stored; the rest of it is computed from the row's padding (stride is a multiple of WIDTH) and dropped.
TR_INLINE void tr_weighted_tile(
    const double *tile_rows, size_t stride, const uint32_t *row, const double *weight, size_t count, size_t vectors,
    size_t last_columns, double *out) {
    __m256d sum_f64x4[TILE_VECTORS];
    for (size_t v = 0; v < vectors; v += 1) sum_f64x4[v] = _mm256_setzero_pd();
    for (size_t i = 0; i < count; i += 1) {
        const double *values = tile_rows + row[i] * stride;
        const double *ahead = tile_rows + row[i + AHEAD < count ? i + AHEAD : i] * stride;
        __m256d weight_f64x4 = _mm256_set1_pd(weight[i]);
        for (size_t v = 0; v < vectors; v += 1) {
            if (v % 2 == 0) _mm_prefetch((const char *)(ahead + v * WIDTH), _MM_HINT_T0);
            __m256d product_f64x4 = _mm256_mul_pd(weight_f64x4, _mm256_load_pd(values + v * WIDTH));
            sum_f64x4[v] = _mm256_add_pd(sum_f64x4[v], product_f64x4);
        }
    }
    const __m256i lane_i64x4 = _mm256_setr_epi64x(0, 1, 2, 3);
    for (size_t v = 0; v < vectors; v += 1) {
        __m256d absent = _mm256_cmp_pd(sum_f64x4[v], sum_f64x4[v], _CMP_UNORD_Q);
        __m256d value_f64x4 = _mm256_blendv_pd(sum_f64x4[v], _mm256_set1_pd(tr_absent()), absent);
        if (v + 1 < vectors || last_columns == WIDTH) {
            _mm256_store_pd(out + v * WIDTH, value_f64x4);
        } else {
            __m256i stored = _mm256_cmpgt_epi64(_mm256_set1_epi64x((long long)last_columns), lane_i64x4);
            _mm256_maskstore_pd(out + v * WIDTH, stored, value_f64x4);
        }
    }
}

void tr_weighted_rows_avx2(
    const double *rows, size_t stride, const uint32_t *row, const double *weight, size_t count, size_t columns,
    double *out) {
    tr_weighted_rows_check(rows, stride, columns, out);
    size_t t = 0;
    for (; columns - t >= TILE; t += TILE) {
        tr_weighted_tile(rows + t, stride, row, weight, count, TILE_VECTORS, WIDTH, out + t);
    }
    size_t left = columns - t;
    if (left == 0) return;
    size_t last = (left - 1) % WIDTH + 1;
    rows += t;
    out += t;
    switch ((left + WIDTH - 1) / WIDTH) {
    case 1: tr_weighted_tile(rows, stride, row, weight, count, 1, last, out); break;
    case 2: tr_weighted_tile(rows, stride, row, weight, count, 2, last, out); break;
    case 3: tr_weighted_tile(rows, stride, row, weight, count, 3, last, out); break;
    case 4: tr_weighted_tile(rows, stride, row, weight, count, 4, last, out); break;
    case 5: tr_weighted_tile(rows, stride, row, weight, count, 5, last, out); break;
    case 6: tr_weighted_tile(rows, stride, row, weight, count, 6, last, out); break;
    case 7: tr_weighted_tile(rows, stride, row, weight, count, 7, last, out); break;
    default: tr_weighted_tile(rows, stride, row, weight, count, TILE_VECTORS, last, out); break;
    }
}

void tr_weighted_together_avx2(
    const double *rows, size_t stride, const uint32_t *row, const double *const *weight, size_t count, size_t columns,
    double *const *out) {
    for (size_t a = 0; a < TR_WEIGHTED_TOGETHER; a += 1) {
        tr_weighted_rows_avx2(rows, stride, row, weight[a], count, columns, out[a]);
    }
}

TR_TARGET_END
#endif
