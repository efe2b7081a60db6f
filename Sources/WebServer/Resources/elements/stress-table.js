// SPDX-License-Identifier: Apache-2.0
// The named stress scenarios, as they stream; one opens into its parts: positions, or accounts of the firm.

import { noteOf } from "../data/convention.js";
import { store } from "../data/store.js";
import { write } from "./drawing.js";
import { LivePanel } from "./live-panel.js";

class StressTable extends LivePanel {
  #name = "";

  connectedCallback() {
    super.connectedCallback();
    this.rows = [...this.querySelectorAll(".scenarios tbody tr")];
    this.parts = this.querySelector("parts-grid");
    this.hint = this.querySelector(".hint");
    this.addEventListener("click", ({ target }) => {
      const row = target.closest(".scenarios tbody tr");
      if (row) this.#open(row.dataset.row);
    });
    this.paintFrom("risk", () => this.#open(this.#name || this.rows[0]?.dataset.row));
  }

  noteFor(place, channel) {
    return noteOf(place, channel);
  }

  #open(name) {
    if (name === undefined) return;
    this.#name = name;
    for (const row of this.rows) {
      const isOpen = row.dataset.row === name;
      row.toggleAttribute("data-open", isOpen);
      row.querySelector("button").setAttribute("aria-pressed", String(isOpen));
    }
    const table = store.table("risk", `stress.${name}`);
    const hasParts = table?.keys.some((key) => table.value(key) !== undefined) ?? false;
    this.parts.hidden = !hasParts;
    this.hint.hidden = hasParts;
    write(this.hint, "No priced position is part of it.");
    if (hasParts) this.parts.open(`stress.${name}`, `parts under ${name.replaceAll("_", " ")}`);
  }
}

customElements.define("stress-table", StressTable);
