// SPDX-License-Identifier: Apache-2.0
// Margin utilisation and its level: up at 80 and 95 percent, down only below 75 and 90, so that it does not flicker.
#include "tr_engine_layout.h"

uint8_t tr_margin_level_next(uint8_t level, double used, double limit) {
    if (tr_is_absent(used) || tr_is_absent(limit)) return TR_MARGIN_UNKNOWN;
    if (limit == 0.0) return used > 0.0 ? TR_MARGIN_CRITICAL : TR_MARGIN_OK;
    double percent = used / limit * 100.0;
    if (percent >= 95.0) return TR_MARGIN_CRITICAL;
    if (level == TR_MARGIN_CRITICAL && percent >= 90.0) return TR_MARGIN_CRITICAL;
    if (percent >= 80.0) return TR_MARGIN_WARN;
    bool was_raised = level == TR_MARGIN_CRITICAL || level == TR_MARGIN_WARN;
    return was_raised && percent >= 75.0 ? TR_MARGIN_WARN : TR_MARGIN_OK;
}

void tr_margin_write(double *cells, uint8_t *level, double used, double limit) {
    *level = tr_margin_level_next(*level, used, limit);
    cells[TR_MARGIN_USED] = used;
    cells[TR_MARGIN_LIMIT] = limit;
    cells[TR_MARGIN_UTILISATION] = limit == 0.0 ? tr_absent() : used / limit * 100.0;
    cells[TR_MARGIN_LEVEL] = *level;
}
