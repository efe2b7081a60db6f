// SPDX-License-Identifier: Apache-2.0
// A panel of single numbers: the server rendered its cells, the stream writes into them. Base of panels that do more.
//
//   <live-panel data-role="account"> … <dd data-cell="totals/equity" data-format="money">1.00</dd> … </live-panel>
//
// data-role is a role of the store; data-cell names table, row and column, with the role in front where it is not the
// account's; data-format is a format of format.js.

import { reasonMissing, show } from "../data/format.js";
import { store } from "../data/store.js";
import { shapes } from "../data/table.js";
import { CellWriter } from "./cell-writer.js";

export class LivePanel extends HTMLElement {
  /** @type {Array<{writer: CellWriter, parts: string[], format: string, flashes: boolean}>} */
  #cells = [];
  #others = [];

  connectedCallback() {
    if (this.ariaLabel && !this.hasAttribute("role")) this.setAttribute("role", "region");
    this.#cells = [...this.querySelectorAll("[data-cell][data-format]")].map((node) => ({
      writer: new CellWriter(node),
      parts: this.partsOf(node.dataset.cell),
      format: node.dataset.format,
      flashes: node.dataset.flash !== undefined,
    }));
    store.attach(this);
    for (const type of ["pointerover", "focusin"]) this.addEventListener(type, (event) => this.#explain(event.target));
  }

  disconnectedCallback() {
    store.detach(this);
    for (const other of this.#others.splice(0)) store.detach(other);
  }

  /** Of the store; not the ARIA role, which an element's own property of this name would set. */
  get role() {
    return this.dataset.role ?? "account";
  }

  /** What a cell's path names. Panels that show figures which stand elsewhere too take their own prefix off. */
  partsOf(path) {
    return placeParts(path, this.role);
  }

  /** Whether nobody can see it: then nothing is written. */
  get isIdle() {
    return this.closest("[hidden]") !== null;
  }

  /** Writes what changed. Panels that show more than cells extend it. */
  paint(channel, changes, moment) {
    for (const cell of this.#cells) {
      const place = placeIn(channel, cell.parts);
      if (!place) continue;
      const { path, key, column } = place;
      if (!changes.isWhole && !changes.columns.get(path)?.has(column)) continue;
      const value = channel.tables.get(path).value(key, column);
      const shown = show(value, cell.format, undefined, reasonMissing(channel, path, key, column));
      if (value !== undefined) shown.note = this.noteFor(place, channel);
      cell.writer.write(shown, moment, cell.flashes && !changes.isWhole);
    }
  }

  /** Tooltip of a cell that has a value: its convention, inputs and age. */
  noteFor(_place, _channel) {
    return "";
  }

  /**
   * Paints from the channel of another role as well.
   * @param {string} role @param {(channel: object, changes: object, moment: number) => void} paint
   */
  paintFrom(role, paint) {
    const panel = this;
    const other = { role, paint, get isIdle() { return panel.isIdle; } };
    this.#others.push(other);
    store.attach(other);
  }

  /** The age in a tooltip is right at the moment somebody looks. */
  #explain(node) {
    const cell = this.#cells.find(({ writer }) => writer.node === node);
    const channel = store.channel(this.role);
    const place = cell && channel && placeIn(channel, cell.parts);
    if (!place || channel.tables.get(place.path).value(place.key, place.column) === undefined) return;
    cell.writer.annotate(this.noteFor(place, channel));
  }
}

function placeParts(path, role) {
  const parts = path.split("/");
  return parts[0] === role && role !== "account" ? parts.slice(1) : parts;
}

/** Table, row and column that a cell's path means in a channel; undefined where there is no such table. */
function placeIn(channel, parts) {
  const single = parts.slice(0, -1).join(".");
  const table = channel.tables.get(single);
  if (table && table.shape !== shapes.rows) {
    const column = table.shape === shapes.map ? table.columns[0].name : parts.at(-1);
    return { path: single, key: parts.at(-1), column };
  }
  const path = parts.slice(0, -2).join(".");
  return channel.tables.has(path) ? { path, key: parts.at(-2), column: parts.at(-1) } : undefined;
}

customElements.define("live-panel", LivePanel);
