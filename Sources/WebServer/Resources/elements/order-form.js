// SPDX-License-Identifier: Apache-2.0
// The server's rules for an order, as far as a form can know them: fields to faults, and to what is sent.

/** Prices each type has. */
const pricesOf = {
  market: [], limit: ["limit_price"], stop: ["stop_price"], stop_limit: ["stop_price", "limit_price"],
};

/** As the server reads numbers (docs/trading.md, Forms). */
const numberSyntax = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?$/;
const lengthMax = 40;

/** Field that a denial of the gate is about; what is not here is about the order as a whole. */
const fieldOfDenial = {
  instrument_unknown: "symbol", instrument_halted: "symbol", instrument_closed: "symbol", price_missing: "symbol",
  price_stale: "symbol", market_crossed: "symbol", off_lot: "quantity", order_quantity: "quantity",
  order_notional: "quantity", buying_power: "quantity", margin: "quantity", position_quantity: "quantity",
  position_notional: "quantity", concentration: "quantity", value_at_risk: "quantity", expected_shortfall: "quantity",
  account_reducing: "quantity",
};

export function hasPrice(type, name) {
  return pricesOf[type].includes(name);
}

/**
 * @param {Record<string, string>} fields as they stand in the form
 * @param {import("../data/instruments.js").Instrument} [instrument] undefined where the symbol is none
 * @returns {Record<string, string>} what is wrong, by field
 */
export function faultsOf(fields, instrument) {
  const faults = {};
  if (fields.symbol === "") faults.symbol = "is required";
  else if (!instrument) faults.symbol = "is no instrument";
  const quantity = faultOfNumber(fields.quantity, instrument?.lot_size, false);
  if (quantity) faults.quantity = quantity;
  for (const name of pricesOf[fields.order_type]) {
    const fault = faultOfNumber(fields[name], instrument?.tick_size, instrument?.negative_prices);
    if (fault) faults[name] = fault;
  }
  return faults;
}

function faultOfNumber(text, step, mayBeNegative) {
  if (text === "") return "is required";
  if (!numberSyntax.test(text) || text.length > lengthMax) return "is not a number such as 12.5";
  const value = Number(text);
  if (!mayBeNegative && !(value > 0)) return "must be above 0";
  return step && !isMultiple(value, step) ? `must be a multiple of ${step}` : "";
}

/** Within four units in the last place, as the server has it. */
function isMultiple(value, step) {
  const nearest = Math.round(value / step) * step;
  return Math.abs(value - nearest) <= 4 * Number.EPSILON * Math.max(Math.abs(value), step);
}

/** What is sent; only for fields without faults. */
export function bodyOf(fields) {
  const { symbol, side, order_type, time_in_force } = fields;
  const body = { symbol, side, quantity: Number(fields.quantity), order_type, time_in_force };
  for (const name of pricesOf[order_type]) body[name] = Number(fields[name]);
  return body;
}

/**
 * A refusal's reasons by field; "" for the order as a whole, and for fields that are not shown.
 * @param {import("../data/api.js").Refusal} refusal
 * @param {(field: string) => boolean} isShown
 */
export function faultsOfRefusal(refusal, isShown) {
  const named = Object.entries(refusal.errors);
  const denied = (refusal.problem.denials ?? []).map(({ code, limit, actual }) => {
    const isPriced = code === "collar" || code === "off_tick";
    const value = actual === undefined ? "" : ` ${actual}`;
    const bound = limit === undefined ? "" : `, the limit is ${limit}`;
    return [isPriced ? "limit_price" : (fieldOfDenial[code] ?? ""), code.replaceAll("_", " ") + value + bound];
  });
  const reasons = [...named, ...denied];
  if (reasons.length === 0) return { "": refusal.message };
  const faults = {};
  for (const [name, text] of reasons) {
    const field = isShown(name) ? name : "";
    faults[field] = faults[field] ? `${faults[field]}; ${text}` : text;
  }
  return faults;
}
