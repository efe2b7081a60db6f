// SPDX-License-Identifier: Apache-2.0
// Cuts of accounts, each from scratch and in a fixed order: rates and options, mark-to-market,
// scenario P&L, VaR, ES, stress, greeks, margin.
#include <string.h>
#include "tr_engine_layout.h"

/// What one pass over the positions finds out.
typedef struct tr_parts {
    size_t first;      // of the account's positions
    size_t held;       // quantity not 0
    size_t missing;    // held without a price or a rate
    size_t covered;    // held, priced, with history, no option: in engine.row and weight
    size_t units;      // the same of options: in engine.unit_row and unit_weight
    bool stale;
    size_t day_parts;  // held, or closed after trades of today
    size_t days;       // those of them with day P&L
    bool no_day;       // day P&L lacks one that is priced or closed
    double priced_gross, covered_gross;  // in the order of the positions, so that full coverage is 100
    uint64_t newest_number, newest_ns;
} tr_parts;

/// Rates as of now, before anything is marked by them.
static void read_rates(tr_engine *engine, const tr_account *account) {
    double *rates = account->channel.view->cells + account->channel.layout.rates;
    if (!account->has_foreign) return;
    for (size_t i = 0; i < account->position_count; i++) {
        uint32_t row = engine->position_row[account->first_position + i];
        rates[i] = engine->fx[account->first_position + i] = engine->rates.rate[engine->rows.pair[row]];
    }
}

static tr_mark_sums mark(tr_engine *engine, const tr_account *account) {
    const tr_instruments *instruments = &engine->instruments;
    size_t first = account->first_position, count = account->position_count;
    double *rows = account->channel.view->cells + account->channel.layout.rows;
    tr_mark_input input = {
        .count = count,
        .instrument = engine->position_instrument + first,
        .quantity = engine->quantity + first,
        .average_cost = engine->average_cost + first,
        .multiplier = engine->multiplier + first,
        .fx = engine->fx + first,
        .margin_rate = engine->margin_rate + first,
        .overnight = engine->overnight + first,
        .traded_quantity = engine->traded_quantity + first,
        .traded_cost = engine->traded_cost + first,
        .price = instruments->price,
        .prior_close = instruments->prior_close,
    };
    tr_mark_output output = {
        .market_value = rows + TR_POSITION_MARKET_VALUE * count,
        .unrealised = rows + TR_POSITION_UNREALISED * count,
        .day = rows + TR_POSITION_DAY * count,
    };
    engine->kernels->mark(&input, &output);
    memcpy(rows + TR_POSITION_QUANTITY * count, input.quantity, count * sizeof(double));
    memcpy(rows + TR_POSITION_AVERAGE_COST * count, input.average_cost, count * sizeof(double));
    memcpy(rows + TR_POSITION_REALISED * count, engine->realised + first, count * sizeof(double));
    return output.sums;
}

/// A sector of which nothing is held shows zeros; one that is held is absent until a part of it has a price.
static void clear_sectors(const tr_engine *engine, const tr_account *account) {
    const tr_view_layout *layout = &account->channel.layout;
    double *cells = account->channel.view->cells;
    for (size_t s = 0; s < layout->sector_count; s++) {
        cells[layout->sector_net + s] = cells[layout->sector_gross + s] = 0.0;
    }
    for (size_t i = 0; i < account->position_count; i++) {
        size_t position = account->first_position + i, sector = engine->position_sector[position];
        if (engine->quantity[position] == 0.0) continue;
        cells[layout->sector_net + sector] = cells[layout->sector_gross + sector] = tr_absent();
    }
}

/// Adds a priced position to its sector.
static void add_to_sector(const tr_engine *engine, const tr_account *account, size_t position, double market_value) {
    const tr_view_layout *layout = &account->channel.layout;
    size_t sector = engine->position_sector[position];
    double *cells = account->channel.view->cells;
    double *net = &cells[layout->sector_net + sector], *gross = &cells[layout->sector_gross + sector];
    *net = tr_is_absent(*net) ? market_value : *net + market_value;
    *gross = tr_is_absent(*gross) ? fabs(market_value) : *gross + fabs(market_value);
}

/// Status of a priced position: stale as soon as one price it depends on is.
static uint8_t priced_status(const tr_engine *engine, uint32_t row) {
    const uint8_t *status = engine->instruments.status;
    uint32_t option = engine->rows.option[row];
    if (engine->rates.stale[engine->rows.pair[row]]) return TR_STATUS_STALE;
    if (option != TR_NONE && status[engine->option[option].underlying] == TR_STATUS_STALE) return TR_STATUS_STALE;
    return status[engine->rows.instrument[row]];
}

/// Whether the scenarios reach a priced position; if so it becomes one of their rows, or of their unit rows.
static bool cover(tr_engine *engine, tr_parts *parts, size_t position, double market_value) {
    const tr_rows *rows = &engine->rows;
    uint32_t row = engine->position_row[position], option = rows->option[row];
    if (!rows->has_history[row] || (option != TR_NONE && !engine->option[option].has_model)) return false;
    if (option == TR_NONE) {
        engine->row[parts->first + parts->covered] = row;
        engine->weight[parts->first + parts->covered++] = market_value;
    } else {
        engine->unit_row[parts->first + parts->units] = rows->unit[row];
        engine->unit_weight[parts->first + parts->units++] =
            engine->quantity[position] * engine->multiplier[position] * engine->fx[position];
    }
    parts->covered_gross += fabs(market_value);
    return true;
}

/// The newest tick the account depends on; from now on ticks mark the account again.
static void read_dependencies(tr_engine *engine, const tr_account *account, tr_parts *parts) {
    tr_instruments *instruments = &engine->instruments;
    for (uint32_t i = 0; i < account->dependency_count; i++) {
        uint32_t index = engine->dependency[account->first_dependency + i];
        TR_STORE_RELAXED(instruments->holders_marked[index], 0);
        if (instruments->tick_number[index] > parts->newest_number) {
            parts->newest_number = instruments->tick_number[index];
            parts->newest_ns = instruments->newest_ns[index];
        }
    }
}

/// Fills status, price, sector and excluded cells; gathers the covered positions as rows and weights of the scenarios.
static tr_parts read_positions(tr_engine *engine, tr_account *account) {
    const tr_view_layout *layout = &account->channel.layout;
    double *cells = account->channel.view->cells, *rows = cells + layout->rows;
    size_t count = account->position_count;
    const double *market_value = rows + TR_POSITION_MARKET_VALUE * count, *day = rows + TR_POSITION_DAY * count;
    tr_parts parts = {.first = account->first_position, .newest_number = account->channel.cut_tick_number};
    clear_sectors(engine, account);
    read_dependencies(engine, account, &parts);
    for (size_t i = 0; i < count; i++) {
        size_t position = account->first_position + i;
        uint32_t row = engine->position_row[position];
        bool held = engine->quantity[position] != 0.0, priced = !tr_is_absent(market_value[i]);
        uint8_t status = priced ? priced_status(engine, row) : TR_STATUS_MISSING;
        bool covered = held && priced && cover(engine, &parts, position, market_value[i]);
        rows[TR_POSITION_PRICE * count + i] = engine->instruments.price[engine->rows.instrument[row]];
        rows[TR_POSITION_STATUS * count + i] = status;
        cells[layout->excluded + i] = held && !covered;
        if (held || tr_holding_moved(engine, position)) {
            parts.day_parts++;
            parts.days += !tr_is_absent(day[i]);
            parts.no_day |= (priced || !held) && tr_is_absent(day[i]);
        }
        if (!held) continue;
        if (priced) {
            add_to_sector(engine, account, position, market_value[i]);
            parts.priced_gross += fabs(market_value[i]);
        }
        parts.held++;
        parts.missing += !priced;
        parts.stale |= status == TR_STATUS_STALE;
    }
    return parts;
}

static uint8_t status_of(const tr_parts *parts) {
    if (parts->held > 0 && parts->missing == parts->held) return TR_STATUS_MISSING;
    if (parts->missing > 0 || parts->no_day) return TR_STATUS_PARTIAL;
    return parts->stale ? TR_STATUS_STALE : TR_STATUS_OK;
}

static void write_totals(const tr_account *account, const tr_parts *parts, const tr_mark_sums *sums) {
    double *cells = account->channel.view->cells, *totals = cells + account->channel.layout.totals;
    bool valued = account->status != TR_STATUS_MISSING;
    const tr_money *money = &account->money;
    totals[TR_TOTAL_CASH] = money->cash;
    totals[TR_TOTAL_MARKET_VALUE] = valued ? sums->net : tr_absent();
    totals[TR_TOTAL_EQUITY] = valued ? money->cash + sums->net : tr_absent();
    totals[TR_TOTAL_GROSS] = valued ? sums->gross : tr_absent();
    totals[TR_TOTAL_NET] = valued ? sums->net : tr_absent();
    totals[TR_TOTAL_UNREALISED] = valued ? sums->unrealised : tr_absent();
    totals[TR_TOTAL_REALISED] = money->realised;
    totals[TR_TOTAL_FEES] = money->fees;
    totals[TR_TOTAL_DAY] = parts->day_parts == 0 || parts->days > 0 ? sums->day + money->day_fees : tr_absent();
    totals[TR_TOTAL_TOTAL] = valued ? money->realised + sums->unrealised + money->fees : tr_absent();
    cells[account->channel.layout.coverage] = !valued          ? tr_absent()
                                              : parts->priced_gross > 0.0
                                                  ? parts->covered_gross / parts->priced_gross * 100.0
                                                                  : 100.0;
}

/// Everything that comes before the scenarios.
static void begin_cut(tr_engine *engine, tr_account *account) {
    tr_channel *channel = &account->channel;
    read_rates(engine, account);
    tr_mark_sums sums = mark(engine, account);
    tr_parts parts = read_positions(engine, account);
    account->status = status_of(&parts);
    account->holds = parts.held > 0;
    account->priced_gross = parts.priced_gross;
    account->covered_gross = parts.covered_gross;
    channel->view->cells[channel->layout.status] = account->status;
    write_totals(account, &parts, &sums);
    account->pending = (tr_pending){
        .covered = (uint32_t)parts.covered,
        .units = (uint32_t)parts.units,
        .measured = engine->scenario_count > 0 && (parts.covered + parts.units > 0 || parts.held == 0),
        .margin = sums.margin,
        .newest_ns = parts.newest_ns,
    };
}

/// One cut under way, and how its accounts and options are split over a crew.
typedef struct tr_cut {
    tr_engine *engine;
    uint64_t now_ns, wall_ns;
    size_t shard_count;
    size_t first[TR_SHARDS_MAX + 1];  // of engine.due, by shard
} tr_cut;

/// Everything that comes after.
static void finish_cut(const tr_cut *cut, size_t index, const tr_scratch *scratch) {
    tr_engine *engine = cut->engine;
    tr_account *account = &engine->account[index];
    tr_channel *channel = &account->channel;
    tr_account_risk_write(engine, account, index, scratch);
    tr_account_stress_write(engine, account, scratch);
    tr_greeks_write(engine, account);
    bool missing = account->status == TR_STATUS_MISSING;
    double used = missing ? tr_absent() : account->pending.margin + account->money.order_margin;
    tr_margin_write(
        channel->view->cells + channel->layout.margin, &account->margin_level, used, account->margin_limit);
    tr_channel_begin(channel, cut->wall_ns, engine->cut_interval_ns, account->pending.newest_ns);
    tr_channel_publish(engine, channel, cut->now_ns);
}

static size_t positions_of(const tr_engine *engine, const uint32_t *account, size_t count) {
    size_t positions = 0;
    for (size_t i = 0; i < count; i++) positions += engine->account[account[i]].position_count;
    return positions;
}

/// Whether so many positions are due that the scenarios are walked by panels.
static bool uses_panels(const tr_engine *engine, const uint32_t *account, size_t count) {
    return engine->rows.panels != NULL &&
           positions_of(engine, account, count) >= TR_PANEL_REUSE * engine->rows.row_count;
}

static void cut_accounts(void *context, size_t shard) {
    const tr_cut *cut = context;
    tr_engine *engine = cut->engine;
    if (shard >= cut->shard_count) return;
    tr_scratch scratch = tr_scratch_of(engine, shard);
    const uint32_t *account = engine->due + cut->first[shard];
    size_t count = cut->first[shard + 1] - cut->first[shard];
    // By panels all at once; else as many as can be summed together, while what was marked is still in the cache.
    size_t batch = uses_panels(engine, account, count) ? count : TR_WEIGHTED_TOGETHER;
    for (size_t first = 0; first < count; first += batch) {
        size_t end = first + batch < count ? first + batch : count;
        for (size_t i = first; i < end; i++) begin_cut(engine, &engine->account[account[i]]);
        tr_scenario_batch_sum(engine, account + first, end - first);
        for (size_t i = first; i < end; i++) finish_cut(cut, account[i], &scratch);
    }
}

/// Options lie in no account: each member takes a run of them. None is another's underlying.
static void refresh_options(void *context, size_t shard) {
    const tr_cut *cut = context;
    tr_engine *engine = cut->engine;
    if (shard >= cut->shard_count) return;
    tr_scratch scratch = tr_scratch_of(engine, shard);
    size_t first = engine->option_count * shard / cut->shard_count;
    size_t end = engine->option_count * (shard + 1) / cut->shard_count;
    for (size_t i = first; i < end; i++) {
        if (!engine->option_due[i]) continue;
        engine->option_due[i] = false;
        tr_option_refresh(engine, &engine->option[i], cut->wall_ns, &scratch);
    }
}

/// Whether the accounts that are cut hold options.
static bool mark_options(tr_engine *engine, size_t count) {
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        const tr_account *account = &engine->account[engine->due[i]];
        if (!account->has_options) continue;
        any = true;
        for (size_t p = 0; p < account->position_count; p++) {
            uint32_t option = engine->rows.option[engine->position_row[account->first_position + p]];
            if (option != TR_NONE) engine->option_due[option] = true;
        }
    }
    return any;
}

/// Runs of accounts with about as many positions each.
static void split(tr_cut *cut, size_t count, size_t positions) {
    const tr_engine *engine = cut->engine;
    size_t shard = 1, before = 0;
    for (size_t i = 0; i < count; i++) {
        while (shard < cut->shard_count && before * cut->shard_count >= positions * shard) cut->first[shard++] = i;
        before += engine->account[engine->due[i]].position_count;
    }
    while (shard <= cut->shard_count) cut->first[shard++] = count;
}

static void run(tr_cut *cut, tr_crew *crew, tr_crew_part part) {
    if (cut->shard_count > 1) {
        tr_crew_run(crew, part, cut);
    } else {
        part(cut, 0);
    }
}

void tr_accounts_cut(tr_engine *engine, tr_crew *crew, size_t count, uint64_t now_ns, uint64_t wall_ns) {
    tr_cut cut = {.engine = engine, .now_ns = now_ns, .wall_ns = wall_ns, .shard_count = 1};
    size_t positions = positions_of(engine, engine->due, count);
    if (crew != NULL && positions >= TR_CREW_POSITIONS_MIN) {
        size_t members = tr_crew_size(crew);
        cut.shard_count = members < engine->shard_count ? members : engine->shard_count;
    }
    split(&cut, count, positions);
    if (mark_options(engine, count)) run(&cut, crew, refresh_options);
    run(&cut, crew, cut_accounts);
}
