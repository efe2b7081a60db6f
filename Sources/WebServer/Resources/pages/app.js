// SPDX-License-Identifier: Apache-2.0
// The page's wiring: view and account in view, the stream into the store, lights, clock, menu, keys, messages.

import "../elements/close-position.js";
import "../elements/connection-light.js";
import "../elements/data-grid.js";
import "../elements/hold-button.js";
import "../elements/kill-switch.js";
import "../elements/order-blotter.js";
import "../elements/order-grid.js";
import "../elements/order-ticket.js";
import "../elements/page-meters.js";
import "../elements/page-summary.js";
import "../elements/portfolio-grid.js";
import "../elements/watch-list.js";
import "./risk-view.js";
import { ask } from "../data/api.js";
import { timeOfDay, zoneName } from "../data/clock.js";
import { link } from "../data/link.js";
import { orders } from "../data/orders.js";
import { parts } from "../data/parts.js";
import { place } from "../data/place.js";
import { settings } from "../data/settings.js";
import { standing } from "../data/standing.js";
import { store } from "../data/store.js";
import { HistoryView } from "../elements/history-view.js";
import { openKeys } from "../elements/keys-dialog.js";
import { keys } from "../elements/keys.js";
import { say } from "../elements/messages.js";
import { ViewLayout } from "../elements/view-layout.js";

const tickMilliseconds = 200;
const root = document.documentElement;
const clock = document.getElementById("clock");
const menu = document.getElementById("menu");
const ticking = document.querySelectorAll("feed-age, connection-light, part-light, page-meters");

link.addEventListener("status", ({ detail }) => {
  root.dataset.stream = detail.state;
  document.querySelector("connection-light").show(detail);
});
link.addEventListener("notice", ({ detail }) => say(detail.text));
link.addEventListener("refused", async () => {
  // Asking sends whoever is not signed in any more to the form.
  await ask("GET", "sessions").catch(() => undefined);
});

document.getElementById("sign-out")?.addEventListener("click", async () => {
  try {
    await ask("DELETE", "sessions");
    sessionStorage.setItem("signed-out", "yes");
    location.assign("/sign-in");
  } catch (refusal) {
    say(`signing out failed: ${refusal.message}`, "critical");
  }
});

// The menu

for (const choice of menu.querySelectorAll("select")) {
  choice.addEventListener("change", () => settings.set(choice.name, choice.value));
}
settings.addEventListener("change", ({ detail: { name } }) => {
  const choice = menu.querySelector(`select[name="${name}"]`);
  if (choice) choice.value = settings.get(name);
});
settings.addEventListener("refused", ({ detail }) => say(`your settings are not saved: ${detail.message}`, "warn"));

const layouts = new Map([...document.querySelectorAll("section.view")].map((view) =>
  [view.dataset.view, new ViewLayout(view)]));
document.getElementById("reset-layout").addEventListener("click", () => layouts.get(place.view)?.reset());
place.addEventListener("change", () => layouts.get(place.view)?.apply());

// Keys

function help() {
  menu.hidePopover();
  openKeys(document.getElementById("keys"));
}
document.getElementById("help").addEventListener("click", help);

function search() {
  const fields = [...document.querySelectorAll("[data-search], input[data-filter]")];
  const found = fields.find((node) => node.checkVisibility());
  if (!found) return false;
  found.focus();
  found.select?.();
}
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target.matches?.("[data-search], input[data-filter]")) event.target.blur();
});

/** The account so many places further in the bar, around its ends. */
function walk(step) {
  const links = [...document.querySelectorAll("#accounts a")];
  const current = links.findIndex((node) => node.hasAttribute("aria-current"));
  links.at((current + step + links.length) % links.length)?.click();
}

keys.add("?", "Show the keys", help);
keys.add("/", "Search", search);
for (const tab of document.querySelectorAll("#views a")) {
  keys.add(`g ${tab.dataset.view[0]}`, `Go to ${tab.textContent}`, () => tab.click(), { group: "Views and accounts" });
}
keys.add("[", "Previous account", () => walk(-1), { group: "Views and accounts" });
keys.add("]", "Next account", () => walk(1), { group: "Views and accounts" });
for (const [pressed, label] of [["Tab", "Next control"], ["Esc", "Close what is open, leave the search"]]) {
  keys.add(pressed, label);
}
for (const [pressed, label] of [["\u2191 \u2193", "Walk the rows; from the first one up to the head"],
  ["\u2190 \u2192", "Walk the columns, or move a gap between panels"], ["Home End", "First or last row"],
  ["Enter", "Open the row; in the head, sort by the column"]]) {
  keys.add(pressed, label, undefined, { group: "Tables" });
}

setInterval(() => {
  const text = `${timeOfDay(store.now())} ${zoneName()}`;
  if (clock.textContent !== text) clock.textContent = text;
  for (const node of ticking) node.tick();
}, tickMilliseconds);

keys.start();
link.start();
place.start();
parts.start();
settings.start(place.user);
new HistoryView(document.getElementById("view-history"));
standing.start();
orders.start();
