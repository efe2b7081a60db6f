// SPDX-License-Identifier: Apache-2.0
// The two clocks: one that only goes forward, for intervals, and one that tells the date, for the wire.
#include "CPlatform.h"

#include <time.h>

static uint64_t tr_clock_ns(clockid_t clock) {
    struct timespec now;
    int result = clock_gettime(clock, &now);
    TR_ASSERT(result == 0);  // it cannot fail for these two clocks, and a zero would be taken for a time
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

uint64_t tr_clock_monotonic_ns(void) {
    return tr_clock_ns(CLOCK_MONOTONIC);
}

uint64_t tr_clock_realtime_ns(void) {
    return tr_clock_ns(CLOCK_REALTIME);
}
