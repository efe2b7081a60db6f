// SPDX-License-Identifier: Apache-2.0
// Our ring as the peers' program, which is C++, sees it.
#pragma once
#include <sched.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// How every queue here waits: it spins as a core should that does (Intel's and Arm's manuals: without a pause each
/// look takes the cache line from whoever is writing it), and lets others run where that did not help.
static inline void ring_wait(unsigned *tries) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb");
#endif
    if (++*tries % 256 == 0) sched_yield();
}

/// Sends `records` through the ring from one thread to another in batches; answers the sum of the first words. At most
/// 1,024 records are under way.
uint64_t ring_ours(size_t records, size_t batch);

#ifdef __cplusplus
}
#endif
