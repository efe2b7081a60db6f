// SPDX-License-Identifier: Apache-2.0
// Scenario and stress P&L of one account: market values times relative moves, plus units times moves of price.
#include <string.h>
#include "tr_engine_layout.h"

/// out = Σ weight · rows + Σ unit weight · units, the second only where there are units.
static void add_rows(
    tr_engine *engine, const double *rows, size_t count, const double *units, size_t unit_count, size_t stride,
    size_t columns, double *scratch, double *out) {
    engine->kernels->weighted_rows(rows, stride, engine->row, engine->weight, count, columns, out);
    if (unit_count == 0) return;
    engine->kernels->weighted_rows(units, stride, engine->unit_row, engine->unit_weight, unit_count, columns, scratch);
    for (size_t t = 0; t < columns; t++) out[t] += scratch[t];
}

void tr_account_risk_write(
    tr_engine *engine, tr_account *account, size_t index, size_t covered, size_t units, bool measured) {
    const tr_view_layout *layout = &account->channel.layout;
    double *cells = account->channel.view->cells, *pnl = engine->vectors + index * engine->scenario_stride;
    add_rows(
        engine, engine->rows.returns, covered, engine->rows.unit_returns, units, engine->scenario_stride,
        engine->scenario_count, engine->scenario_out, pnl);
    memcpy(cells + layout->pnl, pnl, engine->scenario_count * sizeof(double));
    account->has_risk = measured;
    if (measured) {
        tr_levels_measure(engine, pnl, cells + layout->var, cells + layout->es);
    } else {
        tr_levels_clear(engine, cells + layout->var, cells + layout->es);
    }
}

/// Stress takes every priced position, with history or not.
void tr_account_stress_write(tr_engine *engine, const tr_account *account) {
    const tr_view_layout *layout = &account->channel.layout;
    const tr_rows *rows = &engine->rows;
    double *cells = account->channel.view->cells;
    const double *market_value = cells + layout->rows + TR_POSITION_MARKET_VALUE * account->position_count;
    size_t count = 0, units = 0;
    for (size_t i = 0; i < account->position_count; i++) {
        if (tr_is_absent(market_value[i])) continue;
        size_t position = account->first_position + i;
        uint32_t row = engine->position_row[position];
        if (rows->option[row] == TR_NONE) {
            engine->row[count] = row;
            engine->weight[count++] = market_value[i];
        }
        if (rows->unit[row] == TR_NONE || engine->quantity[position] == 0.0) continue;
        engine->unit_row[units] = rows->unit[row];
        engine->unit_weight[units++] =
            engine->quantity[position] * engine->multiplier[position] * engine->fx[position];
    }
    add_rows(
        engine, rows->shocks, count, rows->unit_shocks, units, engine->stress_stride, engine->stress_count,
        engine->unit_stress_out, engine->stress_out);
    bool valued = account->status != TR_STATUS_MISSING;
    for (size_t s = 0; s < engine->stress_count; s++) {
        cells[layout->stress + s] = valued ? engine->stress_out[s] : tr_absent();
    }
}
