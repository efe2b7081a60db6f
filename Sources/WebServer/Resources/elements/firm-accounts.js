// SPDX-License-Identifier: Apache-2.0
// The firm's accounts, those first that use most of their margin or of a limit; a row opens its account.

import { ask } from "../data/api.js";
import { limitLabel } from "../data/limits.js";
import { place } from "../data/place.js";
import { store } from "../data/store.js";
import { DataGrid, StoreSource } from "./data-grid.js";
import { write } from "./drawing.js";

const askMilliseconds = 2_000;
/** Columns the stream does not have. */
const asked = ["utilisation_pct", "margin_utilisation_pct", "tightest"];

/** The firm's rows of the stream beside how much of their limits accounts use. */
class RankedAccounts extends StoreSource {
  uses = new Map();

  value(key, column) {
    const use = this.uses.get(key);
    if (column === "tightest") return use?.limit && `${limitLabel(use.limit)} ${percent(use.limit.utilisation_pct)}`;
    return asked.includes(column) ? use?.[column] : super.value(key, column);
  }

  text(key) {
    return `${key} ${super.value(key, "currency") ?? ""} ${super.value(key, "margin_level") ?? ""}`;
  }
}

class FirmAccounts extends DataGrid {
  #isAsking = false;
  #reason = "being read";

  connectedCallback() {
    this.source = new RankedAccounts(this.dataset.role, this.dataset.table);
    this.order.column = "utilisation_pct";
    this.order.direction = -1;
    super.connectedCallback();
    this.partial = this.querySelector(".partial");
    this.addEventListener("row-open", ({ detail }) => place.go({ view: "risk", account: detail.key }));
    place.addEventListener("change", () => this.read());
    setInterval(() => this.read(), askMilliseconds);
    this.read();
  }

  async read() {
    if (place.view !== "firm" || document.hidden || this.#isAsking) return;
    this.#isAsking = true;
    try {
      const { accounts } = await ask("GET", "firm/limit-use");
      this.source.uses = new Map(accounts.map((use) => [use.account, use]));
      this.#reason = "";
    } catch (refusal) {
      this.#reason = `could not be read: ${refusal.message}`;
    }
    this.#isAsking = false;
    if (!this.isIdle && store.channel(this.role)) this.refresh();
  }

  paint(channel, changes, moment) {
    super.paint(channel, changes, moment);
    if (!changes.isWhole && !changes.columns.get(this.dataset.table)?.has("status")) return;
    const table = channel.tables.get(this.dataset.table);
    const left = (table?.keys ?? []).filter((key) => table.value(key, "status") !== "ok")
      .map((key) => `${key} (${table.value(key, "status")})`);
    write(this.partial, left.length > 0 ? `not whole: ${left.join(", ")}` : "",
      { note: "partial: positions without a price are left out; missing: the account is left out of the totals" });
    this.partial.hidden = left.length === 0;
  }

  shownAt(key, column) {
    const shown = super.shownAt(key, column);
    if (asked.includes(column.name)) {
      const none = { tightest: "no limit is set", margin_utilisation_pct: "no margin limit, or no price" };
      if (shown.tone === "missing") shown.note = this.#reason || (none[column.name] ?? "no margin limit and no limits");
      else shown.note = "asked of the server every two seconds";
    }
    if (column.name === "utilisation_pct") {
      const used = this.source.value(key, column.name);
      shown.bar = used === undefined ? undefined : `0% ${Math.min(100, Math.max(0, used)).toFixed(2)}%`;
      shown.tone = used >= 95 ? "critical" : used >= 80 ? "warn" : shown.tone;
    }
    return shown;
  }
}

function percent(value) {
  return value === undefined ? "\u2014" : `${value.toFixed(1)} %`;
}

customElements.define("firm-accounts", FirmAccounts);
