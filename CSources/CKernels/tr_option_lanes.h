// SPDX-License-Identifier: Apache-2.0
// Values of one option over many prices of its underlying, TR_WIDTH at a time.
#pragma once
#include "tr_lanes.h"

/// N(±d)·scale, where `tail` is N(−|d|)·scale: the tail itself, or what is left of the whole.
TR_INLINE tr_lanes tr_option_part(tr_lane_mask is_body, tr_lanes whole, tr_lanes tail) {
    return tr_lanes_select(is_body, whole - tail, tail);
}

/// European value with a lognormal underlying: Black & Scholes, "The Pricing of Options and Corporate Liabilities",
/// Journal of Political Economy 81 (1973), with the yield of Merton, "Theory of Rational Option Pricing", Bell Journal
/// of Economics and Management Science 4 (1973); of a forward, Black, "The Pricing of Commodity Contracts", Journal of
/// Financial Economics 3 (1976).
///
/// S·e^(−yield·T)·φ(d₁) is K·e^(−rate·T)·φ(d₂), so one exponential serves both terms. A put is not derived from its
/// call.
TR_INLINE tr_lanes tr_option_lognormal(const tr_option *option, tr_lanes spot, tr_lanes log_ratio) {
    const tr_lane_mask is_put = (tr_lane_mask)(option->terms.is_put != 0 ? INT64_C(-1) : INT64_C(0));
    tr_lanes middle = (log_ratio + option->carry) * option->deviation_inverse;
    tr_lanes d1 = middle + option->deviation * 0.5;
    tr_lanes d2 = middle - option->deviation * 0.5;
    tr_lanes x1 = tr_lanes_min(tr_lanes_absolute(d1), tr_lanes_of(TR_DEVIATIONS_MAX));
    tr_lanes x2 = tr_lanes_min(tr_lanes_absolute(d2), tr_lanes_of(TR_DEVIATIONS_MAX));
    tr_lanes density = tr_lanes_exp(x2 * x2 * -0.5) * option->density_scale;
    // N(d) of a call and N(−d) of a put: the larger part where d is above 0 for the one and not for the other.
    tr_lanes underlying = tr_option_part(
        (d1 > 0) ^ is_put, spot * option->spot_discount, density * tr_lanes_mills(x1));
    tr_lanes strike = tr_option_part(
        (d2 > 0) ^ is_put, tr_lanes_of(option->strike_present), density * tr_lanes_mills(x2));
    tr_lanes gain = option->terms.is_put != 0 ? strike - underlying : underlying - strike;
    return tr_lanes_max(gain, tr_lanes_of(0));
}

/// European value with a normally distributed forward: Bachelier, "Théorie de la spéculation", Annales scientifiques
/// de l'École normale supérieure 17 (1900), discounted. It is written as intrinsic value plus the value out of the
/// money, σ√T·(φ(d) − |d|·N(−|d|)), which keeps its precision far from the strike.
TR_INLINE tr_lanes tr_option_normal(const tr_option *option, tr_lanes spot) {
    tr_lanes moneyness = spot - option->terms.strike;
    tr_lanes x = tr_lanes_absolute(moneyness) * option->deviation_inverse;
    x = tr_lanes_min(x, tr_lanes_of(TR_DEVIATIONS_MAX));
    tr_lanes outside = tr_lanes_exp(x * x * -0.5) * option->density_scale * (1 - x * tr_lanes_mills(x));
    tr_lanes gain = option->terms.is_put != 0 ? -moneyness : moneyness;
    return tr_lanes_max(gain, tr_lanes_of(0)) * option->strike_present + tr_lanes_max(outside, tr_lanes_of(0));
}

/// What an American option is worth: never less than exercising it, and exactly that past the critical price.
TR_INLINE tr_lanes tr_option_american(
    const tr_option *option, tr_lanes spot, tr_lanes log_ratio, tr_lanes european) {
    bool is_put = option->terms.is_put != 0;
    tr_lanes exercised = is_put ? option->terms.strike - spot : spot - option->terms.strike;
    tr_lanes power = tr_lanes_exp((log_ratio - option->critical_log) * option->exponent);
    tr_lanes held = tr_lanes_max(european + power * option->premium, exercised);
    return tr_lanes_select(
        is_put ? spot <= option->critical_spot : spot >= option->critical_spot, exercised, held);
}

/// `is_normal` and `is_american` are constants where this is inlined.
TR_INLINE tr_lanes tr_option_value(const tr_option *option, bool is_normal, bool is_american, tr_lanes spot) {
    tr_lanes value;
    if (is_normal) {
        value = tr_option_normal(option, spot);
    } else {
        tr_lanes log_ratio = tr_lanes_log(spot / option->terms.strike);
        value = tr_option_lognormal(option, spot, log_ratio);
        if (is_american) value = tr_option_american(option, spot, log_ratio, value);
    }
    tr_lane_mask present = (spot >= option->lowest_spot) & (value == value);
    return tr_lanes_select(present, value, tr_lanes_of(tr_absent()));
}

/// The elements after the last whole vector go through a padded copy.
TR_INLINE void tr_option_values_of(
    const tr_option *option, bool is_normal, bool is_american, const double *spot, size_t count, double *value) {
    tr_lanes lanes;
    size_t i = 0;
    for (; count - i >= TR_WIDTH; i += TR_WIDTH) {
        memcpy(&lanes, spot + i, sizeof lanes);
        lanes = tr_option_value(option, is_normal, is_american, lanes);
        memcpy(value + i, &lanes, sizeof lanes);
    }
    if (i == count) return;
    lanes = tr_lanes_of(0);
    memcpy(&lanes, spot + i, (count - i) * sizeof(double));
    lanes = tr_option_value(option, is_normal, is_american, lanes);
    memcpy(value + i, &lanes, (count - i) * sizeof(double));
}

TR_INLINE void tr_option_values_lanes(const tr_option *option, const double *spot, size_t count, double *value) {
    if (option->terms.model == TR_OPTION_BACHELIER) {
        tr_option_values_of(option, true, false, spot, count, value);
    } else if (option->terms.is_american != 0) {
        tr_option_values_of(option, false, true, spot, count, value);
    } else {
        tr_option_values_of(option, false, false, spot, count, value);
    }
}
