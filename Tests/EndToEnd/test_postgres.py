# SPDX-License-Identifier: Apache-2.0
"""The daemon on PostgreSQL: orders, restarts, a server that is killed under load or stays away, and the move there."""

import json
import os
import random
import subprocess
import time

import pytest

from daemon import TOOL, Daemon
from postgres_server import PostgresServer
from test_order_durability import OrderLoad, adds_up, quotes
from trading_desk import UNLIMITED, TradingDesk, flat_book
from waiting import wait_until

SEED = int(os.environ.get("DESK_SEED", "20261128"))
KILLS = int(os.environ.get("POSTGRES_KILLS", "20"))


@pytest.fixture
def server():
    made = PostgresServer()
    yield made
    made.close()


@pytest.fixture
def start(tmp_path, publish):
    """Starts daemons: `start({…})` with keys of the section `store`."""
    market = publish(options={"rcvtimeo": 5_000})
    data = flat_book(cash=1e9, margin_limit=1e9).save(tmp_path / "data")
    made: list[Daemon] = []

    def make(store: dict) -> TradingDesk:
        folder = tmp_path / f"daemon{len(made)}"
        folder.mkdir()
        feeds = [{"name": "primary", "endpoint": market.endpoint, "silent_after": "1h"}]
        settings = {
            "store": {"directory": str(tmp_path / "state"), **store}, "log": {"level": "warning"},
            "orders": {**UNLIMITED, "open_max": 1_000_000}, "venue": {"fee_rate": 0.001, "size_per_quote": 15},
        }
        daemon = Daemon(folder, feeds, settings, data)
        made.append(daemon)
        desk = TradingDesk(daemon.start(), market)
        market.wait_for_subscriber()
        quotes(desk)
        return desk

    yield make
    for daemon in made:
        daemon.kill_group()


def on(server: PostgresServer, **more) -> dict:
    return {"engine": "postgres", "url": server.url, "timeout": "2s", **more}


def tool(*arguments) -> subprocess.CompletedProcess:
    return subprocess.run([TOOL, *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False)


def until_connected(desk: TradingDesk) -> None:
    wait_until(
        lambda: desk.daemon.metric("tickrisk_store_connected") == 1
        and desk.daemon.metric("tickrisk_store_outbox_entries") == 0, "a server that has everything", 30)


def check(desk: TradingDesk, loads: list[OrderLoad], server: PostgresServer) -> None:
    """Acknowledged orders are there, once, as sent; fills are there once and add up; the chains hold."""
    orders = desk.orders()
    found = {order["client_order_id"]: order for order in orders}
    assert len(found) == len(orders), "an order is there twice"
    for load in loads:
        assert set(found) >= set(load.acknowledged), "an acknowledged order is lost"
        for name, (body, order_id) in load.acknowledged.items():
            assert found[name]["order_id"] == order_id
            assert {key: found[name][key] for key in body} == body
    assert set(found) <= {name for load in loads for name in load.sent}
    wait_until(lambda: adds_up(desk), "orders, positions and fills that agree")
    verified = tool("store", "verify", "--store", server.url)
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_orders_are_there_after_a_restart(start, server):
    desk = start(on(server))
    order = desk.accepted(symbol="AAPL", side="buy", quantity=5)
    desk.until(order, "filled")
    assert desk.daemon.metric("tickrisk_store_connected") == 1
    desk.daemon.stop()
    assert server.execute("SELECT count(*) FROM fills") == "1\n"
    desk = start(on(server))
    assert desk.order(order)["status"] == "filled"
    assert desk.position("AAPL")["quantity"] == 5
    desk.daemon.stop()


def test_the_server_is_killed_again_and_again_under_load(start, server):
    print(f"seed {SEED}, {KILLS} kills")
    chance = random.Random(SEED)
    desk = start(on(server))
    with OrderLoad(desk.daemon, SEED, "k") as load:
        for kill in range(KILLS):
            # Into commits, not into an outbox.
            until_connected(desk)
            before = len(load.acknowledged)
            # How far the load is when the server dies is the test's input.
            more = chance.randint(5, 60)
            wait_until(lambda: len(load.acknowledged) >= before + more, f"{more} more orders before kill {kill}", 30)
            server.kill()
            server.start()
        until_connected(desk)
        load.is_over = True
        load.join()
    assert set(load.statuses) <= {201, 422}, load.statuses  # 422: the gate of orders at work
    print(f"{len(load.acknowledged)} orders acknowledged, "
          f"{desk.daemon.metric('tickrisk_store_reconnects_total'):.0f} reconnections")
    assert desk.daemon.metric("tickrisk_store_reconnects_total") == KILLS
    check(desk, [load], server)
    desk.daemon.stop()
    desk = start(on(server))
    check(desk, [load], server)
    desk.daemon.stop()


def test_orders_go_on_while_the_server_is_away(start, server):
    desk = start(on(server))
    server.stop()
    with OrderLoad(desk.daemon, SEED, "away") as load:
        wait_until(lambda: desk.daemon.metric("tickrisk_store_connected") == 0, "that the server is missed")
        away_since = time.monotonic()
        wait_until(lambda: time.monotonic() > away_since + 20, "twenty seconds without a server", 30)
        load.is_over = True
        load.join()
        assert set(load.statuses) <= {201, 422}, load.statuses  # 422: the gate of orders at work
        status = desk.call("status").body
        assert status["ready"] and status["parts"]["store"]["state"] == "warn"
        assert "entries wait for it" in status["parts"]["store"]["reasons"][0]
        assert desk.daemon.metric("tickrisk_store_outbox_entries") >= len(load.acknowledged)
        # Risk goes on.
        desk.quote(1, 189.99, 190.0)
        server.start()
        until_connected(desk)
    assert desk.call("status").body["parts"]["store"]["state"] == "ok"
    print(f"{len(load.acknowledged)} orders acknowledged without a server")
    check(desk, [load], server)
    desk.daemon.stop()


def test_a_full_outbox_refuses_orders_with_the_reason_and_not_risk(start, server):
    desk = start(on(server, outbox_max=400))
    server.stop()
    with OrderLoad(desk.daemon, SEED, "full") as load:
        load.join()
    assert load.statuses[503] > 0
    # Of an account whose orders the load does not make: they may stand on either side.
    order = {"symbol": "AAPL", "side": "buy", "quantity": 1, "order_type": "limit", "limit_price": 100}
    refused = desk.call("accounts/OTHER/orders", "POST", order)
    assert refused.status == 503 and refused.body["code"] == "store"
    assert "the outbox is nearly full" in refused.body["detail"]
    desk.quote(1, 190.0, 191.0)
    server.start()
    until_connected(desk)
    wait_until(lambda: desk.call("accounts/OTHER/orders", "POST", order).status == 201, "orders again")
    desk.daemon.stop()


def test_a_crash_while_the_server_is_away_loses_nothing(start, server):
    desk = start(on(server))
    server.stop()
    with OrderLoad(desk.daemon, SEED, "crash") as load:
        wait_until(lambda: len(load.acknowledged) > 100, "orders in the outbox", 30)
        desk.daemon.kill()
    server.start()
    desk = start(on(server))
    check(desk, [load], server)
    desk.daemon.stop()


def test_a_second_daemon_on_the_schema_is_refused(start, server, tmp_path):
    desk = start(on(server))
    with pytest.raises(AssertionError, match="another process uses the schema tickrisk"):
        start(on(server, directory=str(tmp_path / "other")))
    desk.accepted(symbol="AAPL", side="buy", quantity=5)
    desk.daemon.stop()


def exported(store: str, folder) -> dict[str, str]:
    done = tool("export", "--store", store, "--to", folder)
    assert done.returncode == 0, done.stderr
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_a_store_moves_from_sqlite_with_every_row_and_chain(start, server, tmp_path):
    desk = start({})
    with OrderLoad(desk.daemon, SEED, "move") as load:
        wait_until(lambda: len(load.acknowledged) > 100, "orders", 30)
        load.is_over = True
    desk.daemon.stop()
    state = tmp_path / "state"
    done = tool("store", "copy", "--from", state, "--to", server.url, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["orders"] >= len(load.acknowledged)
    assert exported(state, tmp_path / "before") == exported(server.url, tmp_path / "after")
    again = tool("store", "copy", "--from", state, "--to", server.url)
    assert again.returncode == 1 and "holds a store already" in again.stderr
    # The old directory is not taken for the new one's.
    desk = start(on(server, directory=str(tmp_path / "outbox")))
    check(desk, [load], server)
    # Of an account whose orders the load does not make: they may stand on either side.
    order = {"symbol": "AAPL", "side": "buy", "quantity": 5, "order_type": "limit", "limit_price": 100}
    placed = desk.call("accounts/OTHER/orders", "POST", order)
    assert placed.status == 201, placed
    desk.daemon.stop()
    assert tool("audit", "list", "--store", server.url, "--limit", 5).returncode == 0
    backup = tool("store", "backup", "--store", server.url, tmp_path / "backup")
    assert backup.returncode == 1 and "pg_dump" in backup.stderr


@pytest.mark.parametrize("statement, fault", [
    ("UPDATE fills SET price = price + 1 WHERE sequence = 1", "fills: row 1 was changed"),
    ("DELETE FROM audit WHERE sequence = 1", "audit: row 2 does not follow"),
])
def test_what_was_changed_by_hand_is_found(start, server, statement, fault):
    desk = start(on(server))
    for _ in range(3):
        desk.until(desk.accepted(symbol="AAPL", side="buy", quantity=1), "filled")
    desk.call("accounts/FLAT/limits", "PUT", {"limits": [{"metric": "gross_exposure", "soft": 1}]})
    desk.call("accounts/FLAT/limits", "PUT", {"limits": [{"metric": "gross_exposure", "soft": 2}]})
    desk.daemon.stop()
    assert tool("store", "verify", "--store", server.url).returncode == 0
    server.execute(f"SET session_replication_role = replica; {statement}")
    found = tool("store", "verify", "--store", server.url)
    assert found.returncode == 1 and fault in found.stderr
    with pytest.raises(AssertionError, match=fault):
        start(on(server))


def test_a_server_elsewhere_must_prove_who_it_is(start):
    with pytest.raises(AssertionError, match="sslmode=verify-full"):
        start({"engine": "postgres", "url": "postgresql://desk@db.example/tickrisk"})
