// SPDX-License-Identifier: Apache-2.0
// VaR and ES of a P&L vector at every confidence, from one tail selection; ranks come from integers.
#include "tr_engine_layout.h"

/// Basis points in one.
#define BASIS_POINTS UINT64_C(10000)

tr_level tr_level_of(uint32_t confidence_bp, size_t scenarios) {
    tr_level level = {0};
    if (scenarios == 0) return level;
    uint64_t tail = BASIS_POINTS - confidence_bp;
    uint64_t product = (uint64_t)scenarios * tail;  // Nα in 1/10000
    level.var_rank = (size_t)((product + BASIS_POINTS - 1) / BASIS_POINTS) - 1;
    level.es_whole = (size_t)(product / BASIS_POINTS);
    level.es_fraction = (double)(product % BASIS_POINTS) / (double)BASIS_POINTS;
    level.es_divisor = (double)product / (double)BASIS_POINTS;
    uint64_t position = (uint64_t)(scenarios - 1) * tail;
    level.linear_rank = (size_t)(position / BASIS_POINTS);
    level.linear_fraction = (double)(position % BASIS_POINTS) / (double)BASIS_POINTS;
    return level;
}

size_t tr_level_wanted(const tr_level *level, size_t scenarios) {
    size_t wanted = level->var_rank + 1;
    if (level->es_whole + 1 > wanted) wanted = level->es_whole + 1;
    if (level->linear_rank + 2 > wanted) wanted = level->linear_rank + 2;
    return wanted < scenarios ? wanted : scenarios;
}

/// numpy's interpolation: from the nearer end, so that it is monotone and exact at both.
static double interpolate(double low, double high, double fraction) {
    double difference = high - low;
    return fraction < 0.5 ? low + difference * fraction : high - difference * (1.0 - fraction);
}

static double value_at_risk(const tr_engine *engine, const tr_level *level) {
    const double *ascending = engine->smallest;
    if (engine->quantile == TR_QUANTILE_DISCRETE) return 0.0 - ascending[level->var_rank];
    if (level->linear_fraction == 0.0) return 0.0 - ascending[level->linear_rank];
    return 0.0 - interpolate(
        ascending[level->linear_rank], ascending[level->linear_rank + 1], level->linear_fraction);
}

static double expected_shortfall(const tr_engine *engine, const tr_level *level) {
    double sum = 0.0;
    for (size_t i = 0; i < level->es_whole; i++) sum += engine->smallest[i];
    if (level->es_fraction > 0.0) sum += level->es_fraction * engine->smallest[level->es_whole];
    return 0.0 - sum / level->es_divisor;
}

void tr_levels_measure(tr_engine *engine, const double *pnl, double *var, double *es) {
    engine->kernels->tail(pnl, engine->scenario_count, engine->tail_count, engine->smallest);
    for (size_t i = 0; i < engine->level_count; i++) {
        var[i] = value_at_risk(engine, &engine->level[i]) * engine->horizon_scale;
        es[i] = expected_shortfall(engine, &engine->level[i]) * engine->horizon_scale;
    }
}
