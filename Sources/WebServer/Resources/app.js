// SPDX-License-Identifier: Apache-2.0
// The page's wiring: which account is in view, the stream into the store, the clock, the messages.

import "./connection-light.js";
import "./margin-gauge.js";
import "./position-table.js";
import "./risk-panel.js";
import "./watch-table.js";
import { show } from "./format.js";
import { store } from "./store.js";
import { Stream } from "./stream.js";

const messagesKept = 50;
const tickMilliseconds = 200;
const root = document.documentElement;
const light = document.querySelector("connection-light");
const age = document.querySelector("feed-age");
const clock = document.getElementById("clock");
const messages = document.getElementById("messages");
const timeOfDay = new Intl.DateTimeFormat("en-GB", {
  timeZone: document.body.dataset.zone || "UTC", timeStyle: "medium", hour12: false,
});
const zoneName = document.body.dataset.zone || "UTC";

let channel = document.body.dataset.channel;

const stream = new Stream(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`, {
  frame({ kind, channel: name, data, changed, cutNanoseconds, newestNanoseconds }) {
    if (name !== "market" && name !== channel) return;
    const role = name === "market" ? "market" : "account";
    if (role === "account" && kind === "snapshot") present(data);
    if (role === "account") presentStatus(data);
    store.update(role, {
      data,
      cutMilliseconds: Number(cutNanoseconds) / 1e6,
      // A cut without a tick keeps the newest tick's time.
      newestMilliseconds: newestNanoseconds ? Number(newestNanoseconds) / 1e6 : store.state(role)?.newestMilliseconds,
    }, kind === "snapshot" ? null : changed);
  },
  status(status) {
    root.dataset.stream = status.state;
    light.show(status);
  },
  notice: say,
  refused: signInIfNeeded,
  clock(serverMilliseconds) {
    store.clockOffset = serverMilliseconds - Date.now();
  },
});

/** To the form, where nobody is signed in any more. */
async function signInIfNeeded() {
  const answer = await fetch("/api/v1/sessions").catch(() => undefined);
  if (answer?.status === 401) location.assign("/sign-in");
}

document.getElementById("sign-out")?.addEventListener("click", async () => {
  const answer = await fetch("/api/v1/sessions", { method: "DELETE" }).catch(() => undefined);
  if (answer?.ok || answer?.status === 401) location.assign("/sign-in");
  else say("signing out failed", "critical");
});

/** Puts an account or the firm in view; what is shown stays until its first snapshot. */
function select(account) {
  const next = account === "firm" ? "firm" : `account:${account}`;
  if (next === channel) return;
  channel = next;
  store.drop("account");
  stream.follow(["market", channel]);
  for (const link of document.querySelectorAll("#accounts a")) {
    if (link.dataset.account === account) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

/** What a snapshot says about the view as a whole. */
function present(data) {
  const isFirm = channel === "firm";
  const id = isFirm ? "firm" : data.account;
  const link = [...document.querySelectorAll("#accounts a")].find((node) => node.dataset.account === id);
  document.getElementById("view-name").textContent = link?.title || id;
  document.title = `${isFirm ? "Firm" : id} \u00b7 tickrisk`;
  document.getElementById("currency").textContent = data.currency;
  for (const node of document.querySelectorAll(".currency")) node.textContent = data.currency;
  for (const node of document.querySelectorAll("[data-view]")) node.hidden = (node.dataset.view === "firm") !== isFirm;
}

function presentStatus(data) {
  const badge = document.getElementById("status");
  if (badge.dataset.status === data.status) return;
  badge.dataset.status = badge.textContent = data.status;
  badge.hidden = data.status === "ok";
  badge.title = {
    stale: "some prices are older than the limit",
    partial: "positions without a price or accounts without a rate are left out",
    missing: "nothing held here has a price",
  }[data.status] ?? "";
}

function say(text, tone = "") {
  const item = document.createElement("li");
  const time = document.createElement("time");
  time.textContent = timeOfDay.format(store.now());
  item.dataset.tone = tone;
  item.append(time, ` ${text}`);
  messages.prepend(item);
  while (messages.children.length > messagesKept) messages.lastChild.remove();
}

document.addEventListener("margin-level", ({ detail: { account, from, to, margin } }) => {
  const used = show(margin.utilisation_pct, "percent", 1, "");
  const share = margin.utilisation_pct === undefined ? "" : `, ${used.text} % used`;
  say(`${account} margin ${from} \u2192 ${to}${share}`, to === "ok" ? "" : to);
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-account]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  history.pushState(null, "", link.href);
  select(link.dataset.account);
});

addEventListener("popstate", () => location.reload());

const theme = document.getElementById("theme");
const savedTheme = localStorage.getItem("theme");
if (savedTheme) root.dataset.theme = savedTheme;
theme.addEventListener("click", () => {
  root.dataset.theme = root.dataset.theme === "light" ? "dark" : "light";
  localStorage.setItem("theme", root.dataset.theme);
});

setInterval(() => {
  const text = `${timeOfDay.format(store.now())} ${zoneName}`;
  if (clock.textContent !== text) clock.textContent = text;
  light.tick();
  age.tick();
}, tickMilliseconds);

stream.follow(["market", channel]);
