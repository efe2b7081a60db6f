# SPDX-License-Identifier: Apache-2.0
"""Nothing acknowledged is lost: daemons under order load that die at random moments, and at every nth system call.

The short form runs in CI; `DESK_CRASHES=100` kills as often as that, `DESK_FAULT_STEP=1` takes every call.
"""

import http.client
import json
import os
import random
import subprocess
import threading
import time
from collections import Counter

import pytest
import zmq

from daemon import TOOL, Daemon
from trading_desk import UNLIMITED, TradingDesk, flat_book
from waiting import wait_until

SEED = int(os.environ.get("DESK_SEED", "20261128"))
CRASHES = int(os.environ.get("DESK_CRASHES", "6"))
FAULT_STEP = int(os.environ.get("DESK_FAULT_STEP", "0"))
SENDERS = 4


class OrderLoad:
    """Senders that note what was acknowledged, until the daemon is gone or refuses."""

    def __init__(self, daemon: Daemon, seed: int, name: str):
        self.daemon, self.seed, self.name = daemon, seed, name
        #: Body and order id by client order id, of every 201.
        self.acknowledged: dict[str, tuple[dict, int]] = {}
        self.sent: dict[str, dict] = {}
        self.statuses: Counter = Counter()
        #: Set to end the senders while the daemon goes on.
        self.is_over = False
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._send, args=(n,)) for n in range(SENDERS)]

    def __enter__(self) -> "OrderLoad":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_) -> None:
        self.join()

    def join(self) -> None:
        for thread in self._threads:
            thread.join()

    def _send(self, sender: int) -> None:
        chance = random.Random(f"{self.seed}-{self.name}-{sender}")
        connection = http.client.HTTPConnection(self.daemon.address, timeout=20)
        for number in range(100_000):
            if self.is_over:
                return
            name = f"{self.name}-{sender}-{number}"
            body = {"client_order_id": name, "symbol": chance.choice(["AAPL", "MSFT"]),
                    "side": chance.choice(["buy", "sell"]), "quantity": chance.randint(1, 20)}
            if chance.random() < 0.3:
                price = {"AAPL": 180, "MSFT": 400}[body["symbol"]]
                body |= {"order_type": "limit", "limit_price": price + chance.choice([-9, 9]), "time_in_force": "gtc"}
            try:
                with self._lock:
                    self.sent[name] = body
                status, answer = self._post(connection, "/api/v1/accounts/FLAT/orders", "POST", body)
                with self._lock:
                    self.statuses[status] += 1
                    if status == 201:
                        self.acknowledged[name] = (body, answer["order_id"])
                if status >= 500:
                    return
                if status == 201 and chance.random() < 0.2:
                    self._post(connection, f"/api/v1/orders/{answer['order_id']}", "DELETE", None)
            except (OSError, http.client.HTTPException, ValueError):
                return

    @staticmethod
    def _post(connection, path: str, method: str, body) -> tuple[int, dict]:
        data = None if body is None else json.dumps(body)
        connection.request(method, path, data, {"Content-Type": "application/json"} if data else {})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())


@pytest.fixture
def market(publish):
    # A daemon that is struck early never subscribes.
    yield publish(options={"rcvtimeo": 3_000})


@pytest.fixture
def ground(tmp_path, market):
    """Starts daemons on one store: `ground(wrapper=[…])`; `ground.newest()` is the last, started or struck."""
    data = flat_book(cash=1e9, margin_limit=1e9).save(tmp_path / "data")
    made: list[Daemon] = []

    def start(wrapper: list[str] | None = None) -> TradingDesk:
        folder = tmp_path / f"daemon{len(made)}"
        folder.mkdir()
        feeds = [{"name": "primary", "endpoint": market.endpoint, "silent_after": "1h"}]
        settings = {
            "store": {"directory": str(tmp_path / "state")}, "orders": {**UNLIMITED, "open_max": 1_000_000},
            "venue": {"fee_rate": 0.001, "size_per_quote": 15}, "log": {"level": "warning"},
        }
        daemon = Daemon(folder, feeds, settings, data, wrapper=wrapper)
        made.append(daemon)
        desk = TradingDesk(daemon.start(), market)
        market.wait_for_subscriber()
        return desk

    start.newest = lambda: made[-1]
    yield start
    for daemon in made:
        daemon.kill_group()


def quotes(desk: TradingDesk) -> None:
    desk.quote(1, 179.99, 180.0)
    desk.quote(2, 399.9, 400.0)


def check(desk: TradingDesk, loads: list[OrderLoad], state) -> None:
    """Acknowledged orders are there, once, as sent; positions are the sum of the fills; the audit holds."""
    orders = desk.orders()
    by_name = Counter(order["client_order_id"] for order in orders)
    assert max(by_name.values(), default=1) == 1, "an order is there twice"
    found = {order["client_order_id"]: order for order in orders}
    for load in loads:
        for name, (body, order_id) in load.acknowledged.items():
            order = found[name]
            assert order["order_id"] == order_id
            assert {key: order[key] for key in body} == body
        assert set(found) >= set(load.acknowledged)
    sent = {name for load in loads for name in load.sent}
    assert set(found) <= sent
    # Orders that were restored may trade on the first quotes: until nothing moves.
    wait_until(lambda: adds_up(desk), "orders, positions and fills that agree")
    verified = subprocess.run(
        [TOOL, "audit", "verify", "--store", state], capture_output=True, text=True, timeout=60, check=False)
    assert verified.returncode == 0, verified.stdout + verified.stderr


def adds_up(desk: TradingDesk) -> bool:
    """Whether orders and positions are the sums of the fills, each of which is there once."""
    fills = desk.fills()
    assert len({fill["fill_id"] for fill in fills}) == len(fills), "a fill is there twice"
    held, filled = Counter(), Counter()
    for fill in fills:
        signed = fill["quantity"] if fill["side"] == "buy" else -fill["quantity"]
        held[fill["symbol"]] += signed
        filled[fill["order_id"]] += fill["quantity"]
    positions = desk.daemon.account("FLAT")["positions"]
    is_held = {symbol: p["quantity"] for symbol, p in positions.items() if p["quantity"]} \
        == {symbol: quantity for symbol, quantity in held.items() if quantity}
    return is_held and all(order["filled_quantity"] == filled[order["order_id"]] for order in desk.orders())


def test_acknowledged_orders_survive_kills_at_random_moments(ground, tmp_path):
    print(f"seed {SEED}, {CRASHES} kills")
    chance = random.Random(SEED)
    loads: list[OrderLoad] = []
    for crash in range(CRASHES):
        desk = ground()
        quotes(desk)
        with OrderLoad(desk.daemon, SEED, f"c{crash}") as load:
            loads.append(load)
            time.sleep(chance.uniform(0.02, 0.4))  # the moment is the test's input
            desk.daemon.kill()
        desk = ground()
        quotes(desk)
        check(desk, loads, tmp_path / "state")
        name, (body, order_id) = chance.choice(list(load.acknowledged.items()) or [("", ({}, 0))])
        if name:
            again = desk.submit(**body)
            assert (again.status, again.body["order_id"]) == (201, order_id)
        desk.daemon.kill()
    assert sum(len(load.acknowledged) for load in loads) > 10 * CRASHES


CALLS = ("fdatasync", "pwrite64", "sendto")
FAULTS = [(call, fault) for call in CALLS for fault in ("signal=KILL", "error=EIO", "error=ENOSPC")]


def moments(call: str) -> list[int]:
    """At which of the daemon's calls the fault strikes: a few in the short form, spread by powers of two."""
    if FAULT_STEP:
        return list(range(1, 200, FAULT_STEP))
    return {"fdatasync": [3, 17], "pwrite64": [40, 160], "sendto": [2]}[call]


@pytest.mark.parametrize("call, fault", FAULTS)
def test_acknowledged_orders_survive_faults_of_system_calls(ground, tmp_path, call, fault):
    loads: list[OrderLoad] = []
    ground().daemon.stop()  # the store is there: faults strike orders, not the first start
    for moment in moments(call):
        injection = f"inject={call}:{fault}:when={moment}" + ("" if fault.startswith("signal") else "+")
        wrapper = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", injection]
        try:
            desk = ground(wrapper)
            quotes(desk)
        except (AssertionError, OSError, zmq.ZMQError) as failure:
            # Struck before it was ready: what was acknowledged earlier is checked below.
            print(f"{call} {fault} {moment}: not ready: {str(failure)[:80]}")
        else:
            with OrderLoad(desk.daemon, SEED + moment, f"{moment}") as load:
                loads.append(load)
                deadline = threading.Timer(2.0, desk.daemon.strike)
                deadline.start()
            deadline.cancel()
            deadline.join()
            print(f"{call} {fault} {moment}: {dict(load.statuses)}")
        ground.newest().kill_group()
        desk = ground()
        quotes(desk)
        check(desk, loads, tmp_path / "state")
        desk.daemon.stop()


def test_a_store_that_fails_stops_orders_and_not_risk(ground):
    """A disk that is full: orders are refused with the reason, prices and risk go on, readiness says so."""
    ground().daemon.stop()
    injection = "inject=fdatasync:error=ENOSPC:when=12+"
    desk = ground(["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync", "-e", injection])
    quotes(desk)
    with OrderLoad(desk.daemon, SEED, "full") as load:
        load.join()
    assert load.statuses[503] > 0
    refused = desk.submit(symbol="AAPL", side="buy", quantity=1)
    assert refused.status == 503 and refused.body["code"] == "store"
    desk.quote(1, 190.0, 191.0)
    status, _, body = desk.daemon.request("/readyz")
    assert status == 503 and b"store" in body
    told = desk.call("status")
    assert told.status == 200 and not told.body["ready"]
    assert {part: told.body["parts"][part]["state"] for part in ("store", "orders")} == {
        "store": "down", "orders": "down"}
    desk.daemon.kill_group()
