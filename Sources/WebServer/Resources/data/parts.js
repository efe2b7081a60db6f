// SPDX-License-Identifier: Apache-2.0
// How the daemon's parts are, asked every few seconds while somebody looks. `parts` dispatches "change".

import { ask } from "./api.js";
import { link } from "./link.js";

const askMilliseconds = 5_000;

/** @typedef {{state: "ok" | "warn" | "down" | "unknown", reasons: string[]}} Part */

class Parts extends EventTarget {
  #parts = {};
  #reason = "not asked yet";
  #timer = 0;
  #isAsking = false;
  /** Whether the house trades: "active", "reducing", "halted". */
  house = "active";

  start() {
    link.addEventListener("status", () => this.#askNow());
    document.addEventListener("visibilitychange", () => this.#askNow());
    this.#askNow();
  }

  /** @returns {Part} */
  get(name) {
    return this.#parts[name] ?? { state: "unknown", reasons: [this.#reason] };
  }

  async #askNow() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    if (document.hidden || this.#isAsking) return;
    // Who cannot be heard is not asked either: the stream tells when it is there again.
    if (link.status.state === "lost") return this.#forget("not known while the stream is lost");
    this.#isAsking = true;
    try {
      const { parts, house } = await ask("GET", "status");
      this.#parts = parts;
      this.house = house ?? "active";
    } catch (refusal) {
      this.#forget(refusal.message);
    }
    this.#isAsking = false;
    this.dispatchEvent(new CustomEvent("change"));
    if (!document.hidden) this.#timer = setTimeout(() => this.#askNow(), askMilliseconds);
  }

  #forget(reason) {
    this.#parts = {};
    this.#reason = reason;
    this.dispatchEvent(new CustomEvent("change"));
  }
}

export const parts = new Parts();
