// SPDX-License-Identifier: Apache-2.0
// A table that may have any number of rows: only those in sight are in the document. Sorted, filtered, grouped, walked
// by keyboard. The server renders its head and its first rows.
//
//   <data-grid data-role="account" data-table="positions" data-prefix="positions"> … <div class="scroll"><table>
//     <thead><tr><th data-column="">Symbol</th><th data-column="price" data-format="price" data-flash>Price</th></tr>
//
// Rows come from the store's table at data-role and data-table, or from `source`, if a panel sets one. It tells
// "row-active" {key, column} as one walks, "row-open" {key, column} at Enter or a double click. A child
// <input type="search" data-filter> filters; cells of the foot with data-cell are live.

import { reasonMissing, show } from "../data/format.js";
import { store } from "../data/store.js";
import { GridKeys } from "./grid-keys.js";
import { GridOrder } from "./grid-order.js";
import { GridRow } from "./grid-row.js";
import { LivePanel } from "./live-panel.js";
import { StoreSource } from "./store-source.js";

export { StoreSource };

/** Rows kept above and below those in sight. */
const overscan = 8;
/** Rows that change places are put in order at most so often. */
const orderMilliseconds = 1_000;
let grids = 0;

export class DataGrid extends LivePanel {
  order = new GridOrder();
  /** Members of a row that its node shows as attributes. */
  rowMarks = ["status", "trading"];
  /** @type {import("./grid-order.js").Line[]} */
  lines = [];
  /** Height of a row in pixels: all are alike. */
  rowHeight = 28;
  #pool = [];
  #room = 0;
  #top = 0;
  #orderedAt = -Infinity;
  #frame = 0;
  #number = ++grids;
  #rowIds = 0;

  connectedCallback() {
    super.connectedCallback();
    this.cellPrefix = this.dataset.prefix ?? "";
    this.scroll = this.querySelector(".scroll");
    // The table takes the focus here.
    this.scroll.removeAttribute("tabindex");
    this.table = this.querySelector("table");
    this.body = this.table.tBodies[0];
    this.headers = [...this.table.tHead.querySelectorAll("th[data-column]")];
    this.columns = this.headers.slice(1).map(({ dataset: { column, format, flash } }) =>
      ({ name: column, format, flashes: flash !== undefined, isNumber: !["word", "text", "level"].includes(format) }));
    this.source ??= new StoreSource(this.role, this.dataset.table);
    this.#pool = [...this.body.rows].map((node) => new GridRow(this, node));
    this.above = spacer(this.columns.length + 1);
    this.below = spacer(this.columns.length + 1);
    this.body.prepend(this.above);
    this.body.append(this.below);
    this.keys = new GridKeys(this);
    this.scroll.addEventListener("scroll", () => {
      this.#top = this.scroll.scrollTop;
      this.#repaintSoon();
    }, { passive: true });
    // Sizes are measured when they change: asked for at every paint they would force a layout each time.
    this.sizes = new ResizeObserver(() => this.#measure());
    this.sizes.observe(this.scroll);
    this.sizes.observe(this.#pool[0]?.node ?? this.body);
    this.querySelector("input[data-filter]")?.addEventListener("input", ({ target }) => {
      this.order.filter = target.value;
      this.refresh();
    });
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.sizes.disconnect();
  }

  paint(channel, changes, moment) {
    super.paint(channel, changes, moment);
    const changed = changes.columns.get(this.dataset.table);
    if (!changes.isWhole && !changed) return;
    const isResorted = changed?.has(this.order.column) && moment - this.#orderedAt >= orderMilliseconds;
    if (changes.isWhole || isResorted) this.#arrange(moment);
    this.#paintRows(changes.isWhole || isResorted ? null : changed, moment);
  }

  /** After filter, sort, groups or a source of one's own changed. */
  refresh() {
    const moment = performance.now();
    this.#top = this.scroll.scrollTop;
    this.#arrange(moment);
    this.#paintRows(null, moment);
  }

  nextRowId() {
    return `grid-${this.#number}-row-${++this.#rowIds}`;
  }

  rowWith(key) {
    return this.#pool.find((row) => row.key === key && !row.node.hidden);
  }

  #measure() {
    // A row out of use has no height.
    this.rowHeight = this.#pool[0]?.node.offsetHeight || this.rowHeight;
    this.#room = this.scroll.clientHeight;
    this.#repaintSoon();
  }

  /** What stands at the beginning of a line. */
  headerOf(line) {
    if (line.group !== undefined) return `${line.group || "none"} (${line.count})`;
    if (this.dataset.link === undefined) return this.labelOf(line.key);
    const link = document.createElement("a");
    link.href = this.dataset.link + encodeURIComponent(line.key);
    link.dataset.account = line.key;
    link.textContent = line.key;
    return link;
  }

  labelOf(key) {
    return key;
  }

  /** @returns {import("../data/format.js").Shown} */
  shownAt(key, column) {
    const value = this.source.value(key, column.name);
    const channel = store.channel(this.role);
    const reason = value === undefined && channel ? reasonMissing(channel, this.dataset.table, key, column.name) : "";
    const shown = show(value, column.format, this.source.decimals?.(key), reason);
    if (value !== undefined) shown.note = this.noteAt(key, column);
    return shown;
  }

  noteAt(key, _column) {
    return this.source.value(key, "status") === "stale" ? "stale: no tick within the limit" : "";
  }

  shownOfGroup(_line, _column) {
    return { text: "", tone: "", note: "" };
  }

  #arrange(moment) {
    this.#orderedAt = moment;
    this.lines = this.order.lines(this.source);
    this.table.setAttribute("aria-rowcount", this.lines.length + 1);
    this.headers.forEach((header) => {
      const isSorted = header.dataset.column === this.order.column;
      if (!isSorted) return header.removeAttribute("aria-sort");
      header.setAttribute("aria-sort", this.order.direction > 0 ? "ascending" : "descending");
    });
    this.toggleAttribute("data-empty", this.lines.length === 0);
  }

  #repaintSoon() {
    this.#frame ||= requestAnimationFrame((moment) => {
      this.#frame = 0;
      if (!this.isIdle && this.lines.length > 0) this.#paintRows(null, moment);
    });
  }

  /** @param {Set<string> | null} changed columns; null for all */
  #paintRows(changed, moment) {
    const height = this.rowHeight;
    const inSight = Math.ceil(this.#room / height) + 2 * overscan;
    const last = Math.max(0, this.lines.length - inSight);
    const first = Math.min(last, Math.max(0, Math.floor(this.#top / height) - overscan));
    const count = Math.min(inSight, this.lines.length);
    while (this.#pool.length < count) {
      const row = new GridRow(this);
      if (this.#pool.push(row) === 1) this.sizes.observe(row.node);
      this.below.before(row.node);
    }
    this.#pool.forEach((row, index) => {
      row.node.hidden = index >= count;
      if (index < count) row.show(this.lines[first + index], first + index, changed, moment);
    });
    this.above.style.height = `${first * height}px`;
    this.below.style.height = `${(this.lines.length - first - count) * height}px`;
    this.keys.show();
  }
}

function spacer(columns) {
  const node = document.createElement("tr");
  node.className = "spacer";
  node.setAttribute("aria-hidden", "true");
  const cell = document.createElement("td");
  cell.colSpan = columns;
  node.append(cell);
  return node;
}

customElements.define("data-grid", DataGrid);
