// SPDX-License-Identifier: Apache-2.0
// Why no order can be sent right now; the server decides in the end, this says it beforehand.

import { link } from "../data/link.js";
import { place } from "../data/place.js";
import { standing } from "../data/standing.js";
import { store } from "../data/store.js";

/** @param {Record<string, string>} fields of the ticket @returns {string} "" where nothing is in the way */
export function reasonAgainst(fields) {
  if (place.isFirm) return "choose an account: the firm does not trade";
  if (link.status.state !== "live") return `the stream is ${link.status.state}: ${link.status.reason}`;
  if (!standing.may("trade")) return `you may not trade in ${place.account}`;
  const halted = reasonOfSwitch(fields);
  if (halted) return halted;
  const market = store.table("market", "");
  if (!market?.has(fields.symbol)) return "";
  const trading = market.value(fields.symbol, "trading");
  if (trading === "halted" || trading === "closed") return `${fields.symbol} is ${trading}`;
  const status = market.value(fields.symbol, "status");
  if (status === "stale") return `the price of ${fields.symbol} is stale`;
  return status === "missing" ? `${fields.symbol} has no price yet` : "";
}

function reasonOfSwitch({ symbol, side, quantity }) {
  for (const [one, name] of [[standing.house, "the house"], [standing.account, place.account]]) {
    const why = one?.reason ? ` (${one.reason})` : "";
    if (one?.state === "halted") return `${name} is halted${why}`;
    if (one?.state !== "reducing") continue;
    const held = store.value("account", "positions", symbol, "quantity") ?? 0;
    const isReducing = (side === "sell" ? held > 0 : held < 0) && Number(quantity) <= Math.abs(held);
    if (symbol && !isReducing) return `${name} is reducing${why}: only orders that reduce a position`;
  }
  return "";
}
