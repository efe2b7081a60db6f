// SPDX-License-Identifier: Apache-2.0
// Suggests instruments while somebody types a symbol or a name (the ARIA combobox pattern).

import { instruments } from "../data/instruments.js";

const pauseMilliseconds = 80;
const lengthMax = 64;
let lists = 0;

export class SymbolSuggestions {
  #active = -1;
  #timer = 0;
  /** Counts what was asked, so that a late answer to an older question is not shown. */
  #asked = 0;

  /** @param {HTMLInputElement} input @param {(symbol: string) => void} chosen */
  constructor(input, chosen) {
    this.input = input;
    this.chosen = chosen;
    this.list = document.createElement("ul");
    this.list.className = "suggestions";
    this.list.id = `suggestions-${++lists}`;
    this.list.hidden = true;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", "Instruments");
    input.after(this.list);
    const roles = {
      role: "combobox", "aria-autocomplete": "list", "aria-controls": this.list.id, "aria-expanded": "false",
    };
    for (const [name, value] of Object.entries(roles)) input.setAttribute(name, value);
    input.autocomplete = "off";
    input.addEventListener("input", () => this.#askSoon());
    input.addEventListener("keydown", (event) => this.#press(event));
    input.addEventListener("blur", () => this.close());
    // Before the blur, which would close the list under the pointer.
    this.list.addEventListener("pointerdown", (event) => {
      const option = event.target.closest("li");
      event.preventDefault();
      if (option) this.#choose(option.dataset.symbol);
    });
  }

  close() {
    clearTimeout(this.#timer);
    this.#asked++;
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
    this.#active = -1;
  }

  /** @param {Array<{symbol: string, name?: string}>} found */
  show(found) {
    this.list.replaceChildren(...found.map(({ symbol, name }, index) => {
      const option = document.createElement("li");
      option.id = `${this.list.id}-${index}`;
      option.dataset.symbol = symbol;
      option.setAttribute("role", "option");
      const strong = document.createElement("strong");
      strong.textContent = symbol;
      option.append(strong, ` ${name ?? ""}`);
      return option;
    }));
    this.#active = -1;
    this.list.hidden = found.length === 0;
    this.input.setAttribute("aria-expanded", String(found.length > 0));
  }

  #askSoon() {
    clearTimeout(this.#timer);
    const text = this.input.value.trim();
    if (text === "" || text.length > lengthMax) return this.close();
    this.#timer = setTimeout(async () => {
      const number = ++this.#asked;
      const found = await instruments.search(text).catch(() => []);
      if (number === this.#asked && document.activeElement === this.input) this.show(found);
    }, pauseMilliseconds);
  }

  #press(event) {
    const options = [...this.list.children];
    if (this.list.hidden || options.length === 0) return;
    if (event.key === "Escape") this.close();
    else if (event.key === "ArrowDown") this.#mark((this.#active + 1) % options.length);
    else if (event.key === "ArrowUp") this.#mark((this.#active + options.length) % (options.length + 1) - 1);
    else if (event.key === "Enter" && this.#active >= 0) this.#choose(options[this.#active].dataset.symbol);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #mark(index) {
    this.#active = index;
    [...this.list.children].forEach((option, place) => option.setAttribute("aria-selected", String(place === index)));
    const option = this.list.children[index];
    if (option) this.input.setAttribute("aria-activedescendant", option.id);
    else this.input.removeAttribute("aria-activedescendant");
  }

  #choose(symbol) {
    this.input.value = symbol;
    this.close();
    this.chosen(symbol);
  }
}
