// SPDX-License-Identifier: Apache-2.0
// The smallest values in order: eight values a comparison, and the smallest so far kept sorted in registers.
#include "tr_kernels.h"

#if defined(__x86_64__)
TR_TARGET_AVX512_BEGIN

enum { WIDTH = 8, BLOCKS_MAX = 16 };

/// Keys of values, and values of keys: the inverse is itself.
TR_INLINE __m512i tr_flip_i64x8(__m512i bits_i64x8) {
    return _mm512_xor_si512(bits_i64x8, _mm512_srli_epi64(_mm512_srai_epi64(bits_i64x8, 63), 1));
}

/// Lanes below `left` of them.
TR_INLINE __mmask8 tr_lanes_below(size_t left) {
    return left >= WIDTH ? 0xff : (__mmask8)((1u << left) - 1);
}

/// Inserts a key into the ascending keys and drops the largest, without a branch on where it belongs:
/// new[j] = max(old[j − 1], min(old[j], key)), from the top down, so that old[j − 1] is still old.
TR_INLINE void tr_tail_push(__m512i *held_i64x8, size_t blocks, int64_t key) {
    __m512i key_i64x8 = _mm512_set1_epi64(key);
    for (size_t b = blocks; b > 0; b -= 1) {
        __m512i here = held_i64x8[b - 1];
        __m512i below = b > 1 ? held_i64x8[b - 2] : _mm512_set1_epi64(INT64_MIN);
        __m512i left_neighbours = _mm512_alignr_epi64(here, below, WIDTH - 1);
        held_i64x8[b - 1] = _mm512_max_epi64(left_neighbours, _mm512_min_epi64(here, key_i64x8));
    }
}

/// Keeps the WIDTH · blocks smallest, at least `wanted`; `blocks` is a constant where this is inlined, which is what
/// lets the compiler hold them in registers.
TR_INLINE void tr_tail_keep(const double *values, size_t count, size_t wanted, double *smallest, size_t blocks) {
    // The largest key there is stands in for what has not come yet: nothing is above it, and its equals have its bits.
    __m512i held_i64x8[BLOCKS_MAX];
    for (size_t b = 0; b < blocks; b += 1) held_i64x8[b] = _mm512_set1_epi64(INT64_MAX);
    for (size_t i = 0; i < count; i += WIDTH) {
        __mmask8 lanes = tr_lanes_below(count - i);
        __m512i keys = tr_flip_i64x8(_mm512_castpd_si512(_mm512_maskz_loadu_pd(lanes, values + i)));
        __m512i worst = _mm512_permutexvar_epi64(_mm512_set1_epi64(WIDTH - 1), held_i64x8[blocks - 1]);
        // A lane that an earlier one of the eight has made too large is pushed all the same: that changes nothing.
        unsigned candidates = _mm512_mask_cmplt_epi64_mask(lanes, keys, worst);
        for (; candidates != 0; candidates &= candidates - 1) {
            tr_tail_push(held_i64x8, blocks, tr_total_order_key(values[i + (size_t)__builtin_ctz(candidates)]));
        }
    }
    for (size_t b = 0; b < blocks; b += 1) {
        if (b * WIDTH >= wanted) break;
        __m512d values_f64x8 = _mm512_castsi512_pd(tr_flip_i64x8(held_i64x8[b]));
        _mm512_mask_storeu_pd(smallest + b * WIDTH, tr_lanes_below(wanted - b * WIDTH), values_f64x8);
    }
}

void tr_tail_avx512(const double *values, size_t count, size_t wanted, double *smallest) {
    TR_ASSERT(wanted <= count);
    if (wanted == 0) return;
    size_t blocks = (wanted + WIDTH - 1) / WIDTH;
    if (blocks <= 1) {
        tr_tail_keep(values, count, wanted, smallest, 1);
    } else if (blocks <= 2) {
        tr_tail_keep(values, count, wanted, smallest, 2);
    } else if (blocks <= 4) {
        tr_tail_keep(values, count, wanted, smallest, 4);
    } else if (blocks <= 8) {
        tr_tail_keep(values, count, wanted, smallest, 8);
    } else if (blocks <= BLOCKS_MAX) {
        tr_tail_keep(values, count, wanted, smallest, BLOCKS_MAX);
    } else {
        // More than the registers hold, and every CPU of this tier has the one below.
        tr_tail_avx2(values, count, wanted, smallest);
    }
}

TR_TARGET_END
#endif
