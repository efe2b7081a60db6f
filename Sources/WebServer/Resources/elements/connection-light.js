// SPDX-License-Identifier: Apache-2.0
// The lights of the top bar: whether the stream lives, since when it is lost and why, and how old the newest tick is.

import { ageLabel } from "../data/format.js";
import { store } from "../data/store.js";

/** A light is amber when the newest tick is older. */
const quietMilliseconds = 10_000;

class Light extends HTMLElement {
  connectedCallback() {
    this.output = this.querySelector("output");
  }

  set(state, text, reason) {
    if (this.dataset.state !== state) this.dataset.state = state;
    if (this.output.textContent !== text) this.output.textContent = text;
    if (this.title !== reason) this.title = reason;
  }
}

class ConnectionLight extends Light {
  #status = { state: "connecting", reason: "not connected yet", since: Date.now() };

  /** @param {{state: "connecting" | "live" | "lost", reason: string, since: number}} status */
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
    if (newest === undefined) return this.set("unknown", "\u2014", "no tick seen by this page yet");
    const age = store.now() - newest;
    if (document.documentElement.dataset.stream === "lost") {
      return this.set("quiet", ageLabel(age), "age of the newest tick before the stream was lost");
    }
    return this.set(age > quietMilliseconds ? "quiet" : "live", ageLabel(age), "age of the newest tick");
  }
}

customElements.define("connection-light", ConnectionLight);
customElements.define("feed-age", FeedAge);
