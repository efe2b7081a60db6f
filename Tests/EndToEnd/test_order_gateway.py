# SPDX-License-Identifier: Apache-2.0
"""The order gateway against the sample gateway: what is said arrives, and what gets lost is found out."""

import json
import os
import random
import subprocess
import sys

import pytest

from gateway_probe import ROOT, GatewayThread, Probe, order_gateway, settle, truths
from waiting import wait_until


@pytest.fixture
def gateway(request):
    opened = []

    def make(exchange, endpoint="tcp://127.0.0.1:*"):
        opened.append(GatewayThread(exchange, endpoint))
        return opened[-1]

    yield make
    for thread in opened:
        thread.close()


@pytest.fixture
def probe():
    opened = []

    def make(endpoint):
        opened.append(Probe(endpoint))
        settle(opened[-1])
        return opened[-1]

    yield make
    for one in opened:
        one.close()


def kinds(probe, order_id):
    return [report["kind"] for report in probe.reports(order_id)]


def filled(probe, order_id):
    """By fill identifier, each once."""
    fills = [report for report in probe.reports(order_id) if report["kind"] == "filled"]
    return {fill["fill_id"]: fill["quantity"] for fill in fills}


def test_orders_live_as_the_gateway_says(gateway, probe):
    thread = gateway(order_gateway.Exchange({"AAPL": 180.5}, fill_size=4))
    venue = probe(thread.endpoint)
    venue.say("new 1 AAPL buy 4 market")
    wait_until(lambda: kinds(venue, 1) == ["acknowledged", "filled"], "the market order")
    assert venue.reports(1)[1]["price"] == 180.5 and sum(filled(venue, 1).values()) == 4
    venue.say("new 2 AAPL sell 10 limit 181")
    wait_until(lambda: kinds(venue, 2) == ["acknowledged"], "the limit order")
    venue.say("replace 2 6")
    wait_until(lambda: kinds(venue, 2)[-1] == "replaced", "the replacement")
    thread.moves.append(("AAPL", 181.0))
    wait_until(lambda: sum(filled(venue, 2).values()) == -4, "a part of it")
    thread.moves.append(("AAPL", 181.25))
    wait_until(lambda: sum(filled(venue, 2).values()) == -6, "the rest")
    venue.say("cancel 2")
    wait_until(lambda: kinds(venue, 2)[-1] == "refused", "the cancel that is too late")
    assert venue.reports(2)[-1]["reason"] == "not_open"
    venue.say("new 3 MSFT buy 1 market")
    venue.say("roll")
    wait_until(lambda: kinds(venue, 3) == ["acknowledged", "expired"], "the end of the day")
    assert truths(venue, 1, 2, 3, 4) == {
        "1": ["filled", 4], "2": ["filled", 6], "3": ["expired", 0], "4": ["unheard_of", 0]}


def test_an_order_that_never_arrived_is_unheard_of(gateway, probe):
    thread = gateway(order_gateway.Exchange())
    venue = probe(thread.endpoint)
    thread.drop = lambda message: message["type"] == "new"
    venue.say("new 1 AAPL buy 1 market")
    # The next heartbeat shows the gateway that something is missing.
    wait_until(lambda: venue.links() == [True, False, True], "the link is lost and found")
    assert truths(venue, 1) == {"1": ["unheard_of", 0]}
    assert kinds(venue, 1) == [] and thread.gateway.counts["missing"] >= 1


def test_a_fill_that_got_lost_comes_with_the_answer(gateway, probe):
    thread = gateway(order_gateway.Exchange({"AAPL": 180.5}))
    venue = probe(thread.endpoint)
    thread.mute = lambda kind: kind == "fill"
    venue.say("new 1 AAPL buy 3 market")
    wait_until(lambda: venue.links() == [True, False, True], "the link is lost and found")
    assert filled(venue, 1) == {}
    assert truths(venue, 1) == {"1": ["filled", 3]}
    assert filled(venue, 1) == {"GX-1": 3}


def test_a_gateway_that_was_killed_knows_its_orders(tmp_path, probe):
    journal = tmp_path / "orders.json"
    command = [
        sys.executable, ROOT / "clients/python/order_gateway.py", f"ipc://{tmp_path}/gateway", "--price", "AAPL=180.5",
        "--journal", journal]

    def start():
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert "ready" in process.stdout.readline()
        return process

    process = start()
    try:
        venue = probe(f"ipc://{tmp_path}/gateway")
        venue.say("new 1 AAPL buy 3 market")
        venue.say("new 2 MSFT buy 5 market")
        wait_until(lambda: kinds(venue, 1)[-1:] == ["filled"] and kinds(venue, 2) == ["acknowledged"], "both orders")
        process.kill()
        process.wait()
        process = start()
        wait_until(lambda: venue.links() == [True, False, True], "the link is lost and found")
        assert truths(venue, 1, 2) == {"1": ["filled", 3], "2": ["working", 0]}
        assert filled(venue, 1) == {"GX-1": 3}
    finally:
        process.kill()
        process.wait()


def test_whatever_is_lost_both_sides_agree_in_the_end(gateway, probe):
    seed = int(os.environ.get("GATEWAY_SEED", random.SystemRandom().randrange(1 << 32)))
    print(f"seed {seed}: GATEWAY_SEED={seed}")
    chance = random.Random(seed)
    exchange = order_gateway.Exchange({"AAPL": 180.5}, fill_size=2)
    thread = gateway(exchange)
    venue = probe(thread.endpoint)
    thread.drop = lambda message: chance.random() < 0.1
    thread.mute = lambda kind: chance.random() < 0.1
    for order in range(1, 41):
        venue.say(f"new {order} {chance.choice(['AAPL', 'MSFT'])} buy {chance.randrange(1, 9)} market")
        if chance.random() < 0.4:
            venue.say(f"cancel {chance.randrange(1, order + 1)}")
        thread.moves.append(("AAPL", 180 + chance.random()))
    wait_until(lambda: not thread.moves, "the market has moved")
    thread.drop = thread.mute = lambda _: False
    answer = truths(venue, *range(1, 41))
    for order in range(1, 41):
        standing, executed = answer[str(order)]
        known = exchange.orders.get(order, {"standing": "unheard_of", "executed_quantity": 0})
        assert [standing, executed] == [known["standing"], known["executed_quantity"]], order
        assert sum(filled(venue, order).values()) == executed, order


def test_a_daemon_trades_through_a_gateway(gateway, run, publish, demo, tmp_path):
    exchange = order_gateway.Exchange({"AAPL": demo.instruments["AAPL"].prior_close})
    thread = gateway(exchange)
    publisher = publish()
    daemon = run(
        publisher.endpoint, settings={
            "store": {"directory": str(tmp_path / "state")},
            "venue": {"kind": "gateway", "endpoint": thread.endpoint}})
    publisher.wait_for_subscriber()
    publisher.last({instrument.id: instrument.prior_close for instrument in demo.instruments.values()})
    wait_until(lambda: daemon.account("ALPHA")["status"] == "ok", "prices")

    def held(symbol):
        return daemon.account("ALPHA")["positions"].get(symbol, {}).get("quantity", 0)

    def send(symbol):
        body = json.dumps({"symbol": symbol, "side": "buy", "quantity": 5}).encode()
        status, _, answer = daemon.request(
            "/api/v1/accounts/ALPHA/orders", "POST", headers={"Content-Type": "application/json"}, body=body)
        assert status == 201, answer
        return json.loads(answer)["order_id"]

    def status(order):
        return daemon.get(f"/api/v1/orders/{order}")["status"]

    before = {symbol: held(symbol) for symbol in ("AAPL", "MSFT")}
    first = send("AAPL")
    wait_until(lambda: status(first) == "filled" and held("AAPL") == before["AAPL"] + 5, "the fill and the position")
    second = send("MSFT")
    wait_until(lambda: status(second) == "working", "the order that waits")
    thread.close()
    wait_until(lambda: status(second) == "unknown", "nobody knows")
    # It trades while nobody listens.
    exchange.price("MSFT", demo.instruments["MSFT"].prior_close)
    gateway(exchange, thread.endpoint)
    wait_until(lambda: status(second) == "filled" and held("MSFT") == before["MSFT"] + 5, "what became of it", 30)
    fills = daemon.get("/api/v1/accounts/ALPHA/fills")["fills"]
    assert sorted(fill["order_id"] for fill in fills) == [first, second]
