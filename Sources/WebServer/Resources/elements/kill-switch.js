// SPDX-License-Identifier: Apache-2.0
// A kill switch, of the account in view or of the house: what it is at, who set it and why, halting, letting go on.

import { ask, part } from "../data/api.js";
import { orders } from "../data/orders.js";
import { place } from "../data/place.js";
import { standing } from "../data/standing.js";
import "./hold-button.js";
import { say, timeOfDay } from "./messages.js";

const wordOf = { active: "trading", reducing: "reducing only", halted: "HALTED" };

class KillSwitch extends HTMLElement {
  /** Open orders of all accounts one may see; undefined before they were counted. */
  #houseOrders;

  connectedCallback() {
    this.isHouse = this.dataset.scope === "house";
    this.hold = this.querySelector("hold-button");
    this.form = this.querySelector("form");
    this.fault = this.querySelector(".fault");
    this.hold.addEventListener("held", () => this.#set("halted", this.form.elements.reason.value.trim()));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      const reason = this.form.elements.reason.value.trim();
      // Enter in the field lets go on only where the button that says so could be pressed.
      if (!this.querySelector("[type=submit]").disabled) this.#set("active", reason);
    });
    this.form.addEventListener("input", () => this.#show());
    for (const list of [standing, orders]) list.addEventListener("change", () => this.#show());
    place.addEventListener("change", ({ detail }) => {
      if (!detail.isNewAccount) return;
      this.form.reset();
      this.fault.textContent = "";
      this.#show();
    });
    if (this.isHouse) for (const type of ["pointerenter", "focusin"]) this.addEventListener(type, () => this.#count());
    if (this.isHouse) this.#count();
    this.#show();
  }

  get #path() {
    return this.isHouse ? "kill-switch" : `accounts/${part(place.account)}/kill-switch`;
  }

  get #known() {
    return this.isHouse ? standing.house : standing.account;
  }

  #show() {
    const known = this.#known;
    this.hidden = !this.isHouse && place.isFirm;
    const state = known?.state;
    this.dataset.state = state ?? "unknown";
    const name = this.isHouse ? "the house" : place.account;
    this.querySelector(".scope").textContent = this.isHouse ? "House" : place.account;
    this.querySelector(".state").textContent = wordOf[state] ?? "not known yet";
    const when = known?.updated_ns === undefined ? "" : ` at ${timeOfDay(known.updated_ns / 1e6)}`;
    const by = known?.user ? `by ${known.user}${when}` : "";
    this.querySelector(".why").textContent = [by, known?.reason].filter(Boolean).join(": ");
    const mayReset = standing.may("risk", this.isHouse);
    const mayStop = mayReset || (!this.isHouse && standing.may("trade"));
    const isHalted = state === "halted";
    this.hold.hidden = isHalted;
    const open = this.isHouse ? this.#houseOrders : orders.open.length;
    const orderText = open === 1 ? "1 open order" : `${open ?? "all"} open orders`;
    this.hold.say(`Halt ${name}: cancels ${orderText}`, mayStop ? "" : `you may not stop ${name}`);
    const reset = this.querySelector("[type=submit]");
    reset.hidden = state === "active" || state === undefined;
    reset.disabled = !mayReset || this.form.elements.reason.value.trim() === "";
    reset.title = mayReset ? "type a reason first" : `only risk may let ${name} go on`;
    reset.textContent = `Let ${name} trade again`;
    this.form.elements.reason.disabled = !mayStop;
  }

  /** The house's orders are those of all accounts: the server has no list of them. */
  async #count() {
    const accounts = [...document.querySelectorAll("#accounts a[data-account]")].map(({ dataset }) => dataset.account);
    try {
      const lists = await Promise.all(accounts.filter((id) => id !== "firm").map((id) =>
        ask("GET", `accounts/${part(id)}/orders?open=true&limit=1000`)));
      const isMore = lists.some(({ next_before: next }) => next !== undefined);
      const count = lists.reduce((sum, list) => sum + list.orders.length, 0);
      this.#houseOrders = isMore ? `more than ${count}` : count;
    } catch {
      this.#houseOrders = undefined;
    }
    this.#show();
  }

  async #set(state, reason) {
    const name = this.isHouse ? "the house" : place.account;
    this.fault.textContent = "";
    this.dataset.state = "asked";
    try {
      standing.take(await ask("PUT", this.#path, { state, reason }));
      this.form.reset();
      say(`${name}: ${wordOf[state]}`, state === "halted" ? "critical" : "");
    } catch (refusal) {
      this.fault.textContent = refusal.errors.reason ?? refusal.message;
    }
    this.#show();
  }
}

customElements.define("kill-switch", KillSwitch);
