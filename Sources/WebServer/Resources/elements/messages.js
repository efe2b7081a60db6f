// SPDX-License-Identifier: Apache-2.0
// The line of messages at the foot of the page, the newest first.

import { store } from "../data/store.js";

const messagesKept = 50;
const list = document.getElementById("messages");
const zone = document.body.dataset.zone || "UTC";
const clock = new Intl.DateTimeFormat("en-GB", { timeZone: zone, timeStyle: "medium", hour12: false });

/** As the page's clock shows a moment, in milliseconds since 1970. */
export function timeOfDay(milliseconds) {
  return clock.format(milliseconds);
}

/** @param {string} text @param {"" | "warn" | "critical"} [tone] */
export function say(text, tone = "") {
  const item = document.createElement("li");
  const time = document.createElement("time");
  time.textContent = timeOfDay(store.now());
  item.dataset.tone = tone;
  item.append(time, ` ${text}`);
  list.prepend(item);
  while (list.children.length > messagesKept) list.lastChild.remove();
}
