// SPDX-License-Identifier: Apache-2.0
// The history view: range and resolution, three charts that grow, the points as a file.

import { csv, joined, readHistory, resolutionSeconds } from "../data/history.js";
import { place } from "../data/place.js";
import { settings } from "../data/settings.js";
import { store } from "../data/store.js";
import "./history-chart.js";

const appendMilliseconds = 2_000;
/** What a range is best looked at in. */
const fitting = (seconds) => (seconds <= 3_600 ? "second" : seconds <= 7 * 86_400 ? "minute" : "day");

export class HistoryView {
  #points = [];
  #currency = "";
  /** Counts what was asked for, so that a late answer to an older question is dropped. */
  #asked = 0;
  #timer = 0;
  #shown = "";

  /** @param {HTMLElement} view */
  constructor(view) {
    this.view = view;
    this.range = view.querySelector("[name=range]");
    this.resolution = view.querySelector("[name=resolution]");
    this.note = view.querySelector("[data-note]");
    for (const choice of [this.range, this.resolution]) choice.addEventListener("change", () => this.#load());
    view.querySelector("[data-retry]").addEventListener("click", () => this.#load());
    view.querySelector("[data-export]").addEventListener("click", () => this.#export());
    place.addEventListener("change", () => this.#look());
    document.addEventListener("visibilitychange", () => this.#look());
    settings.addEventListener("change", ({ detail }) => detail.name !== "layout" && this.#draw());
    this.#look();
  }

  get #isSeen() {
    return place.view === "history" && !document.hidden;
  }

  get #step() {
    return this.resolution.value || fitting(Number(this.range.value));
  }

  /** Loads when the view opens or its account changes; goes on where it was when it is seen again. */
  #look() {
    clearTimeout(this.#timer);
    if (!this.#isSeen) return;
    if (this.#shown === place.path) this.#append(this.#asked);
    else this.#load();
  }

  async #load() {
    const asked = ++this.#asked;
    clearTimeout(this.#timer);
    this.#shown = place.path;
    this.#points = [];
    this.#tell("loading", "Loading");
    await this.#read(asked, Math.floor(store.now() / 1_000) - Number(this.range.value));
  }

  async #append(asked) {
    if (asked !== this.#asked) return;
    const last = this.#points.at(-1)?.time ?? Math.floor(store.now() / 1_000) - Number(this.range.value);
    await this.#read(asked, last);
  }

  async #read(asked, from) {
    const resolution = this.#step;
    try {
      const { points, currency, isCut } = await readHistory(place.path, resolution, from);
      if (asked !== this.#asked) return;
      this.#currency = currency;
      const oldest = store.now() / 1_000 - Number(this.range.value);
      this.#points = joined(this.#points, points).filter(({ time }) => time >= oldest - resolutionSeconds[resolution]);
      await this.#draw();
      if (asked !== this.#asked) return;
      this.#tell(this.#points.length > 0 ? "ready" : "empty", isCut
        ? "More points than can be read at once: choose a coarser resolution." : "");
    } catch (error) {
      if (asked === this.#asked) this.#tell("failed", `The history could not be read: ${error.message}.`);
    }
    if (asked === this.#asked && this.#isSeen) this.#timer = setTimeout(() => this.#append(asked), appendMilliseconds);
  }

  async #draw() {
    if (!this.#isSeen) return;
    for (const chart of this.view.querySelectorAll("history-chart")) {
      await chart.draw(this.#points, this.#step);
    }
  }

  #tell(state, text) {
    this.view.dataset.state = state;
    const empty = "No history in this range yet: a point is written each second while the daemon runs.";
    this.note.textContent = state === "empty" ? empty : text;
  }

  #export() {
    const account = place.isFirm ? "firm" : place.account;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([csv(account, this.#currency, this.#points)], { type: "text/csv" }));
    link.download = `history-${account}-${this.#step}.csv`;
    link.click();
    URL.revokeObjectURL(link.href);
  }
}
