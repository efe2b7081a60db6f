// SPDX-License-Identifier: Apache-2.0
// What of an option's value does not depend on its underlying's price, the critical price of early exercise included.
#include "tr_option_scalar.h"

#pragma STDC FP_CONTRACT OFF

/// A smaller standard deviation of the price at expiry is none; its inverse stays finite.
#define DEVIATION_MIN 1e-150
#define DEVIATION_INVERSE_OF_NONE 1e300

enum { NEWTON_STEPS_MAX = 100, DOUBLINGS_MAX = 200 };

/// h/(1 − e^(−h)), 1 at 0; by its Taylor series (the coefficients are Bernoulli numbers) where the difference cancels.
static double growth_ratio(double h) {
    if (h > 0.1 || h < -0.1) return h / (1 - tr_exp(-h));
    double z = h * h;
    return 1 + h * 0.5 + z * (1.0 / 12 - z * (1.0 / 720 - z * (1.0 / 30240 - z * (1.0 / 1209600))));
}

/// The exponent q₂ of a call or q₁ of a put: the positive or the negative root of q² + (N − 1)q − M/K = 0 in the
/// letters of Barone-Adesi & Whaley (1987), by the sum that does not cancel.
static double premium_exponent(const tr_option *option, double years) {
    double variance = option->deviation * option->deviation;
    double h = 2 * option->carry / variance - 1;
    double product = 2 * growth_ratio(option->terms.rate * years) / variance;
    double root = tr_sqrt(h * h + 4 * product);
    if (option->terms.is_put != 0) return h < 0 ? -2 * product / (root - h) : (h + root) * -0.5;
    return h > 0 ? 2 * product / (root + h) : (root - h) * 0.5;
}

/// How much more exercising is worth than the approximation of holding, at a price in strikes, and its slope.
typedef struct excess {
    double value, slope;
    double premium;  // what early exercise is worth there, if this is the critical price
} excess;

/// `unit` is the European option with strike 1.
static excess exercise_excess(const tr_option *unit, double exponent, double price) {
    double sign = unit->terms.is_put != 0 ? -1 : 1;
    double log_price = tr_log(price);
    double european = tr_option_lognormal(unit, tr_lanes_of(price), tr_lanes_of(log_price))[0];
    double d1 = (log_price + unit->carry) * unit->deviation_inverse + unit->deviation * 0.5;
    double slope_left = 1 - unit->spot_discount * tr_normal_cdf(sign * d1);
    double premium = sign * slope_left * price / exponent;
    double bend = unit->spot_discount * tr_normal_density(d1) * unit->deviation_inverse / exponent;
    return (excess){
        .value = sign * (price - 1) - european - premium,
        .slope = sign * slope_left * (1 - 1 / exponent) + bend,
        .premium = premium,
    };
}

/// Where to begin: between the strike and the critical price of an option without expiry, the nearer to the latter the
/// more deviations are left, as Barone-Adesi & Whaley (1987) suggest. NaN where such an option is never exercised.
static double critical_guess(const tr_option *unit, double years) {
    double sign = unit->terms.is_put != 0 ? -1 : 1, variance = unit->deviation * unit->deviation;
    double h = 2 * unit->carry / variance - 1;
    double exponent = (sign * tr_sqrt(h * h + 8 * unit->terms.rate * years / variance) - h) * 0.5;
    double perpetual = exponent / (exponent - 1);
    double share = 1 - tr_exp((-sign * unit->carry - 2 * unit->deviation) / (sign * (perpetual - 1)));
    return 1 + (perpetual - 1) * share;
}

/// The critical price in strikes by Newton's method inside a bracket that every step narrows; NaN where there is none.
static double critical_price(const tr_option *unit, double exponent, double years) {
    bool is_put = unit->terms.is_put != 0;
    double low = is_put ? 0 : 1, high = is_put ? 1 : 2;
    // The excess grows with the distance from the strike and is negative there.
    if (exercise_excess(unit, exponent, 1).value >= 0) return tr_absent();
    for (size_t doublings = 0; !is_put && exercise_excess(unit, exponent, high).value <= 0; doublings += 1) {
        if (doublings == DOUBLINGS_MAX) return tr_absent();
        low = high;
        high *= 2;
    }
    double guess = critical_guess(unit, years);
    double price = guess > low && guess < high ? guess : (low + high) * 0.5;
    for (size_t step = 0; step < NEWTON_STEPS_MAX; step += 1) {
        excess at = exercise_excess(unit, exponent, price);
        if ((at.value > 0) == is_put) {
            low = price;
        } else {
            high = price;
        }
        double next = price - at.value / at.slope;
        bool is_inside = next > low && next < high;
        double change = next - price;
        price = is_inside ? next : (low + high) * 0.5;
        // The steps square the error, so what is left after one of this size is below rounding.
        if (is_inside && change < 1e-9 * price && change > -1e-9 * price) break;
    }
    return price;
}

/// Early exercise without a critical price: the larger of the European and the exercise value.
static void prepare_floor(tr_option *option) {
    double sign = option->terms.is_put != 0 ? -1 : 1;
    option->critical_spot = sign * __builtin_inf();
    option->critical_log = 0;
    option->premium = 0;
    option->exponent = sign;
}

static void prepare_american(tr_option *option, double discount, double years) {
    bool is_put = option->terms.is_put != 0;
    double rate = option->terms.rate, yield = tr_option_yield(&option->terms);
    // What exercising early brings is interest on a put's strike or the yield of a call's underlying.
    double gained = is_put ? rate : yield, lost = is_put ? yield : rate;
    prepare_floor(option);
    if (gained <= 0 && lost >= 0) option->terms.is_american = 0;
    if (gained <= 0 || option->density_scale <= 0) return;

    tr_option unit = *option;
    unit.terms.strike = 1;
    unit.strike_present = discount;
    unit.density_scale = discount / TR_SQRT_2_PI;
    double exponent = premium_exponent(option, years);
    if (!tr_is_finite(exponent)) return;
    double price = critical_price(&unit, exponent, years);
    if (!(price > 0)) return;
    double premium = exercise_excess(&unit, exponent, price).premium;
    if (!(premium >= 0)) return;
    option->critical_spot = price * option->terms.strike;
    option->critical_log = tr_log(price);
    option->premium = premium * option->terms.strike;
    option->exponent = exponent;
}

void tr_option_prepare(const tr_option_terms *terms, double volatility, double years, tr_option *option) {
    TR_ASSERT(terms->model <= TR_OPTION_BACHELIER);
    bool is_normal = terms->model == TR_OPTION_BACHELIER;
    *option = (tr_option){.terms = *terms, .volatility = volatility, .years = years, .lowest_spot = tr_absent()};
    if (is_normal) option->terms.is_american = 0;
    double yield = tr_option_yield(terms);
    if (!tr_is_finite(terms->strike + terms->rate + yield + volatility + years) || volatility < 0
        || (!is_normal && terms->strike < 0)) {
        return;
    }
    double left = years > 0 ? years : 0;
    double discount = tr_exp(-terms->rate * left);
    double deviation = volatility * tr_sqrt(left);
    bool is_certain = !(deviation >= DEVIATION_MIN);
    option->lowest_spot = is_normal ? -__builtin_inf() : 0;
    option->carry = terms->model == TR_OPTION_BLACK_SCHOLES_MERTON ? (terms->rate - yield) * left : 0;
    option->spot_discount = tr_exp(-yield * left);
    option->strike_present = is_normal ? discount : terms->strike * discount;
    option->deviation = is_certain ? 0 : deviation;
    option->deviation_inverse = is_certain ? DEVIATION_INVERSE_OF_NONE : 1 / deviation;
    double scale = is_normal ? discount * deviation : option->strike_present;
    option->density_scale = is_certain ? 0 : scale / TR_SQRT_2_PI;
    if (option->terms.is_american != 0) prepare_american(option, discount, left);
}
