// SPDX-License-Identifier: Apache-2.0
// node-ws: every `next` sends the payload to everyone. node ws_server.mjs PORT BYTES

import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { WebSocketServer } = require("/usr/share/nodejs/ws"); // Debian's, where no other node looks
const [port, bytes] = process.argv.slice(2).map(Number);
const payload = Buffer.alloc(bytes, "x");
const server = new WebSocketServer({ host: "127.0.0.1", port, perMessageDeflate: false });

server.on("listening", () => console.log("ready"));
server.on("connection", (socket) => {
    socket.on("message", () => {
        for (const client of server.clients) client.send(payload, { binary: true });
    });
});
