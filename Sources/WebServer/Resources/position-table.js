// SPDX-License-Identifier: Apache-2.0
// The portfolio's table: positions of an account, or the accounts of the firm.

import { LivePanel } from "./live-panel.js";

customElements.define("position-table", class PositionTable extends LivePanel {});
