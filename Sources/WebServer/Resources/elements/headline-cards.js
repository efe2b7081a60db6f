// SPDX-License-Identifier: Apache-2.0
// The headline figures: VaR, ES, equity, day P&L, margin, each with its convention, its last minutes and its limit.

import { noteOf } from "../data/convention.js";
import { limitLabel, limits } from "../data/limits.js";
import { store } from "../data/store.js";
import { svg, useBar, write } from "./drawing.js";
import { LivePanel } from "./live-panel.js";

const sampleMilliseconds = 1_000;
const samplesMax = 300;
const [width, height] = [120, 24];
const metrics = { var: "value_at_risk", es: "expected_shortfall", day_pnl: "day_loss", equity: "drawdown" };

class HeadlineCards extends LivePanel {
  /** The last minutes as the stream brought them to this page, by channel: no history is asked for. */
  #samples = new Map();
  #sampledAt = -Infinity;

  connectedCallback() {
    super.connectedCallback();
    this.cards = [...this.querySelectorAll(".card")].map((node) => ({
      node,
      name: node.dataset.card,
      figure: node.querySelector("[data-cell]"),
      // Our own polyline: a chart library costs more bytes than the whole view, and there are no axes to draw.
      line: node.querySelector(".spark")?.appendChild(svg("polyline", { fill: "none" })),
      bar: node.querySelector(".use"),
      use: node.querySelector(".use-text"),
    }));
    limits.addEventListener("change", () => this.#showLimits());
    this.addEventListener("click", ({ target }) => {
      if (target.closest("[data-scenario]")) this.#openScenario();
    });
  }

  /** Their cells are called "card/…": the same figures stand in other panels. */
  partsOf(path) {
    return super.partsOf(path).filter((part) => part !== "card");
  }

  noteFor(place, channel) {
    return noteOf(place, channel);
  }

  paint(channel, changes, moment) {
    super.paint(channel, changes, moment);
    if (changes.isWhole || changes.columns.has("margin")) this.#showMargin(channel);
    if (moment - this.#sampledAt >= sampleMilliseconds || changes.isWhole) this.#sample(channel, moment);
  }

  #sample(channel, moment) {
    this.#sampledAt = moment;
    if (!this.#samples.has(channel.name)) this.#samples.set(channel.name, new Map());
    const held = this.#samples.get(channel.name);
    for (const { name, figure, line } of this.cards) {
      const value = this.#valueOf(channel, figure.dataset.cell);
      const samples = held.get(name) ?? [];
      held.set(name, samples);
      if (value !== undefined) samples.push({ at: channel.cutMilliseconds, value });
      if (samples.length > samplesMax) samples.shift();
      line?.setAttribute("points", pointsOf(samples));
    }
  }

  #valueOf(channel, path) {
    const parts = this.partsOf(path);
    const table = channel.tables.get(parts.slice(0, -1).join("."));
    return table?.value(parts.at(-1), parts.at(-1));
  }

  #showMargin(channel) {
    const margin = channel.tables.get("margin");
    const percent = margin?.value("", "utilisation_pct");
    const level = margin?.value("", "level") ?? "unknown";
    for (const { name, bar, use } of this.cards) {
      if (name !== "margin" || !bar) continue;
      useBar(bar, percent, level);
      write(use, level === "unknown" ? "no limit" : level);
    }
  }

  /** A card whose figure has no limit says nothing of one. */
  #showLimits() {
    if (this.role !== "account") return;
    for (const { name, bar, use } of this.cards) {
      if (!(name in metrics) || !bar) continue;
      const limit = limits.find(metrics[name]);
      bar.hidden = use.hidden = limit === undefined;
      if (!limit) continue;
      useBar(bar, limit.utilisation_pct, limit.level);
      bar.setAttribute("aria-label", `${limitLabel(limit)} limit used`);
      const percent = limit.utilisation_pct === undefined ? "\u2014" : limit.utilisation_pct.toFixed(1);
      write(use, `${percent} % of ${limitLabel(limit)} limit`);
    }
  }

  #openScenario() {
    const dates = store.table("risk", "attribution")?.value("", "scenarios") ?? [];
    document.dispatchEvent(new CustomEvent("scenario-open", { detail: { date: dates[0] } }));
  }
}

/** A line over the width of the samples' time, as high as their range. */
function pointsOf(samples) {
  if (samples.length < 2) return "";
  const values = samples.map(({ value }) => value);
  const [least, greatest] = [Math.min(...values), Math.max(...values)];
  const [first, last] = [samples[0].at, samples.at(-1).at];
  const range = greatest - least || 1;
  return samples.map(({ at, value }) => {
    const x = ((at - first) / (last - first || 1)) * width;
    const y = height - 2 - ((value - least) / range) * (height - 4);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  }).join(" ");
}

customElements.define("headline-cards", HeadlineCards);
