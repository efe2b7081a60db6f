// SPDX-License-Identifier: Apache-2.0
// How much of its margin an account uses. The scale reaches to 100 %, or as far as it is used beyond.

import { noteOf } from "../data/convention.js";
import { LivePanel } from "./live-panel.js";

/** Width of the drawing; the server draws its first one alike (PageContext+Risk.swift). */
const width = 1_000;

class MarginGauge extends LivePanel {
  connectedCallback() {
    super.connectedCallback();
    this.gauge = this.querySelector(".gauge");
    this.fill = this.querySelector(".fill");
    this.marks = [...this.querySelectorAll(".mark")];
  }

  noteFor(place, channel) {
    return noteOf(place, channel);
  }

  paint(channel, changes, moment) {
    super.paint(channel, changes, moment);
    if (!changes.isWhole && !changes.columns.has("margin")) return;
    const margin = channel.tables.get("margin");
    const percent = margin?.value("", "utilisation_pct");
    const level = margin?.value("", "level") ?? "unknown";
    const used = Math.max(0, percent ?? 0);
    const scale = Math.max(100, used);
    const at = (value) => String(Math.round((value / scale) * width));
    if (this.fill.getAttribute("width") !== at(used)) this.fill.setAttribute("width", at(used));
    for (const mark of this.marks) {
      mark.setAttribute("x1", at(Number(mark.dataset.percent)));
      mark.setAttribute("x2", at(Number(mark.dataset.percent)));
    }
    if (percent === undefined) this.gauge.removeAttribute("aria-valuenow");
    else this.gauge.setAttribute("aria-valuenow", percent.toFixed(1));
    this.gauge.setAttribute("aria-valuemax", scale.toFixed(1));
    if (this.dataset.level !== level) this.dataset.level = level;
  }
}

customElements.define("margin-gauge", MarginGauge);
