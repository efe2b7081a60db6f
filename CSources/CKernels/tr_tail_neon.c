// SPDX-License-Identifier: Apache-2.0
// The smallest values in order: four values a branch; what passes is inserted by the reference.
#include "tr_kernels.h"

#if defined(__aarch64__)

enum { WIDTH = 2, STEP = 2 * WIDTH };

TR_INLINE uint64x2_t tr_smaller_u64x2(const double *values, int64x2_t worst_i64x2) {
    int64x2_t bits = vreinterpretq_s64_f64(vld1q_f64(values));
    uint64x2_t flipped = vshrq_n_u64(vreinterpretq_u64_s64(vshrq_n_s64(bits, 63)), 1);
    return vcltq_s64(veorq_s64(bits, vreinterpretq_s64_u64(flipped)), worst_i64x2);
}

void tr_tail_neon(const double *values, size_t count, size_t wanted, double *smallest) {
    TR_ASSERT(wanted <= count);
    if (wanted == 0) return;
    size_t i = 0;
    for (; i < wanted; i += 1) tr_tail_insert(smallest, i, values[i]);
    for (; count - i >= STEP; i += STEP) {
        int64x2_t worst_i64x2 = vdupq_n_s64(tr_total_order_key(smallest[wanted - 1]));
        uint64x2_t low = tr_smaller_u64x2(values + i, worst_i64x2);
        uint64x2_t high = tr_smaller_u64x2(values + i + WIDTH, worst_i64x2);
        if (vmaxvq_u32(vreinterpretq_u32_u64(vorrq_u64(low, high))) == 0) continue;
        for (size_t lane = 0; lane < STEP; lane += 1) tr_tail_offer(smallest, wanted, values[i + lane]);
    }
    for (; i < count; i += 1) tr_tail_offer(smallest, wanted, values[i]);
}

#endif
