// SPDX-License-Identifier: Apache-2.0
// A list of the blotter as CSV: raw numbers, times as ISO 8601, fields quoted as RFC 4180 has it.

const timesOf = new Set(["created_ns", "updated_ns", "ts"]);
const nameOf = { created_ns: "created", updated_ns: "updated", ts: "time" };
const columnsOf = {
  orders: ["order_id", "client_order_id", "account", "symbol", "side", "quantity", "order_type", "limit_price",
    "stop_price", "time_in_force", "status", "filled_quantity", "remaining_quantity", "average_fill_price", "reason",
    "user", "created_ns", "updated_ns"],
  fills: ["fill_id", "order_id", "account", "symbol", "side", "quantity", "price", "rate", "fees", "ts", "reverses"],
};

function field(value, column) {
  if (value === undefined) return "";
  if (timesOf.has(column)) return new Date(value / 1e6).toISOString();
  // A text that a spreadsheet would take for a formula is no number of ours.
  const text = typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** @param {"orders" | "fills"} kind @param {object[]} rows */
export function csvOf(kind, rows) {
  const columns = columnsOf[kind];
  const lines = [columns.map((column) => nameOf[column] ?? column), ...rows.map((row) =>
    columns.map((column) => field(row[column], column)))];
  return lines.map((line) => `${line.join(",")}\r\n`).join("");
}

/** Hands a text to the reader as a file. */
export function save(name, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
