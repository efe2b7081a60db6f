// SPDX-License-Identifier: Apache-2.0
// The order ticket: fields checked as one types, what the order would do, a review, and only then the order.

import { instruments } from "../data/instruments.js";
import { link } from "../data/link.js";
import { orders } from "../data/orders.js";
import { place } from "../data/place.js";
import { standing } from "../data/standing.js";
import { store } from "../data/store.js";
import { say } from "./messages.js";
import { bodyOf, faultsOf, faultsOfRefusal, hasPrice } from "./order-form.js";
import { SymbolSuggestions } from "./symbol-suggestions.js";
import { reasonAgainst } from "./ticket-gate.js";
import { reviewLine, TicketPreview } from "./ticket-preview.js";
import { hasField, showFaults, showQuote } from "./ticket-cells.js";

const countdownMilliseconds = 200;

class OrderTicket extends HTMLElement {
  role = "market";
  /** What the server said of a field; it stands until the field is edited. */
  #refused = {};
  /** Fields somebody has touched: only these show what is wrong with them. */
  #touched = new Set();
  #preview;
  #isReviewing = false;
  #againAt = 0;
  #countdown = 0;

  connectedCallback() {
    [this.form, this.review] = [this.querySelector("form"), this.querySelector(".review")];
    this.button = this.querySelector("[data-review]");
    this.sendButton = this.querySelector("[data-send]");
    this.preview = new TicketPreview((preview, fault) => this.#showPreview(preview, fault));
    const { symbol } = this.form.elements;
    this.suggestions = new SymbolSuggestions(symbol, () => this.#edited("symbol"));
    this.form.addEventListener("input", ({ target }) => this.#edited(target.name));
    this.form.addEventListener("change", ({ target }) => this.#edited(target.name));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#startReview();
    });
    this.sendButton.addEventListener("click", () => this.#send());
    this.querySelector("[data-back]").addEventListener("click", () => this.#endReview(true));
    this.addEventListener("keydown", ({ key }) => key === "Escape" && this.#isReviewing && this.#endReview(true));
    document.addEventListener("ticket", ({ detail }) => this.fill(detail));
    standing.addEventListener("change", () => this.#show());
    link.addEventListener("status", () => this.#show());
    place.addEventListener("change", ({ detail }) => detail.isNewAccount && this.#forget());
    store.attach(this);
    instruments.load().then(() => this.#show(), (refusal) => say(`no instruments: ${refusal.message}`, "warn"));
    this.#show();
  }

  disconnectedCallback() {
    store.detach(this);
  }

  get isIdle() {
    return this.closest("[hidden]") !== null;
  }

  /** @param {{symbol: string, side: "buy" | "sell", quantity?: number}} order */
  fill({ symbol, side, quantity }) {
    const { elements } = this.form;
    elements.symbol.value = symbol;
    elements.side.value = side;
    if (quantity !== undefined) elements.quantity.value = quantity;
    this.#forget();
    elements.quantity.focus();
    elements.quantity.select();
    this.scrollIntoView({ block: "nearest" });
  }

  /** Another account or instrument: what was refused and asked before says nothing of it. */
  #forget() {
    this.#endReview(false);
    this.#refused = {};
    this.#touched.clear();
    this.#show();
    this.#ask();
  }

  /** Bid, ask and last of the symbol; whether it may be traded at all. */
  paint() {
    showQuote(this, this.#fields.symbol);
    this.#showReason();
  }

  get #fields() {
    const fields = Object.fromEntries([...new FormData(this.form)].map(([name, value]) => [name, value.trim()]));
    fields.symbol = instruments.of(fields.symbol) ? fields.symbol : fields.symbol.toUpperCase();
    return fields;
  }

  get #faults() {
    return faultsOf(this.#fields, instruments.of(this.#fields.symbol));
  }

  #edited(name) {
    this.#touched.add(name);
    delete this.#refused[name];
    delete this.#refused[""];
    if (this.#isReviewing) this.#endReview(false);
    this.#show();
    this.#ask();
  }

  #ask() {
    this.preview.want(Object.keys(this.#faults).length === 0 && !place.isFirm ? bodyOf(this.#fields) : undefined);
  }

  #show() {
    const fields = this.#fields;
    for (const name of ["limit_price", "stop_price"]) {
      this.form.elements[name].closest(".field").hidden = !hasPrice(fields.order_type, name);
    }
    const faults = Object.entries(this.#faults).filter(([name]) => this.#touched.has(name));
    showFaults(this, { ...Object.fromEntries(faults), ...this.#refused });
    this.dataset.side = fields.side;
    this.paint();
  }

  #showReason() {
    const seconds = Math.ceil((this.#againAt - performance.now()) / 1000);
    const reason = seconds > 0 ? `too many orders: again in ${seconds} s` : reasonAgainst(this.#fields);
    this.querySelector(".reason").textContent = reason;
    this.button.disabled = this.sendButton.disabled = reason !== "";
    return reason;
  }

  #showPreview(preview, fault) {
    this.#preview = preview;
    const blank = preview === null ? "\u2014" : "\u2026";
    for (const node of this.querySelectorAll("[data-preview]")) {
      node.textContent = preview?.[node.dataset.preview] ?? blank;
    }
    this.querySelector(".preview").dataset.state = preview ? "known" : "asked";
    this.querySelector(".preview-fault").textContent = fault;
    if (this.#isReviewing) this.#showReview();
  }

  #startReview() {
    const faults = this.#faults;
    this.#touched = new Set([...this.#touched, ...Object.keys(faults)]);
    this.#show();
    const first = Object.keys(faults)[0];
    if (first) return this.form.elements[first].focus();
    if (this.#showReason()) return;
    this.#isReviewing = true;
    this.#ask();
    this.review.hidden = false;
    this.button.hidden = true;
    this.#showReview();
    this.sendButton.focus();
  }

  #showReview() {
    this.querySelector(".review-line").textContent = reviewLine(this.#fields, this.#preview);
    this.sendButton.textContent = this.#preview ? "Send" : "Send (asking what it would do\u2026)";
  }

  #endReview(isFocused) {
    this.#isReviewing = false;
    this.review.hidden = true;
    this.button.hidden = false;
    if (isFocused) this.form.elements.quantity.focus();
  }

  async #send() {
    // Nothing is sent whose effect was not on the review line.
    if (!this.#isReviewing || !this.#preview || this.#showReason()) return;
    const { account } = place;
    const form = { client_order_id: crypto.randomUUID(), ...bodyOf(this.#fields) };
    const what = `${form.side} ${form.quantity} ${form.symbol}`;
    this.#endReview(true);
    try {
      const id = await orders.send(form);
      say(`order ${id}: ${what}`);
      if (account === place.account) this.#touched.clear();
    } catch (refusal) {
      const isKnown = refusal.status !== 0;
      say(isKnown ? `not taken, ${what}: ${refusal.message}` : `no answer, ${what}: look in the blotter`, "warn");
      if (refusal.status === 429) this.#wait(refusal.retryAfterSeconds);
      if (account === place.account) this.#refused = faultsOfRefusal(refusal, (name) => hasField(this, name));
      this.#show();
    }
  }

  #wait(seconds) {
    this.#againAt = performance.now() + seconds * 1000;
    clearInterval(this.#countdown);
    this.#countdown = setInterval(() => {
      this.#showReason();
      if (performance.now() >= this.#againAt) clearInterval(this.#countdown);
    }, countdownMilliseconds);
  }
}

customElements.define("order-ticket", OrderTicket);
