// SPDX-License-Identifier: Apache-2.0
// The bottom of the C core: cache lines, memory order, one arena, CPU tier, clocks. Knows nothing of the project.
#pragma once
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__cplusplus)
#error "the C core is C11"
#endif

#pragma clang assume_nonnull begin

/// Two fields written by different threads lie at least this far apart: adjacent-line prefetch pairs 64-byte lines.
#define TR_CACHE_LINE 64
#define TR_FALSE_SHARING_RANGE 128

// Memory order is in the name; operands are `_Atomic` lvalues.
#define TR_LOAD_RELAXED(object) atomic_load_explicit(&(object), memory_order_relaxed)
#define TR_LOAD_ACQUIRE(object) atomic_load_explicit(&(object), memory_order_acquire)
#define TR_STORE_RELAXED(object, value) atomic_store_explicit(&(object), (value), memory_order_relaxed)
#define TR_STORE_RELEASE(object, value) atomic_store_explicit(&(object), (value), memory_order_release)
#define TR_EXCHANGE_ACQ_REL(object, value) atomic_exchange_explicit(&(object), (value), memory_order_acq_rel)

/// What must hold or the program is wrong: traps where it does not, in release too. It stands where it costs nothing:
/// in cold functions, once a call of a kernel, and where the ring looks at its other side anyway.
#define TR_ASSERT(condition) \
    do { \
        if (__builtin_expect(!(condition), 0)) __builtin_trap(); \
    } while (0)

/// Instruction-set tiers of the kernels; of those that a machine supports, a later one is the better.
typedef enum tr_tier {
    TR_TIER_SCALAR = 0,
    TR_TIER_AVX2 = 1,
    TR_TIER_AVX512 = 2,
    TR_TIER_NEON = 3,  // every arm64 CPU has it
} tr_tier;
enum { TR_TIER_COUNT = 4 };

typedef enum tr_tier_result {
    TR_TIER_OK = 0,
    TR_TIER_UNKNOWN_NAME = 1,
    TR_TIER_NOT_SUPPORTED = 2,  // this CPU, operating system or build lacks the instructions
} tr_tier_result;

/// The best tier this CPU (and operating system, which must save the registers) supports. AVX512 means F, DQ, VL and
/// BW.
tr_tier tr_tier_detect(void);
bool tr_tier_supported(tr_tier tier);
/// "scalar", "avx2", "avx512" or "neon"; "unknown" for what is no tier.
const char *tr_tier_name(tr_tier tier);
/// Chooses a tier by name; NULL or "" chooses the best. `tier` is written only when the answer is TR_TIER_OK.
tr_tier_result tr_tier_choose(const char *_Nullable name, tr_tier *tier);

/// One allocation made at start, handed out by bumping, zeroed, released whole. Used by one thread at a time.
typedef struct tr_arena tr_arena;
/// NULL when memory is short.
tr_arena *_Nullable tr_arena_create(size_t bytes);
void tr_arena_destroy(tr_arena *_Nullable arena);
/// Zeroed memory aligned to TR_FALSE_SHARING_RANGE. Running out is a sizing mistake of the caller: it traps.
void *tr_arena_take(tr_arena *arena, size_t bytes);
size_t tr_arena_used(const tr_arena *arena);
/// What `bytes` take from an arena, alignment included: sum these to size it. 0 for 0; saturates near SIZE_MAX.
size_t tr_arena_cost(size_t bytes);

/// Nanoseconds of CLOCK_MONOTONIC.
uint64_t tr_clock_monotonic_ns(void);
/// Nanoseconds since 1970.
uint64_t tr_clock_realtime_ns(void);

/// Names the calling thread, as `top -H` shows it; at most 15 bytes.
void tr_thread_set_name(const char *name);

#pragma clang assume_nonnull end
