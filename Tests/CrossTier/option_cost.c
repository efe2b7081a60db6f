// SPDX-License-Identifier: Apache-2.0
// What an option costs on every tier of this machine: nanoseconds to prepare, measure and imply one, and a value.
#include "CKernels.h"

#include <stdio.h>

enum { SPOTS = 500, OPTIONS = 10000, ROUNDS = 5 };

static double spots[SPOTS], results[SPOTS];

/// Nanoseconds since `begin` for each of `count`.
static double since(uint64_t begin, size_t count) {
    return (double)(tr_clock_monotonic_ns() - begin) / (double)count;
}

/// The best of some rounds, so that another process's turn does not count; `sum` shows that something was computed.
static double values_ns(const tr_kernels *kernels, const tr_option *option, double *sum) {
    double best = 1e9;
    for (size_t round = 0; round < ROUNDS; round += 1) {
        uint64_t begin = tr_clock_monotonic_ns();
        for (size_t i = 0; i < OPTIONS; i += 1) {
            kernels->option_values(option, spots, SPOTS, results);
            *sum += results[i % SPOTS];
        }
        double taken = since(begin, OPTIONS * SPOTS);
        best = taken < best ? taken : best;
    }
    return best;
}

static void print_cost(const char *name, const tr_option_terms *terms, double volatility) {
    tr_option option;
    tr_option_greeks greeks;
    double sum = 0, implied = 0;
    uint64_t begin = tr_clock_monotonic_ns();
    for (size_t i = 0; i < OPTIONS; i += 1) {
        tr_option_prepare(terms, volatility * (1 + (double)i * 1e-5), 0.5, &option);
        sum += option.density_scale;
    }
    printf("%-9s prepare %5.0f ns", name, since(begin, OPTIONS));
    begin = tr_clock_monotonic_ns();
    for (size_t i = 0; i < OPTIONS / 10; i += 1) {
        tr_option_measure(terms, volatility, 0.5, spots[i % SPOTS], &greeks);
        sum += greeks.vega;
    }
    printf(", measure %5.0f ns", since(begin, OPTIONS / 10));
    tr_option_measure(terms, volatility, 0.5, 103, &greeks);
    begin = tr_clock_monotonic_ns();
    for (size_t i = 0; i < OPTIONS / 10; i += 1) {
        if (tr_option_implied_volatility(terms, greeks.value, 103, 0.5, &implied) == TR_IMPLIED_OK) sum += implied;
    }
    printf(", imply %6.0f ns; a value:", since(begin, OPTIONS / 10));
    tr_option_prepare(terms, volatility, 0.5, &option);
    for (size_t tier = 0; tier < TR_TIER_COUNT; tier += 1) {
        const tr_kernels *kernels = tr_kernels_of((tr_tier)tier);
        if (kernels == NULL) continue;
        printf(" %s %.1f ns,", tr_tier_name(kernels->tier), values_ns(kernels, &option, &sum));
    }
    printf(" sum %.17g\n", sum);
}

int main(void) {
    for (size_t i = 0; i < SPOTS; i += 1) spots[i] = 80 + 0.08 * (double)i;
    const tr_option_terms european = {.strike = 100, .rate = 0.05, .yield = 0.02};
    const tr_option_terms american = {.is_put = 1, .is_american = 1, .strike = 100, .rate = 0.05, .yield = 0.02};
    const tr_option_terms normal = {.model = TR_OPTION_BACHELIER, .strike = 100, .rate = 0.05};
    print_cost("european", &european, 0.2);
    print_cost("american", &american, 0.2);
    print_cost("bachelier", &normal, 20);
    return 0;
}
