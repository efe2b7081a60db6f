// SPDX-License-Identifier: Apache-2.0
// The cut schedule of a channel: at once when it was quiet, else one interval after its last cut.
#include <string.h>
#include "tr_engine_layout.h"

void tr_channel_mark(tr_engine *engine, tr_channel *channel, uint64_t oldest_ns) {
    if (channel->oldest_ns == 0) channel->oldest_ns = oldest_ns;
    channel->dirty = true;
    if (channel->due_ns < engine->next_due_ns) engine->next_due_ns = channel->due_ns;
}

/// Stamps the view; the caller fills its cells.
void tr_channel_begin(tr_channel *channel, uint64_t wall_ns, uint64_t interval_ns, uint64_t newest_ns) {
    // The wall clock may be set back; cut times of a channel never come closer than the interval.
    uint64_t earliest_ns = channel->was_cut ? channel->cut_ns + interval_ns : 0;
    channel->cut_ns = wall_ns > earliest_ns ? wall_ns : earliest_ns;
    channel->view->cut_ns = channel->cut_ns;
    channel->view->newest_ns = newest_ns;
    channel->view->oldest_ns = newest_ns == 0 ? 0 : channel->oldest_ns;
}

void tr_channel_publish(tr_engine *engine, tr_channel *channel, uint64_t now_ns) {
    memcpy(tr_exchange_back(channel->exchange), channel->view, channel->view_bytes);
    tr_exchange_publish(channel->exchange);
    channel->was_cut = true;
    channel->dirty = false;
    channel->due_ns = now_ns + engine->cut_interval_ns;
    channel->oldest_ns = 0;
    channel->cut_tick_number = engine->tick_number;
}
