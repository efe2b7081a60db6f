// SPDX-License-Identifier: Apache-2.0
// What an order would do, as the server says it: asked a moment after the last change, dropped when it is out of date.

import { ask } from "../data/api.js";
import { show } from "../data/format.js";
import { place } from "../data/place.js";

const pauseMilliseconds = 150;
/** Prices move: an older answer is asked for again. */
const freshMilliseconds = 5_000;
/** The confidence that is spoken of: 99 %. */
const confidence = "9900";

/** @typedef {{cost: string, risk: string, margin: string}} Preview in words */

const unknown = { cost: "\u2014", risk: "\u2014", margin: "\u2014" };

export class TicketPreview {
  #timer = 0;
  #asked = 0;
  /** What was asked last, and when: the same again is not asked while the answer is fresh. */
  #question = "";
  #askedAt = 0;

  /**
   * @param {(preview: Preview | null | undefined, fault: string) => void} shown undefined while it is asked for, null
   * while there is nothing to ask
   */
  constructor(shown) {
    this.shown = shown;
  }

  /** @param {object | undefined} body of the order; undefined where the form has faults */
  want(body) {
    const question = body ? `${place.path} ${JSON.stringify(body)}` : "";
    const now = performance.now();
    if (body && question === this.#question && now - this.#askedAt < freshMilliseconds) return;
    [this.#question, this.#askedAt] = [question, now];
    clearTimeout(this.#timer);
    const number = ++this.#asked;
    this.shown(body ? undefined : null, "");
    if (!body) return;
    this.#timer = setTimeout(async () => {
      const trade = { symbol: body.symbol, quantity: body.side === "buy" ? body.quantity : -body.quantity };
      if (body.limit_price !== undefined) trade.price = body.limit_price;
      try {
        const answer = await ask("POST", `${place.path}/what-if`, { trades: [trade] });
        if (number === this.#asked) this.shown(inWords(answer), "");
      } catch (refusal) {
        const fault = Object.values(refusal.errors)[0] ?? refusal.message;
        if (number === this.#asked) this.shown(unknown, fault);
      }
    }, pauseMilliseconds);
  }
}

/** @returns {Preview} */
function inWords({ currency, before, after, cash_change: change }) {
  const money = (value) => show(value, "money").text;
  const left = before.var[confidence];
  const right = after.var[confidence];
  const difference = left === undefined || right === undefined ? undefined : right - left;
  const isPercent = after.margin.utilisation_pct !== undefined;
  const percent = ({ utilisation_pct: value }) => (value === undefined ? "" : ` (${show(value, "percent").text} %)`);
  return {
    cost: change === undefined ? "\u2014" : `${change <= 0 ? "pay" : "receive"} ${money(Math.abs(change))} ${currency}`,
    risk: `${show(difference, "signed").text} ${currency}`,
    margin: `${money(before.margin.used)} \u2192 ${money(after.margin.used)} ${currency}`
      + (isPercent ? percent(after.margin) : ""),
  };
}

/** All that is sent, and what it would do. @param {Record<string, string>} fields @param {Preview} [preview] */
export function reviewLine({ side, quantity, symbol, order_type, limit_price, stop_price, time_in_force }, preview) {
  const price = {
    market: "at market", limit: `limit ${limit_price}`, stop: `stop ${stop_price}`,
    stop_limit: `stop ${stop_price} limit ${limit_price}`,
  }[order_type];
  const { cost, risk, margin } = preview ?? { cost: "\u2026", risk: "\u2026", margin: "\u2026" };
  return `${side.toUpperCase()} ${quantity} ${symbol} ${price} (${time_in_force}): ${cost}, \u0394VaR 99 % ${risk}, `
    + `margin ${margin}`;
}
