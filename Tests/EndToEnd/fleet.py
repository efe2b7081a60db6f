# SPDX-License-Identifier: Apache-2.0
"""A node, gateways before it, and gateways before those, each a process of its own."""

import itertools
import json
import threading

import zmq

from publisher import CONTEXT
from trading_desk import UNLIMITED
from waiting import wait_until
from wire import Tick

_numbers = itertools.count()
NOWHERE = [{"name": "none", "endpoint": "tcp://127.0.0.1:1"}]


def relay_out(folder) -> dict:
    """Settings that publish a relay on sockets of the folder."""
    number = next(_numbers)
    return {"bind": f"ipc://{folder}/r{number}", "snapshot_bind": f"ipc://{folder}/s{number}"}


def upstream_of(node, relay: dict) -> dict:
    """Settings of a gateway whose upstream is `node`, which publishes `relay`."""
    return {"connect": relay["bind"], "snapshot_connect": relay["snapshot_bind"], "api": node.url}


def is_serving(gateway) -> bool:
    return gateway.request("/readyz")[0] == 200 and gateway.metric("tickrisk_relay_channels_waiting") == 0


def wait_until_serving(gateway) -> None:
    wait_until(lambda: is_serving(gateway), "the gateway serves")


class LossyLine:
    """Stands between a node's relay and a gateway, and loses what it is told to lose."""

    def __init__(self, upstream: str, endpoint: str):
        self.endpoint = endpoint
        #: Whether a message (topic, payload) is lost.
        self.loses = lambda topic, payload: False
        self.lost = 0
        self._node, self._gateway = CONTEXT.socket(zmq.XSUB), CONTEXT.socket(zmq.XPUB)
        for socket in (self._node, self._gateway):
            socket.setsockopt(zmq.LINGER, 0)
            socket.setsockopt(zmq.SNDHWM, 0)
            socket.setsockopt(zmq.RCVHWM, 0)
        self._node.connect(upstream)
        self._gateway.bind(endpoint)
        self._is_open = True
        self._thread = threading.Thread(target=self._pass_on, daemon=True)
        self._thread.start()

    def _pass_on(self) -> None:
        poller = zmq.Poller()
        for socket in (self._node, self._gateway):
            poller.register(socket, zmq.POLLIN)
        while self._is_open:
            for socket, _ in poller.poll(50):
                message = socket.recv_multipart()
                if socket is self._gateway:
                    self._node.send_multipart(message)
                elif self.loses(*message):
                    self.lost += 1
                else:
                    self._gateway.send_multipart(message)
        for socket in (self._node, self._gateway):
            socket.close()

    def send(self, topic: bytes, payload: bytes) -> None:
        """Something else in place of a message; only while it is asked whether to lose it."""
        self._gateway.send_multipart([topic, payload])

    def close(self) -> None:
        self._is_open = False
        self._thread.join()


class Fleet:
    """One node with its publisher; gateways on demand."""

    def __init__(self, run, folder, publisher, demo, settings: dict):
        self.run, self.folder, self.publisher = run, folder, publisher
        self.instrument = demo.instruments["AAPL"]
        self.relay = relay_out(folder)
        self.node = run(publisher.endpoint, settings={"orders": UNLIMITED, "relay": self.relay, **settings})
        self._moves = itertools.count(1)

    def gateway(self, upstream=None, relay: dict | None = None, behind: dict | None = None, **sections):
        """A gateway before the node, or before another gateway that publishes `behind`."""
        relay = {**upstream_of(upstream or self.node, behind or self.relay), **(relay or {})}
        gateway = self.run(feeds=NOWHERE, settings={"node": {"role": "gateway"}, "relay": relay, **sections})
        wait_until_serving(gateway)
        return gateway

    def move(self) -> float:
        """One more price of AAPL."""
        price = round(self.instrument.prior_close + next(self._moves) % 500 / 100, 2)
        self.publisher.ticks(Tick(self.instrument.id, last=price))
        return price

    def place(self, server) -> int:
        """An order that waits, through a node or a gateway; its number."""
        form = {"symbol": "AAPL", "side": "buy", "quantity": 1, "order_type": "limit",
                "limit_price": round(self.instrument.prior_close * 0.95, 2)}
        status, _, body = server.request(
            "/api/v1/accounts/ALPHA/orders", "POST", {"Content-Type": "application/json"}, json.dumps(form).encode())
        assert status == 201, body
        return json.loads(body)["order_id"]
