// SPDX-License-Identifier: Apache-2.0
// A cut of the firm: sums over the accounts' latest cuts, and VaR from the sum of their P&L vectors in account order.
#include <string.h>
#include "tr_engine_layout.h"

/// Adds what is there; stays absent while nothing is.
static void add_present(double *sum, double value) {
    if (tr_is_absent(value)) return;
    *sum = tr_is_absent(*sum) ? value : *sum + value;
}

static void clear_sums(tr_engine *engine) {
    tr_channel *firm = &engine->firm;
    double *cells = firm->view->cells;
    // Without accounts there is nothing to miss: zeros.
    double nothing = engine->account_count == 0 ? 0.0 : tr_absent();
    for (size_t i = 0; i < TR_TOTAL_COUNT; i++) cells[firm->layout.totals + i] = nothing;
    for (size_t i = 0; i < engine->stress_count; i++) cells[firm->layout.stress + i] = nothing;
    for (size_t i = 0; i < engine->firm_sector_count; i++) {
        cells[firm->layout.sector_net + i] = tr_absent();
        cells[firm->layout.sector_gross + i] = tr_absent();
    }
    for (size_t i = 0; i < engine->instrument_count; i++) cells[firm->layout.excluded + i] = 0.0;
}

/// Greeks of an underlying on which nobody has options are absent.
static void clear_greeks(tr_engine *engine) {
    double *greeks = engine->firm.view->cells + engine->firm.layout.greeks;
    for (size_t i = 0; i < engine->firm_underlying_count * TR_GREEK_COLUMNS; i++) greeks[i] = tr_absent();
}

static void add_greeks(tr_engine *engine, const tr_account *account, double rate) {
    const double *from = account->channel.view->cells + account->channel.layout.greeks;
    double *to = engine->firm.view->cells + engine->firm.layout.greeks;
    for (size_t column = 0; column < TR_GREEK_COLUMNS; column++) {
        for (size_t i = 0; i < account->underlying_count; i++) {
            size_t underlying = engine->firm_underlying[account->first_underlying + i];
            add_present(
                &to[column * engine->firm_underlying_count + underlying],
                rate * from[column * account->underlying_count + i]);
        }
    }
}

/// Adds the account's money at `rate`, firm currency per account currency.
static void add_account(tr_engine *engine, const tr_account *account, double rate) {
    const tr_view_layout *from = &account->channel.layout, *to = &engine->firm.layout;
    const double *account_cells = account->channel.view->cells;
    double *cells = engine->firm.view->cells;
    for (size_t i = 0; i < TR_TOTAL_COUNT; i++) {
        add_present(&cells[to->totals + i], rate * account_cells[from->totals + i]);
    }
    for (size_t i = 0; i < engine->stress_count; i++) {
        add_present(&cells[to->stress + i], rate * account_cells[from->stress + i]);
    }
    for (size_t i = 0; i < account->sector_count; i++) {
        size_t sector = engine->firm_sector[account->first_sector + i];
        add_present(&cells[to->sector_net + sector], rate * account_cells[from->sector_net + i]);
        add_present(&cells[to->sector_gross + sector], rate * account_cells[from->sector_gross + i]);
    }
    for (size_t i = 0; i < account->position_count; i++) {
        if (account_cells[from->excluded + i] != 0.0) {
            cells[to->excluded + engine->position_instrument[account->first_position + i]] = 1.0;
        }
    }
    add_greeks(engine, account, rate);
}

static void write_row(tr_engine *engine, size_t index) {
    const tr_account *account = &engine->account[index];
    const tr_view_layout *from = &account->channel.layout;
    const double *account_cells = account->channel.view->cells;
    size_t count = engine->account_count;
    double *row = engine->firm.view->cells + engine->firm.layout.rows + index;
    row[TR_ACCOUNT_STATUS * count] = account->status;
    row[TR_ACCOUNT_MARKET_VALUE * count] = account_cells[from->totals + TR_TOTAL_MARKET_VALUE];
    row[TR_ACCOUNT_DAY * count] = account_cells[from->totals + TR_TOTAL_DAY];
    row[TR_ACCOUNT_VAR * count] =
        engine->level_count == 0 ? tr_absent() : account_cells[from->var + engine->level_count - 1];
    row[TR_ACCOUNT_MARGIN_LEVEL * count] = account->margin_level;
}

static uint8_t status_of(size_t parts, size_t missing, uint8_t worst) {
    if (parts > 0 && missing == parts) return TR_STATUS_MISSING;
    return worst == TR_STATUS_MISSING ? TR_STATUS_PARTIAL : worst;
}

/// `measured` of the accounts have a vector; without one among those that hold something there is no figure.
static void write_risk(tr_engine *engine, size_t measured, bool has_figure) {
    const tr_view_layout *layout = &engine->firm.layout;
    double *cells = engine->firm.view->cells;
    engine->kernels->weighted_rows(
        engine->vectors, engine->scenario_stride, engine->row, engine->weight, measured, engine->scenario_count,
        engine->firm_pnl);
    memcpy(cells + layout->pnl, engine->firm_pnl, engine->scenario_count * sizeof(double));
    if (has_figure) {
        tr_levels_measure(
            engine, engine->firm_pnl, tr_scratch_of(engine, 0).smallest, cells + layout->var, cells + layout->es);
    } else {
        tr_levels_clear(engine, cells + layout->var, cells + layout->es);
    }
}

static uint64_t newest_held_tick(const tr_engine *engine) {
    const tr_instruments *instruments = &engine->instruments;
    uint64_t newest_number = engine->firm.cut_tick_number, newest_ns = 0;
    for (size_t i = 0; i < engine->instrument_count; i++) {
        bool held = instruments->first_holder[i] != instruments->first_holder[i + 1];
        if (held && instruments->tick_number[i] > newest_number) {
            newest_number = instruments->tick_number[i];
            newest_ns = instruments->newest_ns[i];
        }
    }
    return newest_ns;
}

/// What the firm's figures are made of beside the sums in its cells.
typedef struct tr_firm_parts {
    size_t missing, included;
    size_t holders, measured, measured_holders;  // accounts that hold something; with a P&L vector; both
    uint8_t worst;
    double priced_gross, covered_gross, margin_used, margin_limit;
} tr_firm_parts;

/// An account without a rate into the firm's currency is left out and counts as a missing part.
static void take_account(tr_engine *engine, size_t index, tr_firm_parts *parts) {
    const tr_account *account = &engine->account[index];
    double rate = engine->rates.rate[account->firm_pair];
    bool stale = engine->rates.stale[account->firm_pair] && account->status == TR_STATUS_OK;
    uint8_t status = tr_is_absent(rate) ? TR_STATUS_MISSING : stale ? TR_STATUS_STALE : account->status;
    parts->missing += status == TR_STATUS_MISSING;
    if (status > parts->worst) parts->worst = status;
    if (tr_is_absent(rate)) return;
    parts->included++;
    add_account(engine, account, rate);
    parts->priced_gross += rate * account->priced_gross;
    parts->covered_gross += rate * account->covered_gross;
    const double *margin = account->channel.view->cells + account->channel.layout.margin;
    parts->margin_used += rate * margin[TR_MARGIN_USED];  // one absent makes the sum absent
    parts->margin_limit += rate * margin[TR_MARGIN_LIMIT];
    if (account->has_risk) {
        engine->row[parts->measured] = (uint32_t)index;
        engine->weight[parts->measured++] = rate;
    }
    parts->holders += account->holds;
    parts->measured_holders += account->holds && account->has_risk;
}

static void write_weights(double *weights, const tr_firm_parts *parts) {
    weights[TR_WEIGHT_INCLUDED] = (double)parts->included;
    weights[TR_WEIGHT_HOLDERS] = (double)parts->holders;
    weights[TR_WEIGHT_MEASURED_HOLDERS] = (double)parts->measured_holders;
    weights[TR_WEIGHT_PRICED_GROSS] = parts->priced_gross;
    weights[TR_WEIGHT_COVERED_GROSS] = parts->covered_gross;
}

void tr_firm_cut(tr_engine *engine, uint64_t now_ns, uint64_t wall_ns) {
    tr_channel *firm = &engine->firm;
    double *cells = firm->view->cells, *totals = cells + firm->layout.totals;
    tr_firm_parts parts = {.worst = TR_STATUS_OK};
    clear_sums(engine);
    clear_greeks(engine);
    for (size_t i = 0; i < engine->account_count; i++) {
        write_row(engine, i);
        take_account(engine, i, &parts);
    }
    write_weights(cells + firm->layout.weights, &parts);
    uint8_t status = status_of(engine->account_count, parts.missing, parts.worst);
    cells[firm->layout.status] = status;
    cells[firm->layout.coverage] = tr_is_absent(totals[TR_TOTAL_GROSS]) ? tr_absent()
                                   : parts.priced_gross > 0.0 ? parts.covered_gross / parts.priced_gross * 100.0
                                                              : 100.0;
    totals[TR_TOTAL_EQUITY] = totals[TR_TOTAL_CASH] + totals[TR_TOTAL_MARKET_VALUE];
    totals[TR_TOTAL_TOTAL] = totals[TR_TOTAL_REALISED] + totals[TR_TOTAL_UNREALISED] + totals[TR_TOTAL_FEES];
    bool has_figure = engine->scenario_count > 0 && status != TR_STATUS_MISSING;
    write_risk(engine, parts.measured, has_figure && (parts.holders == 0 || parts.measured_holders > 0));
    if (parts.included == 0 && engine->account_count > 0) parts.margin_used = parts.margin_limit = tr_absent();
    tr_margin_write(cells + firm->layout.margin, &engine->firm_margin_level, parts.margin_used, parts.margin_limit);
    tr_channel_begin(firm, wall_ns, engine->cut_interval_ns, newest_held_tick(engine));
    tr_channel_publish(engine, firm, now_ns);
    for (uint32_t i = 0; i < engine->firm_dependency_count; i++) {
        uint32_t index = engine->dependency[engine->first_firm_dependency + i];
        TR_STORE_RELAXED(engine->instruments.holders_marked[index], 0);
    }
}
