// SPDX-License-Identifier: Apache-2.0
// What stands in the ticket beside its fields: the quote of the instrument, and what is wrong with each field.

import { show } from "../data/format.js";
import { store } from "../data/store.js";

/** Bid, ask and last, in cells with data-quote. */
export function showQuote(ticket, symbol) {
  const market = store.table("market", "");
  for (const node of ticket.querySelectorAll("[data-quote]")) {
    const { text } = show(market?.value(symbol, node.dataset.quote), "price", market?.decimals(symbol));
    if (node.textContent !== text) node.textContent = text;
  }
}

/** @param {HTMLElement} ticket @param {Record<string, string>} faults by field; "" for the order as a whole */
export function showFaults(ticket, faults) {
  for (const node of ticket.querySelectorAll("[data-fault]")) {
    const text = faults[node.dataset.fault] ?? "";
    if (node.textContent !== text) node.textContent = text;
    const input = ticket.querySelector("form").elements[node.dataset.fault];
    input?.setAttribute?.("aria-invalid", String(text !== ""));
  }
}

/** Whether the order's type has the field, so that a fault can stand at it. */
export function hasField(ticket, name) {
  const node = ticket.querySelector(`[data-fault="${CSS.escape(name)}"]`);
  return node !== null && !node.closest("[hidden]");
}
