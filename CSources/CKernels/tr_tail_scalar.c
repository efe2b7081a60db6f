// SPDX-License-Identifier: Apache-2.0
// The smallest values in order, the definition: what the other tiers must reproduce bit for bit.
#include "tr_kernels.h"

void tr_tail_insert(double *smallest, size_t held, double value) {
    int64_t key = tr_total_order_key(value);
    size_t at = held;
    while (at > 0 && tr_total_order_key(smallest[at - 1]) > key) {
        smallest[at] = smallest[at - 1];
        at -= 1;
    }
    smallest[at] = value;
}

void tr_tail_scalar(const double *values, size_t count, size_t wanted, double *smallest) {
    TR_ASSERT(wanted <= count);
    if (wanted == 0) return;
    for (size_t i = 0; i < wanted; i += 1) tr_tail_insert(smallest, i, values[i]);
    for (size_t i = wanted; i < count; i += 1) tr_tail_offer(smallest, wanted, values[i]);
}
