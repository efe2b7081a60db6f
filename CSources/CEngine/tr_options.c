// SPDX-License-Identifier: Apache-2.0
// Options: valued anew by their model in every scenario and stress when a price or the minute changes.
//
// An option that ticks is worth its own price; one that does not, and whose volatility is given, is worth what the
// model says. Either way a scenario moves it by the difference of two model values: mark + (model_t − model_0).
#include "tr_engine_layout.h"

#define MINUTE_NS UINT64_C(60000000000)
#define MINUTES_PER_YEAR 525600.0

static uint64_t minutes_left(const tr_option_state *option, uint64_t now_ns) {
    if (option->expiry_ns <= now_ns) return 0;
    return (option->expiry_ns - now_ns + MINUTE_NS - 1) / MINUTE_NS;
}

/// A lognormal underlying does not go below nothing.
static double lowest_spot(const tr_option_state *option) {
    return option->terms.model == TR_OPTION_BACHELIER ? -(double)INFINITY : 0.0;
}

static double moved_spot(double spot, double lowest) { return spot < lowest ? lowest : spot; }

static double volatility_of(const tr_option_state *option, double years) {
    if (!tr_is_absent(option->given_volatility) || tr_is_absent(option->own_price)) return option->given_volatility;
    double volatility;
    int result =
        tr_option_implied_volatility(&option->terms, option->own_price, option->spot, years, &volatility);
    return result == TR_IMPLIED_OK ? volatility : tr_absent();
}

/// Fills the option's unit rows: `value[column]` of the option becomes its P&L per unit at the row's rate.
static void write_units(
    tr_engine *engine, const tr_option_state *option, double price, const double *value, const double *rates,
    double *units, size_t stride, size_t columns) {
    for (uint32_t i = 0; i < option->row_count; i++) {
        uint32_t row = engine->option_row[option->first_row + i];
        const double *rate = rates + row * stride;
        double *unit = units + engine->rows.unit[row] * stride;
        if (engine->rows.pair[row] == 0) {
            // The rate from a currency to itself never moves: its row is zeros, and memory is what this loop waits for.
            for (size_t t = 0; t < columns; t++) unit[t] = value[t] - price;
            continue;
        }
        for (size_t t = 0; t < columns; t++) {
            // Where the rate stands still, the difference is exact.
            unit[t] = rate[t] == 0.0 ? value[t] - price : value[t] * (1.0 + rate[t]) - price;
        }
    }
}

static void value_scenarios(
    tr_engine *engine, const tr_option_state *option, double price, const tr_scratch *scratch) {
    const double *returns = engine->rows.returns + option->underlying_row * engine->scenario_stride;
    double model = option->greeks.value, spot = option->spot, lowest = lowest_spot(option), *spots = scratch->spots;
    for (size_t t = 0; t < engine->scenario_count; t++) spots[t] = moved_spot(spot * (1.0 + returns[t]), lowest);
    engine->kernels->option_values(&option->prepared.option, spots, engine->scenario_count, scratch->values);
    for (size_t t = 0; t < engine->scenario_count; t++) scratch->values[t] = price + (scratch->values[t] - model);
    write_units(
        engine, option, price, scratch->values, engine->rows.returns, engine->rows.unit_returns,
        engine->scenario_stride, engine->scenario_count);
}

static double stressed_value(
    const tr_engine *engine, const tr_option_state *option, size_t cell, double price) {
    const tr_option *prepared = &option->prepared.option;
    double relative = engine->spot_relative[cell], absolute = engine->spot_absolute[cell];
    if (engine->is_direct[cell]) return price * (1.0 + relative) + absolute;
    if (!option->has_model) return tr_absent();
    double spot = moved_spot(option->spot * (1.0 + relative) + absolute, lowest_spot(option)), value;
    if (engine->volatility_shift[cell] == 0.0) {
        engine->kernels->option_values(prepared, &spot, 1, &value);
    } else {
        double volatility = option->volatility + engine->volatility_shift[cell];
        tr_option shifted;
        tr_option_prepare(&option->terms, volatility > 0.0 ? volatility : 0.0, prepared->years, &shifted);
        engine->kernels->option_values(&shifted, &spot, 1, &value);
    }
    return price + (value - option->greeks.value);
}

static void value_stresses(
    tr_engine *engine, const tr_option_state *option, size_t index, double price, const tr_scratch *scratch) {
    for (size_t s = 0; s < engine->stress_count; s++) {
        scratch->unit_stress_out[s] =
            stressed_value(engine, option, index * engine->stress_count + s, price);
    }
    write_units(
        engine, option, price, scratch->unit_stress_out, engine->rows.shocks, engine->rows.unit_shocks,
        engine->stress_stride, engine->stress_count);
}

static const tr_option_greeks no_greeks = {
    .value = (double)NAN, .delta = (double)NAN, .gamma = (double)NAN, .vega = (double)NAN,
    .theta = (double)NAN, .rho = (double)NAN,
};

/// Nothing that is prepared depends on prices, so while the volatility is given it is done once a minute.
static void prepare(tr_option_state *option, double years) {
    bool same = option->is_prepared && option->prepared_volatility == option->volatility;
    if (same && option->prepared_minutes == option->minutes) return;
    tr_option_prepare_measured(&option->terms, option->volatility, years, &option->prepared);
    option->is_prepared = true;
    option->prepared_volatility = option->volatility;
    option->prepared_minutes = option->minutes;
}

/// Spot, own price and minute have been set anew.
static void value_option(tr_engine *engine, tr_option_state *option, size_t index, const tr_scratch *scratch) {
    double years = (double)option->minutes / MINUTES_PER_YEAR;
    option->volatility = tr_is_absent(option->spot) ? tr_absent() : volatility_of(option, years);
    option->greeks = no_greeks;
    if (!tr_is_absent(option->volatility)) {
        prepare(option, years);
        tr_option_measure_prepared(&option->prepared, option->spot, &option->greeks);
    }
    option->has_model = !tr_is_absent(option->greeks.value);
    double price = tr_is_absent(option->own_price) ? option->greeks.value : option->own_price;
    option->price = price;
    if (option->has_model) value_scenarios(engine, option, price, scratch);
    if (!tr_is_absent(price)) value_stresses(engine, option, index, price, scratch);
}

static bool is_same(double left, double right) {
    return left == right || (tr_is_absent(left) && tr_is_absent(right));
}

/// What is marked by its model is as fresh as its underlying.
static void write_status(tr_engine *engine, const tr_option_state *option) {
    tr_instruments *instruments = &engine->instruments;
    uint8_t *status = &instruments->status[option->instrument], base = instruments->status[option->underlying];
    if (tr_is_absent(instruments->price[option->instrument])) {
        *status = TR_STATUS_MISSING;
    } else if (tr_is_absent(option->own_price)) {
        *status = base;
    }
}

void tr_option_refresh(
    tr_engine *engine, tr_option_state *option, uint64_t wall_ns, const tr_scratch *scratch) {
    double spot = engine->instruments.price[option->underlying];
    double own_price = tr_quotes_own_price(&engine->instruments, option->instrument);
    uint64_t minutes = minutes_left(option, engine->valuation_ns != 0 ? engine->valuation_ns : wall_ns);
    bool same = option->valued && is_same(spot, option->spot) && is_same(own_price, option->own_price);
    if (!same || minutes != option->minutes) {
        option->valued = true;
        option->spot = spot;
        option->own_price = own_price;
        option->minutes = minutes;
        value_option(engine, option, (size_t)(option - engine->option), scratch);
    }
    // A tick may have taken it away: half a quote is no price.
    engine->instruments.price[option->instrument] = option->price;
    write_status(engine, option);
}

void tr_options_age(tr_engine *engine, uint64_t wall_ns) {
    if (engine->option_count == 0 || engine->valuation_ns != 0) return;
    uint64_t minute = wall_ns / MINUTE_NS;
    if (minute == engine->option_minute) return;
    engine->option_minute = minute;
    for (size_t i = 0; i < engine->option_count; i++) tr_quotes_touch(engine, engine->option[i].instrument, 0);
    tr_quotes_mark_holders(engine);
}
