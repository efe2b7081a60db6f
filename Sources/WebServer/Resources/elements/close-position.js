// SPDX-License-Identifier: Apache-2.0
// Asks, with numbers, before a position is closed; the order is sent when the button was held.

import { ask, part } from "../data/api.js";
import { show } from "../data/format.js";
import { place } from "../data/place.js";
import { standing } from "../data/standing.js";
import { store } from "../data/store.js";
import "./hold-button.js";
import { say } from "./messages.js";
import { reasonAgainst } from "./ticket-gate.js";

class ClosePosition extends HTMLElement {
  connectedCallback() {
    this.dialog = this.querySelector("dialog");
    this.hold = this.querySelector("hold-button");
    document.addEventListener("close-position", ({ detail }) => this.#propose(detail));
    this.querySelector("[data-back]").addEventListener("click", () => this.dialog.close());
    this.hold.addEventListener("held", () => this.#send());
    standing.addEventListener("change", () => this.dialog.open && this.#show());
    place.addEventListener("change", ({ detail }) => detail.isNewAccount && this.dialog.close());
  }

  #propose({ symbol, quantity }) {
    this.symbol = symbol;
    this.quantity = quantity;
    this.#show();
    this.dialog.showModal();
    this.hold.button.focus();
  }

  #show() {
    const { symbol, quantity } = this;
    const value = store.value("account", "positions", symbol, "market_value");
    const currency = store.value("account", "", "", "currency") ?? "";
    const side = quantity > 0 ? "sell" : "buy";
    const amount = show(Math.abs(quantity), "quantity").text;
    const worth = value === undefined ? "its value is not known"
      : `worth ${show(value, "money").text} ${currency} now`;
    this.querySelector("p").textContent = `${place.account}: ${side} ${amount} ${symbol} at market, ${worth}. `
      + "The position is then 0.";
    this.hold.say(`Hold to ${side} ${amount} ${symbol}`, reasonAgainst({ symbol, side, quantity: Math.abs(quantity) }));
    this.querySelector(".fault").textContent = "";
  }

  async #send() {
    try {
      const { order_id: id } = await ask("POST", `${place.path}/positions/${part(this.symbol)}/close`);
      say(`order ${id} closes ${this.symbol}`);
      this.dialog.close();
    } catch (refusal) {
      this.querySelector(".fault").textContent = refusal.message;
    }
  }
}

customElements.define("close-position", ClosePosition);
