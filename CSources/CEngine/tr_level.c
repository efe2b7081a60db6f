// SPDX-License-Identifier: Apache-2.0
// VaR and ES of a P&L vector at every confidence, from one tail selection; ranks come from integers.
#include "tr_engine_layout.h"

/// Basis points in one.
#define BASIS_POINTS INT64_C(10000)

/// The quantile's place among the 0-based ranks, in 1/20000: definitions 1, 7, 5 and 6 of Hyndman & Fan.
static int64_t place_of(int64_t scenarios, int64_t tail, uint32_t quantile) {
    switch (quantile) {
    case TR_QUANTILE_LINEAR: return 2 * (scenarios - 1) * tail;
    case TR_QUANTILE_HAZEN: return 2 * scenarios * tail - BASIS_POINTS;
    case TR_QUANTILE_WEIBULL: return 2 * (scenarios + 1) * tail - 2 * BASIS_POINTS;
    default: return 2 * ((scenarios * tail + BASIS_POINTS - 1) / BASIS_POINTS - 1) * BASIS_POINTS;
    }
}

tr_level tr_level_of(uint32_t confidence_bp, size_t scenarios, uint32_t quantile, uint32_t shortfall) {
    tr_level level = {0};
    if (scenarios == 0) return level;
    int64_t count = (int64_t)scenarios, tail = BASIS_POINTS - (int64_t)confidence_bp;
    int64_t place = place_of(count, tail, quantile);
    level.in_sample = place >= 0 && place <= 2 * BASIS_POINTS * (count - 1);
    if (level.in_sample) {
        level.var_rank = (size_t)(place / (2 * BASIS_POINTS));
        level.var_fraction = (double)(place % (2 * BASIS_POINTS)) / (double)(2 * BASIS_POINTS);
    }
    int64_t product = count * tail;  // Nα in 1/10000
    level.es_whole = (size_t)(product / BASIS_POINTS);
    level.es_fraction = (double)(product % BASIS_POINTS) / (double)BASIS_POINTS;
    level.es_divisor = (double)product / (double)BASIS_POINTS;
    if (shortfall == TR_SHORTFALL_TAIL_MEAN) {
        level.es_whole = (size_t)((product + BASIS_POINTS - 1) / BASIS_POINTS);
        level.es_fraction = 0.0;
        level.es_divisor = (double)level.es_whole;
    }
    return level;
}

size_t tr_level_wanted(const tr_level *level, size_t scenarios) {
    size_t wanted = level->var_rank + 2 > level->es_whole + 1 ? level->var_rank + 2 : level->es_whole + 1;
    return wanted < scenarios ? wanted : scenarios;
}

/// numpy's interpolation: from the nearer end, so that it is monotone and exact at both.
static double interpolate(double low, double high, double fraction) {
    double difference = high - low;
    return fraction < 0.5 ? low + difference * fraction : high - difference * (1.0 - fraction);
}

static double value_at_risk(const double *ascending, const tr_level *level) {
    if (!level->in_sample) return tr_absent();
    if (level->var_fraction == 0.0) return 0.0 - ascending[level->var_rank];
    return 0.0 - interpolate(ascending[level->var_rank], ascending[level->var_rank + 1], level->var_fraction);
}

static double expected_shortfall(const double *ascending, const tr_level *level) {
    double sum = 0.0;
    for (size_t i = 0; i < level->es_whole; i++) sum += ascending[i];
    if (level->es_fraction > 0.0) sum += level->es_fraction * ascending[level->es_whole];
    return 0.0 - sum / level->es_divisor;
}

void tr_levels_measure(const tr_engine *engine, const double *pnl, double *smallest, double *var, double *es) {
    engine->kernels->tail(pnl, engine->scenario_count, engine->tail_count, smallest);
    for (size_t i = 0; i < engine->level_count; i++) {
        var[i] = value_at_risk(smallest, &engine->level[i]) * engine->horizon_scale;
        es[i] = expected_shortfall(smallest, &engine->level[i]) * engine->horizon_scale;
    }
}

void tr_levels_clear(const tr_engine *engine, double *var, double *es) {
    for (size_t i = 0; i < engine->level_count; i++) var[i] = es[i] = tr_absent();
}
