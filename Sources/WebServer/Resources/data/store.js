// SPDX-License-Identifier: Apache-2.0
// The page's only state of the stream: the tables of each channel, what changed since the last paint, the one writer.

import { Table } from "./table.js";

/**
 * A channel as the page holds it.
 * @typedef {object} Channel
 * @property {string} name
 * @property {Map<string, Table>} tables by path
 * @property {number} cutMilliseconds
 * @property {number} [newestMilliseconds]
 */

/**
 * What a panel is told at a paint.
 * @typedef {object} Changes
 * @property {boolean} isWhole rows and everything in them may differ
 * @property {Map<string, Set<string>>} columns that changed, by the path of their table
 */

class Store {
  /** @type {Map<string, Channel>} */
  #channels = new Map();
  /** Channel of each role a panel may have: "market", "account", "risk", "firm". */
  #roles = new Map();
  #changes = new Map();
  #panels = new Set();
  #frame = 0;
  #paintedCallback = () => {};
  /** Server's clock minus ours, in milliseconds. */
  clockOffset = 0;
  statistics = { frames: 0, skipped: 0, bytes: 0 };

  /** @param {{role: string, paint: (channel: Channel, changes: Changes, moment: number) => void}} panel */
  attach(panel) {
    this.#panels.add(panel);
    this.#mark(this.#roles.get(panel.role));
  }

  detach(panel) {
    this.#panels.delete(panel);
  }

  /** Paints a role's panels whole at the next frame, as after a panel was shown or has another order. */
  repaint(role) {
    this.#mark(this.#roles.get(role));
  }

  /** Gives a role another channel; what is shown stays until its first snapshot. */
  assign(role, channel) {
    if (this.#roles.get(role) === channel) return;
    this.#roles.set(role, channel);
    const named = new Set(this.#roles.values());
    for (const name of this.#channels.keys()) if (!named.has(name)) this.#channels.delete(name);
    this.#mark(channel);
  }

  /** Name of the channel a role has. */
  channelName(role) {
    return this.#roles.get(role);
  }

  /** @returns {Channel | undefined} */
  channel(role) {
    return this.#channels.get(this.#roles.get(role));
  }

  table(role, path) {
    return this.channel(role)?.tables.get(path);
  }

  /** When the newest tick that any channel told was sent; undefined before the first. */
  get newestMilliseconds() {
    const times = [...this.#channels.values()].map((channel) => channel.newestMilliseconds ?? -Infinity);
    const newest = Math.max(...times);
    return Number.isFinite(newest) ? newest : undefined;
  }

  /** A cell's value: `value("account", "totals", "", "equity")`. */
  value(role, path, key, column) {
    return this.table(role, path)?.value(key, column);
  }

  /** @param {import("./frame-batch.js").Entry[]} entries @param {() => void} painted called after the next paint */
  take(entries, painted) {
    for (const entry of entries) this.#takeOne(entry);
    this.#paintedCallback = painted;
    this.#frame ||= requestAnimationFrame((moment) => this.#paint(moment));
  }

  /** Milliseconds since 1970 by the server's clock. */
  now() {
    return Date.now() + this.clockOffset;
  }

  #takeOne(entry) {
    this.statistics.frames += entry.frames;
    this.statistics.skipped += entry.skipped;
    this.statistics.bytes += entry.bytes;
    let channel = this.#channels.get(entry.channel);
    if (entry.tables) {
      channel = { name: entry.channel, newestMilliseconds: channel?.newestMilliseconds };
      channel.tables = new Map(entry.tables.map((table) => [table.path, new Table(table)]));
      this.#channels.set(entry.channel, channel);
      this.#changesOf(entry.channel).isWhole = true;
    }
    if (!channel) return;
    channel.cutMilliseconds = entry.cutMilliseconds;
    // A cut without a tick keeps the newest tick's time.
    channel.newestMilliseconds = entry.newestMilliseconds ?? channel.newestMilliseconds;
    const tables = [...channel.tables.values()];
    const { columns } = this.#changesOf(entry.channel);
    for (const group of entry.groups ?? []) {
      const { path } = tables[group.table];
      if (!columns.has(path)) columns.set(path, new Set());
      columns.get(path).add(tables[group.table].apply(group));
    }
  }

  #changesOf(channel) {
    if (!this.#changes.has(channel)) this.#changes.set(channel, { isWhole: false, columns: new Map() });
    return this.#changes.get(channel);
  }

  #mark(channel) {
    if (!this.#channels.has(channel)) return;
    this.#changesOf(channel).isWhole = true;
    this.#frame ||= requestAnimationFrame((moment) => this.#paint(moment));
  }

  #paint(moment) {
    this.#frame = 0;
    const changes = this.#changes;
    this.#changes = new Map();
    for (const panel of this.#panels) {
      const channel = this.channel(panel.role);
      const changed = changes.get(channel?.name);
      if (changed && !panel.isIdle) panel.paint(channel, changed, moment);
    }
    const painted = this.#paintedCallback;
    this.#paintedCallback = () => {};
    painted();
  }
}

export const store = new Store();
