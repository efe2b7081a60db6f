// SPDX-License-Identifier: Apache-2.0
// Writes one cell of the page: touches the document only where something differs, and flashes on change.

/** A cell flashes at most twice a second. */
const flashPauseMilliseconds = 500;

export class CellWriter {
  #text;
  #tone;
  #note;
  #bar;
  #flashedAt = -Infinity;
  #phase = false;

  /** @param {HTMLElement} node as the server rendered it */
  constructor(node) {
    this.node = node;
    this.#text = node.textContent;
    this.#tone = node.dataset.tone ?? "";
    this.#note = node.title;
  }

  /**
   * @param {import("../data/format.js").Shown} shown
   * @param {number} moment of the animation frame, in milliseconds
   * @param {boolean} flashes whether a new text flashes
   */
  write(shown, moment, flashes) {
    if (shown.text !== this.#text) {
      this.node.textContent = this.#text = shown.text;
      if (flashes && moment - this.#flashedAt >= flashPauseMilliseconds) this.#flash(moment);
    }
    if (shown.tone !== this.#tone) this.node.dataset.tone = this.#tone = shown.tone;
    this.annotate(shown.note ?? "");
    if (shown.bar !== this.#bar) this.#draw(shown.bar);
  }

  /** A bar behind the text, from and to percent of the cell's width; the style sheet fills it. */
  #draw(bar) {
    this.#bar = bar;
    if (!bar) return this.node.removeAttribute("data-bar");
    const [from, to] = bar.split(" ");
    this.node.dataset.bar = bar;
    this.node.style.setProperty("--bar-from", from);
    this.node.style.setProperty("--bar-to", to);
  }

  annotate(note) {
    if (note !== this.#note) this.node.title = this.#note = note;
  }

  #flash(moment) {
    this.#flashedAt = moment;
    this.#phase = !this.#phase;
    // Two names for one animation: changing between them starts it again without forcing a layout.
    this.node.classList.toggle("flash-odd", this.#phase);
    this.node.classList.toggle("flash-even", !this.#phase);
  }
}
