// SPDX-License-Identifier: Apache-2.0
// Weighted sums of rows, tiled over columns so that the sums of a tile stay in eight registers.
#include "tr_kernels.h"

#if defined(__x86_64__)
#pragma STDC FP_CONTRACT OFF
TR_TARGET_AVX512_BEGIN

/// AHEAD: rows asked for before they are needed, since they lie anywhere and a tile of one is too short for the
/// hardware to see where it leads.
enum { WIDTH = 8, TILE_VECTORS = 8, TILE = WIDTH * TILE_VECTORS, AHEAD = 16 };

/// One tile: `vectors` is a constant where this is inlined, so the inner loops vanish. Lanes of the last vector that
/// are not in `last` are computed from the row's padding (stride is a multiple of WIDTH) and not stored.
TR_INLINE void tr_weighted_tile(
    const double *tile_rows, size_t stride, const uint32_t *row, const double *weight, size_t count, size_t vectors,
    __mmask8 last, double *out) {
    __m512d sum_f64x8[TILE_VECTORS];
    for (size_t v = 0; v < vectors; v += 1) sum_f64x8[v] = _mm512_setzero_pd();
    for (size_t i = 0; i < count; i += 1) {
        const double *values = tile_rows + row[i] * stride;
        const double *ahead = tile_rows + row[i + AHEAD < count ? i + AHEAD : i] * stride;
        __m512d weight_f64x8 = _mm512_set1_pd(weight[i]);
        for (size_t v = 0; v < vectors; v += 1) {
            _mm_prefetch((const char *)(ahead + v * WIDTH), _MM_HINT_T0);
            __m512d product_f64x8 = _mm512_mul_pd(weight_f64x8, _mm512_load_pd(values + v * WIDTH));
            sum_f64x8[v] = _mm512_add_pd(sum_f64x8[v], product_f64x8);
        }
    }
    for (size_t v = 0; v < vectors; v += 1) {
        __mmask8 absent = _mm512_cmp_pd_mask(sum_f64x8[v], sum_f64x8[v], _CMP_UNORD_Q);
        __m512d value_f64x8 = _mm512_mask_mov_pd(sum_f64x8[v], absent, _mm512_set1_pd(tr_absent()));
        _mm512_mask_store_pd(out + v * WIDTH, v + 1 < vectors ? 0xff : last, value_f64x8);
    }
}

void tr_weighted_rows_avx512(
    const double *rows, size_t stride, const uint32_t *row, const double *weight, size_t count, size_t columns,
    double *out) {
    tr_weighted_rows_check(rows, stride, columns, out);
    size_t t = 0;
    for (; columns - t >= TILE; t += TILE) {
        tr_weighted_tile(rows + t, stride, row, weight, count, TILE_VECTORS, 0xff, out + t);
    }
    size_t left = columns - t;
    if (left == 0) return;
    __mmask8 last = (__mmask8)(0xff >> (WIDTH - 1 - (left - 1) % WIDTH));
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

enum { TOGETHER_VECTORS = 4, TOGETHER_TILE = WIDTH * TOGETHER_VECTORS };

/// A tile of four sums of the same rows: sixteen registers of sums, four of values that all of them take.
TR_INLINE void tr_together_tile(
    const double *tile_rows, size_t stride, const uint32_t *row, const double *const *weight, size_t count,
    size_t vectors, __mmask8 last, size_t begin, double *const *out) {
    __m512d sum_f64x8[TR_WEIGHTED_TOGETHER][TOGETHER_VECTORS];
    for (size_t a = 0; a < TR_WEIGHTED_TOGETHER; a += 1) {
        for (size_t v = 0; v < vectors; v += 1) sum_f64x8[a][v] = _mm512_setzero_pd();
    }
    for (size_t i = 0; i < count; i += 1) {
        const double *values = tile_rows + row[i] * stride;
        __m512d value_f64x8[TOGETHER_VECTORS];
        for (size_t v = 0; v < vectors; v += 1) value_f64x8[v] = _mm512_load_pd(values + v * WIDTH);
        for (size_t a = 0; a < TR_WEIGHTED_TOGETHER; a += 1) {
            __m512d weight_f64x8 = _mm512_set1_pd(weight[a][i]);
            for (size_t v = 0; v < vectors; v += 1) {
                __m512d product_f64x8 = _mm512_mul_pd(weight_f64x8, value_f64x8[v]);
                sum_f64x8[a][v] = _mm512_add_pd(sum_f64x8[a][v], product_f64x8);
            }
        }
    }
    for (size_t a = 0; a < TR_WEIGHTED_TOGETHER; a += 1) {
        for (size_t v = 0; v < vectors; v += 1) {
            __mmask8 absent = _mm512_cmp_pd_mask(sum_f64x8[a][v], sum_f64x8[a][v], _CMP_UNORD_Q);
            __m512d shown_f64x8 = _mm512_mask_mov_pd(sum_f64x8[a][v], absent, _mm512_set1_pd(tr_absent()));
            _mm512_mask_store_pd(out[a] + begin + v * WIDTH, v + 1 < vectors ? 0xff : last, shown_f64x8);
        }
    }
}

void tr_weighted_together_avx512(
    const double *rows, size_t stride, const uint32_t *row, const double *const *weight, size_t count, size_t columns,
    double *const *out) {
    for (size_t a = 0; a < TR_WEIGHTED_TOGETHER; a += 1) tr_weighted_rows_check(rows, stride, columns, out[a]);
    size_t t = 0;
    for (; columns - t >= TOGETHER_TILE; t += TOGETHER_TILE) {
        tr_together_tile(rows + t, stride, row, weight, count, TOGETHER_VECTORS, 0xff, t, out);
    }
    size_t left = columns - t;
    if (left == 0) return;
    __mmask8 last = (__mmask8)(0xff >> (WIDTH - 1 - (left - 1) % WIDTH));
    switch ((left + WIDTH - 1) / WIDTH) {
    case 1: tr_together_tile(rows + t, stride, row, weight, count, 1, last, t, out); break;
    case 2: tr_together_tile(rows + t, stride, row, weight, count, 2, last, t, out); break;
    case 3: tr_together_tile(rows + t, stride, row, weight, count, 3, last, t, out); break;
    default: tr_together_tile(rows + t, stride, row, weight, count, TOGETHER_VECTORS, last, t, out); break;
    }
}

TR_TARGET_END
#endif
