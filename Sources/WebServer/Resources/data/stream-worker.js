// SPDX-License-Identifier: Apache-2.0
// The worker: holds the stream, decodes, and hands the page what changed whenever the page has painted the last.

import { FrameBatch } from "./frame-batch.js";
import { Stream } from "./stream.js";

const batch = new FrameBatch();
/** Whether the page has painted what it was last handed. */
let isPageReady = true;

const stream = new Stream(new URL("/ws", location.href.replace(/^http/, "ws")).href, {
  frame(state, bytes) {
    batch.add(state, bytes);
    hand();
  },
  event: (message) => postMessage({ type: "event", ...message, kind: message.event }),
  gap: (channel) => postMessage({ type: "gap", channel }),
  status: (status) => postMessage({ ...status, type: "status" }),
  notice: (text) => postMessage({ type: "notice", text }),
  refused: () => postMessage({ type: "refused" }),
  clock: (serverMilliseconds) => postMessage({ type: "clock", offset: serverMilliseconds - Date.now() }),
});

function hand() {
  if (!isPageReady || batch.isEmpty) return;
  isPageReady = false;
  postMessage({ type: "frames", entries: batch.take() });
}

addEventListener("message", ({ data }) => {
  switch (data.type) {
    case "follow":
      batch.keepOnly(data.channels);
      return stream.follow(data.channels);
    case "pause": return stream.pause(data.isPaused);
    case "painted":
      isPageReady = true;
      return hand();
  }
});
