// SPDX-License-Identifier: Apache-2.0
// Quotes: ticks in, status by age and gap, and who must be cut because of them.
#include "tr_engine_layout.h"

void tr_quotes_touch(tr_engine *engine, uint32_t index, uint64_t oldest_ns) {
    tr_instruments *instruments = &engine->instruments;
    if (instruments->touched[index]) {
        // A status change first, a tick later in the same drain: the tick's time counts.
        if (instruments->oldest_ns[index] == 0) instruments->oldest_ns[index] = oldest_ns;
        return;
    }
    instruments->touched[index] = 1;
    instruments->oldest_ns[index] = oldest_ns;
    engine->touched[engine->touched_count++] = index;
}

double tr_quotes_own_price(const tr_instruments *instruments, uint32_t index) {
    double last = instruments->last[index];
    return tr_is_absent(last) ? 0.5 * (instruments->bid[index] + instruments->ask[index]) : last;
}

static void apply_tick(
    tr_engine *engine, size_t ring, const tr_tick *tick, const tr_batch *batch, uint64_t now_ns) {
    tr_instruments *instruments = &engine->instruments;
    uint32_t index = tick->instrument;
    if (engine->is_former[ring]) index = index < engine->former_count ? engine->former[index] : TR_NONE;
    if (index >= engine->instrument_count) return;  // checked by the producer; memory safety does not rest on that
    if (tick->fields & TR_FIELD_BID) instruments->bid[index] = tick->bid;
    if (tick->fields & TR_FIELD_ASK) instruments->ask[index] = tick->ask;
    if (tick->fields & TR_FIELD_LAST) instruments->last[index] = tick->last;
    if (tick->status) instruments->trading[index] = (uint8_t)(tick->status - 1);

    instruments->price[index] = tr_quotes_own_price(instruments, index);
    instruments->status[index] =
        tr_is_absent(instruments->price[index]) ? TR_STATUS_MISSING : TR_STATUS_OK;
    instruments->feed[index] = (uint16_t)ring;
    instruments->tick_ns[index] = now_ns;
    instruments->tick_number[index] = ++engine->tick_number;
    instruments->newest_ns[index] = batch->newest_ns;
    tr_quotes_touch(engine, index, batch->oldest_ns);
}

static void make_stale(tr_engine *engine, uint32_t index) {
    if (engine->instruments.status[index] != TR_STATUS_OK) return;
    engine->instruments.status[index] = TR_STATUS_STALE;
    tr_quotes_touch(engine, index, 0);
}

/// The feed has taken over the directory of that number; a number that is not this engine's was overtaken.
static void follow_directory(tr_engine *engine, size_t ring, uint64_t directory) {
    if (!engine->is_former[ring] || directory != engine->directory) return;
    engine->is_former[ring] = false;
    TR_STORE_RELEASE(engine->former_rings, TR_LOAD_RELAXED(engine->former_rings) - 1);
}

void tr_quotes_apply(tr_engine *engine, size_t ring, const tr_record *record, uint64_t now_ns) {
    const tr_tick *tick = (const tr_tick *)record;
    switch (tick->kind) {
    case TR_RECORD_TICK: apply_tick(engine, ring, tick, &engine->batch[ring], now_ns); break;
    case TR_RECORD_BATCH: engine->batch[ring] = *(const tr_batch *)record; break;
    case TR_RECORD_GAP:
        for (uint32_t index = 0; index < engine->instrument_count; index++) {
            if (engine->instruments.feed[index] == ring && engine->instruments.tick_number[index] != 0) {
                make_stale(engine, index);
            }
        }
        break;
    case TR_RECORD_DIRECTORY: follow_directory(engine, ring, ((const tr_batch *)record)->directory); break;
    default: break;
    }
}

void tr_quotes_sweep(tr_engine *engine, uint64_t now_ns) {
    for (uint32_t index = 0; index < engine->instrument_count; index++) {
        uint64_t tick_ns = engine->instruments.tick_ns[index];
        // What never ticked has no age: it is missing, or an option marked by its model.
        if (engine->instruments.tick_number[index] == 0) continue;
        if (now_ns > tick_ns && now_ns - tick_ns > engine->stale_after_ns) make_stale(engine, index);
    }
    engine->next_sweep_ns = now_ns + engine->sweep_interval_ns;
}

void tr_engine_roll_day(tr_engine *engine) {
    for (uint32_t index = 0; index < engine->instrument_count; index++) {
        if (tr_is_absent(engine->instruments.price[index])) continue;
        engine->instruments.prior_close[index] = engine->instruments.price[index];
        tr_quotes_touch(engine, index, 0);
    }
    tr_holdings_roll(engine);
    tr_quotes_mark_holders(engine);
}

void tr_quotes_mark_holders(tr_engine *engine) {
    tr_instruments *instruments = &engine->instruments;
    for (size_t i = 0; i < engine->touched_count; i++) {
        uint32_t index = engine->touched[i];
        uint64_t oldest_ns = instruments->oldest_ns[index];
        uint32_t first = instruments->first_holder[index], end = instruments->first_holder[index + 1];
        instruments->touched[index] = 0;
        tr_channel_mark(engine, &engine->market, oldest_ns);
        if (first == end) continue;
        if (engine->firm.oldest_ns == 0) engine->firm.oldest_ns = oldest_ns;
        // Once every holder is dirty and has its oldest tick, further ticks change nothing for them until one is cut.
        if (TR_LOAD_RELAXED(instruments->holders_marked[index])) continue;
        for (uint32_t holder = first; holder < end; holder++) {
            uint32_t account = instruments->holder[holder];
            tr_channel *channel = account < engine->account_count ? &engine->account[account].channel : &engine->firm;
            tr_channel_mark(engine, channel, oldest_ns);
        }
        TR_STORE_RELAXED(instruments->holders_marked[index], oldest_ns != 0);
    }
    engine->touched_count = 0;
}
