// SPDX-License-Identifier: Apache-2.0
// Alerts of the account in view: those the server has, and what the stream tells of them.

import { ask, part } from "./api.js";
import { link } from "./link.js";
import { place } from "./place.js";
import { store } from "./store.js";

/**
 * @typedef {object} Alert
 * @property {number} id
 * @property {string} [account]
 * @property {string} rule
 * @property {"warn" | "critical"} level
 * @property {string} text
 * @property {number} ts nanoseconds since 1970
 * @property {"raised" | "acknowledged" | "resolved"} state
 * @property {string} [acknowledged_by]
 */

/** Dispatches "change", and "news" {alert} when one is raised that was not there. */
class Alerts extends EventTarget {
  /** @type {Map<number, Alert>} */
  #alerts = new Map();
  #path = "";
  /** Where older ones begin; undefined where there are none. */
  next;
  /** Why the list may not be what the server has. */
  reason = "not read yet";

  constructor() {
    super();
    link.addEventListener("alert", ({ detail }) => this.#hear(detail));
    link.addEventListener("gap", () => this.read());
    place.addEventListener("change", () => this.read());
    this.read();
  }

  /** Newest first. */
  get list() {
    return [...this.#alerts.values()].sort((left, right) => right.id - left.id);
  }

  /** Reads the newest, or older ones than `before`; those that are no more of this account go. */
  async read(before) {
    const { path } = place;
    if (path !== this.#path) {
      this.#path = path;
      this.#alerts.clear();
      this.next = undefined;
      this.#tell("not read yet");
    }
    try {
      const query = before === undefined ? "" : `?before=${part(before)}`;
      const answer = await ask("GET", `${path}/alerts${query}`);
      if (path !== this.#path) return;
      for (const alert of answer.alerts) this.#alerts.set(alert.id, alert);
      if (before !== undefined || this.next === undefined) this.next = answer.next_before;
      this.#tell("");
    } catch (refusal) {
      if (path === this.#path) this.#tell(`alerts could not be read: ${refusal.message}`);
    }
  }

  /** @returns {Promise<Alert>} rejects with a Refusal */
  acknowledge(id) {
    return this.#change(id, "acknowledge");
  }

  /** Ends an alert that does not end by itself. */
  reset(id) {
    return this.#change(id, "reset");
  }

  async #change(id, what) {
    const alert = await ask("POST", `${place.path}/alerts/${id}/${what}`);
    this.#take(alert);
    return alert;
  }

  #hear({ channel, data }) {
    const isNew = data.state === "raised" && !this.#alerts.has(data.id);
    if (channel === store.channelName("account")) this.#take(data);
    if (isNew) this.dispatchEvent(new CustomEvent("news", { detail: { alert: data } }));
  }

  /** An answer may come after a newer event. */
  #take(alert) {
    const held = this.#alerts.get(alert.id);
    if (held && held.updated_ns > alert.updated_ns) return;
    this.#alerts.set(alert.id, alert);
    this.#tell(this.reason);
  }

  #tell(reason) {
    this.reason = reason;
    this.dispatchEvent(new Event("change"));
  }
}

export const alerts = new Alerts();
