// SPDX-License-Identifier: Apache-2.0
// Mark-to-market, two positions at a time, four twos a round; the last, partial round is the reference's.
#include "tr_kernels.h"

#if defined(__aarch64__)
#pragma STDC FP_CONTRACT OFF

enum { WIDTH = 2, PAIRS = TR_LANES / WIDTH };

typedef struct tr_mark_sums_f64x2 {
    float64x2_t net, gross, unrealised, day, margin;
} tr_mark_sums_f64x2;

TR_INLINE float64x2_t tr_published_f64x2(float64x2_t value) {
    uint64x2_t present = vceqq_f64(value, value);
    return vbslq_f64(present, vaddq_f64(value, vdupq_n_f64(0.0)), vdupq_n_f64(tr_absent()));
}

/// Lanes whose value is absent add the bits of +0.0.
TR_INLINE float64x2_t tr_sum_present_f64x2(float64x2_t sum, float64x2_t value) {
    uint64x2_t present = vceqq_f64(value, value);
    return vaddq_f64(sum, vreinterpretq_f64_u64(vandq_u64(vreinterpretq_u64_f64(value), present)));
}

/// There is no gather: two loads.
TR_INLINE float64x2_t tr_gather_f64x2(const double *values, const uint32_t *index) {
    return vcombine_f64(vld1_f64(values + index[0]), vld1_f64(values + index[1]));
}

/// Marks the positions first and first + 1.
TR_INLINE void tr_mark_two(
    const tr_mark_input *input, tr_mark_output *output, size_t first, tr_mark_sums_f64x2 *sums) {
    float64x2_t price = tr_gather_f64x2(input->price, input->instrument + first);
    float64x2_t prior_close = tr_gather_f64x2(input->prior_close, input->instrument + first);
    float64x2_t quantity = vld1q_f64(input->quantity + first);
    float64x2_t multiplier = vld1q_f64(input->multiplier + first);
    float64x2_t fx = vld1q_f64(input->fx + first);
    float64x2_t average_cost = vld1q_f64(input->average_cost + first);
    float64x2_t margin_rate = vld1q_f64(input->margin_rate + first);
    float64x2_t overnight = vld1q_f64(input->overnight + first);
    float64x2_t traded_quantity = vld1q_f64(input->traded_quantity + first);
    float64x2_t traded_cost = vld1q_f64(input->traded_cost + first);

    float64x2_t market_value = vmulq_f64(vmulq_f64(vmulq_f64(quantity, multiplier), price), fx);
    float64x2_t unrealised = vmulq_f64(vsubq_f64(price, average_cost), quantity);
    unrealised = vmulq_f64(vmulq_f64(unrealised, multiplier), fx);
    float64x2_t carried = vmulq_f64(vsubq_f64(price, prior_close), overnight);
    float64x2_t traded = vsubq_f64(vmulq_f64(price, traded_quantity), traded_cost);
    float64x2_t day = vmulq_f64(vmulq_f64(vaddq_f64(carried, traded), multiplier), fx);

    market_value = tr_published_f64x2(market_value);
    unrealised = tr_published_f64x2(unrealised);
    day = tr_published_f64x2(day);
    vst1q_f64(output->market_value + first, market_value);
    vst1q_f64(output->unrealised + first, unrealised);
    vst1q_f64(output->day + first, day);

    float64x2_t absolute = vabsq_f64(market_value);
    sums->net = tr_sum_present_f64x2(sums->net, market_value);
    sums->gross = tr_sum_present_f64x2(sums->gross, absolute);
    sums->unrealised = tr_sum_present_f64x2(sums->unrealised, unrealised);
    sums->day = tr_sum_present_f64x2(sums->day, day);
    sums->margin = tr_sum_present_f64x2(sums->margin, vmulq_f64(absolute, margin_rate));
}

void tr_mark_neon(const tr_mark_input *input, tr_mark_output *output) {
    float64x2_t zero = vdupq_n_f64(0.0);
    tr_mark_sums_f64x2 sums[PAIRS];
    for (size_t pair = 0; pair < PAIRS; pair += 1) sums[pair] = (tr_mark_sums_f64x2){zero, zero, zero, zero, zero};
    size_t i = 0;
    for (; input->count - i >= TR_LANES; i += TR_LANES) {
        for (size_t pair = 0; pair < PAIRS; pair += 1) tr_mark_two(input, output, i + pair * WIDTH, &sums[pair]);
    }

    tr_mark_partials partials;
    for (size_t pair = 0; pair < PAIRS; pair += 1) {
        vst1q_f64(partials.net + pair * WIDTH, sums[pair].net);
        vst1q_f64(partials.gross + pair * WIDTH, sums[pair].gross);
        vst1q_f64(partials.unrealised + pair * WIDTH, sums[pair].unrealised);
        vst1q_f64(partials.day + pair * WIDTH, sums[pair].day);
        vst1q_f64(partials.margin + pair * WIDTH, sums[pair].margin);
    }
    tr_mark_rest(input, output, i, &partials);
    output->sums = tr_mark_fold(&partials);
}

#endif
