// SPDX-License-Identifier: Apache-2.0
// The ring of 32-byte records: claim and commit, peek and release, in full, so that they become part of their callers.
#pragma once
#include "CPlatform.h"

#pragma clang assume_nonnull begin

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

// MARK: How it lies in memory
//
//   offset 0            written by the producer             128           written by the consumer
//   ┌────────────────────────────────────────────┐          ┌────────────────────────────────────────────┐
//   │ tail ◄ read by the consumer                │          │ head ◄ read by the producer                │
//   │ head_seen  claimed  mask  slots            │          │ tail_seen  peeked  mask  slots             │
//   └────────────────────────────────────────────┘          └────────────────────────────────────────────┘
//   offset 256
//   ┌────────┬────────┬────────┬─ ─ ─ ─┬────────┐
//   │ slot 0 │ slot 1 │ slot 2 │       │ slot n │   32 bytes each, two on a cache line, in the same allocation
//   └────────┴────────┴────────┴─ ─ ─ ─┴────────┘
//
// Positions count records since creation: head ≤ tail ≤ head + capacity. Everything in a side's block but its first
// field is private to that side, which is why mask and slots exist twice: reading them never waits for the other core.

typedef struct tr_ring_side {
    _Atomic uint64_t position;  // producer: tail, consumer: head; stored with release, the other loads with acquire
    uint64_t other_seen;        // the other side's position when last loaded; never ahead of it
    uint64_t granted;           // producer: claimed, not committed; consumer: peeked, not released
    uint64_t mask;              // capacity − 1
    tr_record *slots;
} tr_ring_side;

typedef struct tr_ring {
    _Alignas(TR_FALSE_SHARING_RANGE) tr_ring_side producer;
    _Alignas(TR_FALSE_SHARING_RANGE) tr_ring_side consumer;
    _Alignas(TR_FALSE_SHARING_RANGE) tr_record slots[];
} tr_ring;

_Static_assert(sizeof(tr_record) == 32, "two records fill a cache line");
_Static_assert(sizeof(tr_ring_side) <= TR_CACHE_LINE, "a side is one cache line");
_Static_assert(offsetof(struct tr_ring, producer) == 0, "drawn above");
_Static_assert(offsetof(struct tr_ring, consumer) == TR_FALSE_SHARING_RANGE, "drawn above");
_Static_assert(offsetof(struct tr_ring, slots) == 2 * TR_FALSE_SHARING_RANGE, "drawn above");

/// `capacity` is a power of two from 2 to 2^26; NULL otherwise or when memory is short.
tr_ring *_Nullable tr_ring_create(size_t capacity);
void tr_ring_destroy(tr_ring *_Nullable ring);
size_t tr_ring_capacity(const tr_ring *ring);

/// Records ready, seen from any thread; exact only on the consumer's.
size_t tr_ring_count(const tr_ring *ring);

// MARK: Both sides

/// The `count` slots from `position` on, split where the array ends.
static inline tr_run tr_run_make(const tr_ring_side *side, uint64_t position, size_t count) {
    size_t first_slot = position & side->mask;
    size_t before_end = side->mask + 1 - first_slot;
    size_t first_count = count < before_end ? count : before_end;
    return (tr_run){
        .first = count > 0 ? side->slots + first_slot : NULL,
        .first_count = first_count,
        .second = count > first_count ? side->slots : NULL,
        .second_count = count - first_count,
    };
}

/// Producer: room for exactly `count` records, or false and no change. Claiming again before the commit claims the same
/// slots, which still hold what was written into them. More than the capacity is never granted.
static inline bool tr_ring_claim(tr_ring *ring, size_t count, tr_run *run) {
    tr_ring_side *producer = &ring->producer;
    uint64_t tail = TR_LOAD_RELAXED(producer->position);
    uint64_t capacity = producer->mask + 1;
    if (count > capacity - (tail - producer->other_seen)) {
        // Acquire: the consumer has finished reading the slots it gave back before we write into them.
        producer->other_seen = TR_LOAD_ACQUIRE(ring->consumer.position);
        TR_ASSERT(tail - producer->other_seen <= capacity);
        if (count > capacity - (tail - producer->other_seen)) return false;
    }
    producer->granted = count;
    *run = tr_run_make(producer, tail, count);
    return true;
}

/// Producer: makes the first `count` claimed records visible at once; the others stay claimed. More than that: traps.
static inline void tr_ring_commit(tr_ring *ring, size_t count) {
    tr_ring_side *producer = &ring->producer;
    TR_ASSERT(count <= producer->granted);
    producer->granted -= count;
    uint64_t tail = TR_LOAD_RELAXED(producer->position);
    TR_STORE_RELEASE(producer->position, tail + count);
}

/// Consumer: at most `limit` of the records that are ready, oldest first; returns how many.
static inline size_t tr_ring_peek(tr_ring *ring, size_t limit, tr_run *run) {
    tr_ring_side *consumer = &ring->consumer;
    uint64_t head = TR_LOAD_RELAXED(consumer->position);
    uint64_t ready = consumer->other_seen - head;
    if (ready < limit) {
        // Acquire: what the producer wrote before it moved the tail is visible from here on.
        consumer->other_seen = TR_LOAD_ACQUIRE(ring->producer.position);
        ready = consumer->other_seen - head;
        TR_ASSERT(ready <= consumer->mask + 1);
    }
    size_t count = ready < limit ? ready : limit;
    consumer->granted = count;
    *run = tr_run_make(consumer, head, count);
    return count;
}

/// Consumer: gives the oldest `count` peeked slots back. More than were peeked: traps.
static inline void tr_ring_release(tr_ring *ring, size_t count) {
    tr_ring_side *consumer = &ring->consumer;
    TR_ASSERT(count <= consumer->granted);
    consumer->granted -= count;
    uint64_t head = TR_LOAD_RELAXED(consumer->position);
    TR_STORE_RELEASE(consumer->position, head + count);
}

#pragma clang assume_nonnull end
