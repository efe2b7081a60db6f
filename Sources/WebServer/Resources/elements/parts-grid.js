// SPDX-License-Identifier: Apache-2.0
// What each part of a book adds to one P&L, the greatest loss first: of a bad day, or of a stress scenario.

import { barOf } from "../data/format.js";
import { store } from "../data/store.js";
import { DataGrid, StoreSource } from "./data-grid.js";

export class PartsGrid extends DataGrid {
  rowMarks = [];

  connectedCallback() {
    this.order.column = "value";
    super.connectedCallback();
    this.caption = this.querySelector(".caption");
  }

  /** Of a table of the channel, such as "worst_parts.1"; `title` says what it is. */
  open(path, title) {
    if (this.dataset.table !== path) {
      this.dataset.table = path;
      this.cellPrefix = path.replace(".", "/");
      this.source = new StoreSource(this.role, path);
      this.scroll.scrollTop = 0;
      this.#measure();
      this.refresh();
    }
    if (this.caption.textContent !== title) this.caption.textContent = title;
  }

  paint(channel, changes, moment) {
    if (!changes.isWhole && !changes.columns.has(this.dataset.table)) return;
    this.#measure();
    // The scale is of all rows: with one of them all bars differ.
    super.paint(channel, { ...changes, isWhole: true }, moment);
  }

  #measure() {
    const table = store.table(this.role, this.dataset.table);
    const values = (table?.keys ?? []).map((key) => table.value(key)).filter((value) => value !== undefined);
    this.least = Math.min(0, ...values);
    this.greatest = Math.max(0, ...values);
  }

  shownAt(key, column) {
    const shown = super.shownAt(key, column);
    shown.bar = barOf(this.source.value(key, column.name), this.least, this.greatest);
    if (shown.tone === "missing") shown.note = "no price, no history or no model for it";
    return shown;
  }
}

customElements.define("parts-grid", PartsGrid);
