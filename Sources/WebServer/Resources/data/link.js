// SPDX-License-Identifier: Apache-2.0
// The page's side of the stream: starts the worker, hands its frames to the store, tells the page what happened.
//
// Events on `link` (all CustomEvents): "status" {state, reason, since}; "order", "fill", "alert" {channel, data}; "gap"
// {channel}; "notice" {text}; "refused"; "painted" {milliseconds from the cut to the paint, by channel}.

import { store } from "./store.js";

/** A page hidden for longer asks for nothing until it is seen again. */
const hiddenMilliseconds = 3_000;

class Link extends EventTarget {
  /** Begins to load with this module, beside the rest of the page. */
  #worker = new Worker(new URL("./stream-worker.js", import.meta.url), { type: "module" });
  #hiding = 0;
  #hasPainted = false;
  status = { state: "connecting", reason: "not connected yet", since: Date.now() };

  start() {
    this.#worker.onmessage = ({ data }) => this.#receive(data);
    document.addEventListener("visibilitychange", () => this.#see(!document.hidden));
  }

  /** @param {string[]} channels all to follow from now on */
  follow(channels) {
    this.#worker.postMessage({ type: "follow", channels });
  }

  #see(isVisible) {
    clearTimeout(this.#hiding);
    if (isVisible) return this.#worker.postMessage({ type: "pause", isPaused: false });
    this.#hiding = setTimeout(() => this.#worker.postMessage({ type: "pause", isPaused: true }), hiddenMilliseconds);
  }

  #receive(message) {
    switch (message.type) {
      case "frames": return store.take(message.entries, () => this.#painted(message.entries));
      case "clock": return (store.clockOffset = message.offset);
      case "event": return this.#tell(message.kind, { channel: message.channel, data: message.data });
      case "status":
        this.status = message;
        return this.#tell("status", message);
      default: return this.#tell(message.type, message);
    }
  }

  #painted(entries) {
    this.#worker.postMessage({ type: "painted" });
    if (!this.#hasPainted) performance.mark("first-live-number");
    this.#hasPainted = true;
    const now = store.now();
    const latencies = entries.filter(({ groups }) => groups).map(({ channel, cutMilliseconds }) =>
      ({ channel, milliseconds: now - cutMilliseconds }));
    if (latencies.length > 0) this.#tell("painted", { latencies });
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

export const link = new Link();
