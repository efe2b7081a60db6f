// SPDX-License-Identifier: Apache-2.0
// The line of messages at the foot of the page, the newest first.

import { timeOfDay } from "../data/clock.js";
import { store } from "../data/store.js";

export { timeOfDay } from "../data/clock.js";

const messagesKept = 50;
const list = document.getElementById("messages");

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
