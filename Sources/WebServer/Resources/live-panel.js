// SPDX-License-Identifier: Apache-2.0
// What all panels share: server-rendered cells and tables that the stream then writes into.

import { Cell, tableIn } from "./cell.js";
import { reasonMissing, show } from "./format.js";
import { store } from "./store.js";

/** A panel of one role. Its rows follow the state's; its other cells stand in the page from the start. */
export class LivePanel extends HTMLElement {
  /** Role in the store: "account" or "market". */
  role = "account";
  /** First part of `data-cell` where the table's path is empty. */
  prefix = "";
  /** @type {Map<string, Cell[]>} */
  cells = new Map();
  #rows = new Map();
  #columns = [];
  /** Keys whose change alters the look of a row, with the row. */
  #marks = new Map();

  connectedCallback() {
    for (const node of this.querySelectorAll("[data-format][data-cell], [data-format][data-mirror]")) {
      const path = (node.dataset.cell ?? node.dataset.mirror).split("/");
      const column = path.pop();
      const { format, flash } = node.dataset;
      const place = { table: path.join("."), row: "", column, format, flashes: flash !== undefined };
      this.#add(new Cell(node, place));
    }
    this.table = this.querySelector("table");
    if (this.table) this.#adoptRows();
    store.attach(this);
  }

  /** Writes what changed; `changed` is null for everything. */
  paint(state, changed, moment) {
    if (this.hidden) return;
    const data = state.data;
    if (changed === null) this.#followRows(data);
    if (changed === null) {
      for (const list of this.cells.values()) for (const cell of list) this.#write(cell, data, moment, false);
      return;
    }
    for (const key of changed) {
      for (const cell of this.cells.get(key) ?? []) this.#write(cell, data, moment, cell.place.flashes);
      this.#markRow(key, data, moment);
    }
  }

  /** Tooltip of a cell that has a value; panels with conventions override it. */
  noteFor(_cell, _data, row) {
    return row?.status === "stale" ? "stale: no tick within the limit" : "";
  }

  /** Header text of a row made here. */
  rowLabel(key) {
    return key;
  }

  /** What a row shows as attributes, such as its status. */
  markRow(node, row) {
    if (row?.status && node.dataset.status !== row.status) node.dataset.status = row.status;
  }

  #add(cell) {
    const list = this.cells.get(cell.key);
    if (list) list.push(cell);
    else this.cells.set(cell.key, [cell]);
  }

  #write(cell, data, moment, flashes) {
    const { table, row, column, format } = cell.place;
    const object = row === "" || column === "" ? undefined : tableIn(data, table)?.[row];
    const value = cell.valueIn(data);
    const shown = show(value, format, store.decimals.get(row), reasonMissing(data, table, object, column));
    if (value !== undefined) shown.note = this.noteFor(cell, data, object);
    cell.write(shown, moment, flashes);
  }

  /** A changed status changes its whole row's look and reasons. */
  #markRow(key, data, moment) {
    const row = this.#marks.get(key);
    if (row === undefined) return;
    this.markRow(this.#rows.get(row), tableIn(data, this.table.dataset.table)?.[row]);
    for (const definition of this.#columns) {
      for (const cell of this.cells.get(`${definition.table}/${row}/${definition.column}`) ?? []) {
        this.#write(cell, data, moment, false);
      }
    }
  }

  #adoptRows() {
    for (const header of this.table.tHead.querySelectorAll("[data-format]")) {
      const { column = "", map, format, flash } = header.dataset;
      this.#columns.push({ table: map ?? this.table.dataset.table, column, format, flashes: flash !== undefined });
    }
    for (const node of this.table.tBodies[0].rows) this.#bindRow(node);
  }

  #bindRow(node) {
    const row = node.dataset.row;
    this.#rows.set(row, node);
    for (const column of ["status", "trading"]) this.#marks.set(`${this.table.dataset.table}/${row}/${column}`, row);
    this.#columns.forEach(({ table, column, format, flashes }, index) => {
      this.#add(new Cell(node.cells[index + 1], { table, row, column, format, flashes }));
    });
  }

  #followRows(data) {
    if (!this.table) return;
    const source = this.#columns[0].column === "" ? this.#columns[0].table : this.table.dataset.table;
    const rows = tableIn(data, source) ?? {};
    const wanted = Object.keys(rows);
    const present = [...this.#rows.keys()];
    if (wanted.length !== present.length || wanted.some((key, index) => key !== present[index])) {
      this.#replaceRows(wanted);
    }
    for (const [key, node] of this.#rows) this.markRow(node, rows[key]);
  }

  #replaceRows(wanted) {
    for (const [key, list] of this.cells) {
      const kept = list.filter((cell) => cell.place.row === "");
      if (kept.length > 0) this.cells.set(key, kept);
      else this.cells.delete(key);
    }
    this.#rows.clear();
    this.#marks.clear();
    this.table.tBodies[0].replaceChildren(...wanted.map((key) => this.#makeRow(key)));
    for (const node of this.table.tBodies[0].rows) this.#bindRow(node);
  }

  #makeRow(key) {
    const node = document.createElement("tr");
    node.dataset.row = key;
    const header = document.createElement("th");
    header.scope = "row";
    header.append(this.table.dataset.link ? this.#makeLink(key) : this.rowLabel(key));
    node.append(header);
    for (const { table, column } of this.#columns) {
      const cell = document.createElement("td");
      const path = [this.prefix, table.replaceAll(".", "/"), key, column];
      cell.dataset.cell = path.filter((part) => part !== "").join("/");
      node.append(cell);
    }
    return node;
  }

  #makeLink(key) {
    const link = document.createElement("a");
    link.href = this.table.dataset.link + encodeURIComponent(key);
    link.dataset.account = key;
    link.textContent = key;
    return link;
  }
}
