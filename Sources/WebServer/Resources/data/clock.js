// SPDX-License-Identifier: Apache-2.0
// Times of day in the zone a person chose: the exchange's (the server's), the browser's own, or UTC.

import { settings } from "./settings.js";

const formats = new Map();

/** Name of the zone, as `Intl` and people know it. */
export function zoneName() {
  switch (settings.get("zone")) {
    case "local": return Intl.DateTimeFormat().resolvedOptions().timeZone;
    case "utc": return "UTC";
    default: return document.body.dataset.zone || "UTC";
  }
}

/** @param {number} milliseconds since 1970 */
export function timeOfDay(milliseconds) {
  const name = zoneName();
  if (!formats.has(name)) {
    formats.set(name, new Intl.DateTimeFormat("en-GB", { timeZone: name, timeStyle: "medium", hour12: false }));
  }
  return formats.get(name).format(milliseconds);
}
