// SPDX-License-Identifier: Apache-2.0
// The limits of the account and how much of each is used, the tightest first.

import { show } from "../data/format.js";
import { limitLabel, limits } from "../data/limits.js";
import { html, keyed, useBar, write } from "./drawing.js";

const counted = { position: "quantity", order_rate: "orders in 60 s" };
const percents = ["concentration", "drawdown"];
const actions = { reduce: "lets trades only reduce", halt: "halts", halt_and_cancel: "halts, cancels orders" };

class LimitBars extends HTMLElement {
  connectedCallback() {
    this.body = this.querySelector("tbody");
    this.emptyNode = this.querySelector(".empty");
    limits.addEventListener("change", () => this.#show());
    this.#show();
  }

  #show() {
    const uses = limits.uses.slice().sort((left, right) =>
      (right.utilisation_pct ?? -1) - (left.utilisation_pct ?? -1));
    const reason = limits.reason || (uses.length === 0 ? "No limits are set on this account." : "");
    write(this.emptyNode, reason);
    this.toggleAttribute("data-empty", reason !== "");
    const byKey = new Map(uses.map((use) => [`${use.metric}/${use.part ?? ""}`, use]));
    keyed(this.body, [...byKey.keys()], row, (node, key) => fill(node, byKey.get(key)));
  }
}

function row(key) {
  const bar = html("div", { class: "use" });
  const cells = ["value", "soft", "hard", "percent"].map((name) => html("td", { "data-limit": `${key}/${name}` }));
  return html("tr", {}, html("th", { scope: "row" }), html("td", { class: "length" }, bar), ...cells);
}

function fill(node, use) {
  const unit = unitOf(use);
  const label = limitLabel(use);
  const action = actions[use.action] ? `; beyond hard it ${actions[use.action]}` : "";
  write(node.cells[0], label, { note: `${label} in ${unit}, ${use.level}${action}` });
  const bar = node.querySelector(".use");
  useBar(bar, use.utilisation_pct, use.level);
  bar.setAttribute("aria-label", `${label} limit used`);
  const format = unit === limits.currency ? "money" : "quantity";
  const fields = [use.value, use.soft, use.hard].map((value, index) =>
    show(value, format, undefined, index === 0 ? "the figure is not known" : "not set"));
  fields.push(show(use.utilisation_pct, "percent", undefined, "the figure is not known"));
  fields.at(-1).tone ||= ["warn", "critical"].includes(use.level) ? use.level : "";
  fields.forEach((shown, index) => write(node.cells[index + 2], shown.text, { tone: shown.tone, note: shown.note }));
}

function unitOf({ metric }) {
  return percents.includes(metric) ? "%" : counted[metric] ?? limits.currency;
}

customElements.define("limit-bars", LimitBars);
