// SPDX-License-Identifier: Apache-2.0
// A cut of one account, from scratch and in a fixed order: mark-to-market, scenario P&L, VaR, ES, stress, margin.
#include <string.h>
#include "tr_engine_layout.h"

/// What one pass over the positions finds out.
typedef struct tr_parts {
    size_t held;       // quantity not 0
    size_t missing;    // held without a price or a rate
    size_t covered;    // held, priced, with history
    bool stale;
    bool no_day;       // held, priced, but without a prior close
    size_t days;       // held with day P&L
    double covered_gross;
    uint64_t newest_number, newest_ns;
} tr_parts;

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
        .price = instruments->price,
        .prior_close = instruments->prior_close,
    };
    tr_mark_output output = {
        .market_value = rows + TR_POSITION_MARKET_VALUE * count,
        .unrealised = rows + TR_POSITION_UNREALISED * count,
        .day = rows + TR_POSITION_DAY * count,
    };
    engine->kernels->mark(&input, &output);
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

/// Fills status, price, sector and excluded cells; gathers the covered positions as rows and weights of the scenarios.
static tr_parts read_positions(tr_engine *engine, tr_account *account) {
    tr_instruments *instruments = &engine->instruments;
    const tr_view_layout *layout = &account->channel.layout;
    double *cells = account->channel.view->cells, *rows = cells + layout->rows;
    size_t count = account->position_count;
    const double *market_value = rows + TR_POSITION_MARKET_VALUE * count, *day = rows + TR_POSITION_DAY * count;
    tr_parts parts = {.newest_number = account->channel.cut_tick_number};
    clear_sectors(engine, account);
    for (size_t i = 0; i < count; i++) {
        size_t position = account->first_position + i;
        uint32_t index = engine->position_instrument[position];
        bool held = engine->quantity[position] != 0.0, priced = !tr_is_absent(market_value[i]);
        bool covered = held && priced && instruments->has_history[index];
        rows[TR_POSITION_PRICE * count + i] = instruments->price[index];
        rows[TR_POSITION_STATUS * count + i] = priced ? instruments->status[index] : TR_STATUS_MISSING;
        cells[layout->excluded + i] = held && !covered;
        if (held && priced) {
            size_t sector = engine->position_sector[position];
            double *net = &cells[layout->sector_net + sector], *gross = &cells[layout->sector_gross + sector];
            *net = tr_is_absent(*net) ? market_value[i] : *net + market_value[i];
            *gross = tr_is_absent(*gross) ? fabs(market_value[i]) : *gross + fabs(market_value[i]);
        }
        instruments->holders_marked[index] = 0;
        if (instruments->tick_number[index] > parts.newest_number) {
            parts.newest_number = instruments->tick_number[index];
            parts.newest_ns = instruments->newest_ns[index];
        }
        if (!held) continue;
        parts.held++;
        parts.missing += !priced;
        parts.stale |= priced && instruments->status[index] == TR_STATUS_STALE;
        parts.days += !tr_is_absent(day[i]);
        parts.no_day |= priced && tr_is_absent(day[i]);
        if (!covered) continue;
        engine->row[parts.covered] = index;
        engine->weight[parts.covered++] = market_value[i];
        parts.covered_gross += fabs(market_value[i]);
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
    totals[TR_TOTAL_CASH] = account->cash;
    totals[TR_TOTAL_MARKET_VALUE] = valued ? sums->net : tr_absent();
    totals[TR_TOTAL_EQUITY] = valued ? account->cash + sums->net : tr_absent();
    totals[TR_TOTAL_GROSS] = valued ? sums->gross : tr_absent();
    totals[TR_TOTAL_NET] = valued ? sums->net : tr_absent();
    totals[TR_TOTAL_UNREALISED] = valued ? sums->unrealised : tr_absent();
    totals[TR_TOTAL_REALISED] = account->realised;
    totals[TR_TOTAL_FEES] = account->fees;
    totals[TR_TOTAL_DAY] = parts->held == 0 || parts->days > 0 ? sums->day + account->fees : tr_absent();
    totals[TR_TOTAL_TOTAL] = valued ? account->realised + sums->unrealised + account->fees : tr_absent();
    cells[account->channel.layout.coverage] = !valued          ? tr_absent()
                                              : sums->gross > 0.0 ? account->covered_gross / sums->gross * 100.0
                                                                  : 100.0;
}

static void write_risk(tr_engine *engine, tr_account *account, size_t index, const tr_parts *parts) {
    const tr_view_layout *layout = &account->channel.layout;
    double *cells = account->channel.view->cells, *pnl = engine->vectors + index * engine->scenario_stride;
    engine->kernels->weighted_rows(
        engine->returns, engine->scenario_stride, engine->row, engine->weight, parts->covered,
        engine->scenario_count, pnl);
    memcpy(cells + layout->pnl, pnl, engine->scenario_count * sizeof(double));
    bool measured = engine->scenario_count > 0 && (parts->covered > 0 || parts->held == 0);
    if (measured) {
        tr_levels_measure(engine, pnl, cells + layout->var, cells + layout->es);
        return;
    }
    for (size_t i = 0; i < engine->level_count; i++) {
        cells[layout->var + i] = tr_absent();
        cells[layout->es + i] = tr_absent();
    }
}

/// Stress takes every priced position, with history or not.
static void write_stress(tr_engine *engine, const tr_account *account) {
    const tr_view_layout *layout = &account->channel.layout;
    double *cells = account->channel.view->cells;
    const double *market_value = cells + layout->rows + TR_POSITION_MARKET_VALUE * account->position_count;
    size_t count = 0;
    for (size_t i = 0; i < account->position_count; i++) {
        if (tr_is_absent(market_value[i])) continue;
        engine->row[count] = engine->position_instrument[account->first_position + i];
        engine->weight[count++] = market_value[i];
    }
    engine->kernels->weighted_rows(
        engine->shocks, engine->stress_stride, engine->row, engine->weight, count, engine->stress_count,
        engine->stress_out);
    bool valued = account->status != TR_STATUS_MISSING;
    for (size_t s = 0; s < engine->stress_count; s++) {
        cells[layout->stress + s] = valued ? engine->stress_out[s] : tr_absent();
    }
}

void tr_account_cut(tr_engine *engine, size_t index, uint64_t now_ns, uint64_t wall_ns) {
    tr_account *account = &engine->account[index];
    tr_channel *channel = &account->channel;
    double *cells = channel->view->cells;
    tr_mark_sums sums = mark(engine, account);
    tr_parts parts = read_positions(engine, account);
    account->status = status_of(&parts);
    account->holds = parts.held > 0;
    account->covered_gross = parts.covered_gross;
    cells[channel->layout.status] = account->status;
    write_totals(account, &parts, &sums);
    write_risk(engine, account, index, &parts);
    write_stress(engine, account);
    double used = account->status == TR_STATUS_MISSING ? tr_absent() : sums.margin;
    tr_margin_write(cells + channel->layout.margin, &account->margin_level, used, account->margin_limit);
    tr_channel_begin(channel, wall_ns, engine->cut_interval_ns, parts.newest_ns);
    tr_channel_publish(engine, channel, now_ns);
}
