// SPDX-License-Identifier: Apache-2.0
// The CRC-32 by which a page knows that its state is the sender's (docs/wire-format.md, "Checksum").

import { types } from "./frame-reader.js";

const encoder = new TextEncoder();
const crcTable = Int32Array.from({ length: 256 }, (_, byte) => {
  for (let bit = 0; bit < 8; bit++) byte = byte & 1 ? (byte >>> 1) ^ 0xedb88320 : byte >>> 1;
  return byte;
});

/** @param {object[]} tables of a state of frame.js */
export function checksumOf(tables) {
  let sum = -1;
  const update = (bytes) => {
    for (const byte of bytes) sum = crcTable[(sum ^ byte) & 0xff] ^ (sum >>> 8);
  };
  const texts = (list) => update(encoder.encode(list.map((item) => `${item}\0`).join("")));
  for (const table of tables) {
    texts(table.keys);
    table.columns.forEach(({ type }, index) => {
      if (type < types.text) return update(integerBytes(table.cells[index]));
      for (const cell of table.cells[index]) {
        if (cell !== undefined) texts(type === types.text ? [cell] : cell);
        else update([0xff]);
        if (type === types.texts) update([0xff]);
      }
    });
  }
  return ~sum >>> 0;
}

/** Integers as 64-bit two's complement numbers, −2^63 where absent. */
function integerBytes(cells) {
  const view = new DataView(new ArrayBuffer(cells.length * 8));
  cells.forEach((cell, index) => {
    if (typeof cell === "bigint") return view.setBigInt64(index * 8, cell, true);
    view.setUint32(index * 8, cell ?? 0, true);
    view.setInt32(index * 8 + 4, cell === undefined ? -(2 ** 31) : Math.floor(cell / 2 ** 32), true);
  });
  return new Uint8Array(view.buffer);
}
