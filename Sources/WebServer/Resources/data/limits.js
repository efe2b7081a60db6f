// SPDX-License-Identifier: Apache-2.0
// How much of its limits the account in view uses, asked of the server while the risk view is looked at.

import { ask } from "./api.js";
import { place } from "./place.js";

const askMilliseconds = 2_000;

/**
 * @typedef {object} LimitUse
 * @property {string} metric
 * @property {string} [part] symbol or sector
 * @property {number} [soft]
 * @property {number} [hard]
 * @property {string} action
 * @property {number} [value]
 * @property {number} [utilisation_pct] of hard, else of soft
 * @property {"ok" | "warn" | "critical" | "unknown"} level
 */

class Limits extends EventTarget {
  /** @type {LimitUse[]} */
  uses = [];
  /** Of these limits. */
  account = "";
  currency = "";
  /** Why there are none to show; "" where they are those of the account. */
  reason = "not read yet";
  #isAsking = false;

  constructor() {
    super();
    place.addEventListener("change", () => this.read());
    setInterval(() => this.read(), askMilliseconds);
    this.read();
  }

  find(metric) {
    return this.uses.find((use) => use.metric === metric);
  }

  /** Asks again, unless nobody looks. Dispatches "change". */
  async read() {
    if (place.view !== "risk" || document.hidden || this.#isAsking) return;
    if (place.isFirm) return this.#set("firm", [], "", "limits are of accounts; the firm has its margin");
    const { account } = place;
    if (account !== this.account) this.#set(account, [], "", "not read yet");
    this.#isAsking = true;
    try {
      const answer = await ask("GET", `${place.path}/limit-use`);
      if (account === place.account) this.#set(account, answer.limits, answer.currency, "");
    } catch (refusal) {
      if (account === place.account) this.#set(account, [], "", `limits could not be read: ${refusal.message}`);
    }
    this.#isAsking = false;
    if (account !== place.account) this.read();
  }

  #set(account, uses, currency, reason) {
    Object.assign(this, { account, uses, currency, reason });
    this.dispatchEvent(new Event("change"));
  }
}

export const limits = new Limits();

/** A limit's name, as in "notional AAPL". */
export function limitLabel({ metric, part }) {
  const name = { value_at_risk: "VaR", expected_shortfall: "ES" }[metric] ?? metric.replaceAll("_", " ");
  return part ? `${name} ${part}` : name;
}
