// SPDX-License-Identifier: Apache-2.0
// The blotter: tabs of open orders, those that are done, and fills; cancelling, replacing, searching, saving as CSV.

import { ask } from "../data/api.js";
import { orders } from "../data/orders.js";
import { place } from "../data/place.js";
import { standing } from "../data/standing.js";
import "./hold-button.js";
import { addKeys } from "./keys.js";
import { say } from "./messages.js";
import { csvOf, save } from "./order-csv.js";
import "./order-grid.js";
import { ReplaceForm } from "./replace-form.js";

class OrderBlotter extends HTMLElement {
  #removeKeys;

  connectedCallback() {
    this.tabs = [...this.querySelectorAll("[role=tab]")];
    this.grids = [...this.querySelectorAll("order-grid")];
    this.cancelAll = this.querySelector("hold-button");
    this.replace = new ReplaceForm(this.querySelector("form.replace"));
    for (const tab of this.tabs) tab.addEventListener("click", () => this.#choose(tab));
    this.querySelector("[role=tablist]").addEventListener("keydown", (event) => this.#walk(event));
    this.querySelector("[data-find]").addEventListener("input", ({ target }) => {
      for (const grid of this.grids) grid.order.filter = target.value;
      this.grid.refresh();
    });
    this.addEventListener("click", ({ target }) => this.#act(target.closest("button[data-action]")?.dataset.action));
    this.addEventListener("row-active", () => this.#show());
    this.addEventListener("row-open", () => this.#act("replace"));
    this.addEventListener("list", () => this.#show());
    this.cancelAll.addEventListener("held", () => this.#cancelAll());
    standing.addEventListener("change", () => this.#show());
    this.#removeKeys = addKeys([
      { keys: "Delete", label: "cancel the chosen order", scope: this, run: () => this.#act("cancel") },
      { keys: "r", label: "replace the chosen order", scope: this, run: () => this.#act("replace") },
    ]);
    this.#choose(this.tabs[0]);
  }

  disconnectedCallback() {
    this.#removeKeys();
  }

  /** The list one looks at. */
  get grid() {
    return this.grids.find((grid) => !grid.hidden);
  }

  get #chosen() {
    const order = this.grid.dataset.list === "open" ? this.grid.source.row(this.grid.keys.key) : undefined;
    return order?.isPending ? undefined : order;
  }

  #choose(chosen) {
    for (const tab of this.tabs) {
      const isChosen = tab === chosen;
      tab.setAttribute("aria-selected", String(isChosen));
      tab.tabIndex = isChosen ? 0 : -1;
      document.getElementById(tab.getAttribute("aria-controls")).hidden = !isChosen;
    }
    this.grid.read();
    this.#show();
  }

  #walk(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const index = this.tabs.findIndex((tab) => tab.tabIndex === 0);
    const tab = this.tabs[(index + step + this.tabs.length) % this.tabs.length];
    event.preventDefault();
    this.#choose(tab);
    tab.focus();
  }

  #show() {
    const open = orders.open.length;
    const mayTrade = standing.may("trade");
    const reason = mayTrade ? (open === 0 ? "no order is open" : "") : `you may not trade in ${place.account}`;
    this.cancelAll.say(open === 1 ? "Cancel the 1 open order" : `Cancel all ${open} open orders`, reason);
    for (const name of ["cancel", "replace"]) {
      const button = this.querySelector(`button[data-action=${name}]`);
      button.disabled = !mayTrade || !this.#chosen;
      button.title = mayTrade ? (this.#chosen ? "" : "choose an open order first") : reason;
    }
    for (const tab of this.tabs) {
      const grid = document.getElementById(tab.getAttribute("aria-controls"));
      tab.querySelector(".count").textContent = grid.source?.keys.length ?? 0;
    }
  }

  #act(action) {
    const order = this.#chosen;
    if (action === "save") return this.#save();
    if (!action || !order || !standing.may("trade")) return;
    if (action === "cancel") this.#cancel(order);
    else if (action === "replace") this.replace.open(order);
  }

  async #cancel(order) {
    // Seen at once; what the server answers comes over it.
    orders.orders.set(String(order.order_id), { ...order, status: "pending_cancel" });
    this.grid.read();
    try {
      orders.take(await ask("DELETE", `${place.path}/orders/${order.order_id}`));
      say(`order ${order.order_id}: cancellation asked for`);
    } catch (refusal) {
      const key = String(order.order_id);
      if (orders.orders.get(key)?.updated_ns === order.updated_ns) orders.orders.set(key, order);
      this.grid.read();
      say(`order ${order.order_id} was not cancelled: ${refusal.message}`, "warn");
    }
  }

  async #cancelAll() {
    try {
      const answer = await ask("DELETE", `${place.path}/orders`);
      for (const order of answer.orders) orders.take(order);
      say(`cancellation of ${answer.orders.length} orders asked for`);
    } catch (refusal) {
      say(`the orders were not cancelled: ${refusal.message}`, "critical");
    }
  }

  /** What the list shows, in its order. */
  #save() {
    const { source, lines, dataset } = this.grid;
    const rows = lines.map(({ key }) => source.row(key)).filter((row) => !row.isPending);
    const kind = dataset.list === "fills" ? "fills" : "orders";
    const day = new Date().toISOString().slice(0, 10);
    save(`${place.account}-${dataset.list}-${day}.csv`, csvOf(kind, rows));
    say(`${rows.length} rows saved`);
  }
}

customElements.define("order-blotter", OrderBlotter);
