// SPDX-License-Identifier: Apache-2.0
// A worker that sleeps whenever it sees no work, and a poster that aims at the moment it falls asleep: no wake is lost.
#include "CRing.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROUNDS = 100000, SPINS_BEFORE_YIELD = 2000 };
static const uint64_t patience_ns = UINT64_C(10000000000);

static _Atomic uint64_t posted;
static _Atomic uint64_t finished;
static uint64_t payload;  // not atomic: the sanitizer reports it unless `posted` orders it
static tr_parker *parker;

/// What every user of a parker does: look, announce, look again, sleep.
static void await(uint64_t round) {
    while (TR_LOAD_ACQUIRE(posted) < round) {
        tr_parker_prepare(parker);
        if (TR_LOAD_ACQUIRE(posted) >= round) {
            tr_parker_cancel(parker);
            return;
        }
        uint64_t begin_ns = tr_clock_monotonic_ns();
        tr_parker_wait(parker, patience_ns);
        if (tr_clock_monotonic_ns() - begin_ns < patience_ns) continue;
        fprintf(stderr, "round %llu: the wake was lost\n", (unsigned long long)round);
        exit(1);
    }
}

static void *work(void *argument) {
    (void)argument;
    for (uint64_t round = 1; round <= ROUNDS; round += 1) {
        await(round);
        if (payload != round * 3) {
            fprintf(stderr, "round %llu: woken before the work was visible\n", (unsigned long long)round);
            exit(1);
        }
        TR_STORE_RELEASE(finished, round);
    }
    return NULL;
}

static void post(uint64_t round) {
    payload = round * 3;
    // Release orders the payload before it, as a ring's commit does for its slots.
    TR_STORE_RELEASE(posted, round);
    tr_parker_wake(parker);
}

/// Waits awake: the worker has just finished and is about to look, announce, look and sleep.
static void spin_until_finished(uint64_t round) {
    for (unsigned spins = 0; TR_LOAD_ACQUIRE(finished) < round; spins += 1) {
        if (spins > SPINS_BEFORE_YIELD) sched_yield();
    }
}

/// The moment at which a wake can be lost is a few nanoseconds wide, and an even rhythm would miss it in every round.
static void stagger(uint64_t round) {
    for (volatile unsigned pause = 0; pause < round % 101; pause += 1) continue;
}

/// Wakes without work, at any moment, must do no harm.
static void *disturb(void *argument) {
    (void)argument;
    while (TR_LOAD_RELAXED(finished) < ROUNDS) tr_parker_wake(parker);
    return NULL;
}

static void play(bool disturbed) {
    atomic_store(&posted, 0);
    atomic_store(&finished, 0);
    parker = tr_parker_create();
    if (parker == NULL) exit(1);
    pthread_t worker, disturber;
    if (pthread_create(&worker, NULL, work, NULL) != 0) exit(1);
    if (disturbed && pthread_create(&disturber, NULL, disturb, NULL) != 0) exit(1);
    for (uint64_t round = 1; round <= ROUNDS; round += 1) {
        // A stray wake brings the parker's line here, so that the next one's look is early: the harder case.
        if (round % 2 == 0) tr_parker_wake(parker);
        stagger(round);
        post(round);
        spin_until_finished(round);
    }
    pthread_join(worker, NULL);
    if (disturbed) pthread_join(disturber, NULL);
    tr_parker_destroy(parker);
}

int main(void) {
    // Undisturbed first: a stray wake would heal a lost one.
    play(false);
    play(true);
    return 0;
}
