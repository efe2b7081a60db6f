// SPDX-License-Identifier: Apache-2.0
// What of the ring is not on the way of a record: its memory, and how full it is.
#include "CRing.h"

#include <stdlib.h>
#include <string.h>

enum { CAPACITY_MIN = 2, CAPACITY_MAX = 1 << 26 };

tr_ring *tr_ring_create(size_t capacity) {
    bool power_of_two = (capacity & (capacity - 1)) == 0;
    if (capacity < CAPACITY_MIN || capacity > CAPACITY_MAX || !power_of_two) return NULL;
    size_t bytes = tr_arena_cost(sizeof(struct tr_ring) + capacity * sizeof(tr_record));
    tr_ring *ring = aligned_alloc(TR_FALSE_SHARING_RANGE, bytes);
    if (ring == NULL) return NULL;
    // Touches every page too: the first lap must not be slower than the second.
    memset(ring, 0, bytes);
    ring->producer.mask = ring->consumer.mask = capacity - 1;
    ring->producer.slots = ring->consumer.slots = ring->slots;
    return ring;
}

void tr_ring_destroy(tr_ring *ring) {
    free(ring);
}

size_t tr_ring_capacity(const tr_ring *ring) {
    return ring->producer.mask + 1;
}

size_t tr_ring_count(const tr_ring *ring) {
    // Head first: the tail, read later, is then never behind it. Both may move in between, hence the bound.
    uint64_t head = TR_LOAD_ACQUIRE(ring->consumer.position);
    uint64_t tail = TR_LOAD_ACQUIRE(ring->producer.position);
    uint64_t capacity = ring->producer.mask + 1;
    return tail - head < capacity ? tail - head : capacity;
}
