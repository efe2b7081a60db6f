// SPDX-License-Identifier: Apache-2.0
// The parker: an event count on a futex that costs the waker no system call while the sleeper is awake.
#include "CRing.h"

#include <errno.h>
#include <linux/futex.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

//                 prepare                     wait
//      ┌───────┐ ───────────► ┌───────────┐ ──────────► asleep in the kernel, the word still says ANNOUNCED
//      │ AWAKE │              │ ANNOUNCED │
//      └───────┘ ◄─────────── └───────────┘
//               cancel, wake, timeout
//
// Why no wake is lost. The danger is Dekker's: the waker commits work and then looks at the word, the sleeper writes
// the word and then looks for work; with plain loads and stores both may look too early. Here every access to the word
// that matters is a read-modify-write, and read-modify-writes of one word come in one order:
//
//   - the waker's comes after the sleeper's announcement: it reads ANNOUNCED, and wakes; or
//   - the sleeper's announcement comes after the waker's: it reads what the waker left, which synchronises (release and
//     acquire on the same word), so the sleeper's look for work that follows sees what was committed.
//
// This argument needs no atomic_thread_fence, which the thread sanitizer does not model; it does model this. The word
// is never stored plainly, since a plain store would cut the chain of read-modify-writes. The waker's adds nothing
// (fetch_or of 0), which x86-64 compilers turn into a fence and a load: the line stays shared between wakers.
enum { AWAKE = 0, ANNOUNCED = 1 };

struct tr_parker {
    _Alignas(TR_FALSE_SHARING_RANGE) _Atomic uint32_t word;
};

_Static_assert(sizeof(_Atomic uint32_t) == 4, "a futex is 32 bits");
_Static_assert(sizeof(struct tr_parker) == TR_FALSE_SHARING_RANGE, "a parker shares its lines with nobody");

tr_parker *tr_parker_create(void) {
    tr_parker *parker = aligned_alloc(TR_FALSE_SHARING_RANGE, sizeof(tr_parker));
    if (parker == NULL) return NULL;
    atomic_init(&parker->word, AWAKE);
    return parker;
}

void tr_parker_destroy(tr_parker *parker) {
    free(parker);
}

void tr_parker_prepare(tr_parker *parker) {
    atomic_exchange_explicit(&parker->word, ANNOUNCED, memory_order_seq_cst);
}

void tr_parker_cancel(tr_parker *parker) {
    atomic_exchange_explicit(&parker->word, AWAKE, memory_order_seq_cst);
}

/// The moment on CLOCK_MONOTONIC that is `timeout_ns` away; the end of time where that overflows.
static struct timespec tr_deadline_after(uint64_t timeout_ns) {
    const uint64_t second_ns = UINT64_C(1000000000);
    uint64_t now_ns = tr_clock_monotonic_ns();
    uint64_t deadline_ns = timeout_ns < UINT64_MAX - now_ns ? now_ns + timeout_ns : UINT64_MAX;
    return (struct timespec){
        .tv_sec = (time_t)(deadline_ns / second_ns),
        .tv_nsec = (long)(deadline_ns % second_ns),
    };
}

void tr_parker_wait(tr_parker *parker, uint64_t timeout_ns) {
    // The kernel compares the word with ANNOUNCED itself, under its own lock: a wake in between makes this return at
    // once. WAIT_BITSET because its timeout is a moment, which a signal that interrupts us does not move.
    struct timespec deadline = tr_deadline_after(timeout_ns);
    while (TR_LOAD_ACQUIRE(parker->word) == ANNOUNCED) {
        long result = syscall(
            SYS_futex, &parker->word, FUTEX_WAIT_BITSET_PRIVATE, ANNOUNCED, &deadline, NULL, FUTEX_BITSET_MATCH_ANY);
        if (result != 0 && errno == ETIMEDOUT) break;
        // A system that refuses the call (a seccomp filter) would make this a loop that burns a core without a word.
        TR_ASSERT(result == 0 || errno == EAGAIN || errno == EINTR);
    }
    tr_parker_cancel(parker);
}

void tr_parker_wake(tr_parker *parker) {
    if (atomic_fetch_or_explicit(&parker->word, 0, memory_order_seq_cst) != ANNOUNCED) return;
    // Of several wakers only the one that takes ANNOUNCED away pays for the system call.
    if (atomic_exchange_explicit(&parker->word, AWAKE, memory_order_seq_cst) != ANNOUNCED) return;
    syscall(SYS_futex, &parker->word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}
