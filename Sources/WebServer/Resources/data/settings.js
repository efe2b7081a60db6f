// SPDX-License-Identifier: Apache-2.0
// How a person likes the page: palette, density, zone, layout. Kept by the server for who is signed in, and in the
// browser, from where it is put on before the first paint. `settings` dispatches "change" {name}.

import { ask } from "./api.js";

const storedName = "settings";
/** Several changes in a row are saved once. */
const saveMilliseconds = 600;
const defaults = { palette: "dark", density: "compact", zone: "exchange", layout: {} };
/** What each of them may be; what was saved otherwise counts as nothing. */
export const choices = {
  palette: ["dark", "light", "colour-blind"],
  density: ["compact", "comfortable"],
  zone: ["exchange", "local", "utc"],
};

class Settings extends EventTarget {
  #values = { ...defaults, ...valid(stored()) };
  #saving = 0;
  /** Whether the server keeps them: nobody is signed in where sign-in is off. */
  #isShared = false;

  get(name) {
    return this.#values[name];
  }

  set(name, value) {
    if (this.#values[name] === value) return;
    this.#values = { ...this.#values, [name]: value };
    this.#keep();
    this.#tell(name);
    clearTimeout(this.#saving);
    this.#saving = setTimeout(() => this.#save(), saveMilliseconds);
  }

  /** Puts on what the browser has, then what the server has. */
  async start(user) {
    this.#isShared = user !== "";
    for (const name of Object.keys(defaults)) this.#tell(name);
    if (!this.#isShared) return;
    const kept = valid(await ask("GET", "preferences").catch(() => undefined));
    // What was changed while the answer was on its way is newer.
    if (this.#saving) return;
    this.#values = { ...this.#values, ...kept };
    this.#keep();
    for (const name of Object.keys(kept)) this.#tell(name);
  }

  #keep() {
    localStorage.setItem(storedName, JSON.stringify(this.#values));
  }

  async #save() {
    this.#saving = 0;
    if (!this.#isShared) return;
    try {
      await ask("PUT", "preferences", this.#values);
    } catch (refusal) {
      this.dispatchEvent(new CustomEvent("refused", { detail: refusal }));
    }
  }

  #tell(name) {
    if (name === "palette" || name === "density") document.documentElement.dataset[name] = this.#values[name];
    this.dispatchEvent(new CustomEvent("change", { detail: { name } }));
  }
}

function stored() {
  try {
    return JSON.parse(localStorage.getItem(storedName));
  } catch {
    return undefined;
  }
}

function valid(values) {
  const known = Object.entries(values ?? {}).filter(([name, value]) =>
    choices[name]?.includes(value) || (name === "layout" && typeof value === "object" && value !== null));
  return Object.fromEntries(known);
}

export const settings = new Settings();
