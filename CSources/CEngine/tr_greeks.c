// SPDX-License-Identifier: Apache-2.0
// Greeks in money, by underlying: what adds up although options of different underlyings do not.
//
//   delta  Σ unit · Δ · S, plus the market value held of the underlying itself: P&L if the underlying doubled linearly
//   gamma  Σ unit · Γ · S² / 100: change of delta for one percent of the underlying
//   vega   Σ unit · vega / 100: for one point of volatility
//   theta  Σ unit · θ / 365: for one calendar day
//   rho    Σ unit · ρ / 100: for one percent of interest
//
// where unit is quantity · multiplier · rate. What has no model value adds nothing; all of that makes the cell absent.
#include "tr_engine_layout.h"

static void add(double *sum, double value) {
    if (tr_is_absent(value)) return;
    *sum = tr_is_absent(*sum) ? value : *sum + value;
}

static void add_option(double *cells, size_t underlyings, const tr_option_state *option, double unit) {
    const tr_option_greeks *greeks = &option->greeks;
    double spot = option->spot;
    add(&cells[TR_GREEK_DELTA * underlyings], unit * greeks->delta * spot);
    add(&cells[TR_GREEK_GAMMA * underlyings], unit * greeks->gamma * spot * spot / 100.0);
    add(&cells[TR_GREEK_VEGA * underlyings], unit * greeks->vega / 100.0);
    add(&cells[TR_GREEK_THETA * underlyings], unit * greeks->theta / 365.0);
    add(&cells[TR_GREEK_RHO * underlyings], unit * greeks->rho / 100.0);
}

static void write_option(double *cells, size_t options, const tr_option_state *option) {
    cells[TR_OPTION_SPOT * options] = option->spot;
    cells[TR_OPTION_VOLATILITY * options] = option->volatility;
    cells[TR_OPTION_DELTA * options] = option->greeks.delta;
    cells[TR_OPTION_GAMMA * options] = option->greeks.gamma;
    cells[TR_OPTION_VEGA * options] = option->greeks.vega;
    cells[TR_OPTION_THETA * options] = option->greeks.theta;
    cells[TR_OPTION_RHO * options] = option->greeks.rho;
}

void tr_greeks_write(tr_engine *engine, const tr_account *account) {
    const tr_view_layout *layout = &account->channel.layout;
    size_t underlyings = layout->underlying_count, options = layout->option_count, next = 0;
    if (underlyings == 0) return;
    double *cells = account->channel.view->cells, *greeks = cells + layout->greeks;
    const double *market_value = cells + layout->rows + TR_POSITION_MARKET_VALUE * account->position_count;
    for (size_t i = 0; i < underlyings * TR_GREEK_COLUMNS; i++) greeks[i] = tr_absent();
    for (size_t i = 0; i < account->position_count; i++) {
        size_t position = account->first_position + i;
        uint32_t underlying = engine->position_underlying[position];
        if (underlying == TR_NONE) continue;
        uint32_t index = engine->rows.option[engine->position_row[position]];
        if (index == TR_NONE) {
            if (engine->quantity[position] != 0.0) add(&greeks[underlying], market_value[i]);
            continue;
        }
        const tr_option_state *option = &engine->option[index];
        write_option(cells + layout->options + next++, options, option);
        double unit = engine->quantity[position] * engine->multiplier[position] * engine->fx[position];
        add_option(greeks + underlying, underlyings, option, unit);
    }
}
