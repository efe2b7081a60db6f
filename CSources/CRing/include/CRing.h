// SPDX-License-Identifier: Apache-2.0
// How threads meet: a ring of 32-byte records, a latest-value exchange, a parker to sleep on, a crew for one job.
#pragma once
#include "CPlatform.h"
#include "tr_ring.h"

#pragma clang assume_nonnull begin

// MARK: Exchange
//
// Three slots, one owned by the writer, one by the reader, one in the middle. Publishing swaps the writer's with the
// middle, taking swaps the reader's with it: neither waits, the reader always gets the newest whole value, older unread
// ones are overwritten. One writer, one reader.

typedef struct tr_exchange tr_exchange;

/// Bytes a value of this size needs in an arena, all three slots.
size_t tr_exchange_bytes(size_t value_bytes);
/// Builds an exchange in zeroed memory of that size, aligned to TR_FALSE_SHARING_RANGE. It needs no destruction.
tr_exchange *tr_exchange_init(void *memory, size_t value_bytes);
/// Writer: the slot to write, all of it, since its content is zero or some older value. Valid until the next publish.
void *tr_exchange_back(tr_exchange *exchange);
/// Writer: publishes the back slot.
void tr_exchange_publish(tr_exchange *exchange);
/// Reader: the newest value, or NULL when nothing was published since the last take. Valid until the next take that
/// returns one.
const void *_Nullable tr_exchange_take(tr_exchange *exchange);

// MARK: Parker
//
// One thread sleeps, others wake it. A wake that comes before the sleep is kept, so none is lost:
// the sleeper announces (prepare), looks for work once more, and then waits or cancels.

typedef struct tr_parker tr_parker;

tr_parker *_Nullable tr_parker_create(void);
void tr_parker_destroy(tr_parker *_Nullable parker);
/// Sleeper: announces that it is about to sleep. What another thread committed before a wake that does not see this
/// announcement is visible after it.
void tr_parker_prepare(tr_parker *parker);
/// Sleeper: there was work after all.
void tr_parker_cancel(tr_parker *parker);
/// Sleeper: sleeps until woken or for at most `timeout_ns`; returns at once if woken since prepare or never prepared.
void tr_parker_wait(tr_parker *parker, uint64_t timeout_ns);
/// Anyone, after committing work: wakes the sleeper; a fence and a load when it is awake, a futex call when it sleeps.
void tr_parker_wake(tr_parker *parker);

// MARK: Crew
//
// One leader and some helpers, each on a thread of its own. The leader hands out a job of as many parts as there are
// members, does one itself, and goes on when all are done. Idle helpers sleep.

typedef struct tr_crew tr_crew;

/// One part of a job; `part` is 0 for the leader.
typedef void (*tr_crew_part)(void *context, size_t part);

/// `helpers` is 1 to 63; NULL otherwise or when memory is short.
tr_crew *_Nullable tr_crew_create(size_t helpers);
/// After every helper has returned.
void tr_crew_destroy(tr_crew *_Nullable crew);
/// The leader and its helpers.
size_t tr_crew_size(const tr_crew *crew);
/// Leader: runs all parts, one a member; returns when they are done. Every helper must be at work.
void tr_crew_run(tr_crew *crew, tr_crew_part part, void *context);
/// Helper `number`, from 0: works until dismissed.
void tr_crew_help(tr_crew *crew, size_t number);
/// Anyone, while no job is running: lets the helpers return.
void tr_crew_dismiss(tr_crew *crew);

#pragma clang assume_nonnull end
