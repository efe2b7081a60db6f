// SPDX-License-Identifier: Apache-2.0
// One list of the blotter: open orders, orders that are done, or fills, the newest first.

import { orders } from "../data/orders.js";
import { place } from "../data/place.js";
import { DataGrid } from "./data-grid.js";

/** Pixels before the end of the list at which older rows are asked for. */
const reach = 400;
const wordsOf = { partially_filled: "partly filled", pending_cancel: "cancel asked", pending_replace: "replace asked" };
const clocks = new Map();

/** A moment in the page's zone. */
function timeText(nanoseconds) {
  const { zone } = place;
  if (!clocks.has(zone)) {
    clocks.set(zone, new Intl.DateTimeFormat("en-GB", {
      timeZone: zone, month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" }));
  }
  return clocks.get(zone).format(nanoseconds / 1e6).replace(",", "");
}

class ListSource {
  #rows = new Map();

  /** @param {"open" | "done" | "fills"} list */
  constructor(list) {
    this.list = list;
  }

  read() {
    if (this.list === "fills") {
      this.#rows = new Map([...orders.fills].sort(([, left], [, right]) => right.ts - left.ts));
      return;
    }
    const isOpen = this.list === "open";
    const rows = [...orders.orders].filter(([, order]) => orders.isOpen(order) === isOpen);
    rows.sort(([, left], [, right]) => (right.order_id ?? Infinity) - (left.order_id ?? Infinity)
      || right.created_ns - left.created_ns);
    this.#rows = new Map(rows);
  }

  get keys() {
    return [...this.#rows.keys()];
  }

  row(key) {
    return this.#rows.get(key);
  }

  value(key, column) {
    const row = this.#rows.get(key);
    if (column === "pending") return row?.isPending ? "" : undefined;
    return row?.[column];
  }

  text(key) {
    return Object.values(this.#rows.get(key)).join(" ").replaceAll("_", " ");
  }
}

export class OrderGrid extends DataGrid {
  rowMarks = ["status", "side", "pending"];
  #frame = 0;

  connectedCallback() {
    this.source = new ListSource(this.dataset.list);
    super.connectedCallback();
    this.changed = () => (this.#frame ||= requestAnimationFrame(() => this.read()));
    orders.addEventListener("change", this.changed);
    this.scroll.addEventListener("scroll", () => this.#older(), { passive: true });
    this.read();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    orders.removeEventListener("change", this.changed);
  }

  /** The rows as they are now; those of a list nobody sees are read when it is shown. */
  read() {
    this.#frame = 0;
    this.source.read();
    if (!this.isIdle) this.refresh();
    const empty = this.querySelector(".empty");
    if (empty) {
      empty.hidden = this.source.keys.length > 0;
      empty.textContent = orders.failure ? `not read: ${orders.failure}` : empty.dataset.text;
    }
    this.dispatchEvent(new CustomEvent("list", { bubbles: true }));
  }

  labelOf(key) {
    const row = this.source.row(key);
    if (this.dataset.list === "fills") return row.fill_id;
    return row.isPending ? "sending" : String(row.order_id);
  }

  shownAt(key, column) {
    const value = this.source.value(key, column.name);
    if (value !== undefined && column.format === "time") {
      return { text: timeText(value), tone: "", note: new Date(value / 1e6).toISOString() };
    }
    if (value !== undefined && column.name === "status") {
      const text = wordsOf[value] ?? value;
      return { text, tone: value === "rejected" ? "warn" : "", note: this.source.value(key, "reason") ?? "" };
    }
    if (value !== undefined) return super.shownAt(key, column);
    const reason = column.name === "average_fill_price" ? "nothing filled yet" : "the order has none";
    return { text: "\u2014", tone: "missing", note: reason };
  }

  #older() {
    const { scrollTop, clientHeight, scrollHeight } = this.scroll;
    if (scrollTop + clientHeight < scrollHeight - reach) return;
    if (this.dataset.list !== "open") orders.older(this.dataset.list === "fills" ? "fills" : "orders");
  }
}

customElements.define("order-grid", OrderGrid);
