// SPDX-License-Identifier: Apache-2.0
// What stands behind a figure, in words: inputs, window, coverage, age. Tooltips are made of it.

import { ageLabel, confidenceLabel, show } from "./format.js";
import { store } from "./store.js";

/** @typedef {import("./store.js").Channel} Channel */

/** Age of a channel's newest cut, as in "0.3 s old". */
export function ageOf(channel) {
  return `${ageLabel(store.now() - channel.cutMilliseconds)} old`;
}

/**
 * As in "99 % 1-day historical, discrete, 500 returns, coverage 100 %".
 * @param {Channel} channel of an account or the firm
 * @param {string} basisPoints of the confidence
 */
export function convention(channel, basisPoints) {
  const risk = (column) => channel.tables.get("risk")?.value("", column);
  const excluded = risk("excluded") ?? [];
  const left = excluded.length > 0 ? ` (without ${excluded.join(", ")})` : "";
  const horizon = risk("horizon_days") > 1 ? ` (${risk("horizon_method")})` : "";
  return `${confidenceLabel(basisPoints)} ${risk("horizon_days")}-day${horizon} historical, ${risk("quantile")}, ` +
    `${risk("window")} returns, coverage ${Number(risk("coverage_pct")?.toFixed(2))} %${left}`;
}

/**
 * The tooltip of a figure of an account's or the firm's channel that has a value.
 * @param {{path: string, key: string, column: string}} place
 * @param {Channel} channel
 */
export function noteOf({ path, key, column }, channel) {
  const age = ageOf(channel);
  const status = channel.tables.get("")?.value("", "status");
  const partial = status === "partial" ? "; partial: positions without a price are left out" : "";
  if (path === "risk.var") return `VaR: ${convention(channel, key)}, ${age}`;
  if (path === "risk.es") {
    const method = channel.tables.get("risk")?.value("", "expected_shortfall") ?? "";
    return `expected shortfall (${method}): ${convention(channel, key)}, ${age}`;
  }
  if (path === "stress") return `today's book revalued under ${key.replaceAll("_", " ")}, ${age}`;
  if (path === "margin") return marginNote(channel, age);
  const meaning = {
    equity: "cash + market value",
    day_pnl: "against the prior close, with today's trades and fees",
    gross_exposure: "sum of absolute market values",
    net_exposure: "sum of signed market values",
    total_pnl: "realised + unrealised + fees",
  }[column];
  return path === "totals" && meaning ? `${meaning}, ${age}${partial}` : `${age}${partial}`;
}

function marginNote(channel, age) {
  const margin = channel.tables.get("margin");
  const text = (column) => show(margin?.value("", column), "money").text;
  return `margin used ${text("used")} of ${text("limit")}; warns at 80 %, critical from 95 %, ${age}`;
}
