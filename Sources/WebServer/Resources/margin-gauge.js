// SPDX-License-Identifier: Apache-2.0
// How much of its margin an account uses, with the two levels marked; a change of level is an event.

import { LivePanel } from "./live-panel.js";

class MarginGauge extends LivePanel {
  /** The account whose level is shown: another account's level is no change. */
  #account;

  connectedCallback() {
    super.connectedCallback();
    this.gauge = this.querySelector(".gauge");
    this.fill = this.querySelector(".fill");
  }

  paint(state, changed, moment) {
    super.paint(state, changed, moment);
    const margin = state.data.margin ?? {};
    const percent = Math.min(100, Math.max(0, margin.utilisation_pct ?? (margin.level === "critical" ? 100 : 0)));
    const width = String(Math.round(percent * 10));
    if (this.fill.getAttribute("width") !== width) {
      this.fill.setAttribute("width", width);
      this.gauge.setAttribute("aria-valuenow", percent.toFixed(1));
    }
    this.#follow(state.data.account ?? "firm", margin);
  }

  #follow(account, margin) {
    const from = this.dataset.level;
    const to = margin.level ?? "unknown";
    if (from !== to) this.dataset.level = to;
    const isFirst = this.#account !== account;
    this.#account = account;
    if (isFirst || from === to) return;
    this.dispatchEvent(new CustomEvent("margin-level", { bubbles: true, detail: { account, from, to, margin } }));
  }
}

customElements.define("margin-gauge", MarginGauge);
