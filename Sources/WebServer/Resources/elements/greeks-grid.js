// SPDX-License-Identifier: Apache-2.0
// Greeks in money by underlying; only a book that holds options has any.

import { ageOf } from "../data/convention.js";
import { store } from "../data/store.js";
import { DataGrid } from "./data-grid.js";

const meanings = {
  delta: "change for the underlying's doubling, straight on: options' delta and the underlying held",
  gamma: "change of delta for one percent of the underlying",
  vega: "change for one point of volatility",
  theta: "change for one day",
  rho: "change for one percent of interest",
};

class GreeksGrid extends DataGrid {
  rowMarks = [];

  noteAt(_key, column) {
    return `${meanings[column.name]}, ${ageOf(store.channel(this.role))}`;
  }
}

customElements.define("greeks-grid", GreeksGrid);
