// SPDX-License-Identifier: Apache-2.0
// Mark-to-market, the definition: what the other tiers must reproduce bit for bit.
#include "tr_kernels.h"

#include <math.h>

#pragma STDC FP_CONTRACT OFF

/// The value as published: one NaN, no negative zero.
static double tr_published(double value) {
    return tr_one_nan(value + 0.0);
}

static double tr_or_zero(double value) {
    return value == value ? value : 0.0;
}

static double tr_fold(const double partial[TR_LANES]) {
    double even = (partial[0] + partial[4]) + (partial[2] + partial[6]);
    double odd = (partial[1] + partial[5]) + (partial[3] + partial[7]);
    return tr_one_nan(even + odd);
}

void tr_mark_scalar(const tr_mark_input *input, tr_mark_output *output) {
    tr_mark_partials partials = {0};
    tr_mark_rest(input, output, 0, &partials);
    output->sums = tr_mark_fold(&partials);
}

void tr_mark_rest(const tr_mark_input *input, tr_mark_output *output, size_t begin, tr_mark_partials *partials) {
    for (size_t i = begin; i < input->count; i += 1) {
        double quantity = input->quantity[i];
        double multiplier = input->multiplier[i];
        double fx = input->fx[i];
        double price = input->price[input->instrument[i]];
        double prior_close = input->prior_close[input->instrument[i]];

        double market_value = tr_published(((quantity * multiplier) * price) * fx);
        double unrealised = tr_published((((price - input->average_cost[i]) * quantity) * multiplier) * fx);
        double carried = (price - prior_close) * input->overnight[i];
        double traded = price * input->traded_quantity[i] - input->traded_cost[i];
        double day = tr_published(((carried + traded) * multiplier) * fx);
        output->market_value[i] = market_value;
        output->unrealised[i] = unrealised;
        output->day[i] = day;

        size_t lane = i % TR_LANES;
        double absolute = fabs(market_value);
        partials->net[lane] += tr_or_zero(market_value);
        partials->gross[lane] += tr_or_zero(absolute);
        partials->unrealised[lane] += tr_or_zero(unrealised);
        partials->day[lane] += tr_or_zero(day);
        partials->margin[lane] += tr_or_zero(absolute * input->margin_rate[i]);
    }
}

tr_mark_sums tr_mark_fold(const tr_mark_partials *partials) {
    return (tr_mark_sums){
        .net = tr_fold(partials->net),
        .gross = tr_fold(partials->gross),
        .unrealised = tr_fold(partials->unrealised),
        .day = tr_fold(partials->day),
        .margin = tr_fold(partials->margin),
    };
}
