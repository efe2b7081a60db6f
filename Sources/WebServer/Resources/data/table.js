// SPDX-License-Identifier: Apache-2.0
// A table of a channel's state as the page holds it: columns of values, rows known by key.

/** Shapes of the wire (docs/wire-format.md). */
export const shapes = { record: 0, map: 1, rows: 2 };

export class Table {
  /** @type {string[]} in the server's order; empty of a record */
  keys;
  #rows;
  #columns;
  #decimals;
  /** When a number of a row last changed, in our clock's milliseconds. */
  #changedAt = new Map();

  /** @param {object} whole of frame-batch.js */
  constructor({ path, shape, keys, decimals, columns }) {
    this.path = path;
    this.shape = shape;
    this.keys = keys;
    this.#rows = new Map(keys.map((key, row) => [key, row]));
    this.columns = columns;
    this.#columns = new Map(columns.map((column) => [column.name, column]));
    this.#decimals = decimals;
  }

  has(key) {
    return this.#rows.has(key);
  }

  /**
   * @param {string} key of the row; anything in a record
   * @param {string} column its name; of a map, whose column the wire calls "value", it may be left out
   * @returns a number, a text, a list of texts; undefined where there is none
   */
  value(key, column) {
    const row = this.shape === shapes.record ? 0 : this.#rows.get(key);
    const held = this.shape === shapes.map ? this.columns[0] : this.#columns.get(column);
    return row === undefined ? undefined : held?.values[row];
  }

  /** Of a row's prices. */
  decimals(key) {
    return this.#decimals[this.#rows.get(key)];
  }

  /** When a number of a row last changed, in milliseconds since 1970; undefined where none did since the snapshot. */
  changedAt(key) {
    return this.#changedAt.get(this.#rows.get(key));
  }

  /** Takes the changed cells of a group; returns the name of its column. */
  apply({ column, rows, values }) {
    const held = this.columns[column];
    rows.forEach((row, index) => (held.values[row] = values[index]));
    // A row that turns stale has not changed: its age goes on.
    if (held.name !== "status") {
      const now = Date.now();
      for (const row of rows) this.#changedAt.set(row, now);
    }
    return held.name;
  }
}
