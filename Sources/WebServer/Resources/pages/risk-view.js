// SPDX-License-Identifier: Apache-2.0
// The elements of the risk view and the firm view.

import "../elements/alert-feed.js";
import "../elements/back-test.js";
import "../elements/component-bars.js";
import "../elements/firm-accounts.js";
import "../elements/greeks-grid.js";
import "../elements/headline-cards.js";
import "../elements/limit-bars.js";
import "../elements/margin-gauge.js";
import "../elements/parts-grid.js";
import "../elements/pnl-histogram.js";
import "../elements/reverse-stress.js";
import "../elements/risk-models.js";
import "../elements/sector-bars.js";
import "../elements/stress-grid.js";
import "../elements/stress-table.js";
import "../elements/what-if-book.js";
import "../elements/worst-scenarios.js";
