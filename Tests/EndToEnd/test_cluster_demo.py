# SPDX-License-Identifier: Apache-2.0
"""`make cluster-demo`: three engines and two gateways of config/cluster, on PostgreSQL and Kafka in memory."""

import re
import signal
import subprocess
import threading
import urllib.request
from pathlib import Path

from daemon import ROOT, TOOL
from waiting import wait_until

SCRIPT = ROOT / "scripts/run-cluster"


def test_the_cluster_of_the_demo_starts_shows_who_has_what_and_ends():
    demo = subprocess.Popen(
        [SCRIPT, "--base", "0"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said: list[str] = []
    reader = threading.Thread(target=lambda: said.extend(demo.stdout), daemon=True)
    reader.start()
    try:
        wait_until(lambda: demo.poll() is not None or any("logs:" in line for line in said), "the cluster", 90)
        text = "".join(said)
        gateways = re.findall(r"http://([\d.]+:\d+)/", text)
        brokers = re.search(r"--brokers (\S+)", text)
        assert len(gateways) == 2 and brokers, text
        for gateway in gateways:
            assert urllib.request.urlopen(f"http://{gateway}/healthz", timeout=10).status == 200

        def status() -> subprocess.CompletedProcess:
            return subprocess.run(
                [TOOL, "cluster", "status", "--brokers", brokers[1]], capture_output=True, text=True, timeout=30,
                check=False)

        wait_until(lambda: status().returncode == 0, "all partitions are served", 60)
        assert "6 of 6 partitions served by 3 nodes, 24 accounts" in status().stdout
    finally:
        demo.send_signal(signal.SIGTERM)
        code = demo.wait(60)
        reader.join(10)
        demo.stdout.close()
    assert code == 0, "".join(said)
    folder = re.search(r"logs: (\S+)", "".join(said))
    assert not Path(folder[1]).exists()
