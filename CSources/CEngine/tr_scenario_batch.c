// SPDX-License-Identifier: Apache-2.0
// Scenario P&L of many accounts: who holds the same rows is summed together, and many are walked by panels.
//
//   returns            rows × stride: an account reads its rows whole
//   panels             ┌ panel 0: all rows × 32 scenarios ┐┌ panel 1 ┐ …: all accounts read one panel, then the next
//
// Every sum is over the account's rows in their order whichever way it goes, so the bits are the same.
#include <string.h>
#include "tr_engine_layout.h"

/// The scenarios from `begin` on, whose rows lie `stride` apart from `rows` on.
typedef struct tr_strip {
    const double *rows;
    size_t stride, begin, columns;
} tr_strip;

static bool holds_same(const tr_engine *engine, const tr_account *left, const tr_account *right) {
    size_t bytes = left->pending.covered * sizeof(uint32_t);
    return left->pending.covered == right->pending.covered &&
           memcmp(engine->row + left->first_position, engine->row + right->first_position, bytes) == 0;
}

static void sum_alone(tr_engine *engine, uint32_t index, const tr_strip *strip) {
    const tr_account *account = &engine->account[index];
    engine->kernels->weighted_rows(
        strip->rows, strip->stride, engine->row + account->first_position, engine->weight + account->first_position,
        account->pending.covered, strip->columns, engine->vectors + index * engine->scenario_stride + strip->begin);
}

static void sum_together(tr_engine *engine, const uint32_t *index, const tr_strip *strip) {
    const double *weight[TR_WEIGHTED_TOGETHER];
    double *out[TR_WEIGHTED_TOGETHER];
    for (size_t a = 0; a < TR_WEIGHTED_TOGETHER; a++) {
        weight[a] = engine->weight + engine->account[index[a]].first_position;
        out[a] = engine->vectors + index[a] * engine->scenario_stride + strip->begin;
    }
    const tr_account *first = &engine->account[index[0]];
    engine->kernels->weighted_together(
        strip->rows, strip->stride, engine->row + first->first_position, weight, first->pending.covered,
        strip->columns, out);
}

static bool may_be_summed_together(const tr_engine *engine, const uint32_t *index, size_t count) {
    if (count < TR_WEIGHTED_TOGETHER) return false;
    for (size_t a = 1; a < TR_WEIGHTED_TOGETHER; a++) {
        if (!holds_same(engine, &engine->account[index[0]], &engine->account[index[a]])) return false;
    }
    return true;
}

/// Fills engine.group: at the first of those that are summed together, how many they are.
static uint8_t *group(tr_engine *engine, const uint32_t *account, size_t count) {
    uint8_t *size = engine->group + (account - engine->due);
    for (size_t i = 0; i < count; i += size[i]) {
        size[i] = may_be_summed_together(engine, account + i, count - i) ? TR_WEIGHTED_TOGETHER : 1;
    }
    return size;
}

static void sum_strip(
    tr_engine *engine, const uint32_t *account, const uint8_t *size, size_t count, const tr_strip *strip) {
    for (size_t i = 0; i < count; i += size[i]) {
        if (size[i] == 1) {
            sum_alone(engine, account[i], strip);
        } else {
            sum_together(engine, account + i, strip);
        }
    }
}

void tr_scenario_batch_sum(tr_engine *engine, const uint32_t *account, size_t count) {
    const tr_rows *rows = &engine->rows;
    const uint8_t *size = group(engine, account, count);
    if (count <= TR_WEIGHTED_TOGETHER) {
        tr_strip whole = {rows->returns, engine->scenario_stride, 0, engine->scenario_count};
        sum_strip(engine, account, size, count, &whole);
        return;
    }
    for (size_t begin = 0; begin < engine->scenario_count; begin += TR_PANEL_COLUMNS) {
        size_t left = engine->scenario_count - begin;
        tr_strip strip = {
            .rows = rows->panels + begin * rows->row_count,
            .stride = TR_PANEL_COLUMNS,
            .begin = begin,
            .columns = left < TR_PANEL_COLUMNS ? left : TR_PANEL_COLUMNS,
        };
        sum_strip(engine, account, size, count, &strip);
    }
}
