// SPDX-License-Identifier: Apache-2.0
// Decodes binary frames of the deflate subprotocol (docs/wire-format.md).

import { check, FrameError, Reader, text, types } from "./frame-reader.js";
import { checksumOf } from "./frame-checksum.js";

export { FrameError, types };

const plainBytesMax = 64 * 2 ** 20;
const shapes = { record: 0, map: 1, rows: 2 };
const powersOfTen = Array.from({ length: 19 }, (_, decimals) => Number(`1e${decimals}`));

/**
 * A channel after a frame. Times are BigInt nanoseconds since 1970, null where there was no tick.
 * @typedef {object} State
 * @property {"snapshot" | "delta"} kind of the last frame
 * @property {string} channel
 * @property {number} seq exact up to 2^53, as is `base`
 * @property {number | null} base
 * @property {bigint} cutNanoseconds
 * @property {bigint | null} newestNanoseconds
 * @property {bigint | null} oldestNanoseconds
 * @property {boolean} resumed
 * @property {object[]} tables the layout with the integer cells; {@link valueAt} reads a cell, {@link dataOf} all
 * @property {Array<{table: number, column: number, rows: number[]}>} changed the cells that the last frame changed, by
 *   index; empty after a snapshot, which changes all
 */

/**
 * Reads header and channel of a message of either compression, without decompressing it.
 * @param {Uint8Array} bytes
 */
export function readHeader(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isZstd = bytes.length > 12 && view.getUint32(0) === 0x28b52ffd && bytes[4] === 0xa0;
  const isDeflate = bytes.length > 5 && bytes[0] === 0 && view.getUint16(1) === (view.getUint16(3) ^ 0xffff);
  check(isZstd || isDeflate, "the message is no binary frame");
  const start = isZstd ? 12 : 5;
  const size = isZstd ? (view.getUint16(9, true) + bytes[11] * 65_536) / 8 : view.getUint16(1, true);
  check(Number.isInteger(size) && size >= 56 && start + size <= bytes.length, "the header is not stored");
  const channelBytes = view.getUint16(start + 6, true);
  const [kind, flags, bodyBytes] = [bytes[start + 4], bytes[start + 5], view.getUint32(start + 52, true)];
  check(view.getUint32(start) === 0x544b4631 && kind <= 1 && 56 + channelBytes <= size, "the header is invalid");
  check(56 + channelBytes + bodyBytes <= plainBytesMax, "the frame is too large");
  const u64 = (offset) => view.getBigUint64(start + offset, true);
  return {
    compression: isZstd ? "zstd" : "deflate",
    kind: kind === 0 ? "snapshot" : "delta",
    channel: text(bytes.subarray(start + 56, start + 56 + channelBytes)),
    seq: Number(u64(8)),
    base: kind === 0 ? null : Number(u64(16)),
    cutNanoseconds: u64(24),
    newestNanoseconds: u64(32) || null,
    oldestNanoseconds: u64(40) || null,
    resumed: kind === 0 && (flags & 1) !== 0,
    checksum: flags & 2 ? view.getUint32(start + 48, true) : null,
    bodyStart: 56 + channelBytes,
    bodyBytes,
  };
}

/**
 * Applies a deflate message to its channel's state. Decode one message after the other: inflating is asynchronous.
 * @param {ArrayBuffer} message
 * @param {State} [state] what the channel's previous frame returned; it stays as it was
 * @returns {Promise<State>} rejects with a {@link FrameError}
 */
export async function decode(message, state) {
  const { compression, checksum, bodyStart, bodyBytes, ...head } = readHeader(new Uint8Array(message));
  check(compression === "deflate", "only deflate frames are decoded here");
  if (head.kind === "delta" && (state?.channel !== head.channel || state.seq !== head.base)) {
    throw new FrameError("base_mismatch", `the delta applies to ${head.base}, held is ${state?.seq ?? "nothing"}`);
  }
  const plain = await inflate(message);
  check(plain.length >= bodyStart + bodyBytes, "the body is truncated");
  const reader = new Reader(plain.subarray(bodyStart, bodyStart + bodyBytes));
  const body = head.kind === "snapshot" ? readSnapshot(reader) : applyDelta(reader, state);
  if (checksum !== null && checksum !== checksumOf(body.tables)) {
    throw new FrameError("checksum_mismatch", "the state is not the sender's");
  }
  return { ...head, ...body };
}

async function inflate(message) {
  const chunks = [];
  let size = 0;
  try {
    const stream = new Blob([message]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    for (let reader = stream.getReader(), part; !(part = await reader.read()).done; ) {
      chunks.push(part.value);
      size += part.value.length;
      if (size > plainBytesMax) {
        await reader.cancel();
        break;
      }
    }
  } catch (error) {
    throw new FrameError("bad_frame", `the frame does not decompress: ${error.message}`);
  }
  check(size <= plainBytesMax, "the frame is too large");
  const plain = new Uint8Array(size);
  size = 0;
  for (const chunk of chunks) {
    plain.set(chunk, size);
    size += chunk.length;
  }
  return plain;
}

function readSnapshot(reader) {
  const tables = Array.from({ length: reader.count() }, () => readTable(reader));
  checkPaths(tables);
  reader.take(tables.reduce((sum, table) => sum + table.rowCount * table.columns.length, 0));
  for (const table of tables) {
    table.cells = table.columns.map((column) => {
      const cells = [];
      for (let row = 0; row < table.rowCount; row++) cells.push(reader.cell(column, undefined));
      return cells;
    });
  }
  return { tables, changed: [] };
}

function readTable(reader) {
  const path = reader.string();
  const shape = reader.byte();
  const columns = Array.from({ length: reader.count() }, () => {
    const column = { name: reader.string(), type: reader.byte(), decimals: 0, choices: [] };
    if (column.type === types.decimal) column.decimals = reader.byte();
    if (column.type === types.choice) column.choices = reader.strings(reader.count());
    check(column.type <= types.texts && column.decimals <= 18, "a column is of an unknown type");
    return column;
  });
  const rowCount = shape === shapes.record ? reader.varint() : reader.count();
  check(shape <= shapes.rows && (shape !== shapes.record || rowCount === 1), "a table is of an unknown shape");
  check(shape !== shapes.map || columns.length === 1, "a map has one column");
  const keys = shape === shapes.record ? [] : reader.strings(rowCount);
  check(new Set(keys).size === keys.length, "two rows share a key");
  check(new Set(columns.map(({ name }) => name)).size === columns.length, "two columns share a name");
  const names = path === "" ? [] : path.split(".", 17);
  const priceDecimals = columns.some(({ type }) => type === types.price) ? reader.raw(rowCount) : [];
  check(names.length <= 16 && priceDecimals.every((decimals) => decimals <= 18), "a table is too deep or too fine");
  return { path, names, shape, columns, keys, rowCount, priceDecimals, cells: [] };
}

function checkPaths(tables) {
  check(new Set(tables.map(({ path }) => path)).size === tables.length, "two tables share a path");
  const objects = new Set(tables.flatMap(({ names }) => names.map((_, depth) => names.slice(0, depth + 1).join("."))));
  const parents = new Set([...objects].map((path) => path.slice(0, Math.max(0, path.lastIndexOf(".")))));
  for (const { path, shape, columns, keys } of tables) {
    if (!parents.has(path)) continue;
    const members = shape === shapes.record ? columns.map(({ name }) => name) : keys;
    for (const name of members) check(!objects.has(path ? `${path}.${name}` : name), "a member is also a table");
  }
}

function applyDelta(reader, state) {
  const [tables, changed] = [state.tables.slice(), []];
  for (let groups = reader.count(), lastTable = -1, lastColumn = -1; groups > 0; groups--) {
    const tableIndex = reader.index(tables.length);
    const columnIndex = reader.index(tables[tableIndex].columns.length);
    const column = tables[tableIndex].columns[columnIndex];
    check(tableIndex > lastTable || (tableIndex === lastTable && columnIndex > lastColumn), "groups are out of order");
    [lastTable, lastColumn] = [tableIndex, columnIndex];
    const table = (tables[tableIndex] = { ...tables[tableIndex], cells: tables[tableIndex].cells.slice() });
    const cells = (table.cells[columnIndex] = table.cells[columnIndex].slice());
    const rows = [];
    for (let count = reader.count(), row = -1; count > 0; count--) {
      row += 1 + reader.index(table.rowCount - row - 1);
      rows.push(row);
    }
    for (const row of rows) cells[row] = reader.cell(column, cells[row]);
    changed.push({ table: tableIndex, column: columnIndex, rows });
  }
  return { tables, changed };
}

/** What a cell says: a number, a text, a list of texts, or undefined where there is none. */
export function valueAt(table, columnIndex, row) {
  const cell = table.cells[columnIndex][row];
  const column = table.columns[columnIndex];
  if (cell === undefined || column.type >= types.text) return cell;
  if (column.type === types.choice) return column.choices[cell];
  return Number(cell) / powersOfTen[column.type === types.price ? table.priceDecimals[row] : column.decimals];
}

/** The object of the JSON form (docs/wire-format.md, "State"); its objects have no prototype. */
export function dataOf({ tables }) {
  const data = Object.create(null);
  for (const table of tables) {
    const object = table.names.reduce((parent, name) => (parent[name] ??= Object.create(null)), data);
    if (table.shape === shapes.rows) for (const key of table.keys) object[key] = Object.create(null);
    table.columns.forEach((column, index) => {
      for (let row = 0; row < table.rowCount; row++) {
        const value = valueAt(table, index, row);
        if (value === undefined) continue;
        if (table.shape === shapes.record) object[column.name] = value;
        else if (table.shape === shapes.map) object[table.keys[row]] = value;
        else object[table.keys[row]][column.name] = value;
      }
    });
  }
  return data;
}
