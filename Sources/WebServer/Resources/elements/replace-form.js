// SPDX-License-Identifier: Apache-2.0
// The small form that changes an open order's quantity and prices.

import { ask } from "../data/api.js";
import { orders } from "../data/orders.js";
import { place } from "../data/place.js";
import { say } from "./messages.js";
import { hasPrice } from "./order-form.js";

const names = ["quantity", "limit_price", "stop_price"];
const numberSyntax = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?$/;

export class ReplaceForm {
  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.form = form;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    form.querySelector("[data-back]").addEventListener("click", () => this.close());
    form.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
  }

  open(order) {
    this.order = order;
    this.form.hidden = false;
    this.form.querySelector(".what").textContent = `Order ${order.order_id}: ${order.side} ${order.symbol}`;
    this.form.querySelector(".fault").textContent = "";
    for (const name of names) {
      const input = this.form.elements[name];
      input.value = order[name] ?? "";
      input.closest("label").hidden = name !== "quantity" && !hasPrice(order.order_type, name);
    }
    this.form.elements.quantity.select();
    this.form.elements.quantity.focus();
  }

  close() {
    this.form.hidden = true;
  }

  async #send() {
    const fault = this.form.querySelector(".fault");
    const button = this.form.querySelector("[type=submit]");
    const change = {};
    for (const name of names) {
      const text = this.form.elements[name].value.trim();
      if (this.order[name] === undefined || text === String(this.order[name])) continue;
      if (!numberSyntax.test(text)) {
        return (fault.textContent = `${name.replace("_", " ")}: is not a number such as 12.5`);
      }
      change[name] = Number(text);
    }
    if (Object.keys(change).length === 0) return (fault.textContent = "nothing was changed");
    fault.textContent = "";
    button.disabled = true;
    try {
      orders.take(await ask("PATCH", `${place.path}/orders/${this.order.order_id}`, change));
      say(`order ${this.order.order_id}: replacement asked for`);
      this.close();
    } catch (refusal) {
      const named = Object.entries(refusal.errors).map(([name, text]) => `${name.replace("_", " ")}: ${text}`);
      fault.textContent = named.join("; ") || refusal.message;
    } finally {
      button.disabled = false;
    }
  }
}
