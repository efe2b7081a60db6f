// SPDX-License-Identifier: Apache-2.0
// The hot path: drain rings → quotes, holdings → dirty accounts → cut → snapshot. One thread calls it, and may have a
// crew for the accounts of a cut; nothing here allocates, locks or reads a clock after tr_engine_create.
#pragma once
#include "CKernels.h"
#include "CPlatform.h"
#include "CRing.h"

#pragma clang assume_nonnull begin

// MARK: Records in the rings

enum { TR_RECORD_TICK = 0, TR_RECORD_BATCH = 1, TR_RECORD_GAP = 2, TR_RECORD_DIRECTORY = 3 };
enum { TR_FIELD_BID = 1, TR_FIELD_ASK = 2, TR_FIELD_LAST = 4 };

/// A checked quote of one instrument.
typedef struct tr_tick {
    uint32_t instrument;  // index, below the engine's count
    uint8_t fields;       // TR_FIELD_*: which prices are present
    uint8_t status;       // 0 unchanged, else 1 + trading status
    uint16_t kind;        // TR_RECORD_TICK
    double bid;
    double ask;
    double last;
} tr_tick;

/// Precedes the ticks of one batch. Alone: as TR_RECORD_GAP, messages of this feed were lost; as TR_RECORD_DIRECTORY,
/// the ticks that follow name instruments by their index in another directory.
typedef struct tr_batch {
    uint32_t reserved;
    uint16_t padding;
    uint16_t kind;
    uint64_t oldest_ns;  // least and greatest send time (else receive time) of the ticks that follow, since 1970
    uint64_t newest_ns;
    uint64_t directory;  // of TR_RECORD_DIRECTORY: its number
} tr_batch;

_Static_assert(sizeof(tr_tick) == sizeof(tr_record), "a tick is one record");
_Static_assert(sizeof(tr_batch) == sizeof(tr_record), "a batch header is one record");
_Static_assert(offsetof(tr_tick, kind) == offsetof(tr_batch, kind), "the kind is read before the type is known");

// MARK: Holdings

/// A position and what was traded in it since the day began.
typedef struct tr_holding {
    double quantity;         // signed
    double average_cost;     // per unit, instrument currency
    double realised;         // account currency
    double overnight;        // signed quantity held when the day began
    double traded_quantity;  // sum of the day's signed trade quantities
    double traded_cost;      // sum of the day's signed trade quantities times prices, instrument currency
} tr_holding;

/// An account's money, in its currency.
typedef struct tr_money {
    double cash;
    double realised;         // of all positions there ever were
    double fees;             // ≤ 0, of all time
    double day_fees;         // ≤ 0, since the day began
    double order_margin;     // margin that open orders tie up, ≥ 0
} tr_money;

enum { TR_COMMAND_HOLDING = 0, TR_COMMAND_MONEY = 1 };

/// Sets a position or an account's money. Values are absolute: of two commands the later wins.
typedef struct tr_command {
    uint32_t kind;
    uint32_t index;          // of the position, or of the account
    union {
        tr_holding holding;
        tr_money money;
    };
    uint64_t reserved;
} tr_command;

enum { TR_COMMAND_RECORDS = 2 };
_Static_assert(sizeof(tr_command) == TR_COMMAND_RECORDS * sizeof(tr_record), "a command is two records");

// MARK: Codes in views

enum { TR_STATUS_OK = 0, TR_STATUS_STALE = 1, TR_STATUS_PARTIAL = 2, TR_STATUS_MISSING = 3 };
enum { TR_TRADING = 0, TR_HALTED = 1, TR_CLOSED = 2 };
enum { TR_MARGIN_OK = 0, TR_MARGIN_WARN = 1, TR_MARGIN_CRITICAL = 2, TR_MARGIN_UNKNOWN = 3 };

// MARK: Views
//
// What a cut publishes: a header and cells. Every cell is a double; absent is NaN; codes are small integers as doubles.
// A layout says where each block begins, so that a reader copies columns and needs no knowledge of the engine.

typedef struct tr_view {
    uint64_t cut_ns;     // since 1970
    uint64_t newest_ns;  // 0: no tick since the previous cut
    uint64_t oldest_ns;
    double cells[];
} tr_view;

enum {  // order of the totals block
    TR_TOTAL_CASH, TR_TOTAL_MARKET_VALUE, TR_TOTAL_EQUITY, TR_TOTAL_GROSS, TR_TOTAL_NET, TR_TOTAL_UNREALISED,
    TR_TOTAL_REALISED, TR_TOTAL_FEES, TR_TOTAL_DAY, TR_TOTAL_TOTAL, TR_TOTAL_COUNT,
};
enum { TR_MARGIN_USED, TR_MARGIN_LIMIT, TR_MARGIN_UTILISATION, TR_MARGIN_LEVEL, TR_MARGIN_COUNT };
enum {  // columns of the rows of an account: its positions
    TR_POSITION_PRICE, TR_POSITION_MARKET_VALUE, TR_POSITION_UNREALISED, TR_POSITION_DAY, TR_POSITION_STATUS,
    TR_POSITION_QUANTITY, TR_POSITION_AVERAGE_COST, TR_POSITION_REALISED, TR_POSITION_COLUMNS,
};
enum {  // columns of the options of an account, by option position in the order of its positions; per unit of quantity
    TR_OPTION_SPOT, TR_OPTION_VOLATILITY, TR_OPTION_DELTA, TR_OPTION_GAMMA, TR_OPTION_VEGA, TR_OPTION_THETA,
    TR_OPTION_RHO, TR_OPTION_COLUMNS,
};
enum {  // columns of the greeks of an account or of the firm, by underlying, in its money: see tr_greeks.c
    TR_GREEK_DELTA, TR_GREEK_GAMMA, TR_GREEK_VEGA, TR_GREEK_THETA, TR_GREEK_RHO, TR_GREEK_COLUMNS,
};
enum {  // columns of the rows of the firm: its accounts; VaR at the highest confidence
    TR_ACCOUNT_STATUS, TR_ACCOUNT_MARKET_VALUE, TR_ACCOUNT_DAY, TR_ACCOUNT_VAR, TR_ACCOUNT_MARGIN_LEVEL,
    TR_ACCOUNT_COLUMNS,
};
enum {  // what the firm's figures rest on, so that those of several engines add up: accounts with a rate; of them those
        // that hold something, and those with a P&L vector too; their priced gross, and the covered part of it
    TR_WEIGHT_INCLUDED, TR_WEIGHT_HOLDERS, TR_WEIGHT_MEASURED_HOLDERS, TR_WEIGHT_PRICED_GROSS, TR_WEIGHT_COVERED_GROSS,
    TR_WEIGHT_COUNT,
};
enum {  // columns of the rows of the market: its instruments
    TR_QUOTE_BID, TR_QUOTE_ASK, TR_QUOTE_LAST, TR_QUOTE_CHANGE_PCT, TR_QUOTE_TRADING, TR_QUOTE_STATUS, TR_QUOTE_COLUMNS,
};

/// Offsets into tr_view.cells, in cells. The market has rows only.
typedef struct tr_view_layout {
    size_t status;
    size_t totals;
    size_t coverage;      // percent
    size_t var;           // by confidence
    size_t es;
    size_t stress;        // by scenario
    size_t margin;
    size_t sector_net;    // by sector
    size_t sector_gross;
    size_t greeks;        // column-major, by underlying
    size_t rows;          // column-major
    size_t rates;         // by position: account currency per instrument currency; only where rate_count is not 0
    size_t options;       // column-major, by option position
    size_t excluded;      // by row of an account, by instrument for the firm: 1 excluded, else 0
    size_t pnl;           // by historical scenario
    size_t weights;       // of the firm only
    size_t cells;         // in all
    size_t row_count;
    size_t sector_count;
    size_t underlying_count;
    size_t rate_count;    // positions, or 0 where all are in the account's currency
    size_t option_count;
} tr_view_layout;

// MARK: Building

enum { TR_LEVELS_MAX = 16, TR_RINGS_MAX = 64, TR_COMMANDS_MAX = 1024, TR_SHARDS_MAX = 64 };
enum { TR_QUANTILE_DISCRETE = 0, TR_QUANTILE_LINEAR = 1, TR_QUANTILE_HAZEN = 2, TR_QUANTILE_WEIBULL = 3 };
enum { TR_SHORTFALL_ACERBI_TASCHE = 0, TR_SHORTFALL_TAIL_MEAN = 1 };
#define TR_NONE UINT32_MAX

/// Conversions: rate = scale · Π legs, the price of each leg's instrument or its inverse. The first is from a currency
/// to itself.
typedef struct tr_rates_spec {
    size_t pairs;
    const double *scale;                   // NaN: no way leads there
    const uint32_t *first_leg;             // by pair, and one more: the count
    const uint32_t *leg_instrument;
    const uint8_t *leg_inverted;
} tr_rates_spec;

/// Scenario rows: an instrument as an account of one currency sees it. A row whose instrument is an option, or whose
/// price some stress moves by an amount, is a unit row too: P&L per unit of quantity, multiplier and rate.
typedef struct tr_rows_spec {
    size_t rows, units;
    const uint32_t *instrument, *pair;
    const uint32_t *option;                // TR_NONE: not one
    const uint32_t *unit;                  // TR_NONE: not one
    const uint8_t *has_history;            // of an option row: its underlying and the pair have
    const double *returns;                 // rows × scenarios, row-major: (1 + r)(1 + r_rate) − 1; of an option r_rate
    const double *shocks;                  // rows × stresses: likewise
    const double *absolute;                // units × stresses: price change · (1 + s_rate); of an option row ignored
} tr_rows_spec;

typedef struct tr_options_spec {
    size_t options;
    const uint32_t *instrument, *underlying;
    const uint32_t *underlying_row;        // the underlying's scenario row in its own currency
    const tr_option_terms *terms;
    const double *volatility;              // NaN: implied from the option's own price
    const uint64_t *expiry_ns;             // its end, since 1970
    const double *spot_relative;           // options × stresses: where the underlying moves to
    const double *spot_absolute;
    const double *volatility_shift;
    const uint8_t *is_direct;              // options × stresses: the two move the option's own price
    uint64_t valuation_ns;                 // 0: valued as at the time of the cut
} tr_options_spec;

/// What an engine is built from. Arrays are read during tr_engine_create only. Positions are sorted by account.
typedef struct tr_engine_spec {
    tr_tier tier;
    size_t instruments, accounts, positions, scenarios, stresses, levels, rings, firm_sectors, firm_underlyings;
    size_t shards;                         // 1 to TR_SHARDS_MAX: into how many parts a crew may split the accounts
    uint64_t cut_interval_ns, stale_after_ns;
    uint32_t quantile, shortfall;
    double horizon_scale;                  // √h, or 1
    const uint32_t *confidence_bp;         // by level, ascending

    tr_rates_spec rates;
    tr_rows_spec rows;
    tr_options_spec options;

    const double *prior_close;             // by instrument; NaN: none

    uint64_t directory;                    // number of the instruments' directory
    size_t former_instruments;             // of the directory before, whose indices rings may still hold; or 0
    const uint32_t *former;                // by index there: index here, TR_NONE: gone

    const uint32_t *first_position;        // by account, and one more: the count
    const tr_money *money;
    const double *margin_limit;            // NaN: none
    const uint32_t *firm_pair;             // by account: from its currency to the firm's
    const uint32_t *first_sector;          // by account, and one more: ranges of firm_sector
    const uint32_t *firm_sector;           // by account sector: the firm's sector
    const uint32_t *first_underlying;      // by account, and one more: ranges of firm_underlying
    const uint32_t *firm_underlying;       // by account underlying: the firm's
    const uint32_t *first_dependency;      // by account, then the firm, and one more: ranges of dependency
    const uint32_t *dependency;            // instruments whose ticks make the account dirty, unique in their range

    const uint32_t *position_row;
    const uint32_t *position_sector;       // sector within the account
    const uint32_t *position_underlying;   // underlying within the account; TR_NONE: none
    const tr_holding *holding;
    const double *multiplier, *margin_rate;

    tr_ring *const _Nonnull *_Nonnull ring;  // by feed; borrowed for the engine's life
} tr_engine_spec;

typedef struct tr_engine tr_engine;

/// NULL when memory is short or the tier is not supported.
tr_engine *_Nullable tr_engine_create(const tr_engine_spec *spec);
void tr_engine_destroy(tr_engine *_Nullable engine);

const tr_view_layout *tr_engine_account_layout(const tr_engine *engine, size_t account);
const tr_view_layout *tr_engine_firm_layout(const tr_engine *engine);
const tr_view_layout *tr_engine_market_layout(const tr_engine *engine);
/// Where cuts appear; each has one reader.
tr_exchange *tr_engine_account_exchange(tr_engine *engine, size_t account);
tr_exchange *tr_engine_firm_exchange(tr_engine *engine);
tr_exchange *tr_engine_market_exchange(tr_engine *engine);

// MARK: Running

/// The one producer of commands, on whatever thread: hands all of them over at once, or none when there is no room.
/// At most TR_COMMANDS_MAX fit. The next drain applies all that it finds, so a cut shows a batch whole or not.
bool tr_engine_push(tr_engine *engine, const tr_command *commands, size_t count);
/// Takes the quotes, clocks, levels and schedule of `previous`, which is not run any more, before the first drain.
/// Accounts, rings and levels are the same in both, positions need not be. Accounts with the same rows keep their last
/// cut where `has_same_scenarios`; without it scenarios, stress and terms may be others, and every account is cut when
/// it is due. Commands `previous` did not drain are lost.
///
/// Instruments may be others only without `has_same_scenarios` and where `previous` is not translating: quotes go where
/// `former` says, and so do the ticks of each ring until its TR_RECORD_DIRECTORY has come.
void tr_engine_adopt(tr_engine *engine, const tr_engine *previous, bool has_same_scenarios);
/// Takes all commands and at most `limit` records from each ring, and marks who holds what moved; returns how many
/// records of the rings it took.
size_t tr_engine_drain(tr_engine *engine, uint64_t now_ns, size_t limit);
/// Cuts every channel that is dirty and due; returns how many. `now_ns` is monotonic, `wall_ns` since 1970. The first
/// call cuts all. Where there is enough to do, the accounts are split over the crew, whose leader calls this: each is
/// cut by one member as it would be alone, so the bits are the same.
size_t tr_engine_cut(tr_engine *engine, tr_crew *_Nullable crew, uint64_t now_ns, uint64_t wall_ns);
/// When tr_engine_cut has something to do without further ticks (monotonic); it may be in the past.
uint64_t tr_engine_next_deadline(const tr_engine *engine);
/// The trading day ends: today's prices become the prior closes of day P&L and change, and what is held was held over
/// night; the day's trades and fees are none. Instruments without a price keep their prior close. What it changes is
/// dirty.
void tr_engine_roll_day(tr_engine *engine);
/// Whether a ring may still hold ticks by the indices of the directory before; callable from any thread.
bool tr_engine_is_translating(const tr_engine *engine);
/// Whether a ring holds records or commands wait.
bool tr_engine_has_input(const tr_engine *engine);

#pragma clang assume_nonnull end
