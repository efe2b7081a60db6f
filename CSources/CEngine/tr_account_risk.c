// SPDX-License-Identifier: Apache-2.0
// Scenario and stress P&L of one account: market values times relative moves, plus units times moves of price.
#include <string.h>
#include "tr_engine_layout.h"

void tr_account_risk_write(tr_engine *engine, tr_account *account, size_t index, const tr_scratch *scratch) {
    const tr_view_layout *layout = &account->channel.layout;
    double *cells = account->channel.view->cells, *pnl = engine->vectors + index * engine->scenario_stride;
    if (account->pending.units > 0) {
        engine->kernels->weighted_rows(
            engine->rows.unit_returns, engine->scenario_stride, engine->unit_row + account->first_position,
            engine->unit_weight + account->first_position, account->pending.units, engine->scenario_count,
            scratch->scenario_out);
        for (size_t t = 0; t < engine->scenario_count; t++) pnl[t] += scratch->scenario_out[t];
    }
    memcpy(cells + layout->pnl, pnl, engine->scenario_count * sizeof(double));
    account->has_risk = account->pending.measured;
    if (account->has_risk) {
        tr_levels_measure(engine, pnl, scratch->smallest, cells + layout->var, cells + layout->es);
    } else {
        tr_levels_clear(engine, cells + layout->var, cells + layout->es);
    }
}

/// Stress takes every priced position, with history or not.
void tr_account_stress_write(tr_engine *engine, const tr_account *account, const tr_scratch *scratch) {
    const tr_view_layout *layout = &account->channel.layout;
    const tr_rows *rows = &engine->rows;
    double *cells = account->channel.view->cells;
    const double *market_value = cells + layout->rows + TR_POSITION_MARKET_VALUE * account->position_count;
    // Where the account's rows of the scenarios were: they have been summed.
    uint32_t *row = engine->row + account->first_position, *unit_row = engine->unit_row + account->first_position;
    double *weight = engine->weight + account->first_position;
    double *unit_weight = engine->unit_weight + account->first_position;
    size_t count = 0, units = 0;
    for (size_t i = 0; i < account->position_count; i++) {
        if (tr_is_absent(market_value[i])) continue;
        size_t position = account->first_position + i;
        uint32_t index = engine->position_row[position];
        if (rows->option[index] == TR_NONE) {
            row[count] = index;
            weight[count++] = market_value[i];
        }
        if (rows->unit[index] == TR_NONE || engine->quantity[position] == 0.0) continue;
        unit_row[units] = rows->unit[index];
        unit_weight[units++] = engine->quantity[position] * engine->multiplier[position] * engine->fx[position];
    }
    engine->kernels->weighted_rows(
        rows->shocks, engine->stress_stride, row, weight, count, engine->stress_count, scratch->stress_out);
    if (units > 0) {
        engine->kernels->weighted_rows(
            rows->unit_shocks, engine->stress_stride, unit_row, unit_weight, units, engine->stress_count,
            scratch->unit_stress_out);
        for (size_t s = 0; s < engine->stress_count; s++) scratch->stress_out[s] += scratch->unit_stress_out[s];
    }
    bool valued = account->status != TR_STATUS_MISSING;
    for (size_t s = 0; s < engine->stress_count; s++) {
        cells[layout->stress + s] = valued ? scratch->stress_out[s] : tr_absent();
    }
}
