#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""picows: every `next` sends the payload to everyone. picows_server.py PORT BYTES"""

import asyncio
import sys

from picows import WSListener, WSMsgType, ws_create_server

port, payload = int(sys.argv[1]), b"x" * int(sys.argv[2])
clients = []


class Client(WSListener):
    def on_ws_connected(self, transport):
        clients.append(transport)

    def on_ws_frame(self, transport, frame):
        for client in clients:
            client.send(WSMsgType.BINARY, payload)


async def main():
    server = await ws_create_server(lambda _: Client(), "127.0.0.1", port)
    print("ready", flush=True)
    await server.serve_forever()


asyncio.run(main())
