// SPDX-License-Identifier: Apache-2.0
// What an account holds: by sector where wanted, with the day's change of the market; its rows open the ticket.

import { ageLabel, show } from "../data/format.js";
import { instruments } from "../data/instruments.js";
import { place } from "../data/place.js";
import { store } from "../data/store.js";
import { DataGrid, StoreSource } from "./data-grid.js";
import { addKeys } from "./keys.js";
import { say } from "./messages.js";

/** Positions, with what the market's channel knows of their instruments. */
class PositionSource extends StoreSource {
  value(key, column) {
    return column === "change_pct" ? store.value("market", "", key, column) : super.value(key, column);
  }

  text(key) {
    const instrument = instruments.of(key);
    return instrument ? `${key} ${instrument.name} ${instrument.sector}` : key;
  }
}

export class PortfolioGrid extends DataGrid {
  rowMarks = ["status"];
  #removeKeys;
  #market = {
    role: "market",
    isIdle: false,
    paint: (_channel, { isWhole, columns }, moment) => {
      if (isWhole || columns.get("")?.has("change_pct")) this.#paintChange(moment);
    },
  };

  connectedCallback() {
    this.source = new PositionSource("account", "positions");
    super.connectedCallback();
    store.attach(this.#market);
    this.#removeKeys = addKeys([
      { keys: "b", label: "buy the chosen instrument", scope: this, run: () => this.#act("buy") },
      { keys: "s", label: "sell the chosen instrument", scope: this, run: () => this.#act("sell") },
      { keys: "x", label: "close the chosen position", scope: this, run: () => this.#act("close") },
    ]);
    this.addEventListener("row-active", ({ detail }) => {
      place.choose(detail.key);
      this.#showActions();
    });
    this.addEventListener("click", ({ target }) => {
      const { action } = target.closest("button[data-action]")?.dataset ?? {};
      if (action) this.#act(action);
    });
    this.addEventListener("pointerover", ({ target }) => this.#name(target.closest("tbody th")));
    this.querySelector("[data-group]").addEventListener("change", ({ target }) => this.#group(target));
    // Filtering finds names too, once they are known.
    this.querySelector("[data-filter]").addEventListener("focus", () => this.#know());
    this.#showActions();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    store.detach(this.#market);
    this.#removeKeys();
  }

  paint(channel, changes, moment) {
    super.paint(channel, changes, moment);
    if (!changes.isWhole) return;
    const badge = this.querySelector("#status");
    const status = channel.tables.get("")?.value("", "status");
    badge.hidden = status !== "partial";
    if (!badge.hidden) {
      const missing = this.source.keys.filter((key) => this.source.value(key, "status") === "missing");
      badge.textContent = status;
      badge.title = missing.length > 0 ? `left out, without a price: ${missing.slice(0, 20).join(", ")}`
        : "positions without a price are left out";
    }
    this.#showActions();
  }

  noteAt(key, _column) {
    if (this.source.value(key, "status") !== "stale") return "";
    const changed = store.table("market", "")?.changedAt(key);
    return changed === undefined ? "stale: no tick since before this page was opened"
      : `stale: its last tick was ${ageLabel(Date.now() - changed)} ago`;
  }

  /** Net and gross of the sector, as the server adds them up. */
  shownOfGroup({ group }, { name }) {
    const label = { quantity: "gross", price: "net" }[name];
    if (label) return { text: label, tone: "", note: `${label} exposure of the sector` };
    const column = { avg_cost: "gross", market_value: "net" }[name];
    if (!column) return { text: "", tone: "", note: "" };
    return show(store.value("account", "sectors", group, column), "money", undefined, "no part of it has a price");
  }

  #paintChange(moment) {
    const channel = store.channel("account");
    if (!channel || this.isIdle) return;
    const columns = new Map([[this.dataset.table, new Set(["change_pct"])]]);
    super.paint(channel, { isWhole: false, columns }, moment);
  }

  async #know() {
    try {
      await instruments.load();
      return true;
    } catch (refusal) {
      say(`instruments are not known: ${refusal.message}`, "warn");
      return false;
    }
  }

  async #group(box) {
    if (box.checked && !(await this.#know())) box.checked = false;
    this.order.groupOf = box.checked ? (key) => instruments.of(key)?.sector ?? "" : undefined;
    this.refresh();
  }

  async #name(header) {
    const key = header?.parentNode.dataset.row;
    if (key === undefined) return;
    if (!instruments.of(key) && !(await this.#know())) return;
    if (header.parentNode.dataset.row === key) header.title = instruments.of(key)?.name ?? "";
  }

  /** The chosen position, undefined where it is not held any more. */
  get #chosen() {
    const { key } = this.keys;
    return key !== undefined && store.table("account", "positions")?.has(key) ? key : undefined;
  }

  #showActions() {
    for (const button of this.querySelectorAll("button[data-action]")) {
      button.disabled = this.#chosen === undefined;
      button.title = button.disabled ? "choose a position first" : `${button.textContent} ${this.#chosen}`;
    }
  }

  #act(action) {
    const symbol = this.#chosen;
    if (symbol === undefined) return say("choose a position first", "warn");
    const quantity = this.source.value(symbol, "quantity");
    const [type, detail] = action === "close" ? ["close-position", { symbol, quantity }]
      : ["ticket", { symbol, side: action }];
    document.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

customElements.define("portfolio-grid", PortfolioGrid);
