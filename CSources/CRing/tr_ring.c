// SPDX-License-Identifier: Apache-2.0
// The single-producer single-consumer ring: claim and commit, peek and release.
#include "tr_ring_layout.h"

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

/// The `count` slots from `position` on, split where the array ends.
static tr_run tr_run_make(const tr_ring_side *side, uint64_t position, size_t count) {
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

bool tr_ring_claim(tr_ring *ring, size_t count, tr_run *run) {
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

void tr_ring_commit(tr_ring *ring, size_t count) {
    tr_ring_side *producer = &ring->producer;
    TR_ASSERT(count <= producer->granted);
    producer->granted -= count;
    uint64_t tail = TR_LOAD_RELAXED(producer->position);
    TR_STORE_RELEASE(producer->position, tail + count);
}

size_t tr_ring_peek(tr_ring *ring, size_t limit, tr_run *run) {
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

void tr_ring_release(tr_ring *ring, size_t count) {
    tr_ring_side *consumer = &ring->consumer;
    TR_ASSERT(count <= consumer->granted);
    consumer->granted -= count;
    uint64_t head = TR_LOAD_RELAXED(consumer->position);
    TR_STORE_RELEASE(consumer->position, head + count);
}

size_t tr_ring_count(const tr_ring *ring) {
    // Head first: the tail, read later, is then never behind it. Both may move in between, hence the bound.
    uint64_t head = TR_LOAD_ACQUIRE(ring->consumer.position);
    uint64_t tail = TR_LOAD_ACQUIRE(ring->producer.position);
    uint64_t capacity = ring->producer.mask + 1;
    return tail - head < capacity ? tail - head : capacity;
}
