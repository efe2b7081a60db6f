// SPDX-License-Identifier: Apache-2.0
// The function table: one row of kernels for each tier, looked up once at start.
#include "tr_kernels.h"

static const tr_kernels tables[TR_TIER_COUNT] = {
    [TR_TIER_SCALAR] = {
        .tier = TR_TIER_SCALAR,
        .mark = tr_mark_scalar,
        .weighted_rows = tr_weighted_rows_scalar,
        .weighted_together = tr_weighted_together_scalar,
        .tail = tr_tail_scalar,
        .option_values = tr_option_values_scalar,
    },
#if defined(__x86_64__)
    [TR_TIER_AVX2] = {
        .tier = TR_TIER_AVX2,
        .mark = tr_mark_avx2,
        .weighted_rows = tr_weighted_rows_avx2,
        .weighted_together = tr_weighted_together_avx2,
        .tail = tr_tail_avx2,
        .option_values = tr_option_values_avx2,
    },
    [TR_TIER_AVX512] = {
        .tier = TR_TIER_AVX512,
        .mark = tr_mark_avx512,
        .weighted_rows = tr_weighted_rows_avx512,
        .weighted_together = tr_weighted_together_avx512,
        .tail = tr_tail_avx512,
        .option_values = tr_option_values_avx512,
    },
#elif defined(__aarch64__)
    [TR_TIER_NEON] = {
        .tier = TR_TIER_NEON,
        .mark = tr_mark_neon,
        .weighted_rows = tr_weighted_rows_neon,
        .weighted_together = tr_weighted_together_neon,
        .tail = tr_tail_neon,
        .option_values = tr_option_values_neon,
    },
#endif
};

const tr_kernels *tr_kernels_of(tr_tier tier) {
    // A tier that this build lacks is one that tr_tier_supported denies, as it does for what is no tier at all.
    return tr_tier_supported(tier) ? &tables[tier] : NULL;
}
