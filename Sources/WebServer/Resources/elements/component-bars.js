// SPDX-License-Identifier: Apache-2.0
// What each part adds to VaR: components by position, sector, strategy, account or group, which sum to VaR.

import { ageOf } from "../data/convention.js";
import { barOf, confidenceLabel } from "../data/format.js";
import { store } from "../data/store.js";
import { DataGrid, StoreSource } from "./data-grid.js";
import { html, write } from "./drawing.js";

const groupings = [
  "positions", "accounts", "groups.level_1", "groups.level_2", "sectors", "strategies", "instruments",
];
const labels = { "groups.level_1": "groups", "groups.level_2": "subgroups" };
const meanings = {
  component_var: "its P&L in the scenario VaR is read off; components sum to VaR",
  component_es: "its mean over the tail; components sum to ES",
  marginal_var: "component over market value",
  incremental_var: "VaR less VaR without it",
  stand_alone_var: "VaR of it by itself",
};

class ComponentBars extends DataGrid {
  rowMarks = [];
  #chosen = "";

  connectedCallback() {
    this.order.column = "component_var";
    this.order.direction = -1;
    super.connectedCallback();
    this.choices = this.querySelector(".choices");
    this.level = this.querySelector(".level-of");
    this.choices.addEventListener("click", ({ target }) => {
      if (target.dataset.grouping) this.#choose(target.dataset.grouping, true);
    });
  }

  paint(channel, changes, moment) {
    if (changes.isWhole) this.#offer(channel);
    if (!changes.isWhole && !changes.columns.has(this.dataset.table) && !changes.columns.has("attribution")) return;
    const table = channel.tables.get(this.dataset.table);
    const values = (table?.keys ?? []).map((key) => table.value(key, "component_var")).filter(Number.isFinite);
    this.least = Math.min(0, ...values);
    this.greatest = Math.max(0, ...values);
    const level = channel.tables.get("attribution")?.value("", "confidence_bp");
    write(this.level, level === undefined ? "" : `at ${confidenceLabel(level)}`);
    // The scale is of all rows: with one of them all bars differ.
    super.paint(channel, { ...changes, isWhole: true }, moment);
  }

  /** Groupings there are; one with a single part says nothing, unless it is the only one. */
  #offer(channel) {
    const there = groupings.filter((path) => (channel.tables.get(path)?.keys.length ?? 0) > 0);
    const worth = there.filter((path, index) => index === 0 || channel.tables.get(path).keys.length > 1
      || channel.tables.get(path).keys[0] !== "none");
    if ([...this.choices.children].map((node) => node.dataset.grouping).join() !== worth.join()) {
      this.choices.replaceChildren(...worth.map((path) =>
        html("button", { type: "button", "data-grouping": path }, labels[path] ?? path)));
    }
    this.#choose(worth.includes(this.#chosen) ? this.#chosen : worth[0] ?? "positions", false);
  }

  #choose(path, isRepainted) {
    this.#chosen = path;
    for (const node of this.choices.children) {
      node.setAttribute("aria-pressed", String(node.dataset.grouping === path));
    }
    const names = { positions: "Position", accounts: "Account", instruments: "Instrument" };
    this.headers[0].textContent = names[path] ?? "Group";
    if (this.dataset.table === path && this.source.path === path) return;
    this.dataset.table = path;
    this.cellPrefix = `components/${path}`;
    this.source = new StoreSource(this.role, path);
    if (isRepainted) store.repaint(this.role);
  }

  shownAt(key, column) {
    const shown = super.shownAt(key, column);
    const channel = store.channel(this.role);
    if (shown.tone === "missing") {
      shown.note = column.name === "marginal_var" ? "no market value to divide by" : "not priced, or without history";
    } else {
      shown.note = `${meanings[column.name]}, ${ageOf(channel)}`;
    }
    if (column.name === "component_var") {
      shown.bar = barOf(this.source.value(key, column.name), this.least, this.greatest);
    }
    return shown;
  }
}

customElements.define("component-bars", ComponentBars);
