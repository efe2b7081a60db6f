// SPDX-License-Identifier: Apache-2.0
// Private layout of the engine: structures of arrays, all in one arena, touched by the engine thread, and by its crew
// while accounts are cut.
#pragma once
#include <math.h>
#include "CEngine.h"

#pragma clang assume_nonnull begin

/// One confidence level, resolved to ranks of the ascending P&L (0-based) at creation, in integers.
typedef struct tr_level {
    bool in_sample;          // false: the quantile's definition has no value there
    size_t var_rank;         // VaR lies between this and the next
    double var_fraction;
    size_t es_whole;         // ⌊Nα⌋, or the rank of the discrete quantile
    double es_fraction;      // Nα − ⌊Nα⌋
    double es_divisor;       // Nα, or the rank
} tr_level;

typedef struct tr_instruments {
    double *bid, *ask, *last;     // NaN: never received
    double *price;                // NaN: missing
    double *prior_close;
    uint8_t *trading;
    uint8_t *status;              // TR_STATUS_OK, STALE or MISSING
    uint8_t *touched;             // in the touched list
    _Atomic uint8_t *holders_marked;  // every holder is dirty already; cleared by whichever member cuts a holder
    uint16_t *feed;               // ring of its last tick
    uint64_t *tick_ns;            // engine time of its last tick, for staleness
    uint64_t *tick_number;        // engine-wide count at its last tick, for the age of a cut
    uint64_t *newest_ns;          // send time of its last tick
    uint64_t *oldest_ns;          // send time of its first tick since it was last touched
    uint32_t *holder;             // accounts that depend on it, by instrument; the firm is the one after the last
    uint32_t *first_holder;       // and one more
} tr_instruments;

/// Currency conversions and their rates at this pass.
typedef struct tr_rates {
    size_t pair_count;
    double *scale;
    uint32_t *first_leg, *leg_instrument;
    uint8_t *leg_inverted;
    double *rate;                 // NaN: none now
    uint8_t *stale;
} tr_rates;

/// Scenario rows; see tr_rows_spec.
typedef struct tr_rows {
    size_t row_count, unit_count;
    uint32_t *instrument, *pair, *option, *unit;
    uint8_t *has_history;
    double *returns, *shocks;             // rows × stride, per market value
    double *unit_returns, *unit_shocks;   // units × stride, per unit; of options valued anew by tr_option_refresh
    double *_Nullable panels;             // returns once more: panels of TR_PANEL_COLUMNS, in each all rows; or none
} tr_rows;

/// An option as it was last valued: a function of its spot, its own price and the minutes it has left.
typedef struct tr_option_state {
    uint32_t instrument, underlying, underlying_row;
    uint32_t first_row, row_count;        // its scenario rows, in engine.option_row
    tr_option_terms terms;
    double given_volatility;              // NaN: implied
    uint64_t expiry_ns;
    bool valued;                          // ever; the three below are of that time
    double spot, own_price;
    uint64_t minutes;
    bool has_model;                       // spot and volatility are known
    double price;                         // its own, else the model's
    double volatility;
    tr_option_greeks greeks;
    bool is_prepared;                     // ever; what follows is of that time
    double prepared_volatility;
    uint64_t prepared_minutes;
    tr_measured_option prepared;
} tr_option_state;

/// A channel's place in the cut schedule.
typedef struct tr_channel {
    tr_view_layout layout;
    tr_view *view;                // the engine's own copy of the last cut; published by copying
    size_t view_bytes;
    tr_exchange *exchange;
    bool dirty;
    bool was_cut;
    uint64_t due_ns;              // not before this; monotonic
    uint64_t cut_ns;              // of the last cut, since 1970
    uint64_t oldest_ns;           // first tick since the last cut; 0: none
    uint64_t cut_tick_number;     // engine-wide tick count at the last cut
} tr_channel;

/// What marking an account leaves to be finished once its P&L vector is there.
typedef struct tr_pending {
    uint32_t covered, units;      // its rows and unit rows in engine.row and unit_row, from its first position on
    bool measured;                // it gets figures
    double margin;
    uint64_t newest_ns;
} tr_pending;

typedef struct tr_account {
    tr_channel channel;
    uint32_t first_position, position_count;
    uint32_t first_sector, sector_count;
    uint32_t first_underlying, underlying_count;
    uint32_t first_dependency, dependency_count;
    uint32_t firm_pair;
    bool has_foreign;             // a position in another currency than the account's
    bool has_options;
    bool holds;                   // any quantity that is not 0
    bool has_risk;                // its last cut has a P&L vector
    uint8_t margin_level;
    uint8_t status;
    tr_money money;
    double margin_limit;
    double priced_gross;
    double covered_gross;         // priced and with history
    tr_pending pending;           // of a cut under way
} tr_account;

/// What one member of the crew writes between the cells of its accounts.
typedef struct tr_scratch {
    double *smallest, *scenario_out, *stress_out, *unit_stress_out;
    double *spots, *values;       // of one option, by scenario
} tr_scratch;

struct tr_engine {
    tr_arena *arena;
    const tr_kernels *kernels;
    size_t instrument_count, account_count, scenario_count, scenario_stride, stress_count, stress_stride;
    size_t level_count, ring_count, tail_count, firm_sector_count, firm_underlying_count, option_count, shard_count;
    uint64_t cut_interval_ns, stale_after_ns, sweep_interval_ns, next_sweep_ns;
    uint64_t next_due_ns;         // earliest due time of a dirty channel; UINT64_MAX: none
    uint64_t tick_number;
    uint64_t valuation_ns;        // fixed time of options; 0: that of the cut
    uint64_t option_minute;       // at which options were last made to look at the clock
    double horizon_scale;
    tr_level level[TR_LEVELS_MAX];
    tr_ring *_Nonnull ring[TR_RINGS_MAX];
    tr_batch batch[TR_RINGS_MAX];  // header of the batch being drained, by ring
    tr_ring *commands;            // the engine's own

    uint64_t directory;
    size_t former_count;
    uint32_t *former;             // by index in the directory before: index in this one; TR_NONE: gone
    bool is_former[TR_RINGS_MAX]; // ticks of the ring are by the directory before
    _Atomic(size_t) former_rings; // how many are; read by others

    tr_instruments instruments;
    uint32_t *touched;
    size_t touched_count;

    tr_rates rates;
    tr_rows rows;
    tr_option_state *option;
    uint32_t *option_row;         // scenario rows by option
    double *spot_relative, *spot_absolute, *volatility_shift;  // options × stress_count
    uint8_t *is_direct;

    double *vectors;              // accounts × scenario_stride: P&L vectors of the last cuts
    uint32_t *firm_sector, *firm_underlying, *dependency;
    uint32_t first_firm_dependency, firm_dependency_count;

    size_t position_count;
    uint32_t *position_row, *position_instrument, *position_sector, *position_underlying, *position_account;
    double *quantity, *average_cost, *realised, *overnight, *traded_quantity, *traded_cost;
    double *multiplier, *fx, *margin_rate;

    tr_account *account;
    tr_channel market, firm;
    uint8_t firm_margin_level;

    // Scratch of one cut.
    uint32_t *row, *unit_row;     // of an account from its first position on
    double *weight, *unit_weight;
    uint32_t *due;                // accounts that are cut now
    uint8_t *group;               // of those, by place: how many from here on are summed together
    uint8_t *option_due;          // options that are looked at now
    double *scratch_cells;        // by shard: see tr_scratch_of
    double *firm_pnl;
};

/// Doubles that keep two members off each other's cache lines.
enum { TR_SCRATCH_GAP = TR_FALSE_SHARING_RANGE / sizeof(double) };
static inline size_t tr_scratch_cells(size_t scenario_stride, size_t stress_stride) {
    return 4 * scenario_stride + 2 * stress_stride + TR_SCRATCH_GAP;
}
static inline tr_scratch tr_scratch_of(const tr_engine *engine, size_t shard) {
    size_t scenarios = engine->scenario_stride, stresses = engine->stress_stride;
    double *cells = engine->scratch_cells + shard * tr_scratch_cells(scenarios, stresses);
    return (tr_scratch){
        .smallest = cells,
        .scenario_out = cells + scenarios,
        .spots = cells + 2 * scenarios,
        .values = cells + 3 * scenarios,
        .stress_out = cells + 4 * scenarios,
        .unit_stress_out = cells + 4 * scenarios + stresses,
    };
}

/// Scenarios of a panel: a panel of some thousand rows stays in the second-level cache.
enum { TR_PANEL_COLUMNS = 32 };
/// Positions a row before a walk by panels pays: it reads each panel once, and then what is in the cache.
enum { TR_PANEL_REUSE = 8 };

/// Positions due before the crew is called: to wake it takes as long as some hundred of them.
enum { TR_CREW_POSITIONS_MIN = 1024 };

static inline double tr_absent(void) { return (double)NAN; }
static inline bool tr_is_absent(double value) { return isnan(value); }

// tr_quotes.c
void tr_quotes_apply(tr_engine *engine, size_t ring, const tr_record *record, uint64_t now_ns);
void tr_quotes_sweep(tr_engine *engine, uint64_t now_ns);
void tr_quotes_mark_holders(tr_engine *engine);

// tr_holdings.c
void tr_holding_set(tr_engine *engine, size_t position, const tr_holding *holding);
/// Whether the position has day P&L although nothing is held of it.
bool tr_holding_moved(const tr_engine *engine, size_t position);
void tr_commands_drain(tr_engine *engine);
/// What is held was held over night; the day's trades and fees are none.
void tr_holdings_roll(tr_engine *engine);

// tr_channel.c
void tr_channel_mark(tr_engine *engine, tr_channel *channel, uint64_t oldest_ns);
void tr_channel_begin(tr_channel *channel, uint64_t wall_ns, uint64_t interval_ns, uint64_t newest_ns);
void tr_channel_publish(tr_engine *engine, tr_channel *channel, uint64_t now_ns);

// tr_rates.c
void tr_rates_update(tr_engine *engine);

// tr_options.c
/// Values the option anew if a price or the minute changed; sets the price of one that is marked by its model.
void tr_option_refresh(tr_engine *engine, tr_option_state *option, uint64_t wall_ns, const tr_scratch *scratch);
/// Makes every holder of an option dirty once a minute has passed.
void tr_options_age(tr_engine *engine, uint64_t wall_ns);
/// The price ticks give an instrument; NaN: none.
double tr_quotes_own_price(const tr_instruments *instruments, uint32_t index);
void tr_quotes_touch(tr_engine *engine, uint32_t index, uint64_t oldest_ns);

// tr_greeks.c
void tr_greeks_write(tr_engine *engine, const tr_account *account);

// tr_scenario_batch.c
/// P&L vectors of marked accounts, a part of engine.due, without what is valued by unit: Σ weight · returns, each in
/// the order of its rows.
void tr_scenario_batch_sum(tr_engine *engine, const uint32_t *account, size_t count);

// tr_account_risk.c
/// Adds what is valued by unit to the P&L vector and shows it, with its figures where they are measured.
void tr_account_risk_write(tr_engine *engine, tr_account *account, size_t index, const tr_scratch *scratch);
void tr_account_stress_write(tr_engine *engine, const tr_account *account, const tr_scratch *scratch);

// tr_level.c
tr_level tr_level_of(uint32_t confidence_bp, size_t scenarios, uint32_t quantile, uint32_t shortfall);
size_t tr_level_wanted(const tr_level *level, size_t scenarios);
/// `smallest` is written: the tail of the P&L.
void tr_levels_measure(const tr_engine *engine, const double *pnl, double *smallest, double *var, double *es);
void tr_levels_clear(const tr_engine *engine, double *var, double *es);

// tr_margin.c
uint8_t tr_margin_level_next(uint8_t level, double used, double limit);
void tr_margin_write(double *cells, uint8_t *level, double used, double limit);

// tr_account_cut.c, tr_firm_cut.c, tr_market_cut.c
/// Cuts the accounts `engine->due` names.
void tr_accounts_cut(tr_engine *engine, tr_crew *_Nullable crew, size_t count, uint64_t now_ns, uint64_t wall_ns);
void tr_firm_cut(tr_engine *engine, uint64_t now_ns, uint64_t wall_ns);
void tr_market_cut(tr_engine *engine, uint64_t now_ns, uint64_t wall_ns);

#pragma clang assume_nonnull end
