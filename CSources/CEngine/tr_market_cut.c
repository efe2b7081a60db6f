// SPDX-License-Identifier: Apache-2.0
// A cut of the market: every instrument's quote.
#include <string.h>
#include "tr_engine_layout.h"

void tr_market_cut(tr_engine *engine, uint64_t now_ns, uint64_t wall_ns) {
    const tr_instruments *instruments = &engine->instruments;
    tr_channel *channel = &engine->market;
    size_t count = engine->instrument_count;
    double *rows = channel->view->cells + channel->layout.rows;
    memcpy(rows + TR_QUOTE_BID * count, instruments->bid, count * sizeof(double));
    memcpy(rows + TR_QUOTE_ASK * count, instruments->ask, count * sizeof(double));
    memcpy(rows + TR_QUOTE_LAST * count, instruments->last, count * sizeof(double));
    uint64_t newest_number = channel->cut_tick_number, newest_ns = 0;
    for (size_t i = 0; i < count; i++) {
        double prior_close = instruments->prior_close[i], own_price = tr_quotes_own_price(instruments, (uint32_t)i);
        rows[TR_QUOTE_CHANGE_PCT * count + i] =
            prior_close > 0.0 ? (own_price / prior_close - 1.0) * 100.0 : tr_absent();
        rows[TR_QUOTE_TRADING * count + i] = instruments->trading[i];
        rows[TR_QUOTE_STATUS * count + i] = tr_is_absent(own_price) ? TR_STATUS_MISSING : instruments->status[i];
        if (instruments->tick_number[i] > newest_number) {
            newest_number = instruments->tick_number[i];
            newest_ns = instruments->newest_ns[i];
        }
    }
    tr_channel_begin(channel, wall_ns, engine->cut_interval_ns, newest_ns);
    tr_channel_publish(engine, channel, now_ns);
}
