#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Python's websockets: every `next` broadcasts the payload. websockets_server.py PORT BYTES"""

import asyncio
import sys

from websockets.asyncio.server import broadcast, serve

port, payload = int(sys.argv[1]), b"x" * int(sys.argv[2])
clients = set()


async def serve_client(connection):
    clients.add(connection)
    async for _ in connection:
        broadcast(clients, payload)


async def main():
    async with serve(serve_client, "127.0.0.1", port, compression=None, ping_interval=None):
        print("ready", flush=True)
        await asyncio.Future()


asyncio.run(main())
