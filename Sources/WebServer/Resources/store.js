// SPDX-License-Identifier: Apache-2.0
// The page's only state: the newest state of each role, what changed since the last paint, and the one writer.

import { tableIn } from "./cell.js";

/** The roles a panel can show: the market, and the account or firm in view. */
class Store {
  #states = new Map();
  #changes = new Map();
  #panels = new Set();
  #frame = 0;
  /** Price decimals by symbol, as the server rendered them. */
  decimals = new Map();
  /** Server's clock minus ours, in milliseconds. */
  clockOffset = 0;

  /** @param {{role: string, paint: Function}} panel */
  attach(panel) {
    this.#panels.add(panel);
  }

  state(role) {
    return this.#states.get(role);
  }

  /** Takes a new state; `changed` is null for "everything", else `[table, row, column]` triples. */
  update(role, state, changed) {
    this.#states.set(role, state);
    const known = this.#changes.get(role);
    if (changed === null) {
      this.#changes.set(role, null);
    } else if (known !== null) {
      const keys = known ?? new Set();
      for (const change of changed) keys.add(keyOf(state.data, change));
      this.#changes.set(role, keys);
    }
    this.#frame ||= requestAnimationFrame((moment) => this.#paint(moment));
  }

  drop(role) {
    this.#states.delete(role);
    this.#changes.delete(role);
  }

  /** Milliseconds since 1970 by the server's clock. */
  now() {
    return Date.now() + this.clockOffset;
  }

  #paint(moment) {
    this.#frame = 0;
    const changes = this.#changes;
    this.#changes = new Map();
    for (const panel of this.#panels) {
      if (changes.has(panel.role)) panel.paint(this.#states.get(panel.role), changes.get(panel.role), moment);
    }
  }
}

/** The key of a changed cell as `Cell` forms it; a map's only column has no name in the data. */
function keyOf(data, [table, row, column]) {
  if (row === "" || row === null || row === undefined) return `${table}//${column}`;
  const value = tableIn(data, table)?.[row];
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? `${table}/${row}/${column}` : `${table}/${row}/`;
}

export const store = new Store();
