// SPDX-License-Identifier: Apache-2.0
// A crew of four that is handed many jobs, some at once and some after its helpers fell asleep: every part runs once,
// sees what the leader wrote, and is done when the leader goes on.
#include "CRing.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

enum { HELPERS = 3, MEMBERS = HELPERS + 1, JOBS = 20000, REST_EVERY = 64, REST_YIELDS = 200 };

typedef struct job {
    uint64_t number;           // not atomic: the sanitizer reports it unless the crew orders it
    uint64_t done[MEMBERS];
} job;

static tr_crew *crew;

static void part(void *context, size_t member) {
    job *of = context;
    of->done[member] += of->number;
}

static void *help(void *number) {
    tr_crew_help(crew, (size_t)(uintptr_t)number);
    return NULL;
}

static void check(bool holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "%s\n", what);
    exit(1);
}

int main(void) {
    check(tr_crew_create(0) == NULL && tr_crew_create(64) == NULL, "a crew of an impossible size was made");
    crew = tr_crew_create(HELPERS);
    check(crew != NULL && tr_crew_size(crew) == MEMBERS, "no crew of four");
    pthread_t thread[HELPERS];
    for (size_t h = 0; h < HELPERS; h++) {
        check(pthread_create(&thread[h], NULL, help, (void *)(uintptr_t)h) == 0, "no thread");
    }
    job work = {0};
    uint64_t expected = 0;
    for (uint64_t number = 1; number <= JOBS; number++) {
        work.number = number;
        expected += number;
        tr_crew_run(crew, part, &work);
        for (size_t m = 0; m < MEMBERS; m++) {
            check(work.done[m] == expected, "the leader went on before a part was done, or one ran twice");
        }
        if (number % REST_EVERY != 0) continue;
        for (size_t i = 0; i < REST_YIELDS; i++) sched_yield();
    }
    tr_crew_dismiss(crew);
    for (size_t h = 0; h < HELPERS; h++) pthread_join(thread[h], NULL);
    tr_crew_destroy(crew);
    return 0;
}
