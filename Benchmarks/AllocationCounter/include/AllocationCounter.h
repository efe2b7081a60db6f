// SPDX-License-Identifier: Apache-2.0
// Counts what the calling thread allocates, in a program that links this.
#pragma once
#include <stdint.h>

/// Calls of malloc, calloc, realloc, posix_memalign, aligned_alloc and memalign by this thread since it began, by this
/// program or any library it loads.
uint64_t tr_allocation_count(void);
