// SPDX-License-Identifier: Apache-2.0
// Rows of a table of the store, for a grid.

import { store } from "../data/store.js";
import { shapes } from "../data/table.js";

export class StoreSource {
  constructor(role, path) {
    this.role = role;
    this.path = path;
  }

  get keys() {
    return store.table(this.role, this.path)?.keys ?? [];
  }

  value(key, column) {
    const table = store.table(this.role, this.path);
    return table?.shape === shapes.map ? table.value(key) : table?.value(key, column);
  }

  decimals(key) {
    return store.table(this.role, this.path)?.decimals(key);
  }
}
