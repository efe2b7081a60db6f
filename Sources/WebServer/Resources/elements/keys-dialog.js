// SPDX-License-Identifier: Apache-2.0
// The dialog of keys, made anew from the registry whenever it opens.

import { keys } from "./keys.js";

/** @param {HTMLDialogElement} dialog with a place for the list: [data-keys] */
export function openKeys(dialog) {
  const sections = [...keys.groups].map(([group, bindings]) => {
    const heading = document.createElement("h3");
    heading.textContent = group;
    const list = document.createElement("dl");
    list.append(...bindings.map(line));
    return [heading, list];
  });
  dialog.querySelector("[data-keys]").replaceChildren(...sections.flat());
  dialog.showModal();
}

function line({ keys: pressed, label }) {
  const row = document.createElement("div");
  const term = document.createElement("dt");
  for (const key of pressed.split(" ")) {
    const cap = document.createElement("kbd");
    cap.textContent = key;
    term.append(cap, " ");
  }
  const meaning = document.createElement("dd");
  meaning.textContent = label;
  row.append(term, meaning);
  return row;
}
