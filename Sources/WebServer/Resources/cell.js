// SPDX-License-Identifier: Apache-2.0
// One cell of the page: touches the document only where something differs, and flashes on change.

/** A cell flashes at most twice a second. */
const flashPauseMilliseconds = 500;

/** Where a cell's value lies in a channel's state: `data[table…][row][column]`, row and column absent where empty. */
export class Cell {
  #text;
  #tone;
  #note;
  #flashedAt = -Infinity;
  #phase = false;

  /**
   * @param {HTMLElement} node
   * @param {{table: string, row: string, column: string, format: string, flashes: boolean}} place
   */
  constructor(node, place) {
    this.node = node;
    this.place = place;
    this.key = `${place.table}/${place.row}/${place.column}`;
    this.#text = node.textContent;
    this.#tone = node.dataset.tone ?? "";
    this.#note = node.title;
  }

  /** The value in a channel's data, `undefined` where absent. */
  valueIn(data) {
    let value = tableIn(data, this.place.table);
    if (this.place.row !== "") value = value?.[this.place.row];
    if (this.place.column !== "") value = value?.[this.place.column];
    return value;
  }

  /**
   * @param {import("./format.js").Shown} shown
   * @param {number} moment of the animation frame, in milliseconds
   * @param {boolean} flashes whether a new text flashes
   */
  write(shown, moment, flashes) {
    if (shown.text !== this.#text) {
      this.node.textContent = this.#text = shown.text;
      if (flashes && moment - this.#flashedAt >= flashPauseMilliseconds) {
        this.#flashedAt = moment;
        this.#phase = !this.#phase;
        // Two names for one animation: changing between them starts it again without forcing a layout.
        this.node.classList.toggle("flash-odd", this.#phase);
        this.node.classList.toggle("flash-even", !this.#phase);
      }
    }
    if (shown.tone !== this.#tone) this.node.dataset.tone = this.#tone = shown.tone;
    this.annotate(shown.note ?? "");
  }

  annotate(note) {
    if (note !== this.#note) this.node.title = this.#note = note;
  }
}

/** The object at a dotted table path; the empty path is the data itself. */
export function tableIn(data, path) {
  return path === "" ? data : path.split(".").reduce((object, name) => object?.[name], data);
}
