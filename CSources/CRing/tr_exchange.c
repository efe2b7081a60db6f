// SPDX-License-Identifier: Apache-2.0
// The latest-value exchange: a triple buffer whose middle slot changes hands in one atomic swap.
#include "CRing.h"

//   offset 0                 128                      256                      384
//   ┌───────────────────────┬────────────────────────┬────────────────────────┬────────┬────────┬────────┐
//   │ middle: slot | FRESH  │ back, slot_bytes       │ front, slot_bytes      │ slot 0 │ slot 1 │ slot 2 │
//   └───────────────────────┴────────────────────────┴────────────────────────┴────────┴────────┴────────┘
//     swapped by both         the writer's alone       the reader's alone       each padded to 128 bytes
//
// {back, middle, front} is always a permutation of {0, 1, 2}: each swap puts one index in and takes another out, so no
// slot ever has two owners. FRESH says that the middle slot was published and not yet taken.

typedef struct tr_exchange_side {
    uint32_t slot;
    size_t slot_bytes;
} tr_exchange_side;

struct tr_exchange {
    _Alignas(TR_FALSE_SHARING_RANGE) _Atomic uint32_t middle;
    _Alignas(TR_FALSE_SHARING_RANGE) tr_exchange_side writer;
    _Alignas(TR_FALSE_SHARING_RANGE) tr_exchange_side reader;
    _Alignas(TR_FALSE_SHARING_RANGE) char slots[];
};

_Static_assert(offsetof(struct tr_exchange, writer) == TR_FALSE_SHARING_RANGE, "drawn above");
_Static_assert(offsetof(struct tr_exchange, reader) == 2 * TR_FALSE_SHARING_RANGE, "drawn above");
_Static_assert(offsetof(struct tr_exchange, slots) == 3 * TR_FALSE_SHARING_RANGE, "drawn above");

enum { SLOT_COUNT = 3, SLOT_MASK = 3, FRESH = 4 };

size_t tr_exchange_bytes(size_t value_bytes) {
    // A value that would wrap the sum is a sizing mistake of the caller, like an arena that runs out.
    TR_ASSERT(value_bytes <= SIZE_MAX / (SLOT_COUNT + 1));
    return sizeof(struct tr_exchange) + SLOT_COUNT * tr_arena_cost(value_bytes);
}

tr_exchange *tr_exchange_init(void *memory, size_t value_bytes) {
    tr_exchange *exchange = memory;
    TR_ASSERT((uintptr_t)memory % TR_FALSE_SHARING_RANGE == 0);
    size_t slot_bytes = tr_arena_cost(value_bytes);
    exchange->writer = (tr_exchange_side){.slot = 0, .slot_bytes = slot_bytes};
    atomic_init(&exchange->middle, 1);
    exchange->reader = (tr_exchange_side){.slot = 2, .slot_bytes = slot_bytes};
    return exchange;
}

void *tr_exchange_back(tr_exchange *exchange) {
    return exchange->slots + exchange->writer.slot * exchange->writer.slot_bytes;
}

void tr_exchange_publish(tr_exchange *exchange) {
    // Release hands our slot over; acquire makes sure that the reader is done with the one we get for it.
    uint32_t taken = TR_EXCHANGE_ACQ_REL(exchange->middle, exchange->writer.slot | FRESH);
    exchange->writer.slot = taken & SLOT_MASK;
    TR_ASSERT(exchange->writer.slot < SLOT_COUNT);
}

const void *tr_exchange_take(tr_exchange *exchange) {
    // Only we clear FRESH: once seen it stays, so this look may be relaxed and spares the swap when there is nothing.
    if ((TR_LOAD_RELAXED(exchange->middle) & FRESH) == 0) return NULL;
    uint32_t taken = TR_EXCHANGE_ACQ_REL(exchange->middle, exchange->reader.slot);
    exchange->reader.slot = taken & SLOT_MASK;
    TR_ASSERT(exchange->reader.slot < SLOT_COUNT);
    return exchange->slots + exchange->reader.slot * exchange->reader.slot_bytes;
}
