// SPDX-License-Identifier: Apache-2.0
// The history as the store has it: points of an account or the firm, oldest first; gaps where nothing was written.

import { ask } from "./api.js";

/** One answer has a thousand points; more than so many answers are not asked for. */
const answersMax = 12;
export const resolutionSeconds = { second: 1, minute: 60, day: 86_400 };
export const fields = ["day_pnl", "total_pnl", "var", "es", "gross_exposure", "net_exposure"];

/**
 * @typedef {object} Point members of `fields` that are not known are missing
 * @property {number} time seconds since 1970
 */

/**
 * @param {string} path "accounts/ALPHA" or "firm"
 * @returns {Promise<{points: Point[], currency: string, isCut: boolean}>} `isCut`: there is more than was read
 */
export async function readHistory(path, resolution, fromSeconds) {
  const points = [];
  let from = Math.max(0, Math.floor(fromSeconds));
  for (let answers = 1; ; answers++) {
    const answer = await ask("GET", `${path}/history?${new URLSearchParams({ resolution, from })}`);
    points.push(...answer.points);
    from = answer.next_from;
    const isAll = from === undefined;
    if (isAll || answers === answersMax) return { points, currency: answer.currency, isCut: !isAll };
  }
}

/** Lays newer points over older ones: the newest of the older may have been told again. */
export function joined(older, newer) {
  if (newer.length === 0) return older;
  return [...older.filter(({ time }) => time < newer[0].time), ...newer];
}

/** Rows of a chart: `[Date, value, …]`, with an empty row where points are missing. */
export function chartRows(points, names, resolution) {
  const step = resolutionSeconds[resolution];
  const rows = [];
  let last;
  for (const point of points) {
    // A day without trading is no gap.
    if (resolution !== "day" && last !== undefined && point.time - last > 2.5 * step) {
      rows.push([new Date((last + step) * 1_000), ...names.map(() => null)]);
    }
    rows.push([new Date(point.time * 1_000), ...names.map((name) => point[name] ?? null)]);
    last = point.time;
  }
  return rows;
}

/** Raw numbers and ISO times; an empty field where a value is not known. */
export function csv(account, currency, points) {
  const lines = points.map((point) =>
    [new Date(point.time * 1_000).toISOString(), account, currency, ...fields.map((name) => point[name] ?? "")]);
  return [["time", "account", "currency", ...fields], ...lines].map((line) => `${line.join(",")}\r\n`).join("");
}
