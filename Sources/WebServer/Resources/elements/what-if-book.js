// SPDX-License-Identifier: Apache-2.0
// Hypothetical trades, several at once, and what they would do to VaR, ES, margin and the use of limits.

import { ask, part } from "../data/api.js";
import { confidenceLabel, show } from "../data/format.js";
import { limitLabel } from "../data/limits.js";
import { place } from "../data/place.js";
import { store } from "../data/store.js";
import { html, keyed, write } from "./drawing.js";

const askMilliseconds = 2_000;
const suggestMilliseconds = 150;

class WhatIfBook extends HTMLElement {
  /** Trades by account: {symbol, quantity}. They stay while the page does. */
  #books = new Map();
  #isAsking = false;
  #suggesting = 0;

  connectedCallback() {
    this.form = this.querySelector("form");
    this.fault = this.querySelector(".fault");
    this.trades = this.querySelector(".trades");
    this.results = this.querySelector(".results");
    this.clear = this.querySelector(".clear");
    this.note = this.querySelector(".caption");
    this.form.addEventListener("submit", (event) => this.#add(event));
    this.form.elements.symbol.addEventListener("input", () => this.#suggestSoon());
    this.clear.addEventListener("click", () => this.#replace([]));
    this.trades.addEventListener("click", ({ target }) => {
      const at = target.closest("button")?.closest("li").dataset.key;
      if (at !== undefined) this.#replace(this.book.filter((_, index) => String(index) !== at));
    });
    place.addEventListener("change", () => this.#show());
    setInterval(() => this.#ask(), askMilliseconds);
    this.#show();
  }

  /** Of the account in view. */
  get book() {
    return this.#books.get(place.account) ?? [];
  }

  #replace(trades) {
    this.#books.set(place.account, trades);
    this.#show();
  }

  #add(event) {
    event.preventDefault();
    const { symbol, quantity } = this.form.elements;
    const signed = Number(quantity.value.trim().replace("\u2212", "-"));
    const trade = { symbol: known(symbol.value.trim()), quantity: signed };
    if (trade.symbol === "" || !Number.isFinite(trade.quantity) || trade.quantity === 0) {
      return write(this.fault, trade.symbol === "" ? "A symbol is needed." : "The quantity is a number other than 0.");
    }
    this.#replace([...this.book, trade]);
    this.form.reset();
    symbol.focus();
  }

  #show() {
    this.hidden = place.isFirm;
    write(this.fault, "");
    this.clear.hidden = this.book.length === 0;
    this.results.hidden = true;
    write(this.note, this.book.length === 0 ? "Add trades to see what they would do." : "");
    keyed(this.trades, this.book.map((_, index) => String(index)),
      () => html("li", {}, html("span"), html("button", { type: "button" }, "\u00d7")),
      (node, index) => {
        const { symbol, quantity } = this.book[index];
        const text = `${show(quantity, "signed").text.replace(/\.00$/, "")} ${symbol}`;
        write(node.firstChild, text);
        node.lastChild.setAttribute("aria-label", `Remove ${text}`);
      });
    this.#ask();
  }

  /** The market moves on: the answer is renewed while somebody looks. */
  async #ask() {
    const { account, book } = { account: place.account, book: this.book };
    if (place.view !== "risk" || place.isFirm || book.length === 0 || document.hidden || this.#isAsking) return;
    this.#isAsking = true;
    const isCurrent = () => account === place.account && book === this.book;
    try {
      const answer = await ask("POST", `${place.path}/what-if`, { trades: book });
      if (isCurrent()) this.#fill(answer);
    } catch (refusal) {
      if (isCurrent() && refusal.status !== 429) this.#refuse(refusal);
    }
    this.#isAsking = false;
    if (!isCurrent()) this.#ask();
  }

  #refuse(refusal) {
    const fields = Object.entries(refusal.errors).map(([field, fact]) => `${field}: ${fact}`);
    write(this.fault, fields.join("; ") || refusal.message);
    this.results.hidden = true;
  }

  #fill({ before, after, cash_change: cash, excluded, currency, ...convention }) {
    write(this.fault, "");
    this.results.hidden = false;
    const levels = Object.keys(before.var).length > 0 ? Object.keys(before.var) : Object.keys(after.var);
    const rows = [
      ...levels.map((level) => ["VaR", level, (use) => use.var[level], "money"]),
      ...levels.map((level) => ["ES", level, (use) => use.es[level], "money"]),
      ["Margin used", "", (use) => use.margin.used, "money"],
      ["Margin %", "", (use) => use.margin.utilisation_pct, "percent"],
      ...before.limits.map((_, at) => [`% of ${limitLabel(before.limits[at])}`, "",
        (use) => use.limits[at].utilisation_pct, "percent"]),
    ].map(([name, level, read, format]) =>
      ({ name: level ? `${name} ${confidenceLabel(level)}` : name, read, format }));
    keyed(this.results.tBodies[0], rows.map(({ name }) => name), (name) => html("tr", {}, html("th", { scope: "row" }),
      ...["before", "after"].map((when) => html("td", { "data-what-if": `${name}/${when}` }))), (node, name) => {
      const { read, format } = rows.find((row) => row.name === name);
      write(node.cells[0], name);
      [before, after].forEach((use, index) => {
        const shown = show(read(use), format, undefined, "it has no value there");
        write(node.cells[index + 1], shown.text, { tone: shown.tone, note: shown.note });
      });
    });
    const left = excluded.length > 0 ? `; without ${excluded.join(", ")}` : "";
    write(this.note, `cash ${show(cash, "signed").text} ${currency}; ${convention.horizon_days}-day, ` +
      `${convention.quantile}, ${convention.window} returns${left}`);
  }

  #suggestSoon() {
    clearTimeout(this.#suggesting);
    this.#suggesting = setTimeout(() => this.#suggest(), suggestMilliseconds);
  }

  async #suggest() {
    const text = this.form.elements.symbol.value.trim();
    if (text === "") return;
    const found = await ask("GET", `instruments?limit=8&search=${part(text)}`).catch(() => undefined);
    const options = (found?.instruments ?? []).map(({ symbol, name }) => html("option", { value: symbol }, name));
    this.querySelector("datalist").replaceChildren(...options);
  }
}

/** A symbol as the market writes it, whatever the case it was typed in. */
function known(text) {
  const symbols = store.table("market", "")?.keys ?? [];
  return symbols.find((symbol) => symbol.toLowerCase() === text.toLowerCase()) ?? text;
}

customElements.define("what-if-book", WhatIfBook);
