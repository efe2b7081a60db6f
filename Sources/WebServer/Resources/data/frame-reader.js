// SPDX-License-Identifier: Apache-2.0
// Reads the primitives of a binary frame from bytes that may be anything.

const itemsMax = 4 * 2 ** 20;
const integerMax = 2n ** 62n - 1n;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Column types of the wire. */
export const types = { decimal: 0, price: 1, choice: 2, text: 3, texts: 4 };

/** Why a message was not applied. After anything but `bad_frame`, subscribe again. */
export class FrameError extends Error {
  /** @param {"bad_frame" | "base_mismatch" | "checksum_mismatch"} code @param {string} message */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/** A cursor over a body: counts are checked against the bytes left and the items a frame may hold. */
export class Reader {
  #bytes;
  #offset = 0;
  #itemsLeft = itemsMax;

  constructor(bytes) {
    this.#bytes = bytes;
  }

  byte() {
    check(this.#offset < this.#bytes.length, "the body is truncated");
    return this.#bytes[this.#offset++];
  }

  /** A Number while it is exact, else a BigInt. */
  varint() {
    let value = 0;
    for (let scale = 1; scale <= 2 ** 42; scale *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    let large = BigInt(value);
    for (let shift = 49n; ; shift += 7n) {
      const byte = this.byte();
      check(shift < 63n || byte <= 1, "a varint does not fit 64 bits");
      large |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return exact(large);
    }
  }

  take(items) {
    check(items <= this.#bytes.length - this.#offset && items <= this.#itemsLeft, "a count is out of range");
    this.#itemsLeft -= Number(items);
    return Number(items);
  }

  count() {
    return this.take(this.varint());
  }

  /** A number below `limit`. */
  index(limit) {
    const value = this.varint();
    check(value < limit, "an index is out of range");
    return value;
  }

  raw(size) {
    check(size <= this.#bytes.length - this.#offset, "the body is truncated");
    this.#offset += Number(size);
    return this.#bytes.subarray(this.#offset - Number(size), this.#offset);
  }

  string() {
    return text(this.raw(this.varint()));
  }

  strings(count) {
    return Array.from({ length: count }, () => this.string());
  }

  /** A cell, or undefined; a number is the held one plus what follows. */
  cell({ type, choices }, held) {
    const bits = this.varint();
    if (bits === 0) return undefined;
    if (type === types.text) return text(this.raw(Number(bits) - 1));
    if (type === types.texts) return this.strings(this.take(Number(bits) - 1));
    const sum = add(held ?? 0, bits);
    if (type === types.choice) check(sum >= 0 && sum < choices.length, "a choice is out of range");
    else if (typeof sum === "bigint") check(sum >= -integerMax && sum <= integerMax, "a number is out of range");
    return sum;
  }
}

/** A held number plus the zigzag difference that `bits` is one more than. */
function add(held, bits) {
  if (typeof held === "number" && typeof bits === "number") {
    const sum = held + (bits % 2 === 1 ? (bits - 1) / 2 : -bits / 2);
    if (Number.isSafeInteger(sum)) return sum;
  }
  const difference = BigInt(bits) - 1n;
  return exact(BigInt(held) + (difference & 1n ? -(difference >> 1n) - 1n : difference >> 1n));
}

function exact(big) {
  const number = Number(big);
  return Number.isSafeInteger(number) ? number : big;
}

/** UTF-8, or a refusal. */
export function text(bytes) {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new FrameError("bad_frame", "a text is not valid UTF-8");
  }
}

/** Refuses the message unless the condition holds. */
export function check(holds, message) {
  if (!holds) throw new FrameError("bad_frame", message);
}
