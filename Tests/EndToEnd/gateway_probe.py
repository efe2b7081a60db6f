# SPDX-License-Identifier: Apache-2.0
"""The daemon's end of the order gateway (GatewayProbe) and the sample gateway, run step by step by a test."""

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import zmq

from waiting import DEADLINE_S, wait_until

ROOT = Path(__file__).resolve().parents[2]
BINARY = ROOT / ".build/release/GatewayProbe"
sys.path.insert(0, str(ROOT / "clients/python"))
import order_gateway  # noqa: E402


class Probe:
    """What the venue tells, as it comes."""

    def __init__(self, endpoint: str):
        assert BINARY.exists(), f"{BINARY} is not built: swift build -c release --product GatewayProbe"
        self.process = subprocess.Popen([BINARY, endpoint], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.lines: list[dict] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self.process.stdout:
            self.lines.append(json.loads(line))

    def say(self, command: str) -> None:
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()

    def reports(self, order_id: int) -> list[dict]:
        return [line for line in self.lines if line.get("order_id") == order_id]

    def links(self) -> list[bool]:
        return [line["link"] for line in self.lines if "link" in line]

    def close(self) -> None:
        self.process.stdin.close()
        assert self.process.wait(DEADLINE_S) == 0
        self._reader.join(DEADLINE_S)


class GatewayThread:
    """A gateway on a thread of its own; `drop` decides which messages of the daemon never reach it."""

    def __init__(self, exchange, endpoint: str = "tcp://127.0.0.1:*"):
        self.context = zmq.Context()
        self.drop = lambda message: False
        self.mute = lambda kind: False
        self.moves: list[tuple[str, float]] = []
        self.gateway = self._open(endpoint, exchange)
        self.endpoint = self.gateway.endpoint
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _open(self, endpoint, exchange):
        # The port of a gateway that was here before may take a moment to be free.
        def attempt():
            try:
                return order_gateway.Gateway(endpoint, exchange, self.context)
            except zmq.ZMQError:
                return None

        gateway = wait_until(attempt, f"{endpoint} can be bound")
        take, say = gateway.take, gateway.say

        def lossy_take(peer, payload):
            if not self.drop(json.loads(payload)):
                take(peer, payload)

        def lossy_say(kind, members=None):
            if self.mute(kind):
                gateway.sequence += 1
            else:
                say(kind, members)

        gateway.take, gateway.say = lossy_take, lossy_say
        return gateway

    def _run(self) -> None:
        while not self._stop.is_set():
            self.gateway.step(0.01)
            while self.moves:
                self.gateway.move(*self.moves.pop(0))
        self.gateway.close()
        self.context.term()

    def close(self) -> None:
        self._stop.set()
        self._thread.join(DEADLINE_S)


def settle(probe: Probe, seconds: float = DEADLINE_S) -> None:
    """Waits until the link is up."""
    wait_until(lambda: probe.links()[-1:] == [True], "the link is up", seconds)


def truths(probe: Probe, *order_ids: int) -> dict:
    """Asks until there is an answer: a link may be lost meanwhile."""
    end = time.monotonic() + DEADLINE_S
    while time.monotonic() < end:
        settle(probe)
        before = len(probe.lines)
        probe.say("reconcile " + " ".join(map(str, order_ids)))
        answer = wait_until(
            lambda: next((line for line in probe.lines[before:] if "truths" in line), None), "an answer")["truths"]
        if answer is not None and len(answer) == len(order_ids):
            return answer
    raise AssertionError(f"no answer about {order_ids}")
