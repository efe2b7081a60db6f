// SPDX-License-Identifier: Apache-2.0
// What changed since the page took it last, channel by channel: the newest values only, however many frames came.

import { types, valueAt } from "./frame.js";

/**
 * What the page is handed of a channel. `tables` is everything, `groups` what changed since.
 * @typedef {object} Entry
 * @property {string} channel
 * @property {number} frames taken together here
 * @property {number} skipped cuts between them that were not sent
 * @property {number} bytes on the wire
 * @property {number} cutMilliseconds since 1970 by the server's clock
 * @property {number | null} newestMilliseconds of the newest tick told; null where there was none
 * @property {object[]} [tables] {path, shape, keys, decimals, columns: [{name, isNumber, values}]}
 * @property {Array<{table: number, column: number, rows: number[], values: any[]}>} [groups]
 */
export class FrameBatch {
  #channels = new Map();

  get isEmpty() {
    return this.#channels.size === 0;
  }

  /** @param {import("./frame.js").State} state @param {number} bytes */
  add(state, bytes) {
    const held = this.#channels.get(state.channel);
    const isWhole = state.kind === "snapshot" || held?.isWhole === true;
    const pending = { state, isWhole, changed: isWhole ? undefined : held?.changed ?? new Map() };
    pending.frames = (held?.frames ?? 0) + 1;
    pending.skipped = (held?.skipped ?? 0) + (state.kind === "delta" ? state.seq - state.base - 1 : 0);
    pending.bytes = (held?.bytes ?? 0) + bytes;
    pending.newest = state.newestNanoseconds ?? held?.newest ?? null;
    if (!isWhole) for (const group of state.changed) mark(pending.changed, group);
    this.#channels.set(state.channel, pending);
  }

  keepOnly(channels) {
    for (const channel of this.#channels.keys()) if (!channels.includes(channel)) this.#channels.delete(channel);
  }

  /** @returns {Entry[]} what there is, which is then no longer held */
  take() {
    const entries = [...this.#channels.values()].map(entryOf);
    this.#channels.clear();
    return entries;
  }
}

function mark(changed, { table, column, rows }) {
  const key = `${table}:${column}`;
  let group = changed.get(key);
  if (!group) changed.set(key, (group = { table, column, rows: new Set() }));
  for (const row of rows) group.rows.add(row);
}

function entryOf({ state, isWhole, changed, frames, skipped, bytes, newest }) {
  return {
    channel: state.channel,
    frames,
    skipped,
    bytes,
    cutMilliseconds: Number(state.cutNanoseconds) / 1e6,
    newestMilliseconds: newest === null ? null : Number(newest) / 1e6,
    ...(isWhole ? { tables: state.tables.map(wholeOf) } : { groups: [...changed.values()].map(groupOf, state) }),
  };
}

function wholeOf(table) {
  return {
    path: table.path,
    shape: table.shape,
    keys: table.keys,
    decimals: Array.from(table.priceDecimals),
    columns: table.columns.map((column, index) => ({
      name: column.name,
      isNumber: column.type < types.choice,
      values: Array.from({ length: table.rowCount }, (_, row) => valueAt(table, index, row)),
    })),
  };
}

/** Called with the state as `this`. */
function groupOf({ table, column, rows }) {
  const list = [...rows];
  return { table, column, rows: list, values: list.map((row) => valueAt(this.tables[table], column, row)) };
}
