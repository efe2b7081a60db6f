# SPDX-License-Identifier: Apache-2.0
"""SIGHUP: what changes while the daemon runs, what is refused by name, and that nobody notices but by the numbers."""

import csv
import shutil

import pytest

from daemon import DEMO
from waiting import wait_until

FILES = ("instruments.csv", "accounts.csv", "positions.csv", "history.csv", "scenarios.yaml")


@pytest.fixture
def data(tmp_path):
    directory = tmp_path / "data"
    directory.mkdir()
    for name in FILES:
        shutil.copy(DEMO / name, directory)
    return directory


@pytest.fixture
def running(run, publish, demo, data):
    """A daemon whose files may be changed, with every price once."""
    publisher = publish()
    daemon = run(publisher.endpoint, data=data)
    publisher.wait_for_subscriber()
    publisher.last({i.id: i.prior_close for i in demo.instruments.values()})
    for account in demo.accounts:
        wait_until(lambda: daemon.account(account)["status"] == "ok", f"all prices of {account}")
    return daemon, publisher


def refusal(daemon) -> str:
    return next(line for line in reversed(daemon.log) if "reload refused" in line)


def add_row(path, **values) -> None:
    """Appends a row in which everything else is as in the first."""
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    with path.open("a", newline="") as file:
        csv.DictWriter(file, list(rows[0])).writerow({**rows[0], **values})


def change_rows(path, change) -> None:
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
        names = list(rows[0])
    for row in rows:
        change(row)
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)


def test_scenarios_history_and_sectors_become_what_a_new_daemon_has(running, run, publish, demo, data, stream):
    daemon, publisher = running
    client = stream(daemon)
    client.subscribe("account:ALPHA", "firm", "market")
    client.until_each("snapshot", "account:ALPHA", "firm", "market")
    (data / "scenarios.yaml").write_text(
        "deep_crash: {shocks: [{all: true, price: -0.5}]}\nsector: {shocks: [{sector: Renamed, price: 0.25}]}\n")
    lines = (data / "history.csv").read_text().splitlines(keepends=True)
    (data / "history.csv").write_text("".join(lines[:1] + lines[40:]))
    change_rows(data / "instruments.csv", lambda row: row.update(
        sector="Renamed" if row["symbol"] == "AAPL" else row["sector"], margin_rate="0.5"))
    assert daemon.reload() == "applied"
    state = client.until_state("account:ALPHA", lambda s: "deep_crash" in s["stress"], "the new scenario")
    client.until_state("firm", lambda s: "deep_crash" in s["stress"], "the firm's")

    fresh_publisher = publish()
    fresh = run(fresh_publisher.endpoint, data=data)
    fresh_publisher.wait_for_subscriber()
    fresh_publisher.last({i.id: i.prior_close for i in demo.instruments.values()})
    for account in demo.accounts:
        wait_until(lambda: fresh.account(account)["status"] == "ok", f"all prices of {account}")
        expected = fresh.account(account)
        wait_until(lambda: daemon.account(account) == expected, f"{account} as a new daemon has it")
        reports = [d.get(f"/api/v1/accounts/{account}/risk") for d in (daemon, fresh)]
        assert reports[0]["models"] == reports[1]["models"]
    assert state["stress"].keys() == {"deep_crash", "sector"}
    assert daemon.get("/api/v1/instruments") == fresh.get("/api/v1/instruments")


def test_no_tick_and_no_client_is_lost_over_reloads(running, demo, data, stream):
    daemon, publisher = running
    client = stream(daemon)
    client.subscribe("market")
    client.until_type("snapshot", "market")
    ids = [i.id for i in demo.instruments.values()]
    sent = daemon.metric("tickrisk_ticks_total")
    for round_number in range(8):
        (data / "scenarios.yaml").write_text(f"crash: {{shocks: [{{all: true, price: -0.{round_number + 1}}}]}}\n")
        publisher.last({i: 100.0 + round_number for i in ids})
        assert daemon.reload() == "applied"
        publisher.last({i: 200.0 + round_number for i in ids})
        sent += 2 * len(ids)
    daemon.wait_for_metric("tickrisk_ticks_total", sent)
    symbol = next(iter(demo.instruments))
    client.until_state("market", lambda s: s[symbol]["last"] == 207.0, "the last price")
    assert daemon.metric("tickrisk_messages_missing_total") == 0
    wait_until(lambda: daemon.metric("tickrisk_engine_rebuilds_total") >= 1, "another engine")
    assert daemon.metric("tickrisk_stream_closes_total") == 0


def test_limits_of_orders_and_the_level_of_the_log_change(running):
    daemon, _ = running
    order = b'{"symbol":"AAPL","side":"buy","quantity":50}'
    headers = {"Content-Type": "application/json"}
    daemon.configure({"orders": {"quantity_max": 10}, "log": {"level": "debug"}})
    assert daemon.request("/api/v1/accounts/ALPHA/orders", "POST", headers, order)[0] in (201, 202, 200)
    assert daemon.reload() == "applied"
    status, _, body = daemon.request("/api/v1/accounts/ALPHA/orders", "POST", headers, order)
    assert status in (400, 409, 422) and b"quantity" in body
    assert any("reloaded" in line and "orders.quantity_max" in line and "log.level" in line for line in daemon.log)


@pytest.mark.parametrize("settings, name", [
    ({"http": {"max_connections": 77}}, "http.max_connections"),
    ({"risk": {"stale_after": "1h", "window": 100}}, "risk.window"),
    ({"streaming": {"allowed_origins": ["https://desk.example"]}}, "streaming.allowed_origins"),
    ({"store": {"keep_seconds": "1h"}}, "store.keep_seconds"),
])
def test_what_needs_a_restart_is_refused_by_name_and_nothing_else_changes(running, settings, name):
    daemon, _ = running
    daemon.configure({**settings, "orders": {"quantity_max": 1}})
    assert daemon.reload() == "refused"
    assert name in refusal(daemon) and "needs a restart" in refusal(daemon)
    assert daemon.metric("tickrisk_last_reload_successful") == 0
    order = b'{"symbol":"AAPL","side":"buy","quantity":50}'
    status, _, _ = daemon.request(
        "/api/v1/accounts/ALPHA/orders", "POST", {"Content-Type": "application/json"}, order)
    assert status in (200, 201, 202), "the limit of the refused reload does not hold"


@pytest.mark.parametrize("file, change, reason", [
    ("scenarios.yaml", lambda path: path.write_text("crash: {shoks: []}\n"), "scenarios.yaml:1"),
    ("positions.csv", lambda path: change_rows(path, lambda r: r.update(quantity="1")), "data.positions"),
    ("accounts.csv", lambda path: change_rows(path, lambda r: r.update(cash="1")), "data.accounts: ALPHA has changed"),
    ("accounts.csv", lambda path: add_row(path, account="DELTA", name="Delta", currency="USD", cash="1"),
     "data.accounts: DELTA is new"),
    ("instruments.csv", lambda path: change_rows(path, lambda r: r.update(multiplier="10")),
     "in use: AAPL is held by ALPHA"),
])
def test_files_that_cannot_be_taken_over_are_refused_with_the_reason(running, data, file, change, reason):
    daemon, _ = running
    before = daemon.account("ALPHA")
    change(data / file)
    assert daemon.reload() == "refused"
    assert reason in refusal(daemon)
    assert daemon.account("ALPHA") == before
