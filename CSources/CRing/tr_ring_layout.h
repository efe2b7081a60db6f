// SPDX-License-Identifier: Apache-2.0
// How a ring lies in memory: which side writes what, and what keeps the two sides off each other's cache lines.
#pragma once
#include "CRing.h"

#pragma clang assume_nonnull begin

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

struct tr_ring {
    _Alignas(TR_FALSE_SHARING_RANGE) tr_ring_side producer;
    _Alignas(TR_FALSE_SHARING_RANGE) tr_ring_side consumer;
    _Alignas(TR_FALSE_SHARING_RANGE) tr_record slots[];
};

_Static_assert(sizeof(tr_record) == 32, "two records fill a cache line");
_Static_assert(sizeof(tr_ring_side) <= TR_CACHE_LINE, "a side is one cache line");
_Static_assert(offsetof(struct tr_ring, producer) == 0, "drawn above");
_Static_assert(offsetof(struct tr_ring, consumer) == TR_FALSE_SHARING_RANGE, "drawn above");
_Static_assert(offsetof(struct tr_ring, slots) == 2 * TR_FALSE_SHARING_RANGE, "drawn above");

#pragma clang assume_nonnull end
