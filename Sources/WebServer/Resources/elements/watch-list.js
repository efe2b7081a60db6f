// SPDX-License-Identifier: Apache-2.0
// The reader's list of instruments: added to with suggestions, put in order; shown at once, taken back if refused.

import { ask } from "../data/api.js";
import { instruments } from "../data/instruments.js";
import { store } from "../data/store.js";
import { DataGrid, StoreSource } from "./data-grid.js";
import { addKeys } from "./keys.js";
import { SymbolSuggestions } from "./symbol-suggestions.js";

/** The rows of the market's table that are watched, in the list's order; all of them without a list. */
class WatchSource extends StoreSource {
  /** @type {string[]} */
  symbols = [];

  get keys() {
    return this.symbols.length > 0 ? this.symbols : super.keys;
  }
}

export class WatchList extends DataGrid {
  #removeKeys;
  /** What the server holds; what a refusal goes back to. */
  #kept = [];
  #changes = Promise.resolve();
  #waiting = 0;
  #dragged;

  connectedCallback() {
    this.source = new WatchSource("market", "");
    this.source.symbols = this.#kept = JSON.parse(this.dataset.watched);
    super.connectedCallback();
    this.fault = this.querySelector(".fault");
    this.input = this.querySelector("[data-add]");
    this.suggestions = new SymbolSuggestions(this.input, (symbol) => this.add(symbol));
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.defaultPrevented) this.add(this.input.value.trim());
    });
    this.input.addEventListener("input", () => this.fault.replaceChildren());
    this.table.addEventListener("keydown", (event) => this.#press(event));
    this.addEventListener("row-active", () => this.#showActions());
    this.addEventListener("click", ({ target }) => this.#click(target));
    this.addEventListener("pointerover", ({ target }) => this.#makeDraggable(target.closest("tbody th")));
    for (const type of ["dragstart", "dragover", "drop", "dragend"]) {
      this.addEventListener(type, (event) => this.#drag(event));
    }
    const keys = { b: "buy", s: "sell" };
    this.#removeKeys = addKeys(Object.entries(keys).map(([key, side]) =>
      ({ keys: key, label: `${side} the chosen instrument`, scope: this, run: () => this.#trade(side) })));
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#removeKeys();
  }

  add(symbol) {
    const known = store.table("market", "");
    const capitals = symbol.toUpperCase();
    const name = !known?.has(symbol) && known?.has(capitals) ? capitals : symbol;
    if (name === "") return;
    if (this.source.symbols.includes(name)) return this.#refuse(`${name} is in the list already`);
    this.input.value = "";
    this.#change([...this.source.symbols, name], name);
  }

  remove(symbol) {
    const index = this.source.symbols.indexOf(symbol);
    if (index < 0) return;
    const rest = this.source.symbols.filter((other) => other !== symbol);
    this.#change(rest, rest[Math.min(index, rest.length - 1)]);
  }

  /** @param {string} symbol @param {number} step down is positive */
  move(symbol, step) {
    const index = this.source.symbols.indexOf(symbol);
    if (index < 0 || this.order.column !== undefined) return;
    const next = this.source.symbols.toSpliced(index, 1);
    next.splice(Math.min(next.length, Math.max(0, index + step)), 0, symbol);
    if (next.join() !== this.source.symbols.join()) this.#change(next, symbol);
  }

  /** Shows the list at once, then has it kept; the changes reach the server in their order. */
  #change(symbols, active) {
    this.#show(symbols, active);
    this.fault.replaceChildren();
    this.#waiting++;
    this.#changes = this.#changes.then(() => this.#keep(symbols, active));
  }

  async #keep(symbols, name) {
    try {
      const answer = await ask("PUT", "watchlist", { symbols });
      this.#kept = answer.symbols;
    } catch (refusal) {
      const near = Object.values(refusal.problem.suggestions ?? {})[0] ?? [];
      this.#refuse(`${name}: ${Object.values(refusal.errors)[0] ?? refusal.message}`, near);
      this.#show(this.#kept);
    } finally {
      this.#waiting--;
      this.toggleAttribute("data-pending", this.#waiting > 0);
    }
  }

  #show(symbols, active) {
    this.source.symbols = symbols;
    this.querySelector(".hint").hidden = symbols.length > 0;
    this.toggleAttribute("data-pending", symbols !== this.#kept);
    this.refresh();
    if (active !== undefined && this.source.keys.includes(active)) this.keys.activate(active, 0);
    this.#showActions();
  }

  #refuse(text, near = []) {
    const buttons = near.map((symbol) => {
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.suggestion = button.textContent = symbol;
      return button;
    });
    this.fault.replaceChildren(text, ...(near.length > 0 ? [" Did you mean ", ...buttons] : []));
  }

  #click(target) {
    const { action, suggestion } = target.closest("button")?.dataset ?? {};
    if (suggestion) return this.add(suggestion);
    if (action === "remove") this.remove(this.keys.key);
    if (action === "up") this.move(this.keys.key, -1);
    if (action === "down") this.move(this.keys.key, 1);
  }

  #press(event) {
    const { key } = this.keys;
    if (key === undefined) return;
    if (event.altKey && event.key === "ArrowUp") this.move(key, -1);
    else if (event.altKey && event.key === "ArrowDown") this.move(key, 1);
    else if (event.key === "Delete") this.remove(key);
    else return;
    event.preventDefault();
  }

  #makeDraggable(header) {
    const key = header?.parentNode.dataset.row;
    if (key === undefined) return;
    header.draggable = this.source.symbols.includes(key) && this.order.column === undefined;
    header.title = instruments.of(key)?.name ?? "";
    instruments.load().then(() => (header.title = instruments.of(header.parentNode.dataset.row)?.name ?? ""), () => {});
  }

  #drag(event) {
    const over = event.target.closest?.("tr[data-row]")?.dataset.row;
    const { symbols } = this.source;
    if (event.type === "dragstart") {
      this.#dragged = over;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", over ?? "");
    } else if (event.type === "dragend") this.#dragged = undefined;
    else if (this.#dragged !== undefined && over !== undefined) {
      event.preventDefault();
      if (event.type === "drop") this.move(this.#dragged, symbols.indexOf(over) - symbols.indexOf(this.#dragged));
    }
  }

  #showActions() {
    const isListed = this.source.symbols.includes(this.keys.key);
    for (const button of this.querySelectorAll("button[data-action]")) button.disabled = !isListed;
  }

  #trade(side) {
    const symbol = this.keys.key;
    if (symbol !== undefined) document.dispatchEvent(new CustomEvent("ticket", { detail: { symbol, side } }));
  }
}

customElements.define("watch-list", WatchList);
