// SPDX-License-Identifier: Apache-2.0
// Who may do what here, and whether the account and the house may trade at all. "change" is told when any differs.

import { ask } from "./api.js";
import { link } from "./link.js";
import { place } from "./place.js";

/** @typedef {{state: "active" | "reducing" | "halted", reason?: string, user?: string, updated_ns?: number}} Switch */

class Standing extends EventTarget {
  /** @type {Switch | undefined} undefined before it is known */
  account;
  /** @type {Switch | undefined} */
  house;
  #roles;

  start() {
    place.addEventListener("change", ({ detail }) => detail.isNewAccount && this.#readAgain());
    link.addEventListener("kill_switch", ({ detail }) => this.#hear(detail.data));
    link.addEventListener("gap", () => this.#readAgain());
    link.addEventListener("status", ({ detail }) => detail.state === "live" && this.#readAgain());
    this.#readAgain();
  }

  /** @param {"view" | "trade" | "risk" | "admin"} role on the account in view; `isHouse` for everything */
  may(role, isHouse = false) {
    if (!this.#roles) {
      const told = { trade: "mayTrade", risk: "mayRisk" }[role];
      return !isHouse && document.body.dataset[told] !== undefined;
    }
    const implied = role === "trade" || role === "risk" ? [role, "admin"] : [role];
    const own = isHouse ? [] : (this.#roles.accounts.find(({ id }) => id === place.account)?.roles ?? []);
    return [...own, ...this.#roles.roles].some((one) => implied.includes(one));
  }

  /** The stricter of the two. */
  get state() {
    const states = [this.account?.state, this.house?.state];
    return ["halted", "reducing"].find((state) => states.includes(state)) ?? "active";
  }

  /** As the server answered a change. @param {Switch & {account?: string}} known */
  take(known) {
    this.#hear(known);
  }

  async #readAgain() {
    const { account, path } = place;
    try {
      this.#roles ??= await ask("GET", "sessions");
      const house = await ask("GET", "kill-switch");
      const own = place.isFirm ? undefined : await ask("GET", `${path}/kill-switch`);
      if (account !== place.account) return;
      [this.house, this.account] = [house, own];
      this.#tell();
    } catch {
      // The stream's light says that the server is away; it is read again when the stream is back.
    }
  }

  #hear(known) {
    if (known.account === undefined) this.house = known;
    else if (known.account === place.account) this.account = known;
    else return;
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new CustomEvent("change"));
  }
}

export const standing = new Standing();
