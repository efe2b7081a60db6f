// SPDX-License-Identifier: Apache-2.0
// What the page measures of itself: latency from cut to paint, frame rate, age of data, skipped frames.

import { ageLabel } from "../data/format.js";
import { link } from "../data/link.js";
import { store } from "../data/store.js";
import { SampleWindow } from "../data/window.js";

class PageMeters extends HTMLElement {
  #latency = new SampleWindow();
  #paints = new SampleWindow();
  #frames = 0;
  #countedAt = 0;
  #rate;

  connectedCallback() {
    link.addEventListener("painted", ({ detail }) => {
      const now = performance.now();
      this.#paints.add(now, 0);
      for (const { milliseconds } of detail.latencies) this.#latency.add(now, Math.max(0, milliseconds));
    });
    this.addEventListener("toggle", ({ newState }) => {
      if (newState === "open") this.#begin();
    });
  }

  /** Writes what a popover in sight shows. */
  tick() {
    if (!this.matches(":popover-open")) return;
    const now = performance.now();
    const [middle, high] = this.#latency.percentiles(now, [0.5, 0.99]);
    const newest = store.newestMilliseconds;
    this.#write("latency", middle === undefined ? "\u2014" : `${Math.round(middle)} / ${Math.round(high)} ms`);
    this.#write("updates", `${this.#paints.count(now, 1_000)} /s`);
    this.#write("rate", this.#rate === undefined ? "\u2014" : `${this.#rate} /s`);
    this.#write("age", newest === undefined ? "\u2014" : ageLabel(store.now() - newest));
    this.#write("skipped", `${store.statistics.skipped} of ${store.statistics.frames}`);
    this.#write("received", `${(store.statistics.bytes / 1024).toFixed(0)} KiB`);
  }

  #write(name, text) {
    const node = this.querySelector(`[data-meter="${name}"]`);
    if (node.textContent !== text) node.textContent = text;
  }

  /** The browser's frames are counted only while somebody looks: counting them costs some. */
  #begin() {
    this.#frames = 0;
    this.#countedAt = performance.now();
    this.#rate = undefined;
    this.tick();
    const count = (moment) => {
      if (!this.matches(":popover-open")) return;
      this.#frames += 1;
      if (moment - this.#countedAt >= 1_000) {
        this.#rate = Math.round((this.#frames * 1_000) / (moment - this.#countedAt));
        this.#frames = 0;
        this.#countedAt = moment;
      }
      requestAnimationFrame(count);
    };
    requestAnimationFrame(count);
  }
}

customElements.define("page-meters", PageMeters);
