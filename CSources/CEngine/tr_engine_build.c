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
    ARRAY(instruments.touched, uint8_t, spec->instruments) \
    ARRAY(instruments.holders_marked, _Atomic uint8_t, spec->instruments) \
    ARRAY(instruments.feed, uint16_t, spec->instruments) \
    ARRAY(instruments.tick_ns, uint64_t, spec->instruments) \
    ARRAY(instruments.tick_number, uint64_t, spec->instruments) \
    ARRAY(instruments.newest_ns, uint64_t, spec->instruments) \
    ARRAY(instruments.oldest_ns, uint64_t, spec->instruments) \
    ARRAY(instruments.holder, uint32_t, spec->first_dependency[spec->accounts + 1]) \
    ARRAY(instruments.first_holder, uint32_t, spec->instruments + 1) \
    ARRAY(touched, uint32_t, spec->instruments) \
    ARRAY(former, uint32_t, spec->former_instruments) \
    ARRAY(rates.scale, double, spec->rates.pairs) \
    ARRAY(rates.first_leg, uint32_t, spec->rates.pairs + 1) \
    ARRAY(rates.leg_instrument, uint32_t, spec->rates.first_leg[spec->rates.pairs]) \
    ARRAY(rates.leg_inverted, uint8_t, spec->rates.first_leg[spec->rates.pairs]) \
    ARRAY(rates.rate, double, spec->rates.pairs) \
    ARRAY(rates.stale, uint8_t, spec->rates.pairs) \
    ARRAY(rows.instrument, uint32_t, spec->rows.rows) \
    ARRAY(rows.pair, uint32_t, spec->rows.rows) \
    ARRAY(rows.option, uint32_t, spec->rows.rows) \
    ARRAY(rows.unit, uint32_t, spec->rows.rows) \
    ARRAY(rows.has_history, uint8_t, spec->rows.rows) \
    ARRAY(rows.returns, double, spec->rows.rows * stride_of(spec->scenarios)) \
    ARRAY(rows.shocks, double, spec->rows.rows * stride_of(spec->stresses)) \
    ARRAY(rows.panels, double, panel_cells(spec)) \
    ARRAY(rows.unit_returns, double, spec->rows.units * stride_of(spec->scenarios)) \
    ARRAY(rows.unit_shocks, double, spec->rows.units * stride_of(spec->stresses)) \
    ARRAY(option, tr_option_state, spec->options.options) \
    ARRAY(option_row, uint32_t, spec->rows.rows) \
    ARRAY(spot_relative, double, spec->options.options * spec->stresses) \
    ARRAY(spot_absolute, double, spec->options.options * spec->stresses) \
    ARRAY(volatility_shift, double, spec->options.options * spec->stresses) \
    ARRAY(is_direct, uint8_t, spec->options.options * spec->stresses) \
    ARRAY(vectors, double, spec->accounts * stride_of(spec->scenarios)) \
    ARRAY(firm_sector, uint32_t, spec->first_sector[spec->accounts]) \
    ARRAY(firm_underlying, uint32_t, spec->first_underlying[spec->accounts]) \
    ARRAY(dependency, uint32_t, spec->first_dependency[spec->accounts + 1]) \
    ARRAY(position_row, uint32_t, spec->positions) \
    ARRAY(position_instrument, uint32_t, spec->positions) \
    ARRAY(position_sector, uint32_t, spec->positions) \
    ARRAY(position_underlying, uint32_t, spec->positions) \
    ARRAY(position_account, uint32_t, spec->positions) \
    ARRAY(quantity, double, spec->positions) \
    ARRAY(average_cost, double, spec->positions) \
    ARRAY(realised, double, spec->positions) \
    ARRAY(overnight, double, spec->positions) \
    ARRAY(traded_quantity, double, spec->positions) \
    ARRAY(traded_cost, double, spec->positions) \
    ARRAY(multiplier, double, spec->positions) \
    ARRAY(fx, double, spec->positions) \
    ARRAY(margin_rate, double, spec->positions) \
    ARRAY(account, tr_account, spec->accounts) \
    ARRAY(row, uint32_t, spec->positions + spec->accounts) \
    ARRAY(unit_row, uint32_t, spec->positions) \
    ARRAY(weight, double, spec->positions + spec->accounts) \
    ARRAY(unit_weight, double, spec->positions) \
    ARRAY(due, uint32_t, spec->accounts) \
    ARRAY(group, uint8_t, spec->accounts) \
    ARRAY(option_due, uint8_t, spec->options.options) \
    ARRAY(scratch_cells, double, \
        spec->shards * tr_scratch_cells(stride_of(spec->scenarios), stride_of(spec->stresses))) \
    ARRAY(firm_pnl, double, stride_of(spec->scenarios))

static size_t stride_of(size_t columns) { return (columns + TR_LANES - 1) / TR_LANES * TR_LANES; }

/// None where even a cut of everything would not walk by panels.
static size_t panel_cells(const tr_engine_spec *spec) {
    if (spec->positions < TR_PANEL_REUSE * spec->rows.rows) return 0;
    size_t panels = (spec->scenarios + TR_PANEL_COLUMNS - 1) / TR_PANEL_COLUMNS;
    return panels * TR_PANEL_COLUMNS * spec->rows.rows;
}

/// Everything in front of the rows; what follows them is the caller's.
static tr_view_layout risk_layout(
    const tr_engine_spec *spec, size_t rows, size_t columns, size_t sectors, size_t underlyings) {
    tr_view_layout layout = {.row_count = rows, .sector_count = sectors, .underlying_count = underlyings};
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
    layout.greeks = cell, cell += underlyings * TR_GREEK_COLUMNS;
    layout.rows = cell, cell += rows * columns;
    layout.cells = cell;
    return layout;
}

static void append_risk(const tr_engine_spec *spec, tr_view_layout *layout, size_t excluded) {
    layout->excluded = layout->cells, layout->cells += excluded;
    layout->pnl = layout->cells, layout->cells += spec->scenarios;
}

static tr_view_layout account_layout(const tr_engine_spec *spec, size_t account) {
    size_t first = spec->first_position[account], positions = spec->first_position[account + 1] - first;
    size_t sectors = spec->first_sector[account + 1] - spec->first_sector[account];
    size_t underlyings = spec->first_underlying[account + 1] - spec->first_underlying[account];
    tr_view_layout layout = risk_layout(spec, positions, TR_POSITION_COLUMNS, sectors, underlyings);
    for (size_t p = first; p < first + positions; p++) {
        uint32_t row = spec->position_row[p];
        TR_ASSERT(row < spec->rows.rows);
        layout.option_count += spec->rows.option[row] != TR_NONE;
        if (spec->rows.pair[row] != 0) layout.rate_count = positions;
    }
    layout.rates = layout.cells, layout.cells += layout.rate_count;
    layout.options = layout.cells, layout.cells += layout.option_count * TR_OPTION_COLUMNS;
    append_risk(spec, &layout, positions);
    return layout;
}

static tr_view_layout firm_layout(const tr_engine_spec *spec) {
    tr_view_layout layout =
        risk_layout(spec, spec->accounts, TR_ACCOUNT_COLUMNS, spec->firm_sectors, spec->firm_underlyings);
    append_risk(spec, &layout, spec->instruments);
    layout.weights = layout.cells, layout.cells += TR_WEIGHT_COUNT;
    return layout;
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
    }
    for (size_t i = 0; i < spec->former_instruments; i++) {
        TR_ASSERT(spec->former[i] < spec->instruments || spec->former[i] == TR_NONE);
        engine->former[i] = spec->former[i];
    }
}

static void build_rates(tr_engine *engine, const tr_engine_spec *spec) {
    const tr_rates_spec *from = &spec->rates;
    tr_rates *to = &engine->rates;
    size_t legs = from->first_leg[from->pairs];
    to->pair_count = from->pairs;
    memcpy(to->scale, from->scale, from->pairs * sizeof(double));
    memcpy(to->first_leg, from->first_leg, (from->pairs + 1) * sizeof(uint32_t));
    memcpy(to->leg_instrument, from->leg_instrument, legs * sizeof(uint32_t));
    memcpy(to->leg_inverted, from->leg_inverted, legs * sizeof(uint8_t));
    for (size_t leg = 0; leg < legs; leg++) TR_ASSERT(from->leg_instrument[leg] < spec->instruments);
}

/// Copies rows of `columns` to rows of `stride`.
static void copy_rows(double *to, size_t stride, const double *from, size_t columns, size_t rows) {
    for (size_t row = 0; row < rows; row++) memcpy(to + row * stride, from + row * columns, columns * sizeof(double));
}

/// Returns once more, panel by panel; what lies behind the last scenario stays zero.
static void build_panels(tr_engine *engine, const tr_engine_spec *spec) {
    if (panel_cells(spec) == 0) {
        engine->rows.panels = NULL;
        return;
    }
    for (size_t begin = 0; begin < spec->scenarios; begin += TR_PANEL_COLUMNS) {
        size_t left = spec->scenarios - begin, columns = left < TR_PANEL_COLUMNS ? left : TR_PANEL_COLUMNS;
        double *panel = engine->rows.panels + begin * spec->rows.rows;
        for (size_t row = 0; row < spec->rows.rows; row++) {
            memcpy(
                panel + row * TR_PANEL_COLUMNS, engine->rows.returns + row * engine->scenario_stride + begin,
                columns * sizeof(double));
        }
    }
}

static void build_rows(tr_engine *engine, const tr_engine_spec *spec) {
    const tr_rows_spec *from = &spec->rows;
    tr_rows *to = &engine->rows;
    to->row_count = from->rows;
    to->unit_count = from->units;
    memcpy(to->instrument, from->instrument, from->rows * sizeof(uint32_t));
    memcpy(to->pair, from->pair, from->rows * sizeof(uint32_t));
    memcpy(to->option, from->option, from->rows * sizeof(uint32_t));
    memcpy(to->unit, from->unit, from->rows * sizeof(uint32_t));
    memcpy(to->has_history, from->has_history, from->rows);
    copy_rows(to->returns, engine->scenario_stride, from->returns, spec->scenarios, from->rows);
    build_panels(engine, spec);
    copy_rows(to->shocks, engine->stress_stride, from->shocks, spec->stresses, from->rows);
    copy_rows(to->unit_shocks, engine->stress_stride, from->absolute, spec->stresses, from->units);
    for (size_t row = 0; row < from->rows; row++) {
        TR_ASSERT(from->instrument[row] < spec->instruments && from->pair[row] < spec->rates.pairs);
        TR_ASSERT(from->unit[row] == TR_NONE || from->unit[row] < from->units);
        if (from->option[row] == TR_NONE) continue;
        TR_ASSERT(from->option[row] < spec->options.options && from->unit[row] != TR_NONE);
    }
}

static void build_options(tr_engine *engine, const tr_engine_spec *spec) {
    const tr_options_spec *from = &spec->options;
    size_t cells = from->options * spec->stresses;
    memcpy(engine->spot_relative, from->spot_relative, cells * sizeof(double));
    memcpy(engine->spot_absolute, from->spot_absolute, cells * sizeof(double));
    memcpy(engine->volatility_shift, from->volatility_shift, cells * sizeof(double));
    memcpy(engine->is_direct, from->is_direct, cells);
    for (uint32_t i = 0; i < from->options; i++) {
        TR_ASSERT(from->underlying[i] < spec->instruments && from->underlying_row[i] < spec->rows.rows);
        engine->option[i] = (tr_option_state){
            .instrument = from->instrument[i],
            .underlying = from->underlying[i],
            .underlying_row = from->underlying_row[i],
            .terms = from->terms[i],
            .given_volatility = from->volatility[i],
            .expiry_ns = from->expiry_ns[i],
        };
    }
    for (uint32_t row = 0; row < spec->rows.rows; row++) {
        if (spec->rows.option[row] != TR_NONE) engine->option[spec->rows.option[row]].row_count++;
    }
    uint32_t next = 0;
    for (uint32_t i = 0; i < from->options; i++) {
        engine->option[i].first_row = next;
        next += engine->option[i].row_count;
        engine->option[i].row_count = 0;
    }
    for (uint32_t row = 0; row < spec->rows.rows; row++) {
        if (spec->rows.option[row] == TR_NONE) continue;
        tr_option_state *option = &engine->option[spec->rows.option[row]];
        engine->option_row[option->first_row + option->row_count++] = row;
    }
}

/// Inverts "account depends on instrument" by counting; the firm counts as the account after the last.
static void build_holders(tr_engine *engine, const tr_engine_spec *spec) {
    uint32_t *first = engine->instruments.first_holder;
    size_t holders = spec->accounts + 1, dependencies = spec->first_dependency[holders];
    memcpy(engine->dependency, spec->dependency, dependencies * sizeof(uint32_t));
    for (size_t d = 0; d < dependencies; d++) {
        TR_ASSERT(spec->dependency[d] < spec->instruments);
        first[spec->dependency[d] + 1]++;
    }
    for (size_t i = 0; i < spec->instruments; i++) first[i + 1] += first[i];
    for (size_t a = holders; a-- > 0;) {
        // From the back, filling each instrument's run from its end: `first` moves down to where it belongs.
        for (size_t d = spec->first_dependency[a + 1]; d-- > spec->first_dependency[a];) {
            engine->instruments.holder[--first[spec->dependency[d] + 1]] = (uint32_t)a;
        }
    }
    // Every entry now is the start of its own run, one place to the right.
    memmove(first, first + 1, spec->instruments * sizeof(uint32_t));
    first[spec->instruments] = (uint32_t)dependencies;
    engine->first_firm_dependency = spec->first_dependency[spec->accounts];
    engine->firm_dependency_count = (uint32_t)dependencies - engine->first_firm_dependency;
}

static void build_positions(tr_engine *engine, const tr_engine_spec *spec) {
    size_t bytes = spec->positions * sizeof(double);
    memcpy(engine->position_row, spec->position_row, spec->positions * sizeof(uint32_t));
    memcpy(engine->position_sector, spec->position_sector, spec->positions * sizeof(uint32_t));
    memcpy(engine->position_underlying, spec->position_underlying, spec->positions * sizeof(uint32_t));
    memcpy(engine->multiplier, spec->multiplier, bytes);
    memcpy(engine->margin_rate, spec->margin_rate, bytes);
    for (size_t p = 0; p < spec->positions; p++) {
        engine->position_instrument[p] = spec->rows.instrument[spec->position_row[p]];
        tr_holding_set(engine, p, &spec->holding[p]);
        engine->fx[p] = 1.0;  // of positions in their account's own currency for ever
    }
}

static void build_account(tr_engine *engine, const tr_engine_spec *spec, size_t a) {
    tr_account *account = &engine->account[a];
    TR_ASSERT(spec->first_position[a] <= spec->first_position[a + 1]);
    TR_ASSERT(spec->first_sector[a] <= spec->first_sector[a + 1]);
    account->first_position = spec->first_position[a];
    account->position_count = spec->first_position[a + 1] - spec->first_position[a];
    account->first_sector = spec->first_sector[a];
    account->sector_count = spec->first_sector[a + 1] - spec->first_sector[a];
    account->first_underlying = spec->first_underlying[a];
    account->underlying_count = spec->first_underlying[a + 1] - spec->first_underlying[a];
    account->first_dependency = spec->first_dependency[a];
    account->dependency_count = spec->first_dependency[a + 1] - spec->first_dependency[a];
    account->firm_pair = spec->firm_pair[a];
    account->money = spec->money[a];
    account->margin_limit = spec->margin_limit[a];
    for (size_t p = spec->first_position[a]; p < spec->first_position[a + 1]; p++) {
        engine->position_account[p] = (uint32_t)a;
        TR_ASSERT(spec->position_sector[p] < account->sector_count);
        uint32_t underlying = spec->position_underlying[p];
        TR_ASSERT(underlying == TR_NONE || underlying < account->underlying_count);
    }
    tr_view_layout layout = account_layout(spec, a);
    account->has_foreign = layout.rate_count > 0;
    account->has_options = layout.option_count > 0;
    build_channel(engine, &account->channel, layout);
}

static void build_accounts(tr_engine *engine, const tr_engine_spec *spec) {
    memcpy(engine->firm_sector, spec->firm_sector, spec->first_sector[spec->accounts] * sizeof(uint32_t));
    memcpy(
        engine->firm_underlying, spec->firm_underlying, spec->first_underlying[spec->accounts] * sizeof(uint32_t));
    for (size_t a = 0; a < spec->accounts; a++) build_account(engine, spec, a);
}

static void build_levels(tr_engine *engine, const tr_engine_spec *spec) {
    for (size_t i = 0; i < spec->levels; i++) {
        engine->level[i] = tr_level_of(spec->confidence_bp[i], spec->scenarios, spec->quantile, spec->shortfall);
        size_t wanted = tr_level_wanted(&engine->level[i], spec->scenarios);
        if (wanted > engine->tail_count) engine->tail_count = wanted;
    }
}

tr_engine *tr_engine_create(const tr_engine_spec *spec) {
    const tr_kernels *kernels = tr_kernels_of(spec->tier);
    if (kernels == NULL || spec->levels > TR_LEVELS_MAX || spec->rings > TR_RINGS_MAX) return NULL;
    if (spec->shards == 0 || spec->shards > TR_SHARDS_MAX) return NULL;
    tr_arena *arena = tr_arena_create(arena_cost(spec));
    tr_ring *commands = tr_ring_create(TR_COMMANDS_MAX * TR_COMMAND_RECORDS);
    if (arena == NULL || commands == NULL) {
        if (arena != NULL) tr_arena_destroy(arena);
        tr_ring_destroy(commands);
        return NULL;
    }
    tr_engine *engine = tr_arena_take(arena, sizeof(tr_engine));
    engine->arena = arena;
    engine->commands = commands;
    engine->kernels = kernels;
    engine->instrument_count = spec->instruments;
    engine->account_count = spec->accounts;
    engine->position_count = spec->positions;
    engine->scenario_count = spec->scenarios;
    engine->scenario_stride = stride_of(spec->scenarios);
    engine->stress_count = spec->stresses;
    engine->stress_stride = stride_of(spec->stresses);
    engine->level_count = spec->levels;
    engine->shard_count = spec->shards;
    engine->ring_count = spec->rings;
    engine->firm_sector_count = spec->firm_sectors;
    engine->directory = spec->directory;
    engine->former_count = spec->former_instruments;
    engine->cut_interval_ns = spec->cut_interval_ns;
    engine->stale_after_ns = spec->stale_after_ns;
    engine->sweep_interval_ns = spec->stale_after_ns / 8 < 50000000 ? spec->stale_after_ns / 8 : 50000000;
    engine->firm_underlying_count = spec->firm_underlyings;
    engine->option_count = spec->options.options;
    engine->valuation_ns = spec->options.valuation_ns;
    engine->horizon_scale = spec->horizon_scale;
    for (size_t i = 0; i < spec->rings; i++) engine->ring[i] = spec->ring[i];
    build_levels(engine, spec);
#define TAKE(field, type, count) engine->field = tr_arena_take(arena, sizeof(type) * (count));
    TR_ENGINE_ARRAYS(TAKE)
#undef TAKE
    build_instruments(engine, spec);
    build_rates(engine, spec);
    build_rows(engine, spec);
    build_options(engine, spec);
    build_holders(engine, spec);
    build_positions(engine, spec);
    build_accounts(engine, spec);
    build_channel(engine, &engine->firm, firm_layout(spec));
    build_channel(engine, &engine->market, market_layout(spec));
    return engine;
}

void tr_engine_destroy(tr_engine *engine) {
    if (engine == NULL) return;
    tr_ring_destroy(engine->commands);
    tr_arena_destroy(engine->arena);
}
