// SPDX-License-Identifier: Apache-2.0
// Building an engine: one arena for everything, sized from the same list that is then laid out in it.
#include <stdlib.h>
#include <string.h>
#include "tr_engine_layout.h"

/// Every array: where it is kept, its type, its count. Used twice: to size the arena and to fill it.
#define TR_ENGINE_ARRAYS(ARRAY) \
    ARRAY(instruments.bid, double, spec->instruments) \
    ARRAY(instruments.ask, double, spec->instruments) \
    ARRAY(instruments.last, double, spec->instruments) \
    ARRAY(instruments.price, double, spec->instruments) \
    ARRAY(instruments.prior_close, double, spec->instruments) \
    ARRAY(instruments.trading, uint8_t, spec->instruments) \
    ARRAY(instruments.status, uint8_t, spec->instruments) \
    ARRAY(instruments.has_history, uint8_t, spec->instruments) \
    ARRAY(instruments.touched, uint8_t, spec->instruments) \
    ARRAY(instruments.holders_marked, uint8_t, spec->instruments) \
    ARRAY(instruments.feed, uint16_t, spec->instruments) \
    ARRAY(instruments.tick_ns, uint64_t, spec->instruments) \
    ARRAY(instruments.tick_number, uint64_t, spec->instruments) \
    ARRAY(instruments.newest_ns, uint64_t, spec->instruments) \
    ARRAY(instruments.oldest_ns, uint64_t, spec->instruments) \
    ARRAY(instruments.holder, uint32_t, spec->positions) \
    ARRAY(instruments.first_holder, uint32_t, spec->instruments + 1) \
    ARRAY(touched, uint32_t, spec->instruments) \
    ARRAY(returns, double, spec->instruments * stride_of(spec->scenarios)) \
    ARRAY(shocks, double, spec->instruments * stride_of(spec->stresses)) \
    ARRAY(vectors, double, spec->accounts * stride_of(spec->scenarios)) \
    ARRAY(firm_sector, uint32_t, spec->first_sector[spec->accounts]) \
    ARRAY(position_instrument, uint32_t, spec->positions) \
    ARRAY(position_sector, uint32_t, spec->positions) \
    ARRAY(quantity, double, spec->positions) \
    ARRAY(average_cost, double, spec->positions) \
    ARRAY(multiplier, double, spec->positions) \
    ARRAY(fx, double, spec->positions) \
    ARRAY(margin_rate, double, spec->positions) \
    ARRAY(account, tr_account, spec->accounts) \
    ARRAY(row, uint32_t, spec->positions + spec->accounts) \
    ARRAY(weight, double, spec->positions) \
    ARRAY(smallest, double, spec->scenarios) \
    ARRAY(stress_out, double, stride_of(spec->stresses)) \
    ARRAY(firm_pnl, double, stride_of(spec->scenarios)) \
    ARRAY(ones, double, spec->accounts)

static size_t stride_of(size_t columns) { return (columns + TR_LANES - 1) / TR_LANES * TR_LANES; }

static tr_view_layout risk_layout(
    const tr_engine_spec *spec, size_t rows, size_t columns, size_t sectors, size_t excluded) {
    tr_view_layout layout = {.row_count = rows, .sector_count = sectors};
    size_t cell = 0;
    layout.status = cell, cell += 1;
    layout.totals = cell, cell += TR_TOTAL_COUNT;
    layout.coverage = cell, cell += 1;
    layout.var = cell, cell += spec->levels;
    layout.es = cell, cell += spec->levels;
    layout.stress = cell, cell += spec->stresses;
    layout.margin = cell, cell += TR_MARGIN_COUNT;
    layout.sector_net = cell, cell += sectors;
    layout.sector_gross = cell, cell += sectors;
    layout.rows = cell, cell += rows * columns;
    layout.excluded = cell, cell += excluded;
    layout.pnl = cell, cell += spec->scenarios;
    layout.cells = cell;
    return layout;
}

static tr_view_layout account_layout(const tr_engine_spec *spec, size_t account) {
    size_t positions = spec->first_position[account + 1] - spec->first_position[account];
    size_t sectors = spec->first_sector[account + 1] - spec->first_sector[account];
    return risk_layout(spec, positions, TR_POSITION_COLUMNS, sectors, positions);
}

static tr_view_layout firm_layout(const tr_engine_spec *spec) {
    return risk_layout(spec, spec->accounts, TR_ACCOUNT_COLUMNS, spec->firm_sectors, spec->instruments);
}

static tr_view_layout market_layout(const tr_engine_spec *spec) {
    return (tr_view_layout){
        .row_count = spec->instruments, .cells = spec->instruments * TR_QUOTE_COLUMNS};
}

static size_t view_bytes(const tr_view_layout *layout) { return sizeof(tr_view) + layout->cells * sizeof(double); }

static size_t channel_cost(tr_view_layout layout) {
    size_t bytes = view_bytes(&layout);
    return tr_arena_cost(bytes) + tr_arena_cost(tr_exchange_bytes(bytes));
}

static size_t arena_cost(const tr_engine_spec *spec) {
    size_t cost = tr_arena_cost(sizeof(tr_engine));
#define COST(field, type, count) cost += tr_arena_cost(sizeof(type) * (count));
    TR_ENGINE_ARRAYS(COST)
#undef COST
    for (size_t account = 0; account < spec->accounts; account++) cost += channel_cost(account_layout(spec, account));
    return cost + channel_cost(firm_layout(spec)) + channel_cost(market_layout(spec));
}

static void build_channel(tr_engine *engine, tr_channel *channel, tr_view_layout layout) {
    channel->layout = layout;
    channel->view_bytes = view_bytes(&layout);
    channel->view = tr_arena_take(engine->arena, channel->view_bytes);
    channel->exchange = tr_exchange_init(
        tr_arena_take(engine->arena, tr_exchange_bytes(channel->view_bytes)), channel->view_bytes);
    channel->dirty = true;  // the first cut shows every channel, if only as missing
}

static void build_instruments(tr_engine *engine, const tr_engine_spec *spec) {
    tr_instruments *instruments = &engine->instruments;
    for (size_t i = 0; i < spec->instruments; i++) {
        instruments->bid[i] = instruments->ask[i] = instruments->last[i] = instruments->price[i] = tr_absent();
        instruments->prior_close[i] = spec->prior_close[i];
        instruments->status[i] = TR_STATUS_MISSING;
        instruments->has_history[i] = spec->has_history[i];
        if (spec->has_history[i]) {
            memcpy(
                engine->returns + i * engine->scenario_stride, spec->returns + i * spec->scenarios,
                spec->scenarios * sizeof(double));
        }
        memcpy(
            engine->shocks + i * engine->stress_stride, spec->shocks + i * spec->stresses,
            spec->stresses * sizeof(double));
    }
}

/// Inverts "account holds instrument" by counting.
static void build_holders(tr_engine *engine, const tr_engine_spec *spec) {
    uint32_t *first = engine->instruments.first_holder;
    TR_ASSERT(spec->first_position[0] == 0 && spec->first_position[spec->accounts] == spec->positions);
    for (size_t p = 0; p < spec->positions; p++) {
        TR_ASSERT(spec->position_instrument[p] < spec->instruments);
        first[spec->position_instrument[p] + 1]++;
    }
    for (size_t i = 0; i < spec->instruments; i++) first[i + 1] += first[i];
    for (size_t a = spec->accounts; a-- > 0;) {
        // From the back, filling each instrument's run from its end: `first` moves down to where it belongs.
        for (size_t p = spec->first_position[a + 1]; p-- > spec->first_position[a];) {
            uint32_t instrument = spec->position_instrument[p];
            engine->instruments.holder[--first[instrument + 1]] = (uint32_t)a;
        }
    }
    // Every entry now is the start of its own run, one place to the right.
    memmove(first, first + 1, spec->instruments * sizeof(uint32_t));
    first[spec->instruments] = (uint32_t)spec->positions;
}

static void build_accounts(tr_engine *engine, const tr_engine_spec *spec) {
    size_t bytes = spec->positions * sizeof(double);
    memcpy(engine->position_instrument, spec->position_instrument, spec->positions * sizeof(uint32_t));
    memcpy(engine->position_sector, spec->position_sector, spec->positions * sizeof(uint32_t));
    memcpy(engine->quantity, spec->quantity, bytes);
    memcpy(engine->average_cost, spec->average_cost, bytes);
    memcpy(engine->multiplier, spec->multiplier, bytes);
    memcpy(engine->fx, spec->fx, bytes);
    memcpy(engine->margin_rate, spec->margin_rate, bytes);
    memcpy(engine->firm_sector, spec->firm_sector, spec->first_sector[spec->accounts] * sizeof(uint32_t));
    for (size_t a = 0; a < spec->accounts; a++) {
        tr_account *account = &engine->account[a];
        TR_ASSERT(spec->first_position[a] <= spec->first_position[a + 1]);
        TR_ASSERT(spec->first_sector[a] <= spec->first_sector[a + 1]);
        account->first_position = spec->first_position[a];
        account->position_count = spec->first_position[a + 1] - spec->first_position[a];
        for (size_t p = spec->first_position[a]; p < spec->first_position[a + 1]; p++) {
            TR_ASSERT(spec->position_sector[p] < spec->first_sector[a + 1] - spec->first_sector[a]);
        }
        account->first_sector = spec->first_sector[a];
        account->sector_count = spec->first_sector[a + 1] - spec->first_sector[a];
        account->convertible = spec->convertible[a] != 0;
        account->cash = spec->cash[a];
        account->margin_limit = spec->margin_limit[a];
        engine->ones[a] = 1.0;
        build_channel(engine, &account->channel, account_layout(spec, a));
    }
}

tr_engine *tr_engine_create(const tr_engine_spec *spec) {
    const tr_kernels *kernels = tr_kernels_of(spec->tier);
    if (kernels == NULL || spec->levels > TR_LEVELS_MAX || spec->rings > TR_RINGS_MAX) return NULL;
    tr_arena *arena = tr_arena_create(arena_cost(spec));
    if (arena == NULL) return NULL;
    tr_engine *engine = tr_arena_take(arena, sizeof(tr_engine));
    engine->arena = arena;
    engine->kernels = kernels;
    engine->instrument_count = spec->instruments;
    engine->account_count = spec->accounts;
    engine->scenario_count = spec->scenarios;
    engine->scenario_stride = stride_of(spec->scenarios);
    engine->stress_count = spec->stresses;
    engine->stress_stride = stride_of(spec->stresses);
    engine->level_count = spec->levels;
    engine->ring_count = spec->rings;
    engine->firm_sector_count = spec->firm_sectors;
    engine->cut_interval_ns = spec->cut_interval_ns;
    engine->stale_after_ns = spec->stale_after_ns;
    engine->sweep_interval_ns = spec->stale_after_ns / 8 < 50000000 ? spec->stale_after_ns / 8 : 50000000;
    engine->quantile = spec->quantile;
    engine->horizon_scale = spec->horizon_scale;
    for (size_t i = 0; i < spec->rings; i++) engine->ring[i] = spec->ring[i];
    for (size_t i = 0; i < spec->levels; i++) {
        engine->level[i] = tr_level_of(spec->confidence_bp[i], spec->scenarios);
        size_t wanted = tr_level_wanted(&engine->level[i], spec->scenarios);
        if (wanted > engine->tail_count) engine->tail_count = wanted;
    }
#define TAKE(field, type, count) engine->field = tr_arena_take(arena, sizeof(type) * (count));
    TR_ENGINE_ARRAYS(TAKE)
#undef TAKE
    build_instruments(engine, spec);
    build_holders(engine, spec);
    build_accounts(engine, spec);
    build_channel(engine, &engine->firm, firm_layout(spec));
    build_channel(engine, &engine->market, market_layout(spec));
    return engine;
}

void tr_engine_destroy(tr_engine *engine) {
    if (engine != NULL) tr_arena_destroy(engine->arena);
}
