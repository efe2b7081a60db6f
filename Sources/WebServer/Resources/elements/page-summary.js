// SPDX-License-Identifier: Apache-2.0
// For those who listen: the account, its result and its risk in one sentence every ten seconds, not at every tick.

import { show } from "../data/format.js";
import { link } from "../data/link.js";
import { place } from "../data/place.js";
import { store } from "../data/store.js";

const everyMilliseconds = 10_000;

class PageSummary extends HTMLElement {
  #alerts = 0;
  #timer = 0;

  connectedCallback() {
    link.addEventListener("alert", () => (this.#alerts += 1));
    this.#timer = setInterval(() => this.#say(), everyMilliseconds);
  }

  disconnectedCallback() {
    clearInterval(this.#timer);
  }

  #say() {
    if (document.hidden) return;
    const text = this.sentence();
    this.#alerts = 0;
    if (this.textContent !== text) this.textContent = text;
  }

  sentence() {
    const name = place.isFirm ? "Firm" : place.account;
    if (link.status.state !== "live") return `${name}: the stream is ${link.status.state}, numbers may be old.`;
    const currency = store.value("account", "", "", "currency") ?? "";
    const amount = (path, key, column, format) =>
      show(store.value("account", path, key, column), format, undefined, "").text.replace("\u2014", "not known");
    const told = [
      `day P&L ${amount("totals", "", "day_pnl", "signed")} ${currency}`,
      `99 % value at risk ${amount("risk.var", "9900", undefined, "money")} ${currency}`,
      this.#alerts === 0 ? "no new alerts" : `${this.#alerts} new alert${this.#alerts > 1 ? "s" : ""}`,
    ];
    return `${name}: ${told.join(", ")}.`;
  }
}

customElements.define("page-summary", PageSummary);
