// SPDX-License-Identifier: Apache-2.0
// The duty cycle: drain, mark, cut what is due.
#include "tr_engine_layout.h"

static size_t drain_ring(tr_engine *engine, size_t ring, uint64_t now_ns, size_t limit) {
    tr_run run;
    size_t count = tr_ring_peek(engine->ring[ring], limit, &run);
    for (size_t i = 0; i < run.first_count; i++) tr_quotes_apply(engine, ring, &run.first[i], now_ns);
    for (size_t i = 0; i < run.second_count; i++) tr_quotes_apply(engine, ring, &run.second[i], now_ns);
    tr_ring_release(engine->ring[ring], count);
    return count;
}

size_t tr_engine_drain(tr_engine *engine, uint64_t now_ns, size_t limit) {
    size_t drained = 0;
    tr_commands_drain(engine);
    for (size_t ring = 0; ring < engine->ring_count; ring++) drained += drain_ring(engine, ring, now_ns, limit);
    if (now_ns >= engine->next_sweep_ns) tr_quotes_sweep(engine, now_ns);
    if (engine->touched_count > 0) tr_quotes_mark_holders(engine);
    return drained;
}

/// Whether to cut now; if dirty but not yet due, remembers when.
static bool is_due(tr_engine *engine, const tr_channel *channel, uint64_t now_ns) {
    if (!channel->dirty) return false;
    if (channel->due_ns <= now_ns) return true;
    if (channel->due_ns < engine->next_due_ns) engine->next_due_ns = channel->due_ns;
    return false;
}

size_t tr_engine_cut(tr_engine *engine, tr_crew *crew, uint64_t now_ns, uint64_t wall_ns) {
    tr_options_age(engine, wall_ns);
    if (now_ns < engine->next_due_ns) return 0;
    size_t cuts = 0;
    engine->next_due_ns = UINT64_MAX;
    tr_rates_update(engine);
    if (is_due(engine, &engine->market, now_ns)) {
        tr_market_cut(engine, now_ns, wall_ns);
        cuts++;
    }
    size_t due = 0;
    for (uint32_t i = 0; i < engine->account_count; i++) {
        if (is_due(engine, &engine->account[i].channel, now_ns)) engine->due[due++] = i;
    }
    if (due > 0) {
        tr_accounts_cut(engine, crew, due, now_ns, wall_ns);
        engine->firm.dirty = true;
        cuts += due;
    }
    // After the accounts: the firm sums what they have just become.
    if (is_due(engine, &engine->firm, now_ns)) {
        tr_firm_cut(engine, now_ns, wall_ns);
        cuts++;
    }
    return cuts;
}

uint64_t tr_engine_next_deadline(const tr_engine *engine) {
    return engine->next_due_ns < engine->next_sweep_ns ? engine->next_due_ns : engine->next_sweep_ns;
}

bool tr_engine_is_translating(const tr_engine *engine) { return TR_LOAD_ACQUIRE(engine->former_rings) > 0; }

bool tr_engine_has_input(const tr_engine *engine) {
    for (size_t ring = 0; ring < engine->ring_count; ring++) {
        if (tr_ring_count(engine->ring[ring]) > 0) return true;
    }
    return tr_ring_count(engine->commands) > 0;
}

const tr_view_layout *tr_engine_account_layout(const tr_engine *engine, size_t account) {
    return &engine->account[account].channel.layout;
}

const tr_view_layout *tr_engine_firm_layout(const tr_engine *engine) { return &engine->firm.layout; }

const tr_view_layout *tr_engine_market_layout(const tr_engine *engine) { return &engine->market.layout; }

tr_exchange *tr_engine_account_exchange(tr_engine *engine, size_t account) {
    return engine->account[account].channel.exchange;
}

tr_exchange *tr_engine_firm_exchange(tr_engine *engine) { return engine->firm.exchange; }

tr_exchange *tr_engine_market_exchange(tr_engine *engine) { return engine->market.exchange; }
