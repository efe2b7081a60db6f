// SPDX-License-Identifier: Apache-2.0
// How two threads meet: a ring of 32-byte records, a latest-value exchange, and a parker to sleep on.
#pragma once
#include "CPlatform.h"

#pragma clang assume_nonnull begin

// MARK: Ring
//
// Single producer, single consumer. The producer claims room for a whole batch, writes it, and commits it: the consumer
// sees all of it or nothing. The consumer peeks at what is there, reads it, and releases it.
//
//        head ──────────────► tail
//   ┌────┬────┬────┬────┬────┬────┬────┬────┐
//   │free│ ready to be read  │ claimed │free│      positions count up for ever; slot = position & (capacity − 1)
//   └────┴────┴────┴────┴────┴────┴────┴────┘
//
// Each side keeps a copy of the other's position and reads the shared one only when the copy cannot serve the request.

/// One record; what is in it is between producer and consumer. Slots lie on multiples of 32 bytes, so that none
/// straddles a cache line; the type does not say so, because Swift imports no type aligned to more than 16.
typedef struct tr_record {
    uint64_t words[4];
} tr_record;

/// A batch as one or two runs of slots (the second where it wraps); a run of no slots is NULL.
typedef struct tr_run {
    tr_record *_Nullable first;
    size_t first_count;
    tr_record *_Nullable second;
    size_t second_count;
} tr_run;

typedef struct tr_ring tr_ring;

/// `capacity` is a power of two from 2 to 2^26; NULL otherwise or when memory is short.
tr_ring *_Nullable tr_ring_create(size_t capacity);
void tr_ring_destroy(tr_ring *_Nullable ring);
size_t tr_ring_capacity(const tr_ring *ring);

/// Producer: room for exactly `count` records, or false and no change. Claiming again before the commit claims the same
/// slots, which still hold what was written into them. More than the capacity is never granted.
bool tr_ring_claim(tr_ring *ring, size_t count, tr_run *run);
/// Producer: makes the first `count` claimed records visible at once; the others stay claimed. More than that: traps.
void tr_ring_commit(tr_ring *ring, size_t count);

/// Consumer: at most `limit` of the records that are ready, oldest first; returns how many.
size_t tr_ring_peek(tr_ring *ring, size_t limit, tr_run *run);
/// Consumer: gives the oldest `count` peeked slots back. More than were peeked: traps.
void tr_ring_release(tr_ring *ring, size_t count);

/// Records ready, seen from any thread; exact only on the consumer's.
size_t tr_ring_count(const tr_ring *ring);

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

#pragma clang assume_nonnull end
