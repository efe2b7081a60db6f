// SPDX-License-Identifier: Apache-2.0
// Where in the page one is: view, account, and what is chosen there. The address says it, so that a link shows it.
//
// `place` dispatches "change" {view, account, symbol, isNewAccount} after each move. Links with data-view or
// data-account move without loading; panels that want more from the stream name it with `want`.

import { link } from "./link.js";
import { store } from "./store.js";

class Place extends EventTarget {
  view = document.body.dataset.view;
  account = document.body.dataset.account;
  /** The chosen instrument, "" for none. */
  symbol = new URLSearchParams(location.search).get("symbol") ?? "";
  zone = document.body.dataset.zone || "UTC";
  user = document.body.dataset.user ?? "";

  get isFirm() {
    return this.account === "firm";
  }

  /** Path of the account's part of the API: "accounts/ALPHA" or "firm". */
  get path() {
    return this.isFirm ? "firm" : `accounts/${encodeURIComponent(this.account)}`;
  }

  start() {
    document.addEventListener("click", (event) => this.#click(event));
    addEventListener("popstate", () => this.#read());
    this.#follow();
    this.#showChosen();
  }

  /** Moves; what is not named stays. `isQuiet` writes no step of the browser's history. */
  go({ view = this.view, account = this.account, symbol = "" }, isQuiet = false) {
    const next = view === "trade" && account === "firm" ? "firm" : view;
    const query = new URLSearchParams({ view: next, account, ...(symbol ? { symbol } : {}) });
    history[isQuiet ? "replaceState" : "pushState"](null, "", `?${query}`);
    this.#move(next, account, symbol);
  }

  /** Chooses an instrument, without a step of the browser's history. */
  choose(symbol) {
    if (symbol !== this.symbol) this.go({ symbol }, true);
  }

  #read() {
    const query = new URLSearchParams(location.search);
    const account = query.get("account") ?? this.account;
    this.#move(query.get("view") ?? (account === "firm" ? "firm" : "trade"), account, query.get("symbol") ?? "");
  }

  #move(view, account, symbol) {
    const isNewAccount = account !== this.account;
    Object.assign(this, { view, account, symbol });
    document.body.dataset.view = view;
    document.body.dataset.account = account;
    for (const node of document.querySelectorAll("section.view")) node.hidden = node.dataset.view !== view;
    mark("#views a", (node) => node.dataset.view === view);
    mark("#accounts a", (node) => node.dataset.account === account);
    this.#name();
    this.#follow();
    this.dispatchEvent(new CustomEvent("change", { detail: { view, account, symbol, isNewAccount } }));
    for (const role of ["market", "account", "risk", "firm", "firm-risk"]) store.repaint(role);
  }

  /** Links lead where one is, but for what they change. */
  #name() {
    for (const node of document.querySelectorAll("#views a")) {
      node.href = `?${new URLSearchParams({ view: node.dataset.view, account: this.account })}`;
    }
    for (const node of document.querySelectorAll("#accounts a")) {
      node.href = `?${new URLSearchParams({ view: this.view, account: node.dataset.account })}`;
    }
    const chosen = document.querySelector("#accounts a[aria-current]");
    for (const node of document.querySelectorAll(".account-name")) node.textContent = chosen?.title ?? this.account;
    const view = document.querySelector("#views a[aria-current]")?.textContent ?? "";
    document.title = [this.isFirm ? "Firm" : this.account, view, "tickrisk"].join(" \u00b7 ");
    this.#showChosen();
  }

  /** Of many accounts the chosen one may be out of sight. */
  #showChosen() {
    document.querySelector("#accounts a[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  #follow() {
    const channel = this.isFirm ? "firm" : `account:${this.account}`;
    store.assign("market", "market");
    store.assign("account", channel);
    store.assign("risk", this.isFirm ? "risk:firm" : `risk:${this.account}`);
    store.assign("firm", "firm");
    store.assign("firm-risk", "risk:firm");
    // Of several engines none reports on the firm's positions: that channel would be waited for in vain.
    const firmReport = "fleet" in document.body.dataset ? [] : ["risk:firm"];
    const report = this.isFirm ? firmReport : [store.channelName("risk")];
    const wanted = {
      trade: ["market", channel],
      risk: ["market", channel, ...report],
      firm: ["firm", ...firmReport],
    };
    link.follow([...new Set(wanted[this.view] ?? ["market", channel])]);
  }

  #click(event) {
    const node = event.target.closest("a[data-account], a[data-view]");
    if (!node || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    const query = new URLSearchParams(new URL(node.href).search);
    this.go({ view: query.get("view") ?? this.view, account: query.get("account") ?? this.account });
  }
}

function mark(selector, isCurrent) {
  for (const node of document.querySelectorAll(selector)) {
    if (isCurrent(node)) node.setAttribute("aria-current", "page");
    else node.removeAttribute("aria-current");
  }
}

export const place = new Place();
