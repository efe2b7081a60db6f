# SPDX-License-Identifier: Apache-2.0
"""A node, gateways before it, and gateways before those, each a process of its own."""

import itertools
import threading

import zmq

from publisher import CONTEXT
from waiting import wait_until

_numbers = itertools.count()


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
