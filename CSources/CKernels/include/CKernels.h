// SPDX-License-Identifier: Apache-2.0
// The arithmetic of the hot path: arrays in, arrays out; no state, no allocation, no clock.
//
// One scalar reference defines each kernel; every tier gives the same bits for every input. That holds because the
// order of every addition is fixed here, contraction to fused multiply-add is off, every NaN a computation gives is
// replaced by one NaN, and the elements after the last whole vector are masked or left to the reference, never
// reordered.
#pragma once
#include "CPlatform.h"

#pragma clang assume_nonnull begin

/// Absent values are any NaN on the way in and this quiet NaN on the way out. A result that is not a number for another
/// reason (infinity minus infinity, zero times infinity) is absent too.
#define TR_ABSENT_BITS 0x7ff8000000000000ull

/// Sums over positions are eight partial sums, element i into partial i mod 8, starting at +0.0, folded as
/// ((s0+s4)+(s2+s6)) + ((s1+s5)+(s3+s7)). Absent elements add +0.0.
enum { TR_LANES = 8 };

/// Mark-to-market of one account's positions. Arrays are `count` long unless said otherwise, naturally aligned, and
/// do not overlap the outputs.
typedef struct tr_mark_input {
    size_t count;
    const uint32_t *instrument;    // index into price and prior_close
    const double *quantity;        // signed
    const double *average_cost;    // per unit, instrument currency
    const double *multiplier;
    const double *fx;              // account currency per instrument currency; NaN: no rate
    const double *margin_rate;     // 0 to 1
    const double *overnight;       // signed quantity held when the day began
    const double *traded_quantity; // sum of the day's signed trade quantities
    const double *traded_cost;     // sum of the day's signed trade quantities times prices, instrument currency
    const double *price;           // by instrument; NaN: no price
    const double *prior_close;     // by instrument; NaN: none
} tr_mark_input;

typedef struct tr_mark_sums {
    double net;         // sum of market values
    double gross;       // sum of absolute market values
    double unrealised;
    double day;
    double margin;      // sum of absolute market values times margin rate, element by element
} tr_mark_sums;

/// Per position, in account currency, absent where an operand is (so without price or fx; day: without prior close
/// too):
///   market_value = ((quantity · multiplier) · price) · fx + 0.0
///   unrealised   = ((price − average_cost) · quantity · multiplier) · fx + 0.0
///   day          = (((price − prior_close) · overnight + (price · traded_quantity − traded_cost)) · multiplier) · fx
///                  + 0.0
/// each product taken left to right; the trailing + 0.0 turns −0.0 into +0.0. Without trades the second part of `day`
/// adds a zero.
typedef struct tr_mark_output {
    double *market_value;
    double *unrealised;
    double *day;
    tr_mark_sums sums;
} tr_mark_output;

typedef void (*tr_mark_fn)(const tr_mark_input *input, tr_mark_output *output);

/// out[t] = Σ_i weight[i] · rows[row[i]·stride + t] for t < columns: sum in ascending i, from +0.0, product rounded
/// before the addition; absent where the sum is NaN. Serves scenario P&L (rows are instruments' returns, weights
/// market values), stress (rows are instruments' shocks) and the firm (rows are accounts' P&L vectors, weights 1).
/// `rows` is aligned to 64 bytes and `stride` is a multiple of 8, at least `columns`; `out` has `stride` elements
/// aligned to 64 bytes, of which those from `columns` on are left as they were. What lies in `rows` from `columns` on
/// may be read but does not matter. Another alignment or stride traps.
typedef void (*tr_weighted_rows_fn)(
    const double *rows, size_t stride, const uint32_t *row, const double *weight, size_t count, size_t columns,
    double *out);

enum { TR_WEIGHTED_TOGETHER = 4 };

/// Four calls of weighted_rows that differ in weights and sums only, with the same bits:
/// out[a][t] = Σ_i weight[a][i] · rows[row[i]·stride + t].
/// A row is read once for all four.
typedef void (*tr_weighted_together_fn)(
    const double *rows, size_t stride, const uint32_t *row, const double *_Nonnull const *_Nonnull weight,
    size_t count, size_t columns, double *_Nonnull const *_Nonnull out);

/// The `wanted` (≤ count) smallest of `values`, ascending by IEEE 754 totalOrder (−0.0 before +0.0, NaNs of negative
/// sign first, of positive sign last), bits unchanged, into `smallest`, which does not overlap `values`. More than
/// `count` traps. One pass serves every confidence: VaR reads order statistics from it, ES sums its prefix.
typedef void (*tr_tail_fn)(const double *values, size_t count, size_t wanted, double *smallest);

// MARK: Options

/// Pricing models; Black-76 and Bachelier take the underlying's price as a forward price and ignore `yield`.
enum { TR_OPTION_BLACK_SCHOLES_MERTON = 0, TR_OPTION_BLACK_76 = 1, TR_OPTION_BACHELIER = 2 };

/// What does not change while an option lives. Rates per year, continuously compounded.
typedef struct tr_option_terms {
    uint8_t model;        // one of the above; another traps
    uint8_t is_put;       // 0 or 1
    uint8_t is_american;  // 0 or 1; under Bachelier it is taken for European
    uint8_t reserved[5];
    double strike;        // at least 0; any finite one under Bachelier
    double rate;          // of interest
    double yield;         // of the underlying: the cost of carry is rate − yield
} tr_option_terms;

/// An option at one volatility and time, with everything that does not depend on the underlying's price. Only
/// tr_option_prepare writes it.
typedef struct tr_option {
    tr_option_terms terms;     // is_american cleared where early exercise never pays
    double volatility;         // per year^½; in units of price under Bachelier
    double years;              // to expiry; at most 0: expired
    double carry;              // (rate − yield)·years; 0 for a forward
    double spot_discount;      // e^((carry of the price − rate)·years)
    double strike_present;     // strike·e^(−rate·years); under Bachelier the discount factor alone
    double deviation;          // volatility·√years
    double deviation_inverse;  // 1/deviation; very large where that is 0
    double density_scale;      // strike_present/√(2π), times deviation under Bachelier; 0 where deviation is 0
    double lowest_spot;        // below it there is no value; NaN where there is none anywhere
    double critical_spot;      // American: exercised from here on
    double critical_log;       // ln(critical_spot/strike)
    double premium;            // American: what early exercise is worth at the critical price
    double exponent;           // American: premium·(spot/critical_spot)^exponent
} tr_option;

/// Traps on an unknown model. Terms, volatility or years that are not finite, a negative volatility and a negative
/// strike of a lognormal model leave an option whose every value is absent.
///
/// An American option follows the quadratic approximation of Barone-Adesi & Whaley, "Efficient Analytic Approximation
/// of American Option Values", Journal of Finance 42 (1987). Where early exercise never pays (a call with
/// yield ≤ 0 ≤ rate, a put with rate ≤ 0 ≤ yield) it is European; where it might but has no single critical price, and
/// without volatility, it is the larger of the European and the exercise value.
void tr_option_prepare(const tr_option_terms *terms, double volatility, double years, tr_option *option);

/// value[i] is what the option is worth per unit at spot[i]; absent where spot[i] is NaN or, in a lognormal model,
/// negative. Never negative. No alignment is demanded; `value` may be `spot` and overlaps it in no other way.
///
/// Without volatility or time it is the discounted intrinsic value of the forward.
typedef void (*tr_option_values_fn)(const tr_option *option, const double *spot, size_t count, double *value);

/// A value and its derivatives, each absent where the value is.
typedef struct tr_option_greeks {
    double value;
    double delta;  // per 1 of the underlying's price
    double gamma;  // per 1 of that price squared
    double vega;   // per 1.00 of volatility
    double theta;  // per year, as time passes
    double rho;    // per 1.00 of rate, yield unchanged
} tr_option_greeks;

/// Scalar code of the same functions: the same bits on every machine. The value has the bits of `option_values`.
/// European derivatives are closed formulas; of an American option delta and gamma are too, and vega, theta and rho are
/// central differences of the value: volatility and years by 10⁻⁴ of themselves, rate by 10⁻⁵. Past the critical price
/// the option is its exercise value. Expired, an option has a delta only.
void tr_option_measure(
    const tr_option_terms *terms, double volatility, double years, double spot, tr_option_greeks *greeks);

/// What tr_option_measure needs beside the underlying's price: the option and, of an American one, those a step away.
/// Only tr_option_prepare_measured writes it; preparing dear and measuring cheap pays while prices move and time does
/// not.
typedef struct tr_measured_option {
    tr_option option;
    bool has_steps;             // the six below are set
    tr_option volatility_up, volatility_down, years_up, years_down, rate_up, rate_down;
} tr_measured_option;

void tr_option_prepare_measured(
    const tr_option_terms *terms, double volatility, double years, tr_measured_option *measured);

/// The bits of tr_option_measure with the arguments it was prepared from.
void tr_option_measure_prepared(const tr_measured_option *measured, double spot, tr_option_greeks *greeks);

enum {
    TR_IMPLIED_OK = 0,
    TR_IMPLIED_EXPIRED = 1,
    TR_IMPLIED_BELOW_INTRINSIC = 2,  // below the value without volatility
    TR_IMPLIED_ABOVE_BOUND = 3,      // at or above what no volatility exceeds
    TR_IMPLIED_NOT_FINITE = 4,       // an input is, or has no value under the model
    TR_IMPLIED_NO_SOLUTION = 5,      // the approximation of an American option steps over the price
};

/// The volatility at which the option is worth `price` while its underlying is at `spot`, to the precision the price
/// allows; 0 for the value without volatility. Written only when the answer is TR_IMPLIED_OK.
int tr_option_implied_volatility(
    const tr_option_terms *terms, double price, double spot, double years, double *volatility);

typedef struct tr_kernels {
    tr_tier tier;
    tr_mark_fn mark;
    tr_weighted_rows_fn weighted_rows;
    tr_weighted_together_fn weighted_together;
    tr_tail_fn tail;
    tr_option_values_fn option_values;
} tr_kernels;

/// The kernels of a tier, immutable and valid for ever; NULL when this CPU or this build lacks it.
const tr_kernels *_Nullable tr_kernels_of(tr_tier tier);

#pragma clang assume_nonnull end
