// SPDX-License-Identifier: Apache-2.0
// Mark-to-market, four positions at a time, two fours a round; the last, partial round is the reference's.
#include "tr_kernels.h"

#if defined(__x86_64__)
#pragma STDC FP_CONTRACT OFF
TR_TARGET_AVX2_BEGIN

enum { HALF = TR_LANES / 2 };

typedef struct tr_mark_sums_f64x4 {
    __m256d net, gross, unrealised, day, margin;
} tr_mark_sums_f64x4;

TR_INLINE __m256d tr_published_f64x4(__m256d value) {
    __m256d absent = _mm256_cmp_pd(value, value, _CMP_UNORD_Q);
    return _mm256_blendv_pd(_mm256_add_pd(value, _mm256_setzero_pd()), _mm256_set1_pd(tr_absent()), absent);
}

/// Lanes whose value is absent add the bits of +0.0.
TR_INLINE __m256d tr_sum_present_f64x4(__m256d sum, __m256d value) {
    __m256d present = _mm256_cmp_pd(value, value, _CMP_ORD_Q);
    return _mm256_add_pd(sum, _mm256_and_pd(value, present));
}

/// Marks the positions from first to first + 3.
TR_INLINE void tr_mark_four(
    const tr_mark_input *input, tr_mark_output *output, size_t first, tr_mark_sums_f64x4 *sums) {
    __m256i instrument = _mm256_cvtepu32_epi64(_mm_loadu_si128((const __m128i_u *)(input->instrument + first)));
    __m256d price = _mm256_i64gather_pd(input->price, instrument, sizeof(double));
    __m256d prior_close = _mm256_i64gather_pd(input->prior_close, instrument, sizeof(double));
    __m256d quantity = _mm256_loadu_pd(input->quantity + first);
    __m256d multiplier = _mm256_loadu_pd(input->multiplier + first);
    __m256d fx = _mm256_loadu_pd(input->fx + first);
    __m256d average_cost = _mm256_loadu_pd(input->average_cost + first);
    __m256d margin_rate = _mm256_loadu_pd(input->margin_rate + first);
    __m256d overnight = _mm256_loadu_pd(input->overnight + first);
    __m256d traded_quantity = _mm256_loadu_pd(input->traded_quantity + first);
    __m256d traded_cost = _mm256_loadu_pd(input->traded_cost + first);

    __m256d market_value = _mm256_mul_pd(_mm256_mul_pd(_mm256_mul_pd(quantity, multiplier), price), fx);
    __m256d unrealised = _mm256_mul_pd(_mm256_sub_pd(price, average_cost), quantity);
    unrealised = _mm256_mul_pd(_mm256_mul_pd(unrealised, multiplier), fx);
    __m256d carried = _mm256_mul_pd(_mm256_sub_pd(price, prior_close), overnight);
    __m256d traded = _mm256_sub_pd(_mm256_mul_pd(price, traded_quantity), traded_cost);
    __m256d day = _mm256_mul_pd(_mm256_mul_pd(_mm256_add_pd(carried, traded), multiplier), fx);

    market_value = tr_published_f64x4(market_value);
    unrealised = tr_published_f64x4(unrealised);
    day = tr_published_f64x4(day);
    _mm256_storeu_pd(output->market_value + first, market_value);
    _mm256_storeu_pd(output->unrealised + first, unrealised);
    _mm256_storeu_pd(output->day + first, day);

    __m256d absolute = _mm256_andnot_pd(_mm256_set1_pd(-0.0), market_value);
    sums->net = tr_sum_present_f64x4(sums->net, market_value);
    sums->gross = tr_sum_present_f64x4(sums->gross, absolute);
    sums->unrealised = tr_sum_present_f64x4(sums->unrealised, unrealised);
    sums->day = tr_sum_present_f64x4(sums->day, day);
    sums->margin = tr_sum_present_f64x4(sums->margin, _mm256_mul_pd(absolute, margin_rate));
}

/// Puts four lanes' sums into the partial sums from `lane` on.
TR_INLINE void tr_mark_spill(const tr_mark_sums_f64x4 *sums, size_t lane, tr_mark_partials *partials) {
    _mm256_store_pd(partials->net + lane, sums->net);
    _mm256_store_pd(partials->gross + lane, sums->gross);
    _mm256_store_pd(partials->unrealised + lane, sums->unrealised);
    _mm256_store_pd(partials->day + lane, sums->day);
    _mm256_store_pd(partials->margin + lane, sums->margin);
}

void tr_mark_avx2(const tr_mark_input *input, tr_mark_output *output) {
    __m256d zero = _mm256_setzero_pd();
    tr_mark_sums_f64x4 low = {zero, zero, zero, zero, zero};
    tr_mark_sums_f64x4 high = low;
    size_t i = 0;
    for (; input->count - i >= TR_LANES; i += TR_LANES) {
        tr_mark_four(input, output, i, &low);
        tr_mark_four(input, output, i + HALF, &high);
    }

    tr_mark_partials partials;
    tr_mark_spill(&low, 0, &partials);
    tr_mark_spill(&high, HALF, &partials);
    tr_mark_rest(input, output, i, &partials);
    output->sums = tr_mark_fold(&partials);
}

TR_TARGET_END
#endif
