// SPDX-License-Identifier: Apache-2.0
// Rates between currencies, from the prices of quoted pairs.
#include "tr_engine_layout.h"

void tr_rates_update(tr_engine *engine) {
    tr_rates *rates = &engine->rates;
    const tr_instruments *instruments = &engine->instruments;
    for (size_t pair = 0; pair < rates->pair_count; pair++) {
        double rate = rates->scale[pair];
        bool stale = false;
        for (uint32_t leg = rates->first_leg[pair]; leg < rates->first_leg[pair + 1]; leg++) {
            uint32_t index = rates->leg_instrument[leg];
            double price = instruments->price[index];
            rate *= rates->leg_inverted[leg] ? 1.0 / price : price;
            stale |= instruments->status[index] == TR_STATUS_STALE;
        }
        rates->rate[pair] = isfinite(rate) && rate > 0.0 ? rate : tr_absent();
        rates->stale[pair] = stale;
    }
}
