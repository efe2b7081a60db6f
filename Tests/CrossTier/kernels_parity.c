// SPDX-License-Identifier: Apache-2.0
// Every kernel of every tier of this machine against the scalar one, bit for bit, and a checksum of what they gave,
// which is the same on every machine.
#include "CKernels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INSTRUMENTS = 37, ROWS = 19, SIZE_LAST = 140, FENCE = 8 };

static uint64_t state, checksum, compared;

/// SplitMix64.
static uint64_t next(void) {
    state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t mixed = state;
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ (mixed >> 31);
}

/// NaNs of every kind, zeros, infinities, denormals, the largest, and what overflows or vanishes in a product.
static const uint64_t special_bits[] = {
    0x7ff8000000000000, 0xfff8000000000000, 0x7ff4000000000000, 0x7ff8000000001234, 0x7fffffffffffffff,
    0x0000000000000000, 0x8000000000000000, 0x7ff0000000000000, 0xfff0000000000000, 0x0000000000000001,
    0x8000000000000001, 0x0008000000000000, 0x0010000000000000, 0x7fefffffffffffff, 0xffefffffffffffff,
    0x7e37e43c8800759c, 0xfe37e43c8800759c, 0x01a56e1fc2f8f359, 0x3ff0000000000000, 0xbff0000000000000,
};

/// From −1000 to 1000, all 53 bits in use so that every addition rounds; or special.
static double value(uint64_t special_percent) {
    if (next() % 100 >= special_percent) return ((double)(next() >> 11) * 0x1p-53 * 2 - 1) * 1000;
    double special;
    memcpy(&special, &special_bits[next() % (sizeof special_bits / sizeof *special_bits)], sizeof special);
    return special;
}

/// `count` values and a fence behind them, on a cache line.
static double *values(size_t count, uint64_t special_percent) {
    double *made = NULL;
    if (posix_memalign((void **)&made, TR_CACHE_LINE, (count + FENCE) * sizeof(double)) != 0) abort();
    for (size_t i = 0; i < count; i += 1) made[i] = value(special_percent);
    memset(made + count, 0xab, FENCE * sizeof(double));
    return made;
}

static uint32_t *indices(size_t count, uint32_t bound) {
    uint32_t *made = malloc((count + 1) * sizeof(uint32_t));
    if (made == NULL) abort();
    for (size_t i = 0; i < count; i += 1) made[i] = (uint32_t)(next() % bound);
    return made;
}

/// Compares an output and its fence with the scalar tier's, and adds the scalar tier's to the checksum.
static void compare(const char *what, const tr_kernels *kernels, size_t size, const double *expected,
                    const double *actual, size_t count) {
    for (size_t i = 0; i < count + FENCE; i += 1) {
        uint64_t expected_bits, actual_bits;
        memcpy(&expected_bits, expected + i, sizeof expected_bits);
        memcpy(&actual_bits, actual + i, sizeof actual_bits);
        if (kernels->tier == TR_TIER_SCALAR) checksum = (checksum ^ expected_bits) * UINT64_C(0x100000001b3);
        compared += 1;
        if (expected_bits == actual_bits) continue;
        printf("%s of %s, size %zu, element %zu: %016llx, not %016llx\n", what, tr_tier_name(kernels->tier), size, i,
               (unsigned long long)actual_bits, (unsigned long long)expected_bits);
        exit(1);
    }
}

static void check_mark(size_t count, uint64_t special_percent) {
    uint32_t *instrument = indices(count, INSTRUMENTS);
    double *in[8], *price = values(INSTRUMENTS, special_percent), *prior_close = values(INSTRUMENTS, special_percent);
    for (size_t i = 0; i < 8; i += 1) in[i] = values(count, special_percent);
    const tr_mark_input input = {
        .count = count, .instrument = instrument, .quantity = in[0], .average_cost = in[1], .multiplier = in[2],
        .fx = in[3], .margin_rate = in[4], .overnight = in[5], .traded_quantity = in[6], .traded_cost = in[7],
        .price = price, .prior_close = prior_close,
    };
    double *expected[3] = {NULL, NULL, NULL}, *expected_sums = NULL;
    for (size_t tier = 0; tier < TR_TIER_COUNT; tier += 1) {
        const tr_kernels *kernels = tr_kernels_of((tr_tier)tier);
        if (kernels == NULL) continue;
        double *out[3], *sums = values(5, 0);
        for (size_t i = 0; i < 3; i += 1) out[i] = values(count, 0);
        tr_mark_output output = {.market_value = out[0], .unrealised = out[1], .day = out[2]};
        kernels->mark(&input, &output);
        memcpy(sums, &output.sums, 5 * sizeof(double));
        bool is_first = expected_sums == NULL;
        if (is_first) expected_sums = sums;
        compare("mark sums", kernels, count, expected_sums, sums, 5);
        for (size_t i = 0; i < 3; i += 1) {
            if (is_first) expected[i] = out[i];
            compare("mark", kernels, count, expected[i], out[i], count);
            if (!is_first) free(out[i]);
        }
        if (!is_first) free(sums);
    }
    for (size_t i = 0; i < 3; i += 1) free(expected[i]);
    for (size_t i = 0; i < 8; i += 1) free(in[i]);
    free(expected_sums);
    free(instrument);
    free(price);
    free(prior_close);
}

static void check_weighted_rows(size_t columns, size_t count, uint64_t special_percent) {
    size_t stride = (columns + 7) / 8 * 8;
    double *rows = values(ROWS * stride, special_percent), *weight = values(count, special_percent), *expected = NULL;
    uint32_t *row = indices(count, ROWS);
    for (size_t tier = 0; tier < TR_TIER_COUNT; tier += 1) {
        const tr_kernels *kernels = tr_kernels_of((tr_tier)tier);
        if (kernels == NULL) continue;
        // What lies beyond the columns is left as it was: the fence begins there.
        double *out = values(stride, 0);
        memset(out + columns, 0xab, (stride - columns + FENCE) * sizeof(double));
        kernels->weighted_rows(rows, stride, row, weight, count, columns, out);
        if (expected == NULL) expected = out;
        compare("weighted rows", kernels, columns, expected, out, stride);
        if (out != expected) free(out);
    }
    free(rows);
    free(weight);
    free(row);
    free(expected);
}

/// Each of the sums together has the bits it has alone.
static void check_weighted_together(size_t columns, size_t count, uint64_t special_percent) {
    size_t stride = (columns + 7) / 8 * 8;
    double *rows = values(ROWS * stride, special_percent), *expected[TR_WEIGHTED_TOGETHER];
    double *weight[TR_WEIGHTED_TOGETHER], *out[TR_WEIGHTED_TOGETHER];
    uint32_t *row = indices(count, ROWS);
    for (size_t a = 0; a < TR_WEIGHTED_TOGETHER; a += 1) {
        weight[a] = values(count, special_percent);
        out[a] = values(stride, 0);
        expected[a] = values(stride, 0);
        memset(expected[a] + columns, 0xab, (stride - columns + FENCE) * sizeof(double));
        tr_kernels_of(TR_TIER_SCALAR)->weighted_rows(rows, stride, row, weight[a], count, columns, expected[a]);
    }
    const double *const weights[] = {weight[0], weight[1], weight[2], weight[3]};
    for (size_t tier = 0; tier < TR_TIER_COUNT; tier += 1) {
        const tr_kernels *kernels = tr_kernels_of((tr_tier)tier);
        if (kernels == NULL) continue;
        for (size_t a = 0; a < TR_WEIGHTED_TOGETHER; a += 1) {
            memset(out[a] + columns, 0xab, (stride - columns + FENCE) * sizeof(double));
        }
        kernels->weighted_together(rows, stride, row, weights, count, columns, out);
        for (size_t a = 0; a < TR_WEIGHTED_TOGETHER; a += 1) {
            compare("weighted together", kernels, columns, expected[a], out[a], stride);
        }
    }
    for (size_t a = 0; a < TR_WEIGHTED_TOGETHER; a += 1) {
        free(weight[a]);
        free(out[a]);
        free(expected[a]);
    }
    free(rows);
    free(row);
}

static void check_tail(size_t count, size_t wanted, uint64_t special_percent) {
    double *in = values(count, special_percent), *expected = NULL;
    for (size_t tier = 0; tier < TR_TIER_COUNT; tier += 1) {
        const tr_kernels *kernels = tr_kernels_of((tr_tier)tier);
        if (kernels == NULL) continue;
        double *out = values(wanted, 0);
        kernels->tail(in, count, wanted, out);
        if (expected == NULL) expected = out;
        compare("tail", kernels, count, expected, out, wanted);
        if (out != expected) free(out);
    }
    free(in);
    free(expected);
}

/// Terms of use, or now and then special ones.
static tr_option_terms terms(uint64_t special_percent) {
    tr_option_terms drawn = {
        .model = (uint8_t)(next() % 3), .is_put = (uint8_t)(next() % 2), .is_american = (uint8_t)(next() % 2),
    };
    double strike = value(special_percent), rate = value(special_percent), yield = value(special_percent);
    drawn.strike = strike < 0 && drawn.model != TR_OPTION_BACHELIER ? -strike : strike;
    drawn.rate = rate / 10000;
    drawn.yield = yield / 10000;
    return drawn;
}

/// Values on every tier, and what is prepared, measured and implied into the checksum: arm64 must give it too.
static void check_option(size_t count, uint64_t special_percent) {
    const tr_option_terms drawn = terms(special_percent / 5);
    double volatility = value(special_percent / 5), years = value(special_percent / 5) / 100;
    volatility = drawn.model == TR_OPTION_BACHELIER ? volatility : volatility / 1000;
    volatility = volatility < 0 ? -volatility : volatility;
    tr_option option;
    tr_option_prepare(&drawn, volatility, years, &option);
    double *in = values(count, special_percent), *expected = NULL;
    if (special_percent == 0) {
        for (size_t i = 0; i < count; i += 1) in[i] = drawn.strike + in[i] * 0.2;
    }
    for (size_t tier = 0; tier < TR_TIER_COUNT; tier += 1) {
        const tr_kernels *kernels = tr_kernels_of((tr_tier)tier);
        if (kernels == NULL) continue;
        double *out = values(count, 0);
        kernels->option_values(&option, in, count, out);
        if (expected == NULL) expected = out;
        compare("option values", kernels, count, expected, out, count);
        if (out != expected) free(out);
    }
    for (size_t i = 0; i < count && i < 4; i += 1) {
        tr_option_greeks greeks;
        double results[FENCE + 8] = {0}, implied = 0;
        tr_option_measure(&drawn, volatility, years, in[i], &greeks);
        int answer = tr_option_implied_volatility(&drawn, greeks.value, in[i], years, &implied);
        memcpy(results, &greeks, sizeof greeks);
        results[6] = implied;
        results[7] = answer;
        compare("measures", tr_kernels_of(TR_TIER_SCALAR), count, results, results, 8);
    }
    free(in);
    free(expected);
}

static void check_all(size_t size, uint64_t special_percent) {
    const size_t counts[] = {0, 1, 2, 7, 20}, wanted[] = {0, 1, 2, 7, 8, 9, 16, 26, 65, 129, size / 2, size};
    // What is drawn must not depend on how many tiers this machine has.
    uint64_t seed = size * 100 + special_percent;
    state = seed;
    check_mark(size, special_percent);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i += 1) {
        state = seed + (i + 1) * 1000000;
        check_weighted_rows(size, counts[i], special_percent / 5);
        state = seed + (i + 1) * 1000000 + 500000;
        check_weighted_together(size, counts[i], special_percent / 5);
    }
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i += 1) {
        state = seed + (i + 1) * 100000000;
        if (wanted[i] <= size) check_tail(size, wanted[i], special_percent);
    }
    for (size_t i = 0; i < 12; i += 1) {
        state = seed + (i + 1) * 10000000000;
        check_option(size, special_percent);
    }
}

int main(void) {
    const size_t large[] = {499, 500, 501, 2500};
    const uint64_t special_percents[] = {0, 5, 60};
    for (size_t p = 0; p < 3; p += 1) {
        for (size_t size = 0; size <= SIZE_LAST; size += 1) check_all(size, special_percents[p]);
        for (size_t i = 0; i < 4; i += 1) check_all(large[i], special_percents[p]);
    }
    printf("%016llx\n", (unsigned long long)checksum);
    fprintf(stderr, "%llu values compared on", (unsigned long long)compared);
    for (size_t tier = 0; tier < TR_TIER_COUNT; tier += 1) {
        if (tr_kernels_of((tr_tier)tier) != NULL) fprintf(stderr, " %s", tr_tier_name((tr_tier)tier));
    }
    fputc('\n', stderr);
    return 0;
}
