// SPDX-License-Identifier: Apache-2.0
// A writer and a reader at full speed on one exchange: values are whole, ever newer, and the last one arrives.
#include "CRing.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

enum { WORDS = 33, VALUES = 200000 };

static void *publish(void *argument) {
    tr_exchange *exchange = argument;
    for (uint64_t value = 1; value <= VALUES; value += 1) {
        uint64_t *back = tr_exchange_back(exchange);
        for (size_t i = 0; i < WORDS; i += 1) back[i] = value + i;
        tr_exchange_publish(exchange);
        if (value % 64 == 0) sched_yield();
    }
    return NULL;
}

static void fail(const char *what, uint64_t value, uint64_t newest) {
    fprintf(stderr, "%s: %llu after %llu\n", what, (unsigned long long)value, (unsigned long long)newest);
    exit(1);
}

static uint64_t take_all(tr_exchange *exchange) {
    uint64_t taken = 0;
    for (uint64_t newest = 0; newest < VALUES;) {
        const uint64_t *value = tr_exchange_take(exchange);
        if (value == NULL) {
            sched_yield();
            continue;
        }
        if (value[0] <= newest) fail("not newer", value[0], newest);
        for (size_t i = 0; i < WORDS; i += 1) {
            if (value[i] != value[0] + i) fail("torn", value[i], value[0]);
        }
        newest = value[0];
        taken += 1;
    }
    return taken;
}

int main(void) {
    size_t value_bytes = WORDS * sizeof(uint64_t);
    tr_arena *arena = tr_arena_create(tr_arena_cost(tr_exchange_bytes(value_bytes)));
    if (arena == NULL) return 1;
    tr_exchange *exchange = tr_exchange_init(tr_arena_take(arena, tr_exchange_bytes(value_bytes)), value_bytes);
    pthread_t writer;
    if (pthread_create(&writer, NULL, publish, exchange) != 0) return 1;
    uint64_t taken = take_all(exchange);
    pthread_join(writer, NULL);
    // Nothing is left, and a reader that took every value or only one would not have been concurrent.
    if (tr_exchange_take(exchange) != NULL || taken < 2) return 1;
    tr_arena_destroy(arena);
    return 0;
}
