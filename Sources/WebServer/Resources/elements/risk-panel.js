// SPDX-License-Identifier: Apache-2.0
// Base of the panels of a risk report: reads tables of its channel, and says why there is nothing to show.

import { store } from "../data/store.js";
import { LivePanel } from "./live-panel.js";

/** Whether the account holds anything; undefined while nobody knows. */
export function holdsNothing() {
  const positions = store.table("account", "positions");
  return positions && positions.keys.every((key) => !positions.value(key, "quantity"));
}

/** Why a report has no figures. */
export function reasonOfReport(channel) {
  if (holdsNothing() && !channel.name.endsWith(":firm")) return "Nothing is held: there is nothing to explain.";
  if (channel.tables.get("")?.value("", "window") === 0) return "No history: there are no scenarios.";
  return "No priced position has history, so there are no scenarios yet.";
}

export class RiskPanel extends LivePanel {
  connectedCallback() {
    super.connectedCallback();
    this.emptyNode = this.querySelector(":scope > .empty");
  }

  /** Whether a change touches any of the tables. */
  isTouched(changes, ...paths) {
    return changes.isWhole || paths.some((path) => changes.columns.has(path));
  }

  /** In place of what the panel shows; "" to show it. */
  say(reason) {
    this.toggleAttribute("data-empty", reason !== "");
    if (this.emptyNode && this.emptyNode.textContent !== reason) this.emptyNode.textContent = reason;
  }
}
