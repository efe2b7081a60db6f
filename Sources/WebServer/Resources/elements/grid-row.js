// SPDX-License-Identifier: Apache-2.0
// A row of a grid's pool: shows one line after another as the grid scrolls.

import { CellWriter } from "./cell-writer.js";

export class GridRow {
  /** The line it shows: a row's key, or a group's name. */
  key;
  #group;
  #header;
  #cells;
  #marks = {};

  /** @param {import("./data-grid.js").DataGrid} grid @param {HTMLTableRowElement} [node] one the server rendered */
  constructor(grid, node) {
    this.grid = grid;
    this.node = node ?? emptyRow(grid.columns.length);
    this.key = node?.dataset.row;
    this.node.id ||= grid.nextRowId();
    this.#header = this.node.cells[0];
    this.#cells = grid.columns.map((_, index) => new CellWriter(this.node.cells[index + 1]));
  }

  /** @param {import("./grid-order.js").Line} line @param {number} number of the line, from 0 */
  show(line, number, changed, moment) {
    const isSame = line.group === undefined ? this.key === line.key && this.#group === undefined
      : this.#group === line.group;
    if (!isSame) this.#bind(line);
    this.#mark("aria-rowindex", number + 2);
    if (line.group !== undefined) return this.#showGroup(line, moment);
    const { columns, source } = this.grid;
    for (const mark of this.grid.rowMarks) this.#mark(`data-${mark}`, source.value(line.key, mark));
    columns.forEach((column, index) => {
      if (isSame && changed && !changed.has(column.name) && !changed.has("status")) return;
      const shown = this.grid.shownAt(line.key, column);
      this.#cells[index].write(shown, moment, isSame && column.flashes);
    });
  }

  #bind(line) {
    this.key = line.key;
    this.#group = line.group;
    this.node.classList.toggle("group", line.group !== undefined);
    if (line.key === undefined) delete this.node.dataset.row;
    else this.node.dataset.row = line.key;
    this.#header.replaceChildren(...[this.grid.headerOf(line)].flat());
    // Names may be longer than their column.
    this.#header.title = this.#header.textContent;
    this.grid.columns.forEach(({ name }, index) => {
      if (line.key === undefined) delete this.#cells[index].node.dataset.cell;
      else this.#cells[index].node.dataset.cell = [this.grid.cellPrefix, line.key, name].filter(Boolean).join("/");
    });
  }

  #showGroup(line, moment) {
    for (const mark of this.grid.rowMarks) this.#mark(`data-${mark}`, undefined);
    this.grid.columns.forEach((column, index) => {
      this.#cells[index].write(this.grid.shownOfGroup(line, column), moment, false);
    });
  }

  #mark(name, value) {
    if (this.#marks[name] === value) return;
    this.#marks[name] = value;
    if (value === undefined) this.node.removeAttribute(name);
    else this.node.setAttribute(name, value);
  }
}

function emptyRow(columns) {
  const node = document.createElement("tr");
  const header = document.createElement("th");
  header.scope = "row";
  node.append(header);
  for (let index = 0; index < columns; index++) node.append(document.createElement("td"));
  return node;
}
