#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""uWebSockets through socketify: every `next` publishes the payload. socketify_server.py PORT BYTES"""

import sys

from socketify import App, OpCode

port, payload = int(sys.argv[1]), b"x" * int(sys.argv[2])
app = App()


def opened(ws):
    ws.subscribe("all")


def asked(ws, message, opcode):
    app.publish("all", payload, OpCode.BINARY)


app.ws("/ws", {"compression": 0, "idle_timeout": 0, "max_backpressure": 64 << 20, "open": opened, "message": asked})
app.listen({"port": port, "host": "127.0.0.1"}, lambda config: print("ready", flush=True))
app.run()
