// SPDX-License-Identifier: Apache-2.0
// Walking a grid by keyboard and pointer (the ARIA grid pattern; the table keeps the focus, a cell is the active one).

const header = -1;

export class GridKeys {
  /** Key of the active row; undefined while the head is active or nothing was chosen. */
  key;
  /** Place of the active column, 0 for the row's header. */
  column = 0;
  #isHeader = false;

  /** @param {import("./data-grid.js").DataGrid} grid */
  constructor(grid) {
    this.grid = grid;
    const { table } = grid;
    table.tabIndex = 0;
    table.setAttribute("role", "grid");
    grid.headers.forEach((node, index) => (node.id ||= `${grid.nextRowId()}-head-${index}`));
    table.addEventListener("keydown", (event) => this.#press(event));
    table.addEventListener("focus", () => this.show());
    table.addEventListener("click", (event) => this.#click(event));
    table.addEventListener("dblclick", (event) => {
      if (event.target.closest("tbody tr[data-row]")) this.#tell("row-open");
    });
  }

  /** Marks the active cell, if its row is in the document. */
  show() {
    const { grid } = this;
    grid.table.querySelector("[data-active]")?.removeAttribute("data-active");
    grid.body.querySelector("[aria-selected]")?.removeAttribute("aria-selected");
    const row = this.#isHeader ? grid.table.tHead.rows[0] : this.key && grid.rowWith(this.key)?.node;
    const cell = row?.cells[this.column];
    if (!cell) return grid.table.removeAttribute("aria-activedescendant");
    cell.id ||= `${row.id || grid.headers[0].id}-${this.column}`;
    cell.dataset.active = "";
    if (!this.#isHeader) row.setAttribute("aria-selected", "true");
    grid.table.setAttribute("aria-activedescendant", cell.id);
  }

  /** Makes a row the active one, and brings it into sight. */
  activate(key, column = this.column) {
    this.#isHeader = false;
    this.key = key;
    this.column = column;
    this.#bringIntoSight();
    this.show();
    this.#tell("row-active");
  }

  #press(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const { grid } = this;
    const page = Math.max(1, Math.floor(grid.scroll.clientHeight / grid.rowHeight) - 2);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    if (event.key in steps) this.#step(steps[event.key]);
    else if (event.key === "ArrowRight") this.#turn(1);
    else if (event.key === "ArrowLeft") this.#turn(-1);
    else if (event.key === "Enter" && this.#isHeader) this.#sort(this.column);
    else if (event.key === "Enter" && this.key !== undefined) this.#tell("row-open");
    else return;
    event.preventDefault();
  }

  #step(step) {
    const { lines } = this.grid;
    if (lines.length === 0) return;
    const current = this.#isHeader ? header : lines.findIndex(({ key }) => key !== undefined && key === this.key);
    if (current === 0 && step === -1) {
      this.#isHeader = true;
      return this.show();
    }
    const direction = step < 0 ? -1 : 1;
    let next = Math.min(lines.length - 1, Math.max(0, current + step));
    while (lines[next] && lines[next].key === undefined) next += direction;
    if (lines[next]) this.activate(lines[next].key);
  }

  #turn(step) {
    this.column = Math.min(this.grid.columns.length, Math.max(0, this.column + step));
    this.show();
    if (!this.#isHeader && this.key !== undefined) this.#tell("row-active");
  }

  #click(event) {
    const cell = event.target.closest("th, td");
    if (cell?.parentNode.parentNode === this.grid.table.tHead) return this.#sort(cell.cellIndex);
    const row = cell?.closest("tr[data-row]");
    if (row && !event.target.closest("a, button, input")) this.activate(row.dataset.row, cell.cellIndex);
  }

  #sort(place) {
    const { order, columns } = this.grid;
    order.press(place === 0 ? "" : columns[place - 1].name, place > 0 && columns[place - 1].isNumber);
    this.grid.refresh();
  }

  #bringIntoSight() {
    const { grid } = this;
    const index = grid.lines.findIndex(({ key }) => key === this.key);
    const head = grid.table.tHead.offsetHeight;
    const top = index * grid.rowHeight;
    const room = grid.scroll.clientHeight - head - (grid.table.tFoot?.offsetHeight ?? 0) - grid.rowHeight;
    if (top < grid.scroll.scrollTop) grid.scroll.scrollTop = top;
    else if (top > grid.scroll.scrollTop + room) grid.scroll.scrollTop = top - room;
    grid.refresh();
  }

  #tell(type) {
    const column = this.column === 0 ? "" : this.grid.columns[this.column - 1].name;
    this.grid.dispatchEvent(new CustomEvent(type, { bubbles: true, detail: { key: this.key, column } }));
  }
}
