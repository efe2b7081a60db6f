// SPDX-License-Identifier: Apache-2.0
// An option's value and its derivatives at one price.
#include "tr_option_scalar.h"

#pragma STDC FP_CONTRACT OFF

/// Steps of the central differences: relative of volatility and years, absolute of rate.
#define STEP_RELATIVE 1e-4
#define STEP_RATE 1e-5

/// Derivatives of the Black-Scholes-Merton and Black-76 formulas: Haug, "The Complete Guide to Option Pricing
/// Formulas", 2nd edition 2007, chapter 2.
static void measure_lognormal(const tr_option *option, double spot, tr_option_greeks *greeks) {
    const tr_option_terms *terms = &option->terms;
    double sign = terms->is_put != 0 ? -1 : 1, root = tr_sqrt(option->years);
    double middle = (tr_log(spot / terms->strike) + option->carry) * option->deviation_inverse;
    double d1 = middle + option->deviation * 0.5, d2 = middle - option->deviation * 0.5;
    double underlying = option->spot_discount * tr_normal_cdf(sign * d1);
    double strike = option->strike_present * tr_normal_cdf(sign * d2);
    double density = option->density_scale > 0 ? option->spot_discount * tr_normal_density(d1) : 0;
    bool has_forward = terms->model == TR_OPTION_BLACK_76;
    greeks->delta = sign * underlying;
    greeks->gamma = density > 0 ? density / (spot * option->deviation) : 0;
    greeks->vega = spot * density * root;
    greeks->theta = sign * (tr_option_yield(terms) * spot * underlying - terms->rate * strike)
        - spot * density * option->volatility / (2 * root);
    greeks->rho = option->years * (has_forward ? -(sign * (spot * underlying - strike)) : sign * strike);
}

static void measure_normal(const tr_option *option, double spot, tr_option_greeks *greeks) {
    double sign = option->terms.is_put != 0 ? -1 : 1, root = tr_sqrt(option->years);
    double d = (spot - option->terms.strike) * option->deviation_inverse;
    double density = option->density_scale > 0 ? option->strike_present * tr_normal_density(d) : 0;
    greeks->delta = sign * option->strike_present * tr_normal_cdf(sign * d);
    greeks->gamma = density * option->deviation_inverse;
    greeks->vega = density * root;
    greeks->theta = option->terms.rate * greeks->value - density * option->volatility / (2 * root);
    greeks->rho = -option->years * greeks->value;
}

/// Adds to the European delta and gamma those of the premium, and replaces the rest by differences.
static void measure_american(const tr_measured_option *measured, double spot, tr_option_greeks *greeks) {
    const tr_option *option = &measured->option;
    double log_ratio = tr_log(spot / option->terms.strike), q = option->exponent;
    if (spot > 0) {
        double slope = option->premium * tr_exp((log_ratio - option->critical_log) * q) * q / spot;
        greeks->delta += slope;
        greeks->gamma += slope * (q - 1) / spot;
    }
    double step = option->volatility * STEP_RELATIVE;
    greeks->vega = (tr_option_value_at(&measured->volatility_up, spot)
        - tr_option_value_at(&measured->volatility_down, spot)) / (2 * step);
    step = option->years * STEP_RELATIVE;
    greeks->theta = (tr_option_value_at(&measured->years_down, spot) - tr_option_value_at(&measured->years_up, spot))
        / (2 * step);
    greeks->rho = (tr_option_value_at(&measured->rate_up, spot) - tr_option_value_at(&measured->rate_down, spot))
        / (2 * STEP_RATE);
}

void tr_option_prepare_measured(
    const tr_option_terms *terms, double volatility, double years, tr_measured_option *measured) {
    tr_option_prepare(terms, volatility, years, &measured->option);
    // Only where early exercise may pay are differences needed; what is prepared then is American as well.
    measured->has_steps = measured->option.terms.is_american != 0 && measured->option.density_scale > 0;
    if (!measured->has_steps) return;
    double step = volatility * STEP_RELATIVE;
    tr_option_prepare(terms, volatility + step, years, &measured->volatility_up);
    tr_option_prepare(terms, volatility - step, years, &measured->volatility_down);
    step = years * STEP_RELATIVE;
    tr_option_prepare(terms, volatility, years + step, &measured->years_up);
    tr_option_prepare(terms, volatility, years - step, &measured->years_down);
    tr_option_terms up = *terms, down = *terms;
    up.rate += STEP_RATE;
    down.rate -= STEP_RATE;
    tr_option_prepare(&up, volatility, years, &measured->rate_up);
    tr_option_prepare(&down, volatility, years, &measured->rate_down);
}

void tr_option_measure_prepared(const tr_measured_option *measured, double spot, tr_option_greeks *greeks) {
    const tr_option *option = &measured->option;
    double value = tr_option_value_at(option, spot);
    *greeks = (tr_option_greeks){.value = value};
    if (value != value) {
        *greeks = (tr_option_greeks){value, value, value, value, value, value};
        return;
    }
    double sign = option->terms.is_put != 0 ? -1 : 1, exercised = sign * (spot - option->terms.strike);
    if (option->years <= 0 || (option->terms.is_american != 0 && value > 0 && value == exercised)) {
        greeks->delta = exercised > 0 ? sign : 0;
        return;
    }
    if (option->terms.model == TR_OPTION_BACHELIER) {
        measure_normal(option, spot, greeks);
    } else {
        measure_lognormal(option, spot, greeks);
    }
    if (measured->has_steps) measure_american(measured, spot, greeks);
    greeks->delta = tr_one_nan(greeks->delta);
    greeks->gamma = tr_one_nan(greeks->gamma);
    greeks->vega = tr_one_nan(greeks->vega);
    greeks->theta = tr_one_nan(greeks->theta);
    greeks->rho = tr_one_nan(greeks->rho);
}

void tr_option_measure(
    const tr_option_terms *terms, double volatility, double years, double spot, tr_option_greeks *greeks) {
    tr_measured_option measured;
    tr_option_prepare_measured(terms, volatility, years, &measured);
    tr_option_measure_prepared(&measured, spot, greeks);
}
