// SPDX-License-Identifier: Apache-2.0
// Alerts, the newest first: filtered, acknowledged, reset; a new critical one is read out once.

import { alerts } from "../data/alerts.js";
import { limits } from "../data/limits.js";
import { place } from "../data/place.js";
import { store } from "../data/store.js";
import { html, keyed, write } from "./drawing.js";
import { say, timeOfDay } from "./messages.js";

/** The only rule whose alert stands until it is reset, where its limit does something (docs/trading.md). */
const latchedRule = "day_loss_hard";
const millisecondsPerDay = 86_400_000;

class AlertFeed extends HTMLElement {
  /** What the server said to an action, by alert: it stays until the next try. */
  #refusals = new Map();
  #announced = new Set();

  connectedCallback() {
    this.body = this.querySelector("tbody");
    this.emptyNode = this.querySelector(".empty");
    this.fields = ["level", "state", "text"].map((name) => this.querySelector(`[name="${name}"]`));
    for (const field of this.fields) field.addEventListener("input", () => this.#show());
    this.older = this.querySelector(".older");
    this.older.addEventListener("click", () => alerts.read(alerts.next));
    this.body.addEventListener("click", ({ target }) => this.#act(target.closest("button[data-act]")));
    alerts.addEventListener("change", () => this.#show());
    alerts.addEventListener("news", ({ detail }) => this.#announce(detail.alert));
    limits.addEventListener("change", () => this.#show());
    // Outside every view: a region in a hidden one is read by nobody.
    this.region = html("div", { role: "alert", class: "unseen", id: "announcement" });
    document.body.append(this.region);
    this.#show();
  }

  #announce(alert) {
    if (this.#announced.has(alert.id)) return;
    this.#announced.add(alert.id);
    const text = `${alert.account ?? "Firm"}: ${alert.text}`;
    say(text, alert.level);
    if (alert.level === "critical") this.region.textContent = `Critical alert, ${text}`;
  }

  #show() {
    const [level, state, text] = this.fields.map(({ value }) => value.trim().toLowerCase());
    const all = alerts.list;
    const chosen = all.filter((alert) =>
      (level === "" || alert.level === level) && (state === "" || alert.state === state) &&
      (text === "" || `${alert.text} ${alert.rule}`.toLowerCase().includes(text)));
    const none = all.length === 0 ? (place.isFirm ? "No alert of the firm stands." : "No alerts so far.") : "";
    const reason = alerts.reason || none || (chosen.length === 0 ? "No alert matches the filter." : "");
    write(this.emptyNode, reason);
    this.toggleAttribute("data-empty", reason !== "" && chosen.length === 0);
    this.older.hidden = alerts.next === undefined;
    const byID = new Map(chosen.map((alert) => [String(alert.id), alert]));
    keyed(this.body, [...byID.keys()], row, (node, id) => this.#fill(node, byID.get(id)));
  }

  #fill(node, alert) {
    if (node.dataset.state !== alert.state) node.dataset.state = alert.state;
    if (node.dataset.level !== alert.level) node.dataset.level = alert.level;
    const [time, level, text, state] = node.cells;
    write(time, moment(alert.ts), { note: new Date(alert.ts / 1e6).toISOString() });
    write(level, alert.level, { tone: alert.level });
    write(text.firstChild, alert.text, { note: `rule ${alert.rule}` });
    write(text.lastChild, this.#refusals.get(alert.id) ?? "");
    const by = alert.acknowledged_by ? ` by ${alert.acknowledged_by}` : "";
    write(state.firstChild, alert.state === "raised" ? "" : `${alert.state}${by}`);
    const acknowledge = node.querySelector('[data-act="acknowledge"]');
    acknowledge.hidden = alert.state !== "raised";
    acknowledge.setAttribute("aria-label", `Acknowledge: ${alert.text}`);
    node.querySelector('[data-act="reset"]').hidden = alert.state === "resolved" || !isLatched(alert);
  }

  async #act(button) {
    if (!button) return;
    const id = Number(button.closest("tr").dataset.key);
    button.disabled = true;
    this.#refusals.delete(id);
    try {
      await alerts[button.dataset.act](id);
    } catch (refusal) {
      this.#refusals.set(id, `${button.textContent} refused: ${refusal.message}`);
    }
    button.disabled = false;
    this.#show();
  }
}

/** Whether it stands until somebody resets it: the day's loss, where its limit acts. */
function isLatched(alert) {
  return alert.rule === latchedRule && limits.find("day_loss")?.action !== "none";
}

function row() {
  const actions = html("td", { class: "actions" }, html("span"),
    html("button", { type: "button", "data-act": "acknowledge" }, "Acknowledge"),
    html("button", { type: "button", "data-act": "reset", title: "It does not end by itself" }, "Reset"));
  const text = html("td", { class: "text" }, html("span"), html("strong", { class: "refusal", role: "status" }));
  return html("tr", {}, html("th", { scope: "row" }), html("td"), text, actions);
}

/** The time of day, and the day where it is not today's. */
function moment(nanoseconds) {
  const milliseconds = nanoseconds / 1e6;
  const isRecent = store.now() - milliseconds < millisecondsPerDay;
  return `${isRecent ? "" : `${new Date(milliseconds).toISOString().slice(5, 10)} `}${timeOfDay(milliseconds)}`;
}

customElements.define("alert-feed", AlertFeed);
