// SPDX-License-Identifier: Apache-2.0
// The market's table, which also tells the other panels how many decimals an instrument's price has.

import { LivePanel } from "./live-panel.js";
import { store } from "./store.js";

class WatchTable extends LivePanel {
  role = "market";
  prefix = "market";

  connectedCallback() {
    super.connectedCallback();
    for (const node of this.table.tBodies[0].rows) {
      const decimals = Number.parseInt(node.dataset.decimals, 10);
      if (Number.isInteger(decimals)) store.decimals.set(node.dataset.row, decimals);
    }
  }

  markRow(node, row) {
    super.markRow(node, row);
    if (row?.trading && node.dataset.trading !== row.trading) node.dataset.trading = row.trading;
  }

  noteFor(cell, data, row) {
    const closed = row.trading && row.trading !== "trading" ? `${row.trading}: the price is kept` : "";
    return closed || super.noteFor(cell, data, row);
  }
}

customElements.define("watch-table", WatchTable);
