# SPDX-License-Identifier: Apache-2.0
"""History of P&L and risk: recorded once a second, there after a crash, one daemon a directory."""

import subprocess
import time

import pytest

from daemon import BINARY, DEMO
from waiting import wait_until


def points(daemon, subject="accounts/ALPHA", resolution="second", **parameters):
    query = "&".join(f"{name}={value}" for name, value in {"resolution": resolution, **parameters}.items())
    return daemon.get(f"/api/v1/{subject}/history?{query}")["points"]


@pytest.fixture
def recording(run, publish, demo, tmp_path):
    """A daemon with a store, and a publisher that has priced everything."""
    publisher = publish()
    state = tmp_path / "state"
    settings = {"risk": {"stale_after": "1h"}, "store": {"directory": str(state)}}
    daemon = run(publisher.endpoint, settings=settings)
    publisher.wait_for_subscriber()
    publisher.last({instrument.id: instrument.prior_close for instrument in demo.instruments.values()})
    wait_until(lambda: daemon.account("ALPHA")["status"] == "ok", "prices")
    return daemon, publisher, state


def move(daemon, publisher, demo, factor):
    """Moves all prices, waits until the account shows them, and returns its totals."""
    prices = {symbol: round(i.prior_close * factor, 2) for symbol, i in demo.instruments.items()}
    publisher.last({demo.instruments[symbol].id: price for symbol, price in prices.items()})

    def totals():
        state = daemon.account("ALPHA")
        return all(p["price"] == prices[symbol] for symbol, p in state["positions"].items()) and state["totals"]

    return wait_until(totals, f"prices times {factor}")


def test_points_are_what_the_account_showed_and_survive_a_kill(recording, demo):
    daemon, publisher, _ = recording
    for step in range(1, 4):
        shown = move(daemon, publisher, demo, 1 + step / 100)
        wait_until(
            lambda: any(p.get("total_pnl") == shown["total_pnl"] for p in points(daemon)), f"a point of step {step}")
    state = daemon.account("ALPHA")
    before = points(daemon)
    newest = before[-1]
    assert newest["total_pnl"] == state["totals"]["total_pnl"] and newest["day_pnl"] == state["totals"]["day_pnl"]
    assert newest["var"] == state["risk"]["var"]["9900"] and newest["es"] == state["risk"]["es"]["9900"]
    assert newest["gross_exposure"] == state["totals"]["gross_exposure"]
    times = [point["time"] for point in before]
    assert times == sorted(set(times)) and abs(times[-1] - time.time()) < 60
    minute = points(daemon, resolution="minute")
    assert minute[-1]["total_pnl_max"] == max(point["total_pnl"] for point in before)
    assert len(points(daemon, "firm")) >= 1 and points(daemon, **{"from": times[-1]}) == before[-1:]
    assert daemon.metric("tickrisk_store_commits_total") >= 3
    daemon.kill()
    daemon.start()
    assert points(daemon, **{"from": times[0]})[: len(before)] == before


def test_folders_above_the_store_are_made_and_what_cannot_be_is_said(run, publish, tmp_path):
    deep = tmp_path / "a" / "b" / "state"
    run(publish().endpoint, settings={"store": {"directory": str(deep)}})
    assert (deep / "desk.sqlite").exists() and deep.parent.stat().st_mode & 0o077 == 0
    (tmp_path / "file").touch()
    result = subprocess.run(
        [BINARY, "--config", DEMO / "tickrisk.yaml", "--set", f"store.directory={tmp_path}/file/state",
         "--set", "http.listen=127.0.0.1:0"], capture_output=True, text=True, timeout=30, check=False)
    assert result.returncode == 1 and "file/state: Not a directory" in result.stderr


def test_a_second_daemon_on_the_same_directory_is_refused(recording):
    daemon, _, state = recording
    second = subprocess.run(
        [BINARY, "--config", daemon.path], capture_output=True, text=True, timeout=30, check=False)
    assert second.returncode == 1
    assert f"another process uses {state}" in second.stderr


def test_accounts_the_files_add_are_added_to_the_stores_book(run, publish, demo, tmp_path):
    state = {"store": {"directory": str(tmp_path / "state")}}
    first = run(publish().endpoint, settings=state)
    first.stop()
    demo.save(tmp_path / "files")
    accounts = tmp_path / "files" / "accounts.csv"
    accounts.write_text(accounts.read_text() + "NEW,New,USD,5,100\n")
    second = run(publish().endpoint, settings=state, data=tmp_path / "files")
    wait_until(lambda: points(second, "accounts/NEW"), "a point of the new account")


def test_without_a_folder_history_lasts_as_long_as_the_process(live):
    daemon, _ = live
    assert any("nothing outlives this process" in line for line in daemon.log)
    wait_until(lambda: points(daemon, "accounts/ALPHA"), "a point")
    assert daemon.request("/api/v1/accounts/NOBODY/history")[0] == 404


@pytest.mark.parametrize("query", ["resolution=hour", "from=-1", "from=x", "from=+1", "from=1e3"])
def test_what_is_asked_wrongly_is_named(recording, query):
    daemon, _, _ = recording
    status, _, body = daemon.request(f"/api/v1/accounts/ALPHA/history?{query}")
    assert status == 422 and query.split("=")[0].encode() in body
