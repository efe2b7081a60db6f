// SPDX-License-Identifier: Apache-2.0
// One engine goes on where another stopped: same accounts, other positions, scenarios or instruments.
#include <string.h>
#include "tr_engine_layout.h"

static void check_same(const tr_engine *engine, const tr_engine *previous, bool has_same_scenarios) {
    bool has_same_instruments = engine->directory == previous->directory;
    TR_ASSERT(!has_same_instruments || engine->instrument_count == previous->instrument_count);
    TR_ASSERT(has_same_instruments || !has_same_scenarios);
    // One translation at a time: indices of two directories ago would be lost.
    TR_ASSERT(has_same_instruments || engine->former_count == previous->instrument_count);
    TR_ASSERT(has_same_instruments || !tr_engine_is_translating(previous));
    TR_ASSERT(!tr_engine_is_translating(previous) || engine->former_count == previous->former_count);
    TR_ASSERT(engine->account_count == previous->account_count);
    TR_ASSERT(!has_same_scenarios || engine->scenario_count == previous->scenario_count);
    TR_ASSERT(!has_same_scenarios || engine->stress_count == previous->stress_count);
    TR_ASSERT(engine->level_count == previous->level_count);
    TR_ASSERT(engine->ring_count == previous->ring_count);
    // Between two turns nothing is touched: every drain and roll marks the holders.
    TR_ASSERT(previous->touched_count == 0);
    for (size_t i = 0; i < engine->ring_count; i++) TR_ASSERT(engine->ring[i] == previous->ring[i]);
}

static void adopt_same_quotes(tr_engine *engine, const tr_engine *previous) {
    tr_instruments *to = &engine->instruments;
    const tr_instruments *from = &previous->instruments;
    size_t count = engine->instrument_count;
    memcpy(to->bid, from->bid, count * sizeof(double));
    memcpy(to->ask, from->ask, count * sizeof(double));
    memcpy(to->last, from->last, count * sizeof(double));
    memcpy(to->prior_close, from->prior_close, count * sizeof(double));
    memcpy(to->trading, from->trading, count);
    memcpy(to->status, from->status, count);
    memcpy(to->feed, from->feed, count * sizeof(uint16_t));
    memcpy(to->tick_ns, from->tick_ns, count * sizeof(uint64_t));
    memcpy(to->tick_number, from->tick_number, count * sizeof(uint64_t));
    memcpy(to->newest_ns, from->newest_ns, count * sizeof(uint64_t));
}

static void translate_quotes(tr_engine *engine, const tr_engine *previous) {
    tr_instruments *to = &engine->instruments;
    const tr_instruments *from = &previous->instruments;
    for (uint32_t before = 0; before < previous->instrument_count; before++) {
        uint32_t i = engine->former[before];
        if (i == TR_NONE) continue;
        to->bid[i] = from->bid[before];
        to->ask[i] = from->ask[before];
        to->last[i] = from->last[before];
        to->prior_close[i] = from->prior_close[before];
        to->trading[i] = from->trading[before];
        to->status[i] = from->status[before];
        to->feed[i] = from->feed[before];
        to->tick_ns[i] = from->tick_ns[before];
        to->tick_number[i] = from->tick_number[before];
        to->newest_ns[i] = from->newest_ns[before];
    }
}

/// What the rings hold is by the directory it was put there with.
static void adopt_rings(tr_engine *engine, const tr_engine *previous) {
    bool is_other = engine->directory != previous->directory;
    size_t count = 0;
    for (size_t ring = 0; ring < engine->ring_count; ring++) {
        engine->is_former[ring] = is_other || previous->is_former[ring];
        count += engine->is_former[ring];
    }
    TR_STORE_RELEASE(engine->former_rings, count);
}

static void adopt_quotes(tr_engine *engine, const tr_engine *previous) {
    tr_instruments *to = &engine->instruments;
    if (engine->directory == previous->directory) {
        adopt_same_quotes(engine, previous);
    } else {
        translate_quotes(engine, previous);
    }
    for (uint32_t i = 0; i < engine->instrument_count; i++) {
        // What an option nobody holds any more was worth by its model is no price.
        to->price[i] = tr_quotes_own_price(to, i);
        if (tr_is_absent(to->price[i])) to->status[i] = TR_STATUS_MISSING;
    }
    engine->tick_number = previous->tick_number;
    engine->next_sweep_ns = previous->next_sweep_ns;
    engine->option_minute = previous->option_minute;
    memcpy(engine->batch, previous->batch, sizeof engine->batch);
}

/// An option keeps its price and what was prepared for it; its scenarios are valued at the next cut that needs them.
static void adopt_options(tr_engine *engine, const tr_engine *previous) {
    uint32_t *number = engine->touched;  // by instrument: 1 + place among the previous options; still all zero
    for (uint32_t i = 0; i < previous->option_count; i++) number[previous->option[i].instrument] = i + 1;
    for (size_t i = 0; i < engine->option_count; i++) {
        tr_option_state *to = &engine->option[i];
        if (number[to->instrument] == 0) continue;
        const tr_option_state *from = &previous->option[number[to->instrument] - 1];
        if (!from->valued) continue;
        to->is_prepared = from->is_prepared;
        to->prepared_volatility = from->prepared_volatility;
        to->prepared_minutes = from->prepared_minutes;
        to->prepared = from->prepared;
        engine->instruments.price[to->instrument] = previous->instruments.price[to->instrument];
        engine->instruments.status[to->instrument] = previous->instruments.status[to->instrument];
    }
}

static void adopt_schedule(tr_channel *to, const tr_channel *from) {
    to->was_cut = from->was_cut;
    to->due_ns = from->due_ns;
    to->cut_ns = from->cut_ns;
    to->oldest_ns = from->oldest_ns;
    to->cut_tick_number = from->cut_tick_number;
}

static bool has_same(const double *left, size_t left_first, const double *right, size_t right_first, size_t count) {
    return memcmp(left + left_first, right + right_first, count * sizeof(double)) == 0;
}

/// Whether nothing an account's cut is made of differs, its rows being the same.
static bool has_same_holdings(
    const tr_engine *engine, const tr_account *to, const tr_engine *previous, const tr_account *from) {
    size_t a = to->first_position, b = from->first_position, count = to->position_count;
    return memcmp(&to->money, &from->money, sizeof to->money) == 0 &&
           has_same(engine->quantity, a, previous->quantity, b, count) &&
           has_same(engine->average_cost, a, previous->average_cost, b, count) &&
           has_same(engine->realised, a, previous->realised, b, count) &&
           has_same(engine->overnight, a, previous->overnight, b, count) &&
           has_same(engine->traded_quantity, a, previous->traded_quantity, b, count) &&
           has_same(engine->traded_cost, a, previous->traded_cost, b, count);
}

/// Returns whether the account has the same rows, and so keeps its last cut.
static bool adopt_account(tr_engine *engine, const tr_engine *previous, size_t index, bool has_same_scenarios) {
    tr_account *to = &engine->account[index];
    const tr_account *from = &previous->account[index];
    size_t count = to->position_count;
    adopt_schedule(&to->channel, &from->channel);
    to->margin_level = from->margin_level;
    bool same = has_same_scenarios && count == from->position_count && from->channel.was_cut &&
                memcmp(
                    engine->position_instrument + to->first_position,
                    previous->position_instrument + from->first_position, count * sizeof(uint32_t)) == 0;
    if (!same) return false;
    TR_ASSERT(to->channel.view_bytes == from->channel.view_bytes);
    memcpy(to->channel.view, from->channel.view, to->channel.view_bytes);
    memcpy(engine->fx + to->first_position, previous->fx + from->first_position, count * sizeof(double));
    memcpy(
        engine->vectors + index * engine->scenario_stride, previous->vectors + index * previous->scenario_stride,
        engine->scenario_stride * sizeof(double));
    to->holds = from->holds;
    to->has_risk = from->has_risk;
    to->status = from->status;
    to->priced_gross = from->priced_gross;
    to->covered_gross = from->covered_gross;
    to->channel.dirty = from->channel.dirty || !has_same_holdings(engine, to, previous, from);
    return true;
}

void tr_engine_adopt(tr_engine *engine, const tr_engine *previous, bool has_same_scenarios) {
    check_same(engine, previous, has_same_scenarios);
    adopt_rings(engine, previous);
    adopt_quotes(engine, previous);
    if (has_same_scenarios) adopt_options(engine, previous);
    adopt_schedule(&engine->market, &previous->market);
    if (previous->market.was_cut && engine->directory == previous->directory) {
        memcpy(engine->market.view, previous->market.view, engine->market.view_bytes);
        engine->market.dirty = previous->market.dirty;
    }
    adopt_schedule(&engine->firm, &previous->firm);
    engine->firm_margin_level = previous->firm_margin_level;
    for (size_t a = 0; a < engine->account_count; a++) {
        if (adopt_account(engine, previous, a, has_same_scenarios)) continue;
        // The firm sums cuts: it waits until every account has one.
        uint64_t due_ns = engine->account[a].channel.due_ns;
        if (due_ns > engine->firm.due_ns) engine->firm.due_ns = due_ns;
    }
    engine->next_due_ns = 0;  // the next cut looks at every channel
}
