// SPDX-License-Identifier: Apache-2.0
// The distribution behind VaR: how often the scenarios' P&L fell where, with VaR and ES on it.
//
// Our own SVG: the server made the bins, and sixty rectangles need no library.

import { ageOf } from "../data/convention.js";
import { confidenceLabel, show } from "../data/format.js";
import { store } from "../data/store.js";
import { svg, write } from "./drawing.js";
import { reasonOfReport, RiskPanel } from "./risk-panel.js";

const foot = 18;

class PnlHistogram extends RiskPanel {
  connectedCallback() {
    super.connectedCallback();
    this.figure = this.querySelector("svg");
    this.bars = this.figure.appendChild(svg("g", { class: "bars" }));
    this.marks = this.figure.appendChild(svg("g", { class: "marks" }));
    this.caption = this.querySelector(".caption");
    this.size = { width: 440, height: 240 };
    // Measured when it changes: asked for at every paint it would force a layout each time.
    new ResizeObserver(([{ contentRect: { width, height } }]) => {
      if (width === 0) return;
      this.size = { width, height: Math.max(60, height) };
      store.repaint(this.role);
    }).observe(this.figure);
  }

  paint(channel, changes, moment) {
    super.paint(channel, changes, moment);
    if (!this.isTouched(changes, "histogram", "attribution")) return;
    const table = channel.tables.get("histogram");
    const bins = (table?.keys ?? []).map((key) => ({
      from: table.value(key, "from"), to: table.value(key, "to"), count: table.value(key, "count"),
    })).filter(({ count }) => count !== undefined);
    if (bins.length === 0) return this.say(reasonOfReport(channel));
    this.say("");
    const [least, greatest] = [bins[0].from, bins.at(-1).to];
    // In pixels, so that texts are not stretched.
    const { size } = this;
    this.figure.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
    const x = (value) => ((value - least) / (greatest - least || 1)) * size.width;
    this.#drawBars(bins, x, size);
    this.#drawMarks(channel, x, { least, greatest, ...size });
  }

  #drawBars(bins, x, { height }) {
    const highest = Math.max(1, ...bins.map(({ count }) => count));
    while (this.bars.children.length < bins.length) this.bars.append(svg("rect", {}, svg("title")));
    while (this.bars.children.length > bins.length) this.bars.lastChild.remove();
    bins.forEach(({ from, to, count }, index) => {
      const rect = this.bars.children[index];
      const tall = (count / highest) * (height - foot - 12);
      const wide = Math.max(0, x(to) - x(from) - 1);
      const place = { x: x(from) + 0.5, y: height - foot - tall, width: wide, height: tall };
      for (const [name, value] of Object.entries(place)) rect.setAttribute(name, value.toFixed(2));
      rect.dataset.side = to <= 0 ? "loss" : "gain";
      rect.dataset.count = count;
      write(rect.firstChild, `${money(from)} to ${money(to)}: ${count} scenarios`);
    });
  }

  /** A loss is drawn where its P&L is: at minus VaR. */
  #drawMarks(channel, x, { least, greatest, width, height }) {
    const [attribution, head] = [channel.tables.get("attribution"), channel.tables.get("")];
    const isScaled = head?.value("", "horizon_days") > 1 && head.value("", "horizon_method") === "sqrt";
    const level = attribution?.value("", "confidence_bp");
    const label = level === undefined ? "" : confidenceLabel(level);
    const losses = isScaled ? [] : [["VaR", attribution?.value("", "var")], ["ES", attribution?.value("", "es")]];
    const marks = losses.filter(([, loss]) => loss !== undefined);
    this.marks.replaceChildren(
      ...(least < 0 && greatest > 0 ? [line("zero", x(0), 0, height - foot)] : []),
      ...marks.map(([name, loss]) => line(name.toLowerCase(), x(-loss), -loss, height - foot)),
      ...marks.map(([name, loss], index) => besideLine(x(-loss), 9 + index * 12, name, width)),
      text(0, height - 5, money(least), "start"), text(width, height - 5, money(greatest), "end"));
    const said = marks.map(([name, loss]) => `${name} ${label} ${money(loss)}`).join(", ");
    write(this.caption, isScaled ? "one-day P&L; VaR is of a longer horizon and has no place here" : said,
      { note: `scenario P&L of today's book in ${head?.value("", "currency")}, ${ageOf(channel)}` });
    const range = `${money(least)} to ${money(greatest)}`;
    this.figure.setAttribute("aria-label", `Distribution of scenario P&L, ${range}, ${said}`);
  }
}

function money(value) {
  return show(value, "quantity").text.replace(/\.\d+$/, "");
}

function line(name, x, value, bottom) {
  const at = x.toFixed(2);
  return svg("line", { class: name, x1: at, x2: at, y1: 0, y2: bottom, "data-value": value });
}

/** VaR's inwards, that of ES, which lies further out, outwards where there is room. */
function besideLine(x, y, content, width) {
  const isLeft = (x > width / 2) !== (content === "ES" && x > 24 && x < width - 24);
  return isLeft ? text(x - 4, y, content, "end") : text(x + 4, y, content, "start");
}

function text(x, y, content, side) {
  return svg("text", { x: x.toFixed(1), y, "text-anchor": side }, content);
}

customElements.define("pnl-histogram", PnlHistogram);
