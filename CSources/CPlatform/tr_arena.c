// SPDX-License-Identifier: Apache-2.0
// The arena: one block taken at start, handed out front to back, given back whole.
#include "CPlatform.h"

#include <stdlib.h>
#include <string.h>

//   block                  first take          second take
//   ▼                      ▼                   ▼
//   ┌──────────────────────┬───────────────────┬──────────────────────────┐
//   │ tr_arena, padded     │ bytes, padded     │ …                        │   every boundary a multiple of
//   └──────────────────────┴───────────────────┴──────────────────────────┘   TR_FALSE_SHARING_RANGE
//                          ◄───────────── used ►
//                          ◄──────────────────── size ────────────────────►
struct tr_arena {
    size_t size;
    size_t used;
};

enum { HEADER_BYTES = TR_FALSE_SHARING_RANGE };
_Static_assert(sizeof(struct tr_arena) <= HEADER_BYTES, "the header must leave the first take aligned");

tr_arena *tr_arena_create(size_t bytes) {
    size_t size = tr_arena_cost(bytes);
    if (size > SIZE_MAX - HEADER_BYTES - (TR_FALSE_SHARING_RANGE - 1)) return NULL;
    tr_arena *arena = aligned_alloc(TR_FALSE_SHARING_RANGE, HEADER_BYTES + size);
    if (arena == NULL) return NULL;
    // Writing every page now means that no page fault is left for the hot path.
    memset(arena, 0, HEADER_BYTES + size);
    arena->size = size;
    return arena;
}

void tr_arena_destroy(tr_arena *arena) {
    free(arena);
}

void *tr_arena_take(tr_arena *arena, size_t bytes) {
    size_t cost = tr_arena_cost(bytes);
    TR_ASSERT(cost <= arena->size - arena->used);
    void *taken = (char *)arena + HEADER_BYTES + arena->used;
    arena->used += cost;
    return taken;
}

size_t tr_arena_used(const tr_arena *arena) {
    return arena->used;
}

size_t tr_arena_cost(size_t bytes) {
    const size_t below = TR_FALSE_SHARING_RANGE - 1;
    // Saturates rather than wraps, so that an absurd size is refused and not served with a few bytes.
    return (bytes > SIZE_MAX - below ? SIZE_MAX : bytes + below) & ~below;
}
