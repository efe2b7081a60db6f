// SPDX-License-Identifier: Apache-2.0
// The lights of the top bar: feed, stream, orders, store; each a colour, a word, and the reason on hover and focus.

import { ageLabel } from "../data/format.js";
import { parts } from "../data/parts.js";
import { store } from "../data/store.js";

/** A light is amber when the newest tick is older. */
const quietMilliseconds = 10_000;

class Light extends HTMLElement {
  connectedCallback() {
    this.output = this.querySelector("output");
    this.name = this.firstChild.textContent.trim();
    this.tip = document.createElement("span");
    this.tip.className = "tip";
    this.tip.setAttribute("aria-hidden", "true");
    this.append(this.tip);
  }

  set(state, text, reason) {
    if (this.dataset.state !== state) this.dataset.state = state;
    if (this.output.textContent !== text) this.output.textContent = text;
    if (this.tip.textContent === reason) return;
    this.tip.textContent = reason;
    this.setAttribute("aria-label", `${this.name} ${state}: ${reason}`);
  }
}

class ConnectionLight extends Light {
  #status = { state: "connecting", reason: "not connected yet", since: Date.now() };

  /** @param {{state: "connecting" | "live" | "lost" | "paused", reason: string, since: number}} status */
  show(status) {
    this.#status = status;
    this.tick();
  }

  tick() {
    const { state, reason, since } = this.#status;
    const seconds = Math.floor((Date.now() - since) / 1000);
    this.set(state, state === "lost" ? `lost ${seconds} s` : state, reason);
  }
}

class FeedAge extends Light {
  tick() {
    const newest = store.newestMilliseconds;
    const { state, reasons } = parts.get("feed");
    if (newest === undefined) {
      return this.set(state, "\u2014", ["no tick seen by this page yet", ...reasons].join("; "));
    }
    const age = store.now() - newest;
    const text = ageLabel(age);
    if (document.documentElement.dataset.stream === "lost") {
      return this.set("quiet", text, "age of the newest tick before the stream was lost");
    }
    if (state === "warn" || state === "down") return this.set(state, text, reasons.join("; "));
    return this.set(age > quietMilliseconds ? "quiet" : "live", text, "age of the newest tick");
  }
}

/** A part of the daemon, as data-part names it. */
class PartLight extends Light {
  tick() {
    const { state, reasons } = parts.get(this.dataset.part);
    const isStopped = this.dataset.part === "orders" && parts.house !== "active";
    const all = isStopped ? [`the house is ${parts.house}`, ...reasons] : reasons;
    this.set(isStopped && state === "ok" ? "warn" : state, isStopped ? parts.house : state,
      all.join("; ") || "as it should be");
  }
}

customElements.define("connection-light", ConnectionLight);
customElements.define("feed-age", FeedAge);
customElements.define("part-light", PartLight);
