// SPDX-License-Identifier: Apache-2.0
// VaR and ES by model and confidence: the published figures as they stream, the other models once a second, and the
// interval in which the historical VaR lies.

import { ageOf, noteOf } from "../data/convention.js";
import { confidenceLabel, show } from "../data/format.js";
import { html, keyed, write } from "./drawing.js";
import { LivePanel } from "./live-panel.js";
import { holdsNothing } from "./risk-panel.js";

const measures = ["var", "es"];
class RiskModels extends LivePanel {
  connectedCallback() {
    super.connectedCallback();
    this.body = this.querySelector("tbody.models");
    this.levels = [...this.querySelectorAll("thead [data-level]")].map((node) => node.dataset.level);
    this.paintFrom(this.dataset.models ?? "risk", (channel, changes) => {
      if (changes.isWhole || changes.columns.has("models") || changes.columns.has("interval")) this.#show(channel);
    });
  }

  noteFor(place, channel) {
    return noteOf(place, channel);
  }

  #show(channel) {
    const models = channel.tables.get("models");
    const columns = this.levels.flatMap((level) => measures.map((measure) => `${measure}_${level}`));
    keyed(this.body, [...(models?.keys ?? []), "interval"],
      (key) => (key === "interval" ? this.#intervalRow() : row(key, columns)),
      (node, key) => {
        if (key === "interval") return this.#showInterval(node, channel);
        columns.forEach((column, index) => {
          const value = models.value(key, column);
          const note = value === undefined ? reasonMissing(channel) : modelNote(channel, models, key);
          const shown = show(value, "money", undefined, note);
          write(node.cells[index + 1], shown.text, { tone: shown.tone, note });
        });
        write(node.cells[0], key.replaceAll("_", " "), { note: models.value(key, "convention") ?? "" });
      });
  }

  #intervalRow() {
    const node = html("tr", { class: "interval" }, html("th", { scope: "row" }, "VaR interval"));
    for (const level of this.levels) {
      node.append(html("td", { colspan: "2", "data-interval": level, tabindex: "0" }));
    }
    return node;
  }

  #showInterval(node, channel) {
    const interval = channel.tables.get("interval");
    this.levels.forEach((level, index) => {
      const [least, greatest, coverage] = ["least", "greatest", "coverage_pct"].map((column) =>
        interval?.value(level, column));
      const isThere = least !== undefined && greatest !== undefined;
      const text = isThere ? `${show(least, "money").text} \u2013 ${show(greatest, "money").text}` : "\u2014";
      const note = isThere
        ? `the historical VaR at ${confidenceLabel(level)} lies here with ${show(coverage, "percent").text} %, ` +
          `by order statistics, ${ageOf(channel)}`
        : "too few scenarios for an interval";
      write(node.cells[index + 1], text, { tone: isThere ? "" : "missing", note });
    });
  }
}

function row(model, columns) {
  const node = html("tr", { "data-row": model }, html("th", { scope: "row", tabindex: "0" }));
  for (const column of columns) node.append(html("td", { "data-model": `${model}/${column}`, tabindex: "0" }));
  return node;
}

function modelNote(channel, models, model) {
  const [from, to] = [models.value(model, "from"), models.value(model, "to")];
  const dates = from && to ? `, ${from} to ${to}` : "";
  const window = channel.tables.get("")?.value("", "window");
  const days = channel.tables.get("")?.value("", "horizon_days");
  return `${models.value(model, "convention")}${dates}; ${days}-day, ${window} returns, ${ageOf(channel)}`;
}

function reasonMissing(channel) {
  if (!channel.name.endsWith(":firm") && holdsNothing()) return "nothing is held";
  return "no priced position has history enough for this model";
}

customElements.define("risk-models", RiskModels);
