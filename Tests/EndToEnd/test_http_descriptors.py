# SPDX-License-Identifier: Apache-2.0
"""A daemon that has no descriptors left keeps those it has, does not spin, and takes new ones when some are free."""

import os
import resource
import time

from raw_socket import RawSocket, is_let_in
from waiting import wait_until

GET = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
#: Of one core, while nothing can be accepted.
CPU_SHARE_MAX = 0.3
WATCH_S = 2.0


def serves(client: RawSocket) -> None:
    client.send(GET)
    client.read_until(b"ok\n")


def open_files(daemon) -> int:
    return len(os.listdir(f"/proc/{daemon.process.pid}/fd"))


def cpu_seconds(daemon) -> float:
    with open(f"/proc/{daemon.process.pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_connections_stay_below_the_limit_of_open_files(run, publish, tmp_path, monkeypatch):
    import daemon as harness

    limited = tmp_path / "tickriskd"
    limited.write_text(f'#!/bin/sh\nexec prlimit --nofile=200:200 {harness.BINARY} "$@"\n')
    limited.chmod(0o755)
    monkeypatch.setattr(harness, "BINARY", limited)
    daemon = run(publish().endpoint)
    # 200 less the reserve would be 72; half of them are more.
    assert any("max_connections=25000" in line and "possible=100" in line for line in daemon.log)
    kept = [RawSocket(daemon.address) for _ in range(100)]
    for client in kept:
        serves(client)
    for _ in range(50):
        with RawSocket(daemon.address) as refused:
            end = refused.read_to_end(3.0)
            assert end.closed and end.statuses in ([503], [])
    assert open_files(daemon) < 200
    for client in kept:
        serves(client)
        client.__exit__()
    wait_until(lambda: is_let_in(daemon), "it takes connections again")
    assert daemon.metric("tickrisk_connections_refused_total", limit="total") >= 50
    assert sum("connections refused" in line for line in daemon.log) == 1


def test_accept_waits_when_there_is_no_descriptor(run, publish):
    daemon = run(publish().endpoint)
    kept = [RawSocket(daemon.address) for _ in range(20)]
    for client in kept:
        serves(client)
    # The daemon read its limit at its start: from here on, accept itself fails.
    most = max(int(name) for name in os.listdir(f"/proc/{daemon.process.pid}/fd")) + 1
    before = resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE, (most, before[1]))
    waiting = [RawSocket(daemon.address) for _ in range(20 + most - open_files(daemon))]
    for client in waiting:
        client.send(GET)
    used, began = cpu_seconds(daemon), time.monotonic()
    while time.monotonic() - began < WATCH_S:
        for client in kept:
            serves(client)
        time.sleep(0.1)
    assert (cpu_seconds(daemon) - used) / WATCH_S < CPU_SHARE_MAX
    assert open_files(daemon) >= most - 1, "it ran out"
    for client in kept:
        client.__exit__()
    for client in waiting[:20]:
        client.read_until(b"ok\n")  # accepted once there was room
    resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE, before)
    for client in waiting[20:]:
        client.read_until(b"ok\n")
        client.__exit__()
    assert daemon.metric("tickrisk_accepts_put_off_total") > 0
    assert sum("connections wait" in line for line in daemon.log) == 1
