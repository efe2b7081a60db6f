// SPDX-License-Identifier: Apache-2.0
// The allocation functions of the C library, counted: the program's own definitions win over those of glibc, which
// keeps the originals under names of their own.
#include "AllocationCounter.h"

#include <errno.h>
#include <stddef.h>

extern void *__libc_malloc(size_t bytes);
extern void *__libc_calloc(size_t count, size_t bytes);
extern void *__libc_realloc(void *old, size_t bytes);
extern void *__libc_memalign(size_t alignment, size_t bytes);

static _Thread_local uint64_t allocations;

uint64_t tr_allocation_count(void) { return allocations; }

void *malloc(size_t bytes) {
    allocations += 1;
    return __libc_malloc(bytes);
}

void *calloc(size_t count, size_t bytes) {
    allocations += 1;
    return __libc_calloc(count, bytes);
}

void *realloc(void *old, size_t bytes) {
    allocations += 1;
    return __libc_realloc(old, bytes);
}

void *memalign(size_t alignment, size_t bytes) {
    allocations += 1;
    return __libc_memalign(alignment, bytes);
}

void *aligned_alloc(size_t alignment, size_t bytes) {
    allocations += 1;
    return __libc_memalign(alignment, bytes);
}

int posix_memalign(void **memory, size_t alignment, size_t bytes) {
    if (alignment < sizeof(void *) || (alignment & (alignment - 1)) != 0) return EINVAL;
    allocations += 1;
    void *taken = __libc_memalign(alignment, bytes);
    if (taken == NULL) return ENOMEM;
    *memory = taken;
    return 0;
}
