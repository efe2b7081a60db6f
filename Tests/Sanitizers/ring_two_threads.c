// SPDX-License-Identifier: Apache-2.0
// A producer and a consumer at full speed on a small ring: every record comes once, whole, in order.
#include "CRing.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

enum { CAPACITY = 64, RECORDS = 400000, BATCH_MAX = 48 };

/// Batch sizes that differ on both sides, without shared state.
static size_t batch_after(uint64_t *state) {
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return 1 + (size_t)(*state >> 33) % BATCH_MAX;
}

static void write_run(tr_record *slots, size_t count, uint64_t value) {
    for (size_t i = 0; i < count; i += 1, value += 1) {
        slots[i] = (tr_record){.words = {value, ~value, value * 3, 7}};
    }
}

static void check_run(const tr_record *slots, size_t count, uint64_t value) {
    for (size_t i = 0; i < count; i += 1, value += 1) {
        const uint64_t *words = slots[i].words;
        if (words[0] == value && words[1] == ~value && words[2] == value * 3 && words[3] == 7) continue;
        fprintf(stderr, "record %llu is lost, doubled or torn\n", (unsigned long long)value);
        exit(1);
    }
}

static void *produce(void *argument) {
    tr_ring *ring = argument;
    uint64_t state = 1;
    for (uint64_t next = 0; next < RECORDS;) {
        size_t count = batch_after(&state);
        if (count > RECORDS - next) count = (size_t)(RECORDS - next);
        tr_run run;
        if (!tr_ring_claim(ring, count, &run)) {
            sched_yield();
            continue;
        }
        write_run(run.first, run.first_count, next);
        write_run(run.second, run.second_count, next + run.first_count);
        tr_ring_commit(ring, count);
        next += count;
    }
    return NULL;
}

static void consume(tr_ring *ring) {
    uint64_t state = 2;
    for (uint64_t next = 0; next < RECORDS;) {
        tr_run run;
        size_t count = tr_ring_peek(ring, batch_after(&state), &run);
        if (count == 0) {
            sched_yield();
            continue;
        }
        check_run(run.first, run.first_count, next);
        check_run(run.second, run.second_count, next + run.first_count);
        tr_ring_release(ring, count);
        next += count;
    }
}

/// A third thread may ask for the count at any time.
static void *observe(void *argument) {
    tr_ring *ring = argument;
    for (int look = 0; look < 2000; look += 1) {
        if (tr_ring_count(ring) > CAPACITY) {
            fprintf(stderr, "more records are ready than there are slots\n");
            exit(1);
        }
        sched_yield();
    }
    return NULL;
}

int main(void) {
    tr_ring *ring = tr_ring_create(CAPACITY);
    if (ring == NULL) return 1;
    pthread_t producer, observer;
    if (pthread_create(&producer, NULL, produce, ring) != 0) return 1;
    if (pthread_create(&observer, NULL, observe, ring) != 0) return 1;
    consume(ring);
    pthread_join(producer, NULL);
    pthread_join(observer, NULL);
    if (tr_ring_count(ring) != 0) return 1;
    tr_ring_destroy(ring);
    return 0;
}
