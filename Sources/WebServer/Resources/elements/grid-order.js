// SPDX-License-Identifier: Apache-2.0
// Which rows a grid shows, and in which order: filter, groups, sort.

/**
 * A line of a grid: a row of the source, or the head of a group.
 * @typedef {{key: string} | {group: string, count: number}} Line
 */

/** What does not compare comes last, whichever way the sort goes. */
function compare(left, right, direction) {
  if (left === undefined || right === undefined) return (left === undefined) - (right === undefined);
  const isText = typeof left === "string" || typeof right === "string";
  return direction * (isText ? collator.compare(String(left), String(right)) : left - right);
}

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

export class GridOrder {
  /** Column sorted by, "" for the row's key; undefined for the source's own order. */
  column;
  /** 1 ascending, −1 descending. */
  direction = 1;
  filter = "";
  /** Key to the name of its group; undefined for no groups. */
  groupOf;

  /** First press sorts numbers from the greatest, texts from A; the next turns it; the third ends it. */
  press(column, isNumber) {
    const first = isNumber ? -1 : 1;
    if (this.column !== column) [this.column, this.direction] = [column, first];
    else if (this.direction === first) this.direction = -first;
    else this.column = undefined;
  }

  /**
   * @param {{keys: string[], value: (key: string, column: string) => any, text?: (key: string) => string}} source
   * @returns {Line[]}
   */
  lines(source) {
    let keys = source.keys;
    const words = this.filter.trim().toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length > 0) {
      keys = keys.filter((key) => {
        const searched = (source.text?.(key) ?? key).toLowerCase();
        return words.every((word) => searched.includes(word));
      });
    }
    if (this.column !== undefined) keys = this.#sorted(keys, source);
    if (!this.groupOf) return keys.map((key) => ({ key }));
    const groups = Map.groupBy(keys, this.groupOf);
    return [...groups.keys()].sort(collator.compare).flatMap((group) =>
      [{ group, count: groups.get(group).length }, ...groups.get(group).map((key) => ({ key }))]);
  }

  #sorted(keys, source) {
    const rows = keys.map((key) => ({ key, value: this.column === "" ? key : source.value(key, this.column) }));
    rows.sort((left, right) => compare(left.value, right.value, this.direction));
    return rows.map(({ key }) => key);
  }
}
