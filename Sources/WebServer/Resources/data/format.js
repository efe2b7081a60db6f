// SPDX-License-Identifier: Apache-2.0
// How a value is written: text, tone and, where there is none, the reason. The server formats the first screen alike.

/**
 * @typedef {object} Shown
 * @property {string} text what the cell says
 * @property {"" | "gain" | "loss" | "missing" | "warn" | "critical"} tone
 * @property {string} [note] the tooltip
 * @property {string} [bar] behind the text, as in "40% 62.5%" of the cell's width
 */

const formatters = new Map();

/** Grouped decimal text with a true minus sign; never a negative zero. */
function number(value, least, most = least) {
  const key = `${least}:${most}`;
  if (!formatters.has(key)) {
    formatters.set(key, new Intl.NumberFormat("en-US", { minimumFractionDigits: least, maximumFractionDigits: most }));
  }
  const text = formatters.get(key).format(Math.abs(value));
  return value < 0 && /[1-9]/.test(text) ? `\u2212${text}` : text;
}

/** With a sign on both sides and the tone of a result. */
function signed(value, decimals) {
  const text = number(value, decimals);
  if (!/[1-9]/.test(text)) return { text, tone: "" };
  return value > 0 ? { text: `+${text}`, tone: "gain" } : { text, tone: "loss" };
}

/** By the `data-format` of a column: value and the instrument's decimals to text and tone. */
const formats = {
  money: (value) => ({ text: number(value, 2), tone: "" }),
  signed: (value) => signed(value, 2),
  price: (value, decimals) => ({
    text: Number.isInteger(decimals) ? number(value, decimals) : number(value, 2, 4),
    tone: "",
  }),
  quantity: (value) => ({ text: number(value, 0, 6), tone: "" }),
  percent: (value) => ({ text: number(value, 1), tone: "" }),
  change: (value) => signed(value, 2),
  word: (value) => ({ text: String(value), tone: "" }),
  factor: (value) => ({ text: number(value, 4), tone: "" }),
  level: (value) => ({ text: String(value), tone: value === "warn" || value === "critical" ? value : "" }),
};

/** @returns {Shown} */
export function show(value, format, decimals, reason) {
  if (value === undefined || value === null) return { text: "\u2014", tone: "missing", note: reason };
  return { note: "", ...formats[format](value, decimals) };
}

/**
 * Why a cell has no value, for the tooltip.
 * @param {import("./store.js").Channel} channel
 * @param {string} path of the table
 */
export function reasonMissing(channel, path, key, column) {
  const table = channel.tables.get(path);
  if (path === "margin" && column !== "used") {
    return table?.value("", "limit") === 0 ? "the margin limit is 0" : "no margin limit is set";
  }
  if (path === "risk.var" || path === "risk.es") return "no priced position has history";
  if (column === "bid" || column === "ask") return "none received";
  const reason = table?.value(key, "reason");
  if (reason) return reason;
  if ((column === "day_pnl" || column === "change_pct") && table?.value(key, "status") !== "missing") {
    return "no prior close";
  }
  if (path === "positions" || path === "") return "no price since the daemon started";
  return "no part of it has a price";
}

/** Basis points to a confidence, as in "97.5 %". */
export function confidenceLabel(basisPoints) {
  return `${number(Number(basisPoints) / 100, 0, 2)} %`;
}

/** A bar from zero to a value on an axis that reaches from `least` to `greatest` and has zero on it. */
export function barOf(value, least, greatest) {
  const [low, high] = [Math.min(0, least), Math.max(0, greatest)];
  if (value === undefined || high === low) return undefined;
  const percent = (at) => `${(((at - low) / (high - low)) * 100).toFixed(2)}%`;
  return `${percent(Math.min(0, value))} ${percent(Math.max(0, value))}`;
}

/** A duration in milliseconds, as in "0.3 s" or "2 min 5 s". */
export function ageLabel(milliseconds) {
  const seconds = Math.max(0, milliseconds) / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
}
