# SPDX-License-Identifier: Apache-2.0
"""The system's clock set by an hour while the daemon runs: nothing ages or stands still by it, and one line says so."""

import datetime
import shutil
import sqlite3
import struct
import subprocess
from pathlib import Path

import pytest

from access import Person, add, browser, first_user
from daemon import ROOT, Daemon
from trading_desk import UNLIMITED, TradingDesk, flat_book
from waiting import wait_until
from wire import Tick

HOUR_NS = 3_600 * 10**9


class FakedClock:
    """How far the daemon's wall clock is from the machine's; its monotonic clock stays the machine's."""

    def __init__(self, directory: Path):
        self.path = directory / "clock"
        self.path.write_bytes(struct.pack("=q", 0))
        self.library = directory / "faked_clock.so"
        compiler = shutil.which("cc") or shutil.which("clang")
        assert compiler, "no C compiler: the Swift toolchain has one"
        subprocess.run(
            [compiler, "-O1", "-Wall", "-Werror", "-shared", "-fPIC", "-o", self.library,
             ROOT / "Tests/EndToEnd/faked_clock.c"], check=True)
        self.steps: list[str] = []

    @property
    def environment(self) -> dict[str, str]:
        return {"LD_PRELOAD": str(self.library), "FAKED_CLOCK": str(self.path)}

    def set(self, seconds: int) -> None:
        with self.path.open("r+b", buffering=0) as file:
            file.write(struct.pack("=q", seconds))

    def step(self, daemon: Daemon, seconds: int, words: str) -> None:
        """Sets the clock and waits for the one line that says so."""
        self.set(seconds)
        self.steps.append(words)
        wait_until(lambda: self.lines(daemon) and words in self.lines(daemon)[-1], words)
        assert len(self.lines(daemon)) == len(self.steps), self.lines(daemon)

    @staticmethod
    def lines(daemon: Daemon) -> list[str]:
        return [line for line in daemon.log if "the system clock was set" in line]


@pytest.fixture
def clock(tmp_path):
    return FakedClock(tmp_path)


@pytest.fixture
def start(publish, clock, tmp_path):
    """Starts a daemon on the flat book whose clock is in our hands."""
    daemons = []

    def make(settings: dict):
        publisher = publish()
        feeds = [{"name": "primary", "endpoint": publisher.endpoint, "silent_after": "1h"}]
        daemon = Daemon(
            tmp_path, feeds, settings, data=flat_book().save(tmp_path / "data"), environment=clock.environment)
        daemons.append(daemon)
        daemon.start()
        publisher.wait_for_subscriber()
        return daemon, publisher

    yield make
    for daemon in daemons:
        daemon.stop()


def soon(minutes: int) -> str:
    """A time of day in so many minutes, UTC."""
    return (datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=minutes)).strftime("%H:%M")


def day_rolls(store: Path) -> int:
    with sqlite3.connect(f"file:{store}/desk.sqlite?mode=ro", uri=True) as database:
        return database.execute("SELECT count(*) FROM audit WHERE what = 'book.roll'").fetchone()[0]


def test_prices_orders_streams_and_the_day_go_on_over_steps_of_an_hour(start, clock, stream, tmp_path):
    daemon, publisher = start({
        "store": {"directory": str(tmp_path / "state")}, "orders": UNLIMITED, "risk": {"stale_after": "20s"},
        "trading_day": {"roll": soon(minutes=30)}})
    desk = TradingDesk(daemon, publisher)
    desk.quote(1, 179.99, 180.0)
    desk.quote(2, 399.9, 400.0)
    desk.until(desk.accepted(symbol="AAPL", side="buy", quantity=5), "filled")
    desk.quote(1, 189.99, 190.0)
    wait_until(lambda: daemon.account("FLAT")["totals"]["day_pnl"] == 50.0, "the day's P&L")
    client = stream(daemon)
    client.subscribe("market", "account:FLAT")
    client.until_each("snapshot", "market", "account:FLAT")
    cuts: dict[str, int] = {}

    def move(price: float) -> None:
        """A tick reaches the client; cut times of a channel ascend."""
        publisher.ticks(Tick(1, bid=price, ask=price, last=price))

        def is_shown(message) -> bool:
            if message["type"] in ("snapshot", "delta"):
                assert message["cut_ns"] > cuts.get(message["channel"], 0)
                cuts[message["channel"]] = message["cut_ns"]
            shown = client.states["market"]["AAPL"]
            return message.get("channel") == "market" and shown["last"] == price and shown["status"] == "ok"

        client.until(is_shown, f"{price}")

    orders = [desk.orders()[0]]
    for seconds, words in ((3_600, "set forward"), (0, "set back")):
        clock.step(daemon, seconds, words)
        assert "seconds=3600" in clock.lines(daemon)[-1] or "seconds=3599" in clock.lines(daemon)[-1]
        move(191.0 + seconds)
        assert daemon.request("/readyz")[0] == 200
        assert client.states["market"]["MSFT"]["status"] == "ok", "nothing has aged by an hour"
        desk.until(desk.accepted(symbol="MSFT", side="buy", quantity=1), "filled")
        orders.append(desk.orders()[0])
        # The day ended when the clock passed its end, and does not end again.
        wait_until(lambda: day_rolls(tmp_path / "state") == 1, "the end of the day")
    created = [order["created_ns"] for order in orders]
    assert created == sorted(created) and created[1] - created[0] > HOUR_NS - 10**9
    for turn in range(20):
        move(200.0 + turn)
    history = desk.call("accounts/FLAT/history?resolution=second")
    assert history.status == 200
    assert daemon.metric("tickrisk_stream_closes_total", code="4008") == 0
    assert not [line for line in daemon.log if "critical" in line or " error " in line]
    daemon.stop()
    assert day_rolls(tmp_path / "state") == 1
    daemon.start()
    assert daemon.account("FLAT")["positions"]["AAPL"]["quantity"] == 5


def test_sessions_and_the_limit_of_failures_over_steps(start, clock):
    daemon, _ = start({"auth": {"mode": "password", "session_idle": "30m", "session_lifetime": "3h"}})
    admin = first_user(daemon)
    add(admin, "ann", (None, "view"))
    ann = browser(daemon, "ann")

    def guess() -> tuple[int, int]:
        """Status, and seconds to wait."""
        status, headers, _ = Person(daemon).ask("/api/v1/sessions", "POST", {"user": "bob", "password": "guess"})
        return status, int(headers.get("retry-after", 0))

    while (answer := guess())[0] == 401:
        pass
    assert answer[0] == 429 and answer[1] <= 300
    clock.step(daemon, -3_600, "set back")
    assert ann.ask("/api/v1/accounts")[0] == 200
    answer = guess()
    assert answer[0] == 429 and answer[1] <= 300, "not an hour longer"
    clock.step(daemon, 3_600, "set forward")
    # Fail-closed: what has not been used for longer than allowed, by the clock there is, has ended.
    assert ann.ask("/api/v1/accounts")[0] == 401
    assert guess()[0] == 429, "no way around it"
