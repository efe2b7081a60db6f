// SPDX-License-Identifier: Apache-2.0
// Our ring between two threads.
#include "ring_ours.h"

#include <pthread.h>
#include "CRing.h"

enum { CAPACITY = 1024 };

typedef struct run {
    tr_ring *ring;
    size_t records, batch;
} run;

static void *produce_single(void *context) {
    const run *job = context;
    unsigned tries = 0;
    for (uint64_t number = 0; number < job->records; number++) {
        tr_run slot;
        while (!tr_ring_claim(job->ring, 1, &slot)) ring_wait(&tries);
        *slot.first = (tr_record){{number, number, number, number}};
        tr_ring_commit(job->ring, 1);
    }
    return NULL;
}

static uint64_t consume_single(const run *job) {
    uint64_t sum = 0;
    unsigned tries = 0;
    for (size_t received = 0; received < job->records; received++) {
        tr_run slot;
        while (tr_ring_peek(job->ring, 1, &slot) == 0) ring_wait(&tries);
        sum += slot.first->words[0] + slot.first->words[3];
        tr_ring_release(job->ring, 1);
    }
    return sum;
}

static void *produce_batches(void *context) {
    const run *job = context;
    unsigned tries = 0;
    for (size_t sent = 0; sent < job->records; sent += job->batch) {
        tr_run slots;
        while (!tr_ring_claim(job->ring, job->batch, &slots)) ring_wait(&tries);
        for (size_t i = 0; i < slots.first_count; i++) {
            uint64_t number = sent + i;
            slots.first[i] = (tr_record){{number, number, number, number}};
        }
        for (size_t i = 0; i < slots.second_count; i++) {
            uint64_t number = sent + slots.first_count + i;
            slots.second[i] = (tr_record){{number, number, number, number}};
        }
        tr_ring_commit(job->ring, job->batch);
    }
    return NULL;
}

static uint64_t consume_batches(const run *job) {
    uint64_t sum = 0;
    unsigned tries = 0;
    for (size_t received = 0; received < job->records;) {
        tr_run slots;
        size_t count = tr_ring_peek(job->ring, job->batch, &slots);
        if (count == 0) ring_wait(&tries);
        for (size_t i = 0; i < slots.first_count; i++) sum += slots.first[i].words[0] + slots.first[i].words[3];
        for (size_t i = 0; i < slots.second_count; i++) sum += slots.second[i].words[0] + slots.second[i].words[3];
        tr_ring_release(job->ring, count);
        received += count;
    }
    return sum;
}

uint64_t ring_ours(size_t records, size_t batch) {
    run job = {tr_ring_create(CAPACITY), records, batch};
    pthread_t producer;
    if (job.ring == NULL) return 0;
    if (pthread_create(&producer, NULL, batch == 1 ? produce_single : produce_batches, &job) != 0) return 0;
    uint64_t sum = batch == 1 ? consume_single(&job) : consume_batches(&job);
    pthread_join(producer, NULL);
    tr_ring_destroy(job.ring);
    return sum;
}
