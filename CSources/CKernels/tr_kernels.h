// SPDX-License-Identifier: Apache-2.0
// What the kernel files share: their declarations, the one NaN, and the pragma that gives a file its instruction set.
#pragma once
#include "CKernels.h"

#include <string.h>

// The instruction-set files include this before TR_TARGET_BEGIN, so that the intrinsics keep their own targets. The
// pragma stands in the file because the package manager has no compiler flags for a single file.
#if defined(__x86_64__)
#include <immintrin.h>
#define TR_AVX512 "avx512f,avx512dq,avx512vl,avx512bw"
#define TR_TARGET_AVX2_BEGIN \
    _Pragma("clang attribute push(__attribute__((target(\"avx2\"))), apply_to = function)")
#define TR_TARGET_AVX512_BEGIN \
    _Pragma("clang attribute push(__attribute__((target(TR_AVX512))), apply_to = function)")
#define TR_TARGET_END _Pragma("clang attribute pop")
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#define TR_INLINE static inline __attribute__((always_inline))

#pragma clang assume_nonnull begin

// MARK: Every tier of every kernel

void tr_mark_scalar(const tr_mark_input *input, tr_mark_output *output);
void tr_mark_avx2(const tr_mark_input *input, tr_mark_output *output);
void tr_mark_avx512(const tr_mark_input *input, tr_mark_output *output);
void tr_mark_neon(const tr_mark_input *input, tr_mark_output *output);

void tr_weighted_rows_scalar(
    const double *rows, size_t stride, const uint32_t *row, const double *weight, size_t count, size_t columns,
    double *out);
void tr_weighted_rows_avx2(
    const double *rows, size_t stride, const uint32_t *row, const double *weight, size_t count, size_t columns,
    double *out);
void tr_weighted_rows_avx512(
    const double *rows, size_t stride, const uint32_t *row, const double *weight, size_t count, size_t columns,
    double *out);
void tr_weighted_rows_neon(
    const double *rows, size_t stride, const uint32_t *row, const double *weight, size_t count, size_t columns,
    double *out);

void tr_weighted_together_scalar(
    const double *rows, size_t stride, const uint32_t *row, const double *_Nonnull const *_Nonnull weight,
    size_t count, size_t columns, double *_Nonnull const *_Nonnull out);
void tr_weighted_together_avx2(
    const double *rows, size_t stride, const uint32_t *row, const double *_Nonnull const *_Nonnull weight,
    size_t count, size_t columns, double *_Nonnull const *_Nonnull out);
void tr_weighted_together_avx512(
    const double *rows, size_t stride, const uint32_t *row, const double *_Nonnull const *_Nonnull weight,
    size_t count, size_t columns, double *_Nonnull const *_Nonnull out);
void tr_weighted_together_neon(
    const double *rows, size_t stride, const uint32_t *row, const double *_Nonnull const *_Nonnull weight,
    size_t count, size_t columns, double *_Nonnull const *_Nonnull out);

void tr_tail_scalar(const double *values, size_t count, size_t wanted, double *smallest);
void tr_tail_avx2(const double *values, size_t count, size_t wanted, double *smallest);
void tr_tail_avx512(const double *values, size_t count, size_t wanted, double *smallest);
void tr_tail_neon(const double *values, size_t count, size_t wanted, double *smallest);

void tr_option_values_scalar(const tr_option *option, const double *spot, size_t count, double *value);
void tr_option_values_avx2(const tr_option *option, const double *spot, size_t count, double *value);
void tr_option_values_avx512(const tr_option *option, const double *spot, size_t count, double *value);
void tr_option_values_neon(const tr_option *option, const double *spot, size_t count, double *value);

// MARK: Parts of the scalar reference that the other tiers call

/// The partial sums of TR_LANES lanes on their way to tr_mark_sums.
typedef struct tr_mark_partials {
    _Alignas(TR_CACHE_LINE) double net[TR_LANES];
    double gross[TR_LANES];
    double unrealised[TR_LANES];
    double day[TR_LANES];
    double margin[TR_LANES];
} tr_mark_partials;

/// Marks the positions from `begin` on and adds them to the partial sums.
void tr_mark_rest(const tr_mark_input *input, tr_mark_output *output, size_t begin, tr_mark_partials *partials);
/// Folds the partial sums in the written order.
tr_mark_sums tr_mark_fold(const tr_mark_partials *partials);

/// Inserts `value` into the `held` ascending values of `smallest`, which grow by one.
void tr_tail_insert(double *smallest, size_t held, double value);

/// What every tier of it takes for granted.
TR_INLINE void tr_weighted_rows_check(const double *rows, size_t stride, size_t columns, const double *out) {
    TR_ASSERT((((uintptr_t)rows | (uintptr_t)out) & (TR_CACHE_LINE - 1)) == 0);
    TR_ASSERT(stride % TR_LANES == 0 && columns <= stride);
}

// MARK: The one NaN

TR_INLINE double tr_absent(void) {
    const uint64_t bits = TR_ABSENT_BITS;
    double absent;
    memcpy(&absent, &bits, sizeof absent);
    return absent;
}

/// A NaN's sign and payload depend on the instruction and on the order of its operands, so none leaves a kernel as it
/// is.
TR_INLINE double tr_one_nan(double value) {
    return value == value ? value : tr_absent();
}

// MARK: IEEE 754 totalOrder as an order of integers

/// Ascending keys are ascending values: negative values have all bits but the sign flipped. It is its own inverse.
TR_INLINE int64_t tr_total_order_key(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint64_t flipped = (bits >> 63) != 0 ? UINT64_C(0x7fffffffffffffff) : 0;
    return (int64_t)(bits ^ flipped);
}

/// Inserts a value if it is smaller than the largest held, which then leaves. Of equal keys it does not matter which
/// is kept: equal keys are equal bits.
TR_INLINE void tr_tail_offer(double *smallest, size_t wanted, double value) {
    if (tr_total_order_key(value) < tr_total_order_key(smallest[wanted - 1])) {
        tr_tail_insert(smallest, wanted - 1, value);
    }
}

#pragma clang assume_nonnull end
