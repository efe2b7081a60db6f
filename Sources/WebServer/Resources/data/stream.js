// SPDX-License-Identifier: Apache-2.0
// The stream: one WebSocket that reconnects, resumes, and asks for a snapshot when its state cannot be right. Runs in a
// worker.

import { decode, readHeader } from "./frame.js";

const firstDelayMilliseconds = 250;
const longestDelayMilliseconds = 5_000;
/** Each channel speaks at least once a second; a socket silent for longer is dead. */
const silenceMilliseconds = 3_500;
/** A server that stops spreads its clients: it tells each when to come back. */
const goingAwayCode = 4012;
const longestPauseMilliseconds = 60_000;
/** Close codes after which another attempt is pointless, and what to say. */
const finalCodes = new Map([[4001, "the session was revoked"], [4003, "the right to view was withdrawn"]]);

/**
 * @typedef {object} Listener
 * @property {(state: import("./frame.js").State, bytes: number) => void} frame
 * @property {(event: {channel: string, event: string, event_seq: number, data: object}) => void} event
 * @property {(channel: string) => void} gap events of a channel may have been missed: read what they told again
 * @property {(status: {state: string, reason: string, since: number}) => void} status
 * @property {(text: string) => void} notice
 * @property {(serverMilliseconds: number) => void} clock
 * @property {() => void} refused the session may have ended: it did, or the handshake came to nothing
 */
export class Stream {
  #url;
  /** @type {Listener} */
  #listener;
  #wanted = [];
  #states = new Map();
  #fresh = new Set();
  /** When each channel last had a frame or a heartbeat that vouches for what is held. */
  #heard = new Map();
  /** The last event of each channel, to go on from. */
  #events = new Map();
  /** Channels with events whose reader knows, on this subscription, that it has to begin with what HTTP says. */
  #begun = new Set();
  #isPaused = false;
  #epoch;
  #socket;
  #queue = Promise.resolve();
  #attempts = 0;
  #heardAt = 0;
  #status = { state: "connecting", reason: "connecting", since: Date.now() };
  #retry = 0;

  /** @param {string} url @param {Listener} listener */
  constructor(url, listener) {
    this.#url = url;
    this.#listener = listener;
    setInterval(() => this.#watchSilence(), 500);
    addEventListener("online", () => this.#retryNow());
  }

  /** Names the channels to follow from now on; connects at the first call. */
  follow(channels) {
    const gone = this.#wanted.filter((channel) => !channels.includes(channel));
    const added = channels.filter((channel) => !this.#wanted.includes(channel));
    this.#wanted = channels;
    for (const channel of gone) this.#forget(channel);
    if (!this.#socket && !this.#retry) this.#open();
    if (this.#epoch === undefined || this.#isPaused || this.#socket?.readyState !== WebSocket.OPEN) return;
    if (gone.length > 0) this.#send({ op: "unsubscribe", channels: gone });
    if (added.length > 0) this.#send({ op: "subscribe", channels: added });
  }

  /** While nobody looks, nothing is sent; afterwards a snapshot, and the events meanwhile. */
  pause(isPaused) {
    if (isPaused === this.#isPaused) return;
    this.#isPaused = isPaused;
    this.#heardAt = Date.now();
    if (isPaused) {
      this.#begun.clear();
      this.#states.clear();
      this.#fresh.clear();
      this.#send({ op: "unsubscribe", channels: this.#wanted });
      this.#tell("paused", "the page is hidden", Date.now());
    } else if (this.#epoch !== undefined) {
      this.#tell("connecting", "the page is shown again", Date.now());
      this.#subscribe();
    }
  }

  #open() {
    this.#retry = 0;
    const socket = new WebSocket(this.#url, ["tickrisk.v1.deflate"]);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.#heardAt = Date.now();
    this.#begun.clear();
    let wasOpen = false;
    socket.onopen = () => (wasOpen = true);
    socket.onmessage = (event) => {
      this.#heardAt = Date.now();
      // Inflating is asynchronous: one after the other, so that a delta finds its base.
      this.#queue = this.#queue.then(() => (this.#socket === socket ? this.#receive(event.data) : undefined));
    };
    socket.onclose = (event) => {
      if (this.#socket !== socket) return;
      if (event.code === 4001 || !wasOpen) this.#listener.refused();
      this.#lose(finalCodes.get(event.code) ?? reasonOf(event), finalCodes.has(event.code), pauseOf(event));
    };
  }

  /** @param {number} [pause] milliseconds that the server asks to wait */
  #lose(reason, isFinal, pause) {
    this.#socket = undefined;
    this.#fresh.clear();
    const since = this.#status.state === "lost" ? this.#status.since : Date.now();
    if (isFinal) return this.#tell("lost", reason, since);
    // Full jitter: a thousand pages that lost the same server do not come back together.
    const ceiling = Math.min(longestDelayMilliseconds, firstDelayMilliseconds * 2 ** this.#attempts++);
    const delay = pause ?? 50 + Math.random() * ceiling;
    this.#retry = setTimeout(() => this.#open(), delay);
    this.#tell("lost", `${reason}; trying again in ${(delay / 1000).toFixed(1)} s`, since);
  }

  #retryNow() {
    if (!this.#retry) return;
    clearTimeout(this.#retry);
    this.#open();
  }

  #watchSilence() {
    if (!this.#socket || this.#isPaused) return;
    if (Date.now() - this.#heardAt >= silenceMilliseconds) return this.#abandon("nothing was heard for 3.5 s");
    // Others may go on: one of several nodes is away, and nobody says that what it told last is the newest.
    const isSilent = (channel) => Date.now() - this.#heard.get(channel) >= silenceMilliseconds;
    const silent = [...this.#fresh].filter(isSilent);
    for (const channel of silent) this.#fresh.delete(channel);
    const named = silent.filter((channel) => this.#wanted.includes(channel));
    if (named.length === 0 || this.#status.state !== "live") return;
    this.#tell("lost", `nothing newer is known of ${named.join(", ")}`, Date.now());
  }

  /** Gives the connection up before the other side does. */
  #abandon(reason) {
    this.#socket.close();
    this.#lose(reason, false);
  }

  async #receive(message) {
    if (typeof message === "string") return this.#control(JSON.parse(message));
    try {
      const { channel, kind } = readHeader(new Uint8Array(message));
      if (!this.#wanted.includes(channel)) return;
      const before = this.#states.get(channel);
      if (kind === "delta" && before === undefined) return; // its snapshot is on its way
      const state = await decode(message, before).catch((error) => this.#startAgain(channel, kind, error));
      if (state === undefined) return;
      this.#states.set(channel, state);
      this.#refresh(channel);
      this.#listener.frame(state, message.byteLength);
    } catch (error) {
      this.#abandon(`a message could not be read: ${error.message}`);
    }
  }

  /** A state that cannot be right is given up for a snapshot. */
  #startAgain(channel, kind, error) {
    if (kind === "snapshot") throw error;
    this.#forget(channel);
    this.#listener.notice(`${channel}: ${error.message}; asking for a snapshot`);
    this.#send({ op: "unsubscribe", channels: [channel] });
    this.#send({ op: "subscribe", channels: [channel] });
  }

  #control(message) {
    if (message.server_time_ns) this.#listener.clock(message.server_time_ns / 1e6);
    switch (message.type) {
      case "hello": return this.#greet(message);
      case "heartbeat": return this.#compare(message);
      case "subscribed": return this.#begin(message.channels);
      case "event": return this.#hear(message);
      case "gap": return this.#listener.gap(message.channel);
      case "error": return this.#listener.notice(`${message.channel ?? "stream"}: ${message.message}`);
    }
  }

  #greet({ epoch }) {
    // Another epoch numbers from the start again: what we hold is no base for its deltas.
    if (epoch !== this.#epoch) {
      this.#states.clear();
      this.#events.clear();
    }
    this.#epoch = epoch;
    if (!this.#isPaused) this.#subscribe();
  }

  #subscribe() {
    const sequences = Object.fromEntries([...this.#states].map(([channel, state]) => [channel, state.seq]));
    const events = Object.fromEntries([...this.#events].filter(([channel]) => this.#wanted.includes(channel)));
    const isKnown = this.#states.size > 0 || Object.keys(events).length > 0;
    const resume = isKnown ? { resume: { epoch: this.#epoch, sequences, events } } : {};
    this.#send({ op: "subscribe", channels: this.#wanted, ...resume });
  }

  /** Where no event was heard there is none to go on from: what was told before has to be read. */
  #begin(channels) {
    for (const channel of channels) {
      if (!/^(account:|firm$)/.test(channel) || this.#events.has(channel) || this.#begun.has(channel)) continue;
      this.#begun.add(channel);
      this.#listener.gap(channel);
    }
  }

  #hear(message) {
    const last = this.#events.get(message.channel);
    if (last !== undefined && message.event_seq > last + 1) this.#listener.gap(message.channel);
    this.#events.set(message.channel, message.event_seq);
    this.#listener.event(message);
  }

  /** A heartbeat names the sequence we should have. */
  #compare({ channel, seq }) {
    const state = this.#states.get(channel);
    if (state?.seq === seq) this.#refresh(channel);
  }

  #refresh(channel) {
    this.#fresh.add(channel);
    this.#heard.set(channel, Date.now());
    if (this.#status.state === "live" || !this.#wanted.every((name) => this.#fresh.has(name))) return;
    this.#attempts = 0;
    this.#tell("live", "connected", Date.now());
  }

  #forget(channel) {
    this.#states.delete(channel);
    this.#fresh.delete(channel);
    if (this.#wanted.includes(channel)) return;
    this.#events.delete(channel);
    this.#begun.delete(channel);
  }

  #send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #tell(state, reason, since) {
    this.#status = { state, reason, since };
    this.#listener.status(this.#status);
  }
}

/** What a server that stops asks for; undefined for any other end. */
function pauseOf({ code, reason }) {
  const asked = code === goingAwayCode ? /^retry in (\d{1,6}) ms$/.exec(reason) : null;
  return asked ? Math.min(Number(asked[1]), longestPauseMilliseconds) : undefined;
}

function reasonOf({ code, reason }) {
  if (code === goingAwayCode) return "the server stops or starts again";
  const said = reason ? `: ${reason}` : "";
  return `the connection closed with code ${code}${said}`;
}
