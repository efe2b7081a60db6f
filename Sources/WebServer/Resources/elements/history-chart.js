// SPDX-License-Identifier: Apache-2.0
// One chart of the history view, drawn by dygraphs; its values at the pointer, or at the arrow keys' place.
//
//   <history-chart data-series="day_pnl total_pnl" data-labels="Day|Total" data-format="signed"> …

import { timeOfDay } from "../data/clock.js";
import { show } from "../data/format.js";
import { chartRows } from "../data/history.js";

let library;

/** Loads dygraphs when the first chart is drawn. */
function dygraphs() {
  library ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = `${document.body.dataset.assets}/vendor/dygraph.min.js`;
    script.onload = () => {
      const { Dygraph } = globalThis;
      // Its legend measures with an inline style, which the page's policy refuses; the values stand in our own line.
      Dygraph.PLUGINS = Dygraph.PLUGINS.filter((plugin) => plugin !== Dygraph.Plugins.Legend);
      resolve(Dygraph);
    };
    script.onerror = () => reject(new Error("the chart library could not be loaded"));
    document.head.append(script);
  });
  return library;
}

class HistoryChart extends HTMLElement {
  #chart;
  #row = -1;
  #rows = [];
  #resolution = "minute";

  connectedCallback() {
    this.setAttribute("role", "region");
    this.names = this.dataset.series.split(" ");
    this.labels = this.dataset.labels.split("|");
    this.plot = this.querySelector("[data-plot]");
    this.output = this.querySelector("output");
    this.plot.addEventListener("keydown", (event) => this.#press(event));
    this.sizes = new ResizeObserver(() => this.#chart?.resize());
    this.sizes.observe(this.plot);
  }

  disconnectedCallback() {
    this.sizes.disconnect();
    this.#chart?.destroy();
    this.#chart = undefined;
  }

  async draw(points, resolution) {
    const Dygraph = await dygraphs();
    this.#resolution = resolution;
    this.#rows = chartRows(points, this.names, resolution);
    if (this.#rows.length === 0) return this.clear();
    if (this.#chart) this.#chart.updateOptions({ file: this.#rows, ...this.#look() });
    else this.#chart = new Dygraph(this.plot, this.#rows, { ...this.#options(), ...this.#look() });
    const last = this.#rows.at(-1);
    const told = this.names.map((_, index) => `${this.labels[index]} ${this.#text(last[index + 1])}`);
    this.plot.setAttribute("aria-label", `${this.querySelector("h2").textContent}: last ${told.join(", ")}`);
    if (this.#row < 0) this.#say(this.#rows.length - 1);
  }

  clear() {
    this.#chart?.destroy();
    this.#chart = undefined;
    this.#rows = [];
    this.#row = -1;
    this.output.textContent = "";
  }

  #options() {
    return {
      labels: ["time", ...this.labels], legend: "never", connectSeparatedPoints: false, drawGapEdgePoints: true,
      strokeWidth: 1.5, highlightCircleSize: 3, axisLabelFontSize: 11, rightGap: 12, animatedZooms: false,
      highlightCallback: (_event, _x, _points, row) => this.#say(this.#row = row),
      unhighlightCallback: () => this.#say((this.#row = -1) + this.#rows.length),
      axes: {
        x: { pixelsPerLabel: 90, axisLabelWidth: 80, axisLabelFormatter: (date) => this.#place(+date) },
        y: { axisLabelWidth: 84, axisLabelFormatter: (value) => show(value, "quantity").text },
      },
    };
  }

  /** Colours of the palette, and a second line that is also dashed. */
  #look() {
    const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
    return {
      colors: [token("accent"), token("warn")], gridLineColor: token("line"), axisLineColor: token("line"),
      series: { [this.labels[1]]: { strokePattern: [6, 4] } },
    };
  }

  #time(milliseconds) {
    return this.#resolution === "day" ? new Date(milliseconds).toISOString().slice(0, 10) : timeOfDay(milliseconds);
  }

  /** Of a time on the axis. */
  #place(milliseconds) {
    return this.#resolution === "minute" ? this.#time(milliseconds).slice(0, 5) : this.#time(milliseconds);
  }

  #text(value) {
    return show(value ?? undefined, this.dataset.format).text;
  }

  /** Writes the values of a row; those of the last while nobody points. */
  #say(row) {
    const values = this.#rows[row];
    if (!values) return;
    const told = this.labels.map((label, index) => `${label} ${this.#text(values[index + 1])}`);
    this.output.textContent = `${this.#time(+values[0])}  ${told.join("  ")}`;
  }

  #press(event) {
    const steps = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
    if (!(event.key in steps) || !this.#chart) return;
    event.preventDefault();
    const from = this.#row < 0 ? this.#rows.length - 1 : this.#row;
    this.#row = Math.min(this.#rows.length - 1, Math.max(0, from + steps[event.key]));
    this.#chart.setSelection(this.#row);
    this.#say(this.#row);
  }
}

customElements.define("history-chart", HistoryChart);
