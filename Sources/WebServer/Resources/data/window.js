// SPDX-License-Identifier: Apache-2.0
// Percentiles of what was measured within the last minute.

const windowMilliseconds = 60_000;
/** Ten frames a second of a few channels for a minute, and room. */
const samplesMax = 4_000;

export class SampleWindow {
  /** @type {Array<{at: number, value: number}>} the oldest first */
  #samples = [];

  add(at, value) {
    this.#samples.push({ at, value });
    if (this.#samples.length > samplesMax) this.#samples.splice(0, samplesMax / 4);
  }

  /** Samples taken within so many milliseconds before `now`. */
  count(now, milliseconds = windowMilliseconds) {
    return this.#samples.filter(({ at }) => now - at < milliseconds).length;
  }

  /** @param {number[]} ranks from 0 to 1 @returns {number[]} nearest ranks; undefined if nothing was measured */
  percentiles(now, ranks) {
    this.#samples = this.#samples.filter(({ at }) => now - at < windowMilliseconds);
    const values = this.#samples.map(({ value }) => value).sort((left, right) => left - right);
    return ranks.map((rank) => values[Math.max(0, Math.ceil(rank * values.length) - 1)]);
  }
}
