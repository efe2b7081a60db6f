// SPDX-License-Identifier: Apache-2.0
// Totals, tail, stress and sectors: numbers that say their convention when asked.

import { LivePanel } from "./live-panel.js";
import { ageLabel, confidenceLabel, scenarioLabel } from "./format.js";
import { store } from "./store.js";

class RiskPanel extends LivePanel {
  connectedCallback() {
    super.connectedCallback();
    // The age in a tooltip is right at the moment somebody looks.
    for (const type of ["pointerover", "focusin"]) this.addEventListener(type, () => this.#annotate());
  }

  rowLabel(key) {
    return this.table.dataset.table === "risk" ? confidenceLabel(key) : scenarioLabel(key);
  }

  noteFor(cell, data) {
    const { table, row } = cell.place;
    const measure = { "risk.var": "VaR", "risk.es": "expected shortfall" }[table];
    if (measure) return `${measure}: ${convention(data.risk, row)}, ${this.#age()} old`;
    if (table === "stress") return `today's book revalued under ${scenarioLabel(row)}, ${this.#age()} old`;
    if (table === "totals" && data.status === "partial") return "partial: positions without a price are left out";
    return "";
  }

  #age() {
    return ageLabel(store.now() - store.state(this.role).cutMilliseconds);
  }

  #annotate() {
    const state = store.state(this.role);
    if (!state) return;
    for (const list of this.cells.values()) {
      for (const cell of list) {
        if (cell.valueIn(state.data) !== undefined) cell.annotate(this.noteFor(cell, state.data));
      }
    }
  }
}

/** As in "99 % 1-day historical, discrete, 500 returns, coverage 100 %". */
function convention(risk, basisPoints) {
  const coverage = Number(risk.coverage_pct?.toFixed(2));
  const left = risk.excluded?.length > 0 ? ` (without ${risk.excluded.join(", ")})` : "";
  return `${confidenceLabel(basisPoints)} ${risk.horizon_days}-day historical, ${risk.quantile}, ` +
    `${risk.window} returns, coverage ${coverage} %${left}`;
}

customElements.define("risk-panel", RiskPanel);
