// SPDX-License-Identifier: Apache-2.0
// Every kernel of every supported tier on heap arrays of exact sizes: the sanitizer sees an access one beyond.
#include "CKernels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INSTRUMENTS = 3, ROWS = 3, SIZE_LAST = 140 };

/// Exactly `count` doubles on a cache line, filled; at least one so that there is an address.
static double *doubles(size_t count) {
    size_t bytes = (count > 0 ? count : 1) * sizeof(double);
    double *values = NULL;
    if (posix_memalign((void **)&values, TR_CACHE_LINE, bytes) != 0) abort();
    for (size_t i = 0; i < count; i += 1) values[i] = (double)((i * 7919) % 101) - 50.5;
    return values;
}

static uint32_t *indices(size_t count, uint32_t bound) {
    uint32_t *values = malloc((count > 0 ? count : 1) * sizeof(uint32_t));
    if (values == NULL) abort();
    for (size_t i = 0; i < count; i += 1) values[i] = (uint32_t)i % bound;
    return values;
}

static void run_mark(const tr_kernels *kernels, size_t count) {
    uint32_t *instrument = indices(count, INSTRUMENTS);
    double *positions[11], *price = doubles(INSTRUMENTS), *prior_close = doubles(INSTRUMENTS);
    for (size_t i = 0; i < 11; i += 1) positions[i] = doubles(count);
    tr_mark_input input = {
        .count = count, .instrument = instrument, .quantity = positions[0], .average_cost = positions[1],
        .multiplier = positions[2], .fx = positions[3], .margin_rate = positions[4],
        .overnight = positions[8], .traded_quantity = positions[9], .traded_cost = positions[10], .price = price,
        .prior_close = prior_close,
    };
    tr_mark_output output = {.market_value = positions[5], .unrealised = positions[6], .day = positions[7]};
    kernels->mark(&input, &output);
    for (size_t i = 0; i < 11; i += 1) free(positions[i]);
    free(instrument);
    free(price);
    free(prior_close);
}

static void run_weighted_rows(const tr_kernels *kernels, size_t columns) {
    size_t stride = (columns + 7) / 8 * 8;
    double *rows = doubles(ROWS * stride), *weight = doubles(ROWS), *out = doubles(stride);
    uint32_t *row = indices(ROWS, ROWS);
    kernels->weighted_rows(rows, stride, row, weight, ROWS, columns, out);
    kernels->weighted_rows(rows, stride, row, weight, 0, columns, out);
    for (size_t t = 0; t < columns; t += 1) {
        if (out[t] != 0) abort();
    }
    double *more[] = {doubles(stride), doubles(stride), doubles(stride)};
    const double *const weights[] = {weight, weight, weight, weight};
    double *const outs[] = {out, more[0], more[1], more[2]};
    kernels->weighted_together(rows, stride, row, weights, ROWS, columns, outs);
    for (size_t a = 0; a < 3; a += 1) {
        if (memcmp(more[a], out, columns * sizeof(double)) != 0) abort();
        free(more[a]);
    }
    free(rows);
    free(weight);
    free(out);
    free(row);
}

static void run_tail(const tr_kernels *kernels, size_t count) {
    for (size_t wanted = 0; wanted <= count; wanted += 1) {
        double *values = doubles(count), *smallest = doubles(wanted);
        kernels->tail(values, count, wanted, smallest);
        for (size_t i = 1; i < wanted; i += 1) {
            if (smallest[i - 1] > smallest[i]) abort();
        }
        free(values);
        free(smallest);
    }
}

/// In place and not.
static void run_option_values(const tr_kernels *kernels, size_t count) {
    for (uint8_t model = TR_OPTION_BLACK_SCHOLES_MERTON; model <= TR_OPTION_BACHELIER; model += 1) {
        const tr_option_terms terms = {.model = model, .is_american = 1, .strike = 10, .rate = 0.05, .yield = 0.02};
        double *spot = doubles(count), *value = doubles(count);
        tr_option option;
        tr_option_prepare(&terms, 0.2, 0.5, &option);
        kernels->option_values(&option, spot, count, value);
        kernels->option_values(&option, spot, count, spot);
        if (memcmp(spot, value, count * sizeof *value) != 0) abort();
        free(spot);
        free(value);
    }
}

int main(void) {
    for (size_t tier = 0; tier < TR_TIER_COUNT; tier += 1) {
        const tr_kernels *kernels = tr_kernels_of((tr_tier)tier);
        if (kernels == NULL) continue;
        for (size_t size = 0; size <= SIZE_LAST; size += 1) {
            run_mark(kernels, size);
            run_weighted_rows(kernels, size);
            run_tail(kernels, size);
            run_option_values(kernels, size);
        }
        run_mark(kernels, 501);
        run_weighted_rows(kernels, 501);
        run_option_values(kernels, 501);
    }
    return 0;
}
