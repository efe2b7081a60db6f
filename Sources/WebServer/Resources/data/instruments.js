// SPDX-License-Identifier: Apache-2.0
// What is known of the instruments: names, sectors, steps. Asked for when somebody first needs it, and again when the
// market's rows are others.

import { ask } from "./api.js";
import { store } from "./store.js";

/**
 * @typedef {object} Instrument
 * @property {string} symbol
 * @property {string} name
 * @property {string} sector
 * @property {string} currency
 * @property {number} tick_size
 * @property {number} lot_size
 * @property {boolean} negative_prices
 */

class Instruments {
  /** @type {Map<string, Instrument>} */
  #bySymbol = new Map();
  #asked;

  constructor() {
    store.attach({
      role: "market",
      paint: (channel, { isWhole }) => isWhole && this.#compare(channel.tables.get("")?.keys ?? []),
    });
  }

  /** Resolves when they are known; asks again after a failure. */
  load() {
    this.#asked ??= ask("GET", "instruments").then(
      ({ instruments }) => (this.#bySymbol = new Map(instruments.map((one) => [one.symbol, one]))),
      (refusal) => {
        this.#asked = undefined;
        throw refusal;
      });
    return this.#asked;
  }

  /** Undefined where there is none, or before they are known. */
  of(symbol) {
    return this.#bySymbol.get(symbol);
  }

  /** A reload of the server brings other rows: what is known is of the instruments before. */
  #compare(symbols) {
    if (this.#bySymbol.size === 0) return;
    if (symbols.length === this.#bySymbol.size && symbols.every((symbol) => this.#bySymbol.has(symbol))) return;
    this.#asked = undefined;
    this.load().catch(() => {}); // whoever needs them asks again
  }

  /** The best matches for what somebody types, the best first. @returns {Promise<Instrument[]>} */
  async search(text) {
    return (await ask("GET", `instruments?${new URLSearchParams({ search: text, limit: 8 })}`)).instruments;
  }
}

export const instruments = new Instruments();
