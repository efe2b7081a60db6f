// SPDX-License-Identifier: Apache-2.0
// Questions to the API: JSON in, JSON out, refusals as `Refusal` with the server's own words.

/** What the server refused, as its problem document says (RFC 9457). */
export class Refusal extends Error {
  /** @param {number} status 0 where the server could not be reached */
  constructor(status, { code = "unreachable", detail = "", errors = {}, ...rest } = {}, retryAfterSeconds = 0) {
    super(detail || `the server answered ${status}`);
    this.status = status;
    this.code = code;
    /** By the name of the field. */
    this.errors = errors;
    this.retryAfterSeconds = retryAfterSeconds;
    this.problem = rest;
  }
}

/**
 * @param {string} method
 * @param {string} path below `/api/v1/`
 * @param {object} [body]
 * @returns the answer, undefined where it has no body; rejects with a {@link Refusal}
 */
export async function ask(method, path, body) {
  const options = { method };
  if (body !== undefined) {
    options.headers = { "Content-Type": "application/json" };
    options.body = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch(`/api/v1/${path}`, options);
  } catch {
    throw new Refusal(0, { detail: "the server cannot be reached" });
  }
  if (answer.status === 204) return undefined;
  const content = await answer.json().catch(() => undefined);
  if (answer.ok) return content;
  if (answer.status === 401) location.assign("/sign-in");
  throw new Refusal(answer.status, content, Number(answer.headers.get("Retry-After") ?? 0));
}

/** A name as a part of a path. */
export const part = encodeURIComponent;
