// SPDX-License-Identifier: Apache-2.0
// The smallest values in order: four values a comparison; what passes is inserted by the reference.
#include "tr_kernels.h"

#if defined(__x86_64__)
TR_TARGET_AVX2_BEGIN

enum { WIDTH = 4 };

TR_INLINE __m256i tr_keys_i64x4(__m256d values_f64x4) {
    __m256i bits = _mm256_castpd_si256(values_f64x4);
    __m256i negative = _mm256_cmpgt_epi64(_mm256_setzero_si256(), bits);
    return _mm256_xor_si256(bits, _mm256_srli_epi64(negative, 1));
}

void tr_tail_avx2(const double *values, size_t count, size_t wanted, double *smallest) {
    TR_ASSERT(wanted <= count);
    if (wanted == 0) return;
    size_t i = 0;
    for (; i < wanted; i += 1) tr_tail_insert(smallest, i, values[i]);
    for (; count - i >= WIDTH; i += WIDTH) {
        __m256i worst = _mm256_set1_epi64x(tr_total_order_key(smallest[wanted - 1]));
        __m256i smaller = _mm256_cmpgt_epi64(worst, tr_keys_i64x4(_mm256_loadu_pd(values + i)));
        unsigned candidates = (unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(smaller));
        for (; candidates != 0; candidates &= candidates - 1) {
            tr_tail_offer(smallest, wanted, values[i + (size_t)__builtin_ctz(candidates)]);
        }
    }
    for (; i < count; i += 1) tr_tail_offer(smallest, wanted, values[i]);
}

TR_TARGET_END
#endif
