# SPDX-License-Identifier: Apache-2.0
"""A machine that fails: a full disk, a folder nobody may write, no memory. Each has a clear message and a safe state:
orders stop, risk goes on."""

import os
import re
import resource
import subprocess

import pytest

from daemon import BINARY, Daemon
from kafka_broker import FillWriter, KafkaBroker, stored_fills
from trading_desk import UNLIMITED, TradingDesk
from waiting import wait_until


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 4 MB, which only root can mount."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    path = tmp_path / "disk"
    path.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m,mode=700", "tmpfs", path]).returncode != 0:
        pytest.skip("this machine mounts no tmpfs for us")
    yield path
    subprocess.run(["umount", "-l", path], check=True)


def test_a_full_disk_stops_orders_and_nothing_else(run, publish, demo, small_disk, stream):
    publisher = publish()
    daemon = run(publisher.endpoint, settings={
        "store": {"directory": str(small_disk / "store")}, "orders": {**UNLIMITED, "open_max": 1_000_000}})
    publisher.wait_for_subscriber()
    publisher.last({i.id: i.prior_close for i in demo.instruments.values()})
    wait_until(lambda: daemon.request("/readyz")[0] == 200, "ready")
    desk = TradingDesk(daemon, publisher, "ALPHA")

    def order():
        return desk.submit(symbol="AAPL", side="sell", quantity=1, order_type="limit", limit_price=85.0,
                           time_in_force="gtc")

    # The rest of the disk goes to somebody else.
    block = b"\0" * 65_536
    with (small_disk / "filler").open("wb", buffering=0) as filler:
        try:
            while True:
                filler.write(block)
        except OSError:
            pass
    refused = wait_until(lambda: (a := order()).status >= 500 and a, "orders are refused", 60)
    assert refused.status == 503
    assert order().status == 503, "and stay so"
    status, _, body = daemon.request("/readyz")
    assert status == 503 and (b"store is not writable" in body or b"no orders are taken" in body)
    assert daemon.metric("tickrisk_store_writable") == 0
    assert sum("no orders are taken" in line or "the journal failed" in line for line in daemon.log) == 1
    client = stream(daemon)
    client.subscribe("market")
    client.until_type("snapshot", "market")
    publisher.last({1: 91.5})
    client.until_state("market", lambda s: s["AAPL"]["last"] == 91.5, "risk goes on")


def test_a_full_disk_stops_fills_and_loses_none(run, publish, demo, small_disk):
    """What was not booked is read again by the daemon that has room."""
    publisher, broker = publish(), KafkaBroker()
    try:
        settings = {"store": {"directory": str(small_disk / "store")}, "kafka": {"brokers": broker.addresses}}
        daemon = run(publisher.endpoint, settings=settings)
        publisher.wait_for_subscriber()
        publisher.last({i.id: i.prior_close for i in demo.instruments.values()})
        # A store that fails before that has no positions to read from.
        wait_until(lambda: daemon.metric("tickrisk_kafka_partitions") == broker.partitions, "all partitions", 30)
        filler = (small_disk / "filler").open("wb", buffering=0)
        try:
            while True:
                filler.write(b"\0" * 65_536)
        except OSError:
            filler.close()
        writer = FillWriter(broker)
        for number in range(2_000):
            writer.fill(fill_id=f"f{number}", account="ALPHA")
        writer.flush()
        wait_until(lambda: b"fills are not read" in daemon.request("/readyz")[2], "reading stops", 60)
        assert daemon.request("/readyz")[0] == 503 and daemon.metric("tickrisk_kafka_reading") == 0
        wait_until(lambda: daemon.metric("tickrisk_kafka_lag_messages") > 0, "the lag is seen")
        assert sum("critical fills are not read" in line for line in daemon.log) == 1
        daemon.stop()
        (small_disk / "filler").unlink()
        run(publisher.endpoint, settings=settings)
        publisher.wait_for_subscriber()
        wait_until(lambda: stored_fills(small_disk / "store") >= 2_000, "all fills", 60)
        assert stored_fills(small_disk / "store") == 2_000
    finally:
        broker.close()


def test_a_store_nobody_may_write_is_refused_by_path(tmp_path):
    store = tmp_path / "store"
    store.mkdir(mode=0o700)
    if os.geteuid() == 0:
        subprocess.run(["mount", "--bind", store, store], check=True)
        subprocess.run(["mount", "-o", "remount,bind,ro", store], check=True)
    else:
        store.chmod(0o500)
    try:
        daemon = Daemon(
            tmp_path, [{"name": "primary", "endpoint": f"ipc://{tmp_path}/feed"}], {"store": {"directory": str(store)}})
        with pytest.raises(AssertionError, match=re.escape(str(store))):
            daemon.start()
        assert daemon.join() == 1
    finally:
        if os.geteuid() == 0:
            subprocess.run(["umount", store], check=True)


def test_without_memory_for_its_rings_a_daemon_says_so(tmp_path):
    daemon = Daemon(
        tmp_path, [{"name": "primary", "endpoint": f"ipc://{tmp_path}/feed", "ring_capacity": 1 << 26}])

    def limit() -> None:
        # Less than a ring of 2²⁶ records, more than the rest takes.
        resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))

    result = subprocess.run(
        [BINARY, "--config", daemon.path], capture_output=True, text=True, timeout=60, preexec_fn=limit)
    assert result.returncode == 1 and "memory" in result.stderr, result.stderr[-500:]
