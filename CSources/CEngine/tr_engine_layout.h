// SPDX-License-Identifier: Apache-2.0
// Private layout of the engine: structures of arrays, all in one arena, touched by the engine thread only.
#pragma once
#include <math.h>
#include "CEngine.h"

#pragma clang assume_nonnull begin

/// One confidence level, resolved to ranks of the ascending P&L (0-based) at creation, in integers.
typedef struct tr_level {
    size_t var_rank;         // discrete: x_(k)
    size_t linear_rank;      // linear: between this and the next
    double linear_fraction;
    size_t es_whole;         // ⌊Nα⌋
    double es_fraction;      // Nα − ⌊Nα⌋
    double es_divisor;       // Nα
} tr_level;

typedef struct tr_instruments {
    double *bid, *ask, *last;     // NaN: never received
    double *price;                // NaN: missing
    double *prior_close;
    uint8_t *trading;
    uint8_t *status;              // TR_STATUS_OK, STALE or MISSING
    uint8_t *has_history;
    uint8_t *touched;             // in the touched list
    uint8_t *holders_marked;      // every holder is dirty already
    uint16_t *feed;               // ring of its last tick
    uint64_t *tick_ns;            // engine time of its last tick, for staleness
    uint64_t *tick_number;        // engine-wide count at its last tick, for the age of a cut
    uint64_t *newest_ns;          // send time of its last tick
    uint64_t *oldest_ns;          // send time of its first tick since it was last touched
    uint32_t *holder;             // accounts, by instrument
    uint32_t *first_holder;       // and one more
} tr_instruments;

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

typedef struct tr_account {
    tr_channel channel;
    uint32_t first_position, position_count;
    uint32_t first_sector, sector_count;
    bool convertible;
    bool holds;                   // any quantity that is not 0
    uint8_t margin_level;
    uint8_t status;
    double cash, realised, fees, margin_limit;
    double covered_gross;         // priced and with history
} tr_account;

struct tr_engine {
    tr_arena *arena;
    const tr_kernels *kernels;
    size_t instrument_count, account_count, scenario_count, scenario_stride, stress_count, stress_stride;
    size_t level_count, ring_count, tail_count, firm_sector_count;
    uint64_t cut_interval_ns, stale_after_ns, sweep_interval_ns, next_sweep_ns;
    uint64_t next_due_ns;         // earliest due time of a dirty channel; UINT64_MAX: none
    uint64_t tick_number;
    uint32_t quantile;
    double horizon_scale;
    tr_level level[TR_LEVELS_MAX];
    tr_ring *_Nonnull ring[TR_RINGS_MAX];
    tr_batch batch[TR_RINGS_MAX];  // header of the batch being drained, by ring

    tr_instruments instruments;
    uint32_t *touched;
    size_t touched_count;

    double *returns;              // instruments × scenario_stride
    double *shocks;               // instruments × stress_stride
    double *vectors;              // accounts × scenario_stride: P&L vectors of the last cuts
    uint32_t *firm_sector;

    uint32_t *position_instrument, *position_sector;
    double *quantity, *average_cost, *multiplier, *fx, *margin_rate;

    tr_account *account;
    tr_channel market, firm;
    uint8_t firm_margin_level;

    // Scratch of one cut.
    uint32_t *row;
    double *weight;
    double *smallest;
    double *stress_out;
    double *firm_pnl;
    double *ones;                 // by account, for the sum of vectors
};

static inline double tr_absent(void) { return (double)NAN; }
static inline bool tr_is_absent(double value) { return isnan(value); }

// tr_quotes.c
void tr_quotes_apply(tr_engine *engine, size_t ring, const tr_record *record, uint64_t now_ns);
void tr_quotes_sweep(tr_engine *engine, uint64_t now_ns);
void tr_quotes_mark_holders(tr_engine *engine);

// tr_channel.c
void tr_channel_mark(tr_engine *engine, tr_channel *channel, uint64_t oldest_ns);
void tr_channel_begin(tr_channel *channel, uint64_t wall_ns, uint64_t interval_ns, uint64_t newest_ns);
void tr_channel_publish(tr_engine *engine, tr_channel *channel, uint64_t now_ns);

// tr_level.c
tr_level tr_level_of(uint32_t confidence_bp, size_t scenarios);
size_t tr_level_wanted(const tr_level *level, size_t scenarios);
void tr_levels_measure(tr_engine *engine, const double *pnl, double *var, double *es);

// tr_margin.c
uint8_t tr_margin_level_next(uint8_t level, double used, double limit);
void tr_margin_write(double *cells, uint8_t *level, double used, double limit);

// tr_account_cut.c, tr_firm_cut.c, tr_market_cut.c
void tr_account_cut(tr_engine *engine, size_t index, uint64_t now_ns, uint64_t wall_ns);
void tr_firm_cut(tr_engine *engine, uint64_t now_ns, uint64_t wall_ns);
void tr_market_cut(tr_engine *engine, uint64_t now_ns, uint64_t wall_ns);

#pragma clang assume_nonnull end
