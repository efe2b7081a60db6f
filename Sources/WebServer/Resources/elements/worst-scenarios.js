// SPDX-License-Identifier: Apache-2.0
// The worst days of the window for today's book; a day opens into what each position would have lost on it.

import { ageOf } from "../data/convention.js";
import { show } from "../data/format.js";
import { html, keyed, write } from "./drawing.js";
import { reasonOfReport, RiskPanel } from "./risk-panel.js";

class WorstScenarios extends RiskPanel {
  /** Rank of the day that is open. */
  #rank = "1";

  connectedCallback() {
    super.connectedCallback();
    this.list = this.querySelector(".days tbody");
    this.parts = this.querySelector("parts-grid");
    this.list.addEventListener("click", ({ target }) => this.#open(target.closest("tr")?.dataset.key));
    document.addEventListener("scenario-open", ({ detail }) => this.#openDate(detail.date));
  }

  paint(channel, changes, moment) {
    super.paint(channel, changes, moment);
    if (!this.isTouched(changes, "worst", "attribution")) return;
    const worst = channel.tables.get("worst");
    const ranks = (worst?.keys ?? []).filter((rank) => worst.value(rank, "pnl") !== undefined);
    if (ranks.length === 0) return this.say(reasonOfReport(channel));
    this.say("");
    const [tailDates, age] = [channel.tables.get("attribution")?.value("", "scenarios") ?? [], ageOf(channel)];
    this.dates = new Map(ranks.map((rank) => [worst.value(rank, "date"), rank]));
    if (!ranks.includes(this.#rank)) this.#rank = ranks[0];
    keyed(this.list, ranks, row, (node, rank) => {
      const [date, pnl] = [worst.value(rank, "date"), show(worst.value(rank, "pnl"), "signed")];
      const isTail = tailDates.includes(date);
      write(node.querySelector("button"), date, { note: `Show what each part would have lost on ${date}` });
      write(node.cells[1], isTail ? "VaR" : "", { note: isTail ? "VaR is read off this scenario" : "" });
      write(node.cells[2], pnl.text, { tone: pnl.tone, note: `today's book under the returns of ${date}, ${age}` });
    });
    this.#open(this.#rank);
  }

  #openDate(date) {
    this.scrollIntoView({ block: "nearest" });
    const rank = this.dates?.get(date);
    if (rank === undefined) return;
    this.#open(rank);
    this.list.querySelector(`[data-key="${rank}"] button`).focus();
  }

  #open(rank) {
    if (rank === undefined) return;
    this.#rank = rank;
    for (const node of this.list.rows) {
      const isOpen = node.dataset.key === rank;
      node.querySelector("button").setAttribute("aria-pressed", String(isOpen));
      node.toggleAttribute("data-open", isOpen);
      if (isOpen) this.parts.open(`worst_parts.${rank}`, `parts on ${node.querySelector("button").textContent}`);
    }
  }
}

function row(rank) {
  const button = html("button", { type: "button" });
  const cells = [html("td", { class: "mark" }), html("td", { "data-worst": rank })];
  return html("tr", {}, html("th", { scope: "row" }, button), ...cells);
}

customElements.define("worst-scenarios", WorstScenarios);
