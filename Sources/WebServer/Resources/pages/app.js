// SPDX-License-Identifier: Apache-2.0
// The page's wiring: which view and account are looked at, the stream into the store, the clock, the messages.

import "../elements/connection-light.js";
import "../elements/data-grid.js";
import "./risk-view.js";
import { ask } from "../data/api.js";
import { link } from "../data/link.js";
import { place } from "../data/place.js";
import { store } from "../data/store.js";
import { say, timeOfDay } from "../elements/messages.js";

const tickMilliseconds = 200;
const root = document.documentElement;
const light = document.querySelector("connection-light");
const age = document.querySelector("feed-age");
const clock = document.getElementById("clock");

link.addEventListener("status", ({ detail }) => {
  root.dataset.stream = detail.state;
  light.show(detail);
});
link.addEventListener("notice", ({ detail }) => say(detail.text));
link.addEventListener("refused", async () => {
  // Asking sends whoever is not signed in any more to the form.
  await ask("GET", "sessions").catch(() => undefined);
});

document.getElementById("sign-out")?.addEventListener("click", async () => {
  try {
    await ask("DELETE", "sessions");
    location.assign("/sign-in");
  } catch (refusal) {
    say(`signing out failed: ${refusal.message}`, "critical");
  }
});

document.getElementById("theme").addEventListener("click", () => {
  root.dataset.palette = root.dataset.palette === "light" ? "dark" : "light";
  localStorage.setItem("palette", root.dataset.palette);
});

setInterval(() => {
  const text = `${timeOfDay(store.now())} ${place.zone}`;
  if (clock.textContent !== text) clock.textContent = text;
  light.tick();
  age.tick();
}, tickMilliseconds);

link.start();
place.start();
