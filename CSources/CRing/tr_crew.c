// SPDX-License-Identifier: Apache-2.0
// The crew: helpers that take their part of each job a leader hands out.
#include "CRing.h"

#include <stdlib.h>
#include <string.h>

//   leader                                   helper n
//   part, context                            asleep on its own parker
//   running ← helpers
//   helper[n].order ← job number, wake ────► sees a number it has not done
//   its own part                             its part
//   waits until running is 0 ◄────────────── running − 1; the last wakes the leader
//
// The order is stored with release after the job and loaded with acquire before it is read; the count goes down with
// release and is read with acquire, so what a part wrote is there when the leader goes on.

/// How often the leader looks before it sleeps: parts are made to be equally long.
enum { LOOKS = 4096, HELPERS_MAX = 63 };
/// Sleeps end by a wake; this bounds what a defect could cost.
#define SLEEP_LIMIT_NS UINT64_C(100000000)

typedef struct tr_helper {
    _Alignas(TR_FALSE_SHARING_RANGE) _Atomic uint64_t order;
    tr_parker *parker;
} tr_helper;

struct tr_crew {
    _Alignas(TR_FALSE_SHARING_RANGE) _Atomic size_t running;
    _Atomic bool dismissed;
    tr_crew_part part;
    void *context;
    uint64_t job;
    size_t helper_count;
    tr_parker *leader;
    _Alignas(TR_FALSE_SHARING_RANGE) tr_helper helper[];
};

tr_crew *tr_crew_create(size_t helpers) {
    if (helpers == 0 || helpers > HELPERS_MAX) return NULL;
    size_t bytes = sizeof(tr_crew) + helpers * sizeof(tr_helper);
    tr_crew *crew = aligned_alloc(TR_FALSE_SHARING_RANGE, bytes);
    if (crew == NULL) return NULL;
    memset(crew, 0, bytes);
    crew->helper_count = helpers;
    bool complete = (crew->leader = tr_parker_create()) != NULL;
    for (size_t h = 0; h < helpers; h++) complete &= (crew->helper[h].parker = tr_parker_create()) != NULL;
    if (complete) return crew;
    tr_crew_destroy(crew);
    return NULL;
}

void tr_crew_destroy(tr_crew *crew) {
    if (crew == NULL) return;
    for (size_t h = 0; h < crew->helper_count; h++) tr_parker_destroy(crew->helper[h].parker);
    tr_parker_destroy(crew->leader);
    free(crew);
}

size_t tr_crew_size(const tr_crew *crew) {
    return crew->helper_count + 1;
}

static void pause_a_moment(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static bool all_done(tr_crew *crew) {
    return TR_LOAD_ACQUIRE(crew->running) == 0;
}

void tr_crew_run(tr_crew *crew, tr_crew_part part, void *context) {
    crew->part = part;
    crew->context = context;
    crew->job += 1;
    TR_STORE_RELAXED(crew->running, crew->helper_count);
    for (size_t h = 0; h < crew->helper_count; h++) {
        TR_STORE_RELEASE(crew->helper[h].order, crew->job);
        tr_parker_wake(crew->helper[h].parker);
    }
    part(context, 0);
    for (size_t look = 0; look < LOOKS; look++) {
        if (all_done(crew)) return;
        pause_a_moment();
    }
    while (!all_done(crew)) {
        tr_parker_prepare(crew->leader);
        if (all_done(crew)) {
            tr_parker_cancel(crew->leader);
        } else {
            tr_parker_wait(crew->leader, SLEEP_LIMIT_NS);
        }
    }
}

void tr_crew_help(tr_crew *crew, size_t number) {
    TR_ASSERT(number < crew->helper_count);
    tr_helper *self = &crew->helper[number];
    uint64_t done = 0;
    while (!TR_LOAD_ACQUIRE(crew->dismissed)) {
        tr_parker_prepare(self->parker);
        uint64_t order = TR_LOAD_ACQUIRE(self->order);
        if (order == done && !TR_LOAD_ACQUIRE(crew->dismissed)) {
            tr_parker_wait(self->parker, SLEEP_LIMIT_NS);
            continue;
        }
        tr_parker_cancel(self->parker);
        if (order == done) return;
        done = order;
        crew->part(crew->context, number + 1);
        if (atomic_fetch_sub_explicit(&crew->running, 1, memory_order_acq_rel) == 1) tr_parker_wake(crew->leader);
    }
}

void tr_crew_dismiss(tr_crew *crew) {
    TR_STORE_RELEASE(crew->dismissed, true);
    for (size_t h = 0; h < crew->helper_count; h++) tr_parker_wake(crew->helper[h].parker);
}
