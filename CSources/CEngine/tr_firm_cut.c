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

static void add_account(tr_engine *engine, const tr_account *account) {
    const tr_view_layout *from = &account->channel.layout, *to = &engine->firm.layout;
    const double *account_cells = account->channel.view->cells;
    double *cells = engine->firm.view->cells;
    for (size_t i = 0; i < TR_TOTAL_COUNT; i++) add_present(&cells[to->totals + i], account_cells[from->totals + i]);
    for (size_t i = 0; i < engine->stress_count; i++) {
        add_present(&cells[to->stress + i], account_cells[from->stress + i]);
    }
    for (size_t i = 0; i < account->sector_count; i++) {
        size_t sector = engine->firm_sector[account->first_sector + i];
        add_present(&cells[to->sector_net + sector], account_cells[from->sector_net + i]);
        add_present(&cells[to->sector_gross + sector], account_cells[from->sector_gross + i]);
    }
    for (size_t i = 0; i < account->position_count; i++) {
        if (account_cells[from->excluded + i] != 0.0) {
            cells[to->excluded + engine->position_instrument[account->first_position + i]] = 1.0;
        }
    }
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
        engine->vectors, engine->scenario_stride, engine->row, engine->ones, measured, engine->scenario_count,
        engine->firm_pnl);
    memcpy(cells + layout->pnl, engine->firm_pnl, engine->scenario_count * sizeof(double));
    if (has_figure) {
        tr_levels_measure(engine, engine->firm_pnl, cells + layout->var, cells + layout->es);
        return;
    }
    for (size_t i = 0; i < engine->level_count; i++) {
        cells[layout->var + i] = tr_absent();
        cells[layout->es + i] = tr_absent();
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

void tr_firm_cut(tr_engine *engine, uint64_t now_ns, uint64_t wall_ns) {
    tr_channel *firm = &engine->firm;
    double *cells = firm->view->cells;
    size_t measured = 0, missing = 0, holders = 0, measured_holders = 0;
    uint8_t worst = TR_STATUS_OK;
    double covered_gross = 0.0, margin_used = 0.0, margin_limit = 0.0;
    clear_sums(engine);
    bool all_left_out = engine->account_count > 0;
    for (size_t i = 0; i < engine->account_count; i++) {
        const tr_account *account = &engine->account[i];
        write_row(engine, i);
        // An account in another currency is left out: it counts as a missing part.
        uint8_t status = account->convertible ? account->status : TR_STATUS_MISSING;
        missing += status == TR_STATUS_MISSING;
        if (status > worst) worst = status;
        if (!account->convertible) continue;
        all_left_out = false;
        add_account(engine, account);
        covered_gross += account->covered_gross;
        const double *margin = account->channel.view->cells + account->channel.layout.margin;
        margin_used += margin[TR_MARGIN_USED];    // one absent makes the sum absent
        margin_limit += margin[TR_MARGIN_LIMIT];
        bool has_risk = engine->level_count > 0 &&
                        !tr_is_absent(account->channel.view->cells[account->channel.layout.var]);
        if (has_risk) engine->row[measured++] = (uint32_t)i;
        holders += account->holds;
        measured_holders += account->holds && has_risk;
    }
    uint8_t status = status_of(engine->account_count, missing, worst);
    cells[firm->layout.status] = status;
    double gross = cells[firm->layout.totals + TR_TOTAL_GROSS];
    cells[firm->layout.coverage] = tr_is_absent(gross) ? tr_absent()
                                   : gross > 0.0       ? covered_gross / gross * 100.0
                                                       : 100.0;
    double market_value = cells[firm->layout.totals + TR_TOTAL_MARKET_VALUE];
    cells[firm->layout.totals + TR_TOTAL_EQUITY] = cells[firm->layout.totals + TR_TOTAL_CASH] + market_value;
    bool has_figure = engine->scenario_count > 0 && status != TR_STATUS_MISSING;
    write_risk(engine, measured, has_figure && (holders == 0 || measured_holders > 0));
    if (all_left_out) margin_used = margin_limit = tr_absent();
    tr_margin_write(cells + firm->layout.margin, &engine->firm_margin_level, margin_used, margin_limit);
    tr_channel_begin(firm, wall_ns, engine->cut_interval_ns, newest_held_tick(engine));
    tr_channel_publish(engine, firm, now_ns);
}
