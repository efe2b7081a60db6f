// SPDX-License-Identifier: Apache-2.0
// What is held, as commands set it: positions and money change between two cuts, never within one.
#include <string.h>
#include "tr_engine_layout.h"

void tr_holding_set(tr_engine *engine, size_t position, const tr_holding *holding) {
    engine->quantity[position] = holding->quantity;
    engine->average_cost[position] = holding->average_cost;
    engine->realised[position] = holding->realised;
    engine->overnight[position] = holding->overnight;
    engine->traded_quantity[position] = holding->traded_quantity;
    engine->traded_cost[position] = holding->traded_cost;
}

bool tr_holding_moved(const tr_engine *engine, size_t position) {
    return engine->overnight[position] != 0.0 || engine->traded_quantity[position] != 0.0 ||
           engine->traded_cost[position] != 0.0;
}

static void apply(tr_engine *engine, const tr_command *command) {
    // Indices are the producer's; memory safety does not rest on it.
    uint32_t account = command->index;
    if (command->kind == TR_COMMAND_HOLDING) {
        if (command->index >= engine->position_count) return;
        tr_holding_set(engine, command->index, &command->holding);
        account = engine->position_account[command->index];
    } else {
        if (command->kind != TR_COMMAND_MONEY || account >= engine->account_count) return;
        engine->account[account].money = command->money;
    }
    tr_channel_mark(engine, &engine->account[account].channel, 0);
}

/// A run of whole commands: the ring's capacity and every batch are multiples of TR_COMMAND_RECORDS.
static void apply_run(tr_engine *engine, const tr_record *records, size_t count) {
    for (size_t i = 0; i < count; i += TR_COMMAND_RECORDS) {
        tr_command command;
        memcpy(&command, &records[i], sizeof command);
        apply(engine, &command);
    }
}

void tr_commands_drain(tr_engine *engine) {
    tr_run run;
    size_t count = tr_ring_peek(engine->commands, TR_COMMANDS_MAX * TR_COMMAND_RECORDS, &run);
    if (count == 0) return;
    apply_run(engine, run.first, run.first_count);
    apply_run(engine, run.second, run.second_count);
    tr_ring_release(engine->commands, count);
}

bool tr_engine_push(tr_engine *engine, const tr_command *commands, size_t count) {
    tr_run run;
    size_t records = count * TR_COMMAND_RECORDS;
    if (count > TR_COMMANDS_MAX || !tr_ring_claim(engine->commands, records, &run)) return false;
    if (run.first_count > 0) memcpy(run.first, commands, run.first_count * sizeof(tr_record));
    if (run.second_count > 0) {
        memcpy(run.second, commands + run.first_count / TR_COMMAND_RECORDS, run.second_count * sizeof(tr_record));
    }
    tr_ring_commit(engine->commands, records);
    return true;
}

void tr_holdings_roll(tr_engine *engine) {
    for (size_t a = 0; a < engine->account_count; a++) {
        tr_account *account = &engine->account[a];
        bool changed = account->money.day_fees != 0.0;
        account->money.day_fees = 0.0;
        for (size_t p = account->first_position; p < account->first_position + account->position_count; p++) {
            changed |= engine->overnight[p] != engine->quantity[p] || engine->traded_quantity[p] != 0.0 ||
                       engine->traded_cost[p] != 0.0;
            engine->overnight[p] = engine->quantity[p];
            engine->traded_quantity[p] = engine->traded_cost[p] = 0.0;
        }
        if (changed) tr_channel_mark(engine, &account->channel, 0);
    }
}
