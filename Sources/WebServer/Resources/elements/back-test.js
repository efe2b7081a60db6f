// SPDX-License-Identifier: Apache-2.0
// How VaR would have done: the traffic light in a word, exceptions, the tests' p-values, and when exceptions were.

import { ageOf } from "../data/convention.js";
import { confidenceLabel, show } from "../data/format.js";
import { svg, write } from "./drawing.js";
import { holdsNothing, RiskPanel } from "./risk-panel.js";

const foot = 16;
const words = { green: "green: exceptions as expected", yellow: "yellow: more than expected", red: "red: too many" };
const meanings = {
  exceptions: "days that lost more than VaR said",
  expected_exceptions: "days times one minus the confidence",
  kupiec_p: "Kupiec: probability of a rate of exceptions at least so unusual, if VaR is right",
  christoffersen_p: "Christoffersen: whether exceptions come in clusters",
  conditional_coverage_p: "rate and independence together",
  acerbi_szekely_z2: "Acerbi and Székely's second statistic of ES: negative where risk is underestimated",
  multiplier_add_on: "Basel: added to the multiplier of capital",
};

class BackTest extends RiskPanel {
  connectedCallback() {
    super.connectedCallback();
    this.zone = this.querySelector(".zone");
    this.chart = this.querySelector("svg");
    this.caption = this.querySelector(".caption");
  }

  noteFor({ column }, channel) {
    const statistic = channel.tables.get("backtest").value("", column.replace(/_p$/, "_lr"));
    const ratio = column.endsWith("_p") && statistic !== undefined ? `, likelihood ratio ${statistic.toFixed(4)}` : "";
    return `${meanings[column] ?? column}${ratio}; ${this.#convention(channel)}, ${ageOf(channel)}`;
  }

  #convention(channel) {
    const value = (column) => channel.tables.get("backtest").value("", column);
    return `today's book over ${value("days")} days, ${confidenceLabel(value("confidence_bp"))} VaR ` +
      `of the ${value("window")} days before each`;
  }

  paint(channel, changes, moment) {
    super.paint(channel, changes, moment);
    if (!this.isTouched(changes, "backtest")) return;
    const table = channel.tables.get("backtest");
    const zone = table?.value("", "zone");
    if (zone === undefined) return this.say(reasonMissing(channel));
    this.say("");
    this.zone.dataset.zone = zone;
    write(this.zone, words[zone] ?? zone, { note: "Basel traffic light over the last year" });
    write(this.caption, this.#convention(channel));
    this.#draw(table);
  }

  /** Our own SVG: a line with a mark a day is all there is to see. */
  #draw(table) {
    const dates = table.value("", "exception_dates") ?? [];
    const [from, to] = [table.value("", "from"), table.value("", "to")];
    const [width, height] = [Math.max(1, this.chart.clientWidth), Math.max(40, this.chart.clientHeight)];
    const key = [from, to, width, height, ...dates].join();
    if (this.drawn === key) return;
    this.drawn = key;
    // In pixels, so that texts are not stretched.
    this.chart.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const [first, last] = [Date.parse(from), Date.parse(to)];
    const x = (date) => ((Date.parse(date) - first) / (last - first || 1)) * (width - 8) + 4;
    const base = height - foot;
    this.chart.replaceChildren(
      svg("line", { class: "axis", x1: 0, x2: width, y1: base, y2: base }),
      svg("text", { x: 0, y: height - 3 }, from),
      svg("text", { x: width, y: height - 3, "text-anchor": "end" }, to),
      ...dates.map((date) => svg("line", {
        class: "exception", x1: x(date).toFixed(1), x2: x(date).toFixed(1), y1: 6, y2: base, "data-date": date,
      }, svg("title", {}, `exception on ${date}`))));
    const said = dates.length === 0 ? "no exceptions" : `exceptions on ${dates.join(", ")}`;
    this.chart.setAttribute("aria-label", `${from} to ${to}: ${said}`);
  }
}

function reasonMissing(channel) {
  if (!channel.name.endsWith(":firm") && holdsNothing()) return "Nothing is held: there is nothing to test.";
  return `The history is too short: ${show(channel.tables.get("")?.value("", "window"), "quantity").text} returns.`;
}

customElements.define("back-test", BackTest);
