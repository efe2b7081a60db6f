// SPDX-License-Identifier: Apache-2.0
// P&L over moves of price and volatility, of everything or of one underlying, as the server values it now.

import { ask, part } from "../data/api.js";
import { show } from "../data/format.js";
import { place } from "../data/place.js";
import { store } from "../data/store.js";
import { html, write } from "./drawing.js";

const askMilliseconds = 5_000;
const prices = "-20,-15,-10,-5,-2,0,2,5,10,15,20";
const volPoints = "-10,-5,0,5,10";
/** Steps of the colour scale on either side. */
const steps = 5;

class StressGrid extends HTMLElement {
  #isAsking = false;
  #isOffered = false;

  connectedCallback() {
    this.table = this.querySelector("table");
    this.select = this.querySelector("select");
    this.emptyNode = this.querySelector(".empty");
    this.select.addEventListener("change", () => this.read());
    place.addEventListener("change", ({ detail }) => {
      if (detail.isNewAccount) {
        this.select.value = "";
        this.table.replaceChildren();
      }
      this.read();
    });
    setInterval(() => this.read(), askMilliseconds);
    store.attach({
      role: "account",
      isIdle: false,
      // Whether there are options is known by the first snapshot.
      paint: (_channel, changes) => changes.isWhole && this.#offer() && this.read(),
    });
  }

  /** Asks, unless nobody looks. */
  async read() {
    if (place.view !== "risk" || document.hidden || this.#isAsking || !store.channel("account")) return;
    this.hidden = place.isFirm;
    if (place.isFirm) return;
    this.#offer();
    const [account, underlying] = [place.account, this.select.value];
    this.#isAsking = true;
    try {
      const hasOptions = this.select.options.length > 1;
      const query = `prices=${prices}${hasOptions ? `&vol_points=${volPoints}` : ""}` +
        (underlying ? `&underlying=${part(underlying)}` : "");
      const grid = await ask("GET", `${place.path}/stress-grid?${query}`);
      if (account === place.account && underlying === this.select.value) this.#show(grid);
    } catch (refusal) {
      // One refused for coming too fast is asked again at the next turn.
      if (account === place.account && refusal.status !== 429) {
        this.#say(`The grid could not be made: ${refusal.message}`);
      }
    }
    this.#isAsking = false;
    if (account !== place.account || underlying !== this.select.value) this.read();
  }

  /** Underlyings of options; volatility moves nothing else. Returns whether they are others now. */
  #offer() {
    const underlyings = store.table("account", "greeks")?.keys ?? [];
    const isSame = [...this.select.options].slice(1).map(({ value }) => value).join() === underlyings.join();
    if (isSame && this.#isOffered) return false;
    this.#isOffered = true;
    const chosen = this.select.value;
    this.select.replaceChildren(html("option", { value: "" }, "everything"),
      ...underlyings.map((name) => html("option", { value: name }, name)));
    this.select.value = underlyings.includes(chosen) ? chosen : "";
    this.select.hidden = underlyings.length === 0;
    return true;
  }

  #say(reason) {
    this.toggleAttribute("data-empty", reason !== "");
    write(this.emptyNode, reason);
  }

  #show({ prices_pct: moves, vol_points: points, pnl, currency }) {
    const values = pnl.flat().filter((value) => value !== null);
    if (values.length === 0) return this.#say("Nothing priced is held.");
    this.#say("");
    const greatest = Math.max(...values.map(Math.abs));
    if (this.table.rows.length !== moves.length + 1 || this.table.rows[0].cells.length !== points.length + 1) {
      this.table.replaceChildren(...skeleton(moves, points));
    }
    moves.forEach((move, row) => {
      write(this.table.rows[row + 1].cells[0], signed(move));
      points.forEach((point, column) => {
        const value = pnl[row][column] ?? undefined;
        const shown = show(value, "signed", undefined, "an option has no value there");
        const cell = this.table.rows[row + 1].cells[column + 1];
        const at = `prices ${signed(move)} %, volatility ${signed(point)} points`;
        const note = shown.note || `${shown.text} ${currency} at ${at}`;
        write(cell, shown.text.replace(/\.\d\d$/, ""), { tone: shown.tone, note });
        cell.dataset.heat = String(value === undefined || greatest === 0 ? 0 : Math.round((value / greatest) * steps));
      });
    });
  }
}

function skeleton(moves, points) {
  const head = html("tr", {}, html("th", { scope: "col" }, "Price %"),
    ...points.map((point) => html("th", { scope: "col" }, points.length > 1 ? `vol ${signed(point)}` : "P&L")));
  const rows = moves.map((move) => html("tr", {}, html("th", { scope: "row" }),
    ...points.map((point) => html("td", { "data-grid": `${move}/${point}` }))));
  return [html("thead", {}, head), html("tbody", {}, ...rows)];
}

function signed(value) {
  return show(value, "signed").text.replace(/\.00$/, "");
}

customElements.define("stress-grid", StressGrid);
