// SPDX-License-Identifier: Apache-2.0
// Net and gross exposure by sector, on one scale.

import { ageOf } from "../data/convention.js";
import { barOf } from "../data/format.js";
import { store } from "../data/store.js";
import { DataGrid } from "./data-grid.js";

class SectorBars extends DataGrid {
  rowMarks = [];

  paint(channel, changes, moment) {
    const isTouched = changes.isWhole || changes.columns.has("sectors");
    if (!isTouched) return super.paint(channel, changes, moment);
    const table = channel.tables.get("sectors");
    const values = (table?.keys ?? []).flatMap((key) => [table.value(key, "net"), table.value(key, "gross")])
      .filter(Number.isFinite);
    const [least, greatest] = [Math.min(0, ...values), Math.max(0, ...values)];
    const isScaled = this.least !== least || this.greatest !== greatest;
    Object.assign(this, { least, greatest });
    super.paint(channel, isScaled ? { ...changes, isWhole: true } : changes, moment);
  }

  noteAt(_key, column) {
    const meaning = column.name === "net" ? "sum of signed market values" : "sum of absolute market values";
    return `${meaning}, ${ageOf(store.channel(this.role))}`;
  }

  shownAt(key, column) {
    const shown = super.shownAt(key, column);
    shown.bar = barOf(this.source.value(key, column.name), this.least, this.greatest);
    return shown;
  }
}

customElements.define("sector-bars", SectorBars);
