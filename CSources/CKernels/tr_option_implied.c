// SPDX-License-Identifier: Apache-2.0
// The volatility that an option's price implies.
#include "tr_option_scalar.h"

#pragma STDC FP_CONTRACT OFF

/// A doubling of the guess, a hundred times, leaves what anybody calls a volatility.
enum { STEPS_MAX = 100, DOUBLINGS_MAX = 100 };

/// A value further from the price than this, relative, is a step of the value, which no volatility fills.
#define EXCESS_MAX 1e-6

/// An option of which the price is known: out of the money where it is European, so that the price is all time value.
typedef struct target {
    tr_option_terms terms;
    double log_price, spot, years;
} target;

/// ln of the value over the price: steeper in the tails than their difference, and as precise there.
static double excess(const target *target, double volatility) {
    tr_option option;
    tr_option_prepare(&target->terms, volatility, target->years, &option);
    double value = tr_option_value_at(&option, target->spot);
    return tr_log(value > 1e-300 ? value : 1e-300) - target->log_price;
}

TR_INLINE double magnitude(double value) {
    return value < 0 ? -value : value;
}

/// The zero of `excess` in a bracket: Chandrupatla, "A new hybrid quadratic/bisection algorithm for finding the zero of
/// a nonlinear function without using derivatives", Advances in Engineering Software 28 (1997).
static double zero_between(const target *target, double a, double a_excess, double b, double b_excess) {
    double part = 0.5, best = a;
    for (size_t step = 0; step < STEPS_MAX; step += 1) {
        double at = a + part * (b - a), at_excess = excess(target, at), c = a, c_excess = a_excess;
        if ((at_excess > 0) != (a_excess > 0)) {
            c = b;
            c_excess = b_excess;
            b = a;
            b_excess = a_excess;
        }
        a = at;
        a_excess = at_excess;
        best = magnitude(a_excess) < magnitude(b_excess) ? a : b;
        double limit = 0x1p-52 * best / magnitude(b - a);
        if (a_excess == 0 || limit > 0.5) break;
        double place = (a - b) / (c - b), height = (a_excess - b_excess) / (c_excess - b_excess);
        part = 0.5;
        if (height * height < place && (1 - height) * (1 - height) < 1 - place) {
            part = a_excess / (b_excess - a_excess) * c_excess / (b_excess - c_excess)
                + (c - a) / (b - a) * a_excess / (c_excess - a_excess) * b_excess / (c_excess - b_excess);
        }
        part = part > limit ? part : limit;
        part = part < 1 - limit ? part : 1 - limit;
    }
    return best;
}

static int solve(const target *target, double guess, double *volatility) {
    double high = guess, high_excess = excess(target, high), low = high, low_excess = high_excess;
    for (size_t count = 0; high_excess < 0; count += 1) {
        if (count == DOUBLINGS_MAX || !tr_is_finite(high)) return TR_IMPLIED_NO_SOLUTION;
        low = high;
        low_excess = high_excess;
        high *= 2;
        high_excess = excess(target, high);
    }
    for (size_t count = 0; low_excess >= 0; count += 1) {
        if (count == DOUBLINGS_MAX || low_excess != low_excess) return TR_IMPLIED_NO_SOLUTION;
        high = low;
        high_excess = low_excess;
        low *= 0.5;
        low_excess = excess(target, low);
    }
    if (high_excess != high_excess) return TR_IMPLIED_NO_SOLUTION;
    double found = zero_between(target, low, low_excess, high, high_excess);
    if (!(magnitude(excess(target, found)) <= EXCESS_MAX)) return TR_IMPLIED_NO_SOLUTION;
    *volatility = found;
    return TR_IMPLIED_OK;
}

/// What no volatility brings the value to: the underlying for a call, the strike for a put, today or at expiry.
static double upper_bound(const tr_option *still, double spot) {
    if (still->terms.model == TR_OPTION_BACHELIER) return __builtin_inf();
    bool is_put = still->terms.is_put != 0;
    double at_expiry = is_put ? still->strike_present : spot * still->spot_discount;
    double today = is_put ? still->terms.strike : spot;
    return still->terms.is_american != 0 && today > at_expiry ? today : at_expiry;
}

int tr_option_implied_volatility(
    const tr_option_terms *terms, double price, double spot, double years, double *volatility) {
    tr_option still;
    tr_option_prepare(terms, 0, years, &still);
    double least = tr_option_value_at(&still, spot);
    if (!tr_is_finite(price) || !tr_is_finite(least) || !tr_is_finite(spot)) return TR_IMPLIED_NOT_FINITE;
    if (years <= 0) return TR_IMPLIED_EXPIRED;
    if (price < least) return TR_IMPLIED_BELOW_INTRINSIC;
    if (price == least) {
        *volatility = 0;
        return TR_IMPLIED_OK;
    }
    if (price >= upper_bound(&still, spot)) return TR_IMPLIED_ABOVE_BOUND;

    target target = {.terms = still.terms, .spot = spot, .years = years};
    if (still.terms.is_american == 0 && least > 0) {
        // In the money: the other right is worth that much less at every volatility.
        target.terms.is_put = still.terms.is_put == 0;
        price -= least;
    }
    target.log_price = tr_log(price);
    double guess = 0.5;
    if (still.terms.model == TR_OPTION_BACHELIER) {
        // At the money the value is 0.4 deviations, elsewhere it is less, and beyond so many deviations it is nothing.
        double least_deviation = magnitude(spot - terms->strike) / TR_DEVIATIONS_MAX;
        guess = price / still.strike_present * TR_SQRT_2_PI;
        guess = guess > least_deviation ? guess : least_deviation;
    }
    return solve(&target, guess / tr_sqrt(years), volatility);
}
