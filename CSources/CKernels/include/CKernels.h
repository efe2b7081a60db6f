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
///   day          = ((price − prior_close) · quantity · multiplier) · fx + 0.0
/// each product taken left to right; the trailing + 0.0 turns −0.0 into +0.0.
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

/// The `wanted` (≤ count) smallest of `values`, ascending by IEEE 754 totalOrder (−0.0 before +0.0, NaNs of negative
/// sign first, of positive sign last), bits unchanged, into `smallest`, which does not overlap `values`. More than
/// `count` traps. One pass serves every confidence: VaR reads order statistics from it, ES sums its prefix.
typedef void (*tr_tail_fn)(const double *values, size_t count, size_t wanted, double *smallest);

typedef struct tr_kernels {
    tr_tier tier;
    tr_mark_fn mark;
    tr_weighted_rows_fn weighted_rows;
    tr_tail_fn tail;
} tr_kernels;

/// The kernels of a tier, immutable and valid for ever; NULL when this CPU or this build lacks it.
const tr_kernels *_Nullable tr_kernels_of(tr_tier tier);

#pragma clang assume_nonnull end
