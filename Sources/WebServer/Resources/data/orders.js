// SPDX-License-Identifier: Apache-2.0
// Orders and fills of the account in view: read in pages, kept up by events, with those just sent and not yet known.
//
// "change" is dispatched after each change. An order in `orders` that has `isPending` was sent by this page and not
// answered yet; its key is the client's name for it.

import { ask } from "./api.js";
import { link } from "./link.js";
import { place } from "./place.js";
import { store } from "./store.js";

const openStates = new Set(
  ["submitted", "working", "partially_filled", "pending_cancel", "pending_replace", "unknown"]);
const pageRows = 200;
const pageRowsMax = 1_000;

class Orders extends EventTarget {
  /** By order_id as text, or by client_order_id while pending. */
  orders = new Map();
  /** By fill_id. */
  fills = new Map();
  /** Why the lists could not be read, "" where they were. */
  failure = "";
  #before = { orders: undefined, fills: undefined };
  #reading = { orders: false, fills: false };
  /** How often the lists were read anew: an answer to an older question counts for nothing. */
  #round = 0;

  start() {
    place.addEventListener("change", ({ detail }) => detail.isNewAccount && this.#readAgain(true));
    link.addEventListener("order", ({ detail }) => this.#hear(detail, (order) => this.#takeOrder(order)));
    link.addEventListener("fill", ({ detail }) => this.#hear(detail, (fill) => this.#takeFill(fill)));
    link.addEventListener("gap", ({ detail }) => detail.channel === this.#channel && this.#readAgain());
    this.#readAgain(true);
  }

  isOpen(order) {
    return openStates.has(order.status);
  }

  /** Those that can still be filled and that the server knows. */
  get open() {
    return [...this.orders.values()].filter((order) => this.isOpen(order) && !order.isPending);
  }

  /** Sends an order that is shown at once; rejects with the refusal after it was taken back. */
  async send(form) {
    const { account, path } = place;
    const name = form.client_order_id;
    const now = store.now() * 1e6;
    this.orders.set(name, {
      time_in_force: "day", order_type: "market", ...form, account, isPending: true, status: "submitted",
      user: place.user, filled_quantity: 0, remaining_quantity: form.quantity, created_ns: now, updated_ns: now,
    });
    this.#tell();
    try {
      const { order_id } = await ask("POST", `${path}/orders`, form);
      const pending = this.orders.get(name);
      // The event may have come before the answer: then it has taken the row's place.
      if (pending && account === place.account) {
        this.orders.delete(name);
        const key = String(order_id);
        if (!this.orders.has(key)) this.orders.set(key, { ...pending, order_id, isPending: false });
      }
      return order_id;
    } catch (refusal) {
      this.orders.delete(name);
      // No answer is no refusal: the server may have the order.
      if (refusal.status === 0) this.#readAgain();
      throw refusal;
    } finally {
      this.#tell();
    }
  }

  /** What the server answered about an order. */
  take(order) {
    if (order.account === place.account) this.#takeOrder(order);
  }

  /** Reads the next older page of "orders" or "fills"; nothing where there is none or it is under way. */
  async older(kind) {
    if (this.#before[kind] === undefined || this.#reading[kind]) return;
    await this.#read(kind, `limit=${pageRows}&before=${this.#before[kind]}`, this.#round, true);
  }

  get #channel() {
    return `account:${place.account}`;
  }

  async #readAgain(isNew = false) {
    const round = ++this.#round;
    if (isNew) {
      this.orders = new Map();
      this.fills = new Map();
    }
    this.#before = { orders: undefined, fills: undefined };
    this.#tell();
    if (place.isFirm) return;
    await Promise.all([this.#read("orders", `limit=${pageRows}`, round, true), this.#readOpen(round),
      this.#read("fills", `limit=${pageRows}`, round, true)]);
  }

  /** All that are open, however old. */
  async #readOpen(round) {
    let before = "";
    do {
      const next = await this.#read("orders", `open=true&limit=${pageRowsMax}${before}`, round, false);
      if (next === undefined) return;
      before = `&before=${next}`;
    } while (round === this.#round);
  }

  /** @returns where the next page begins */
  async #read(kind, query, round, isPage) {
    if (isPage) this.#reading[kind] = true;
    try {
      const answer = await ask("GET", `${place.path}/${kind}?${query}`);
      if (round !== this.#round) return undefined;
      for (const one of answer[kind]) kind === "orders" ? this.#keep(one) : this.fills.set(one.fill_id, one);
      if (isPage) this.#before[kind] = answer.next_before;
      this.failure = "";
      return answer.next_before;
    } catch (refusal) {
      this.failure = refusal.message;
      return undefined;
    } finally {
      if (isPage) this.#reading[kind] = false;
      this.#tell();
    }
  }

  #hear({ channel, data }, take) {
    if (channel === this.#channel) take(data);
  }

  #takeOrder(order) {
    this.#keep(order);
    this.#tell();
  }

  /** A page read before an event was told does not undo it. */
  #keep(order) {
    const key = String(order.order_id);
    const held = this.orders.get(key);
    if (held && held.updated_ns > order.updated_ns) return;
    if (order.client_order_id !== undefined) this.orders.delete(order.client_order_id);
    this.orders.set(key, order);
  }

  #takeFill(fill) {
    this.fills.set(fill.fill_id, fill);
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new CustomEvent("change"));
  }
}

export const orders = new Orders();
