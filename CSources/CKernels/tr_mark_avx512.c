// SPDX-License-Identifier: Apache-2.0
// Mark-to-market, eight positions at a time; the last, partial eight are masked.
#include "tr_kernels.h"

#if defined(__x86_64__)
#pragma STDC FP_CONTRACT OFF
TR_TARGET_AVX512_BEGIN

typedef struct tr_mark_sums_f64x8 {
    __m512d net, gross, unrealised, day, margin;
} tr_mark_sums_f64x8;

TR_INLINE __m512d tr_published_f64x8(__m512d value) {
    __mmask8 absent = _mm512_cmp_pd_mask(value, value, _CMP_UNORD_Q);
    return _mm512_mask_mov_pd(_mm512_add_pd(value, _mm512_setzero_pd()), absent, _mm512_set1_pd(tr_absent()));
}

/// Lanes whose value is absent keep their sum: adding +0.0 would change nothing, since no sum is ever −0.0.
TR_INLINE __m512d tr_sum_present_f64x8(__m512d sum, __m512d value) {
    __mmask8 present = _mm512_cmp_pd_mask(value, value, _CMP_ORD_Q);
    return _mm512_mask_add_pd(sum, present, sum, value);
}

/// Marks the positions first + lane for the lanes of the mask; the other lanes compute 0 and add +0.0.
TR_INLINE void tr_mark_eight(
    const tr_mark_input *input, tr_mark_output *output, size_t first, __mmask8 mask, tr_mark_sums_f64x8 *sums) {
    __m512d zero = _mm512_setzero_pd();
    __m512i instrument = _mm512_cvtepu32_epi64(_mm256_maskz_loadu_epi32(mask, input->instrument + first));
    __m512d price = _mm512_mask_i64gather_pd(zero, mask, instrument, input->price, sizeof(double));
    __m512d prior_close = _mm512_mask_i64gather_pd(zero, mask, instrument, input->prior_close, sizeof(double));
    __m512d quantity = _mm512_maskz_loadu_pd(mask, input->quantity + first);
    __m512d multiplier = _mm512_maskz_loadu_pd(mask, input->multiplier + first);
    __m512d fx = _mm512_maskz_loadu_pd(mask, input->fx + first);
    __m512d average_cost = _mm512_maskz_loadu_pd(mask, input->average_cost + first);
    __m512d margin_rate = _mm512_maskz_loadu_pd(mask, input->margin_rate + first);
    __m512d overnight = _mm512_maskz_loadu_pd(mask, input->overnight + first);
    __m512d traded_quantity = _mm512_maskz_loadu_pd(mask, input->traded_quantity + first);
    __m512d traded_cost = _mm512_maskz_loadu_pd(mask, input->traded_cost + first);

    __m512d market_value = _mm512_mul_pd(_mm512_mul_pd(_mm512_mul_pd(quantity, multiplier), price), fx);
    __m512d unrealised = _mm512_mul_pd(_mm512_sub_pd(price, average_cost), quantity);
    unrealised = _mm512_mul_pd(_mm512_mul_pd(unrealised, multiplier), fx);
    __m512d carried = _mm512_mul_pd(_mm512_sub_pd(price, prior_close), overnight);
    __m512d traded = _mm512_sub_pd(_mm512_mul_pd(price, traded_quantity), traded_cost);
    __m512d day = _mm512_mul_pd(_mm512_mul_pd(_mm512_add_pd(carried, traded), multiplier), fx);

    market_value = tr_published_f64x8(market_value);
    unrealised = tr_published_f64x8(unrealised);
    day = tr_published_f64x8(day);
    _mm512_mask_storeu_pd(output->market_value + first, mask, market_value);
    _mm512_mask_storeu_pd(output->unrealised + first, mask, unrealised);
    _mm512_mask_storeu_pd(output->day + first, mask, day);

    __m512d absolute = _mm512_abs_pd(market_value);
    sums->net = tr_sum_present_f64x8(sums->net, market_value);
    sums->gross = tr_sum_present_f64x8(sums->gross, absolute);
    sums->unrealised = tr_sum_present_f64x8(sums->unrealised, unrealised);
    sums->day = tr_sum_present_f64x8(sums->day, day);
    sums->margin = tr_sum_present_f64x8(sums->margin, _mm512_mul_pd(absolute, margin_rate));
}

void tr_mark_avx512(const tr_mark_input *input, tr_mark_output *output) {
    __m512d zero = _mm512_setzero_pd();
    tr_mark_sums_f64x8 sums = {zero, zero, zero, zero, zero};
    size_t i = 0;
    for (; input->count - i >= TR_LANES; i += TR_LANES) tr_mark_eight(input, output, i, 0xff, &sums);
    if (i < input->count) tr_mark_eight(input, output, i, (__mmask8)((1u << (input->count - i)) - 1), &sums);

    tr_mark_partials partials;
    _mm512_store_pd(partials.net, sums.net);
    _mm512_store_pd(partials.gross, sums.gross);
    _mm512_store_pd(partials.unrealised, sums.unrealised);
    _mm512_store_pd(partials.day, sums.day);
    _mm512_store_pd(partials.margin, sums.margin);
    output->sums = tr_mark_fold(&partials);
}

TR_TARGET_END
#endif
