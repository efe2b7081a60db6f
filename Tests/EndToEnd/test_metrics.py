# SPDX-License-Identifier: Apache-2.0
"""What operators look at: every metric a panel or an alert names is there, and counts what happened."""

import json
import re
import shutil
import subprocess

import pytest

from daemon import DEMO, ROOT, TOOL
from trading_desk import UNLIMITED, TradingDesk
from waiting import wait_until

PROMETHEUS = ROOT / "packaging/prometheus"
NAME = re.compile(r"\b(tickrisk_[a-z_]+|process_[a-z_]+)\b")
#: Series a histogram has, beside the family's name.
SERIES = re.compile(r"_(bucket|sum|count)$")


def families(daemon) -> dict[str, str]:
    """Kinds by name."""
    text = daemon.request("/metrics")[2].decode()
    return dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))


def used(text: str) -> set[str]:
    return {SERIES.sub("", name) if name.endswith("_bucket") else name for name in NAME.findall(text)}


def test_every_metric_of_a_panel_or_an_alert_is_there(live):
    daemon, _ = live
    wait_until(lambda: "tickrisk_backtest_exceptions" in families(daemon), "the backtests")
    present = set(families(daemon))
    board = json.loads((ROOT / "packaging/grafana/tickrisk.json").read_text())
    expressions = [t["expr"] for panel in board["panels"] for t in panel.get("targets", [])]
    rules = re.findall(r"expr: (.*)", (PROMETHEUS / "tickrisk.rules.yaml").read_text())
    assert len(expressions) > 40 and len(rules) >= 20
    for expression in expressions + rules:
        assert used(expression) <= present, f"{expression}: {used(expression) - present}"


def test_each_alert_has_its_runbook():
    guide = (ROOT / "docs/operating.md").read_text()
    headings = {line.strip("# \n").lower() for line in guide.splitlines() if line.startswith("#")}
    rules = (PROMETHEUS / "tickrisk.rules.yaml").read_text()
    alerts = re.findall(r"alert: (\w+)", rules)
    assert len(alerts) == len(set(alerts)) >= 20
    for alert in alerts:
        assert alert.lower() in headings, alert
        assert f'runbook: "operating.md#{alert.lower()}"' in rules


@pytest.mark.skipif(shutil.which("promtool") is None, reason="no promtool: scripts/install-dependencies package")
def test_promtool_accepts_metrics_and_rules(live, tmp_path):
    daemon, _ = live
    for arguments in (["check", "rules", "tickrisk.rules.yaml"], ["test", "rules", "tickrisk.rules.test.yaml"],
                      ["check", "config", "prometheus.example.yaml"]):
        result = subprocess.run(["promtool", *arguments], cwd=PROMETHEUS, capture_output=True, text=True)
        assert result.returncode == 0, result.stdout + result.stderr
    text = daemon.request("/metrics")[2]
    result = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True)
    problems = [line for line in result.stderr.decode().splitlines() if line.strip()]
    assert result.returncode == 0 and not problems, problems


def test_histograms_count_what_they_say(live, stream):
    daemon, publisher = live
    client = stream(daemon)
    client.subscribe("market")
    client.until_type("snapshot", "market")
    sent = daemon.metric("tickrisk_frames_sent_total", encoding="tickrisk.v1.json")
    for price in range(20, 30):
        publisher.last({1: float(price)})
        client.until_state("market", lambda s, p=price: s["AAPL"]["last"] == p, f"the price {price}")
    assert daemon.metric("tickrisk_frames_sent_total", encoding="tickrisk.v1.json") >= sent + 10
    assert daemon.metric("tickrisk_frame_bytes_sent_total", encoding="tickrisk.v1.json") > 0
    assert daemon.metric("tickrisk_frame_bytes_sent_total", encoding="tickrisk.v1.zstd") == 0
    for name in ("tickrisk_tick_to_state_seconds", "tickrisk_cut_to_send_seconds", "tickrisk_cut_duration_seconds",
                 "tickrisk_tick_age_at_send_seconds"):
        count = daemon.metric(f"{name}_count")
        assert count >= 10, name
        assert daemon.metric(f"{name}_bucket", le="+Inf") >= count
        assert 0 < daemon.metric(f"{name}_sum") < 60 * count
    assert daemon.metric("tickrisk_ring_records_max") >= 1
    assert daemon.metric("tickrisk_instruments", status="ok") == len(daemon.get("/api/v1/instruments")["instruments"])


def test_orders_are_counted_by_what_became_of_them(run, publish, demo):
    publisher = publish()
    daemon = run(publisher.endpoint, settings={"orders": UNLIMITED})
    publisher.wait_for_subscriber()
    publisher.last({i.id: i.prior_close for i in demo.instruments.values()})
    desk = TradingDesk(daemon, publisher, "ALPHA")
    desk.quote(1, bid=70.0, ask=70.1)

    def send(**form) -> int:
        return desk.call("accounts/ALPHA/orders", "POST", form).status

    assert send(symbol="AAPL", side="buy", quantity=1) < 300
    assert send(symbol="AAPL", side="buy", quantity=-1) >= 400
    assert send(symbol="AAPL", side="buy", quantity=1, order_type="limit", limit_price=1000.0,
                time_in_force="gtc") >= 400
    wait_until(lambda: daemon.metric("tickrisk_orders_total", outcome="filled") == 1, "the fill")
    assert daemon.metric("tickrisk_orders_total", outcome="submitted") == 1
    assert daemon.metric("tickrisk_orders_total", outcome="invalid") == 1
    assert daemon.metric("tickrisk_orders_total", outcome="denied") == 1
    # Between two looks there may be one more.
    wait_until(lambda: daemon.metric("tickrisk_store_commit_seconds_count") == daemon.metric(
        "tickrisk_store_commits_total"), "a duration of each commit")


def test_a_transition_is_logged_once(run, publish, demo):
    publisher = publish()
    daemon = run(publisher.endpoint, feed={"silent_after": "300ms"})
    publisher.wait_for_subscriber()
    prices = {i.id: i.prior_close for i in demo.instruments.values()}

    def lines(text: str) -> int:
        return sum(text in line for line in daemon.log)

    for round_number in (1, 2):
        def ready() -> bool:
            publisher.last(prices)
            return lines("notice ready:") == round_number
        wait_until(ready, "the daemon is ready")
        wait_until(lambda: lines("warning not ready") == round_number, "the daemon is not ready any more")
        assert lines("feed down") == round_number
    assert lines("not ready yet") <= 1


def test_status_and_top_say_how_a_daemon_is(live):
    daemon, _ = live
    result = subprocess.run([TOOL, "status", daemon.url], capture_output=True, text=True, timeout=30)
    assert result.returncode == 0, result.stderr
    assert re.search(r"tickriskd \d+\.\d+\.\d+ at \S+: ready, up ", result.stdout)
    assert re.search(r"^primary\s+up\s", result.stdout, re.MULTILINE)
    result = subprocess.run(
        [TOOL, "top", daemon.url, "--looks", "2", "--interval", "0.1"], capture_output=True, text=True, timeout=30)
    assert result.returncode == 0 and result.stdout.count("tick to state") == 2


def test_status_fails_where_a_daemon_is_not_ready_or_not_there(run, publish, free_port):
    daemon = run(publish().endpoint, data=DEMO)
    result = subprocess.run([TOOL, "status", daemon.url], capture_output=True, text=True, timeout=30)
    assert result.returncode == 1 and "NOT READY" in result.stdout and "no feed is up" in result.stdout
    result = subprocess.run(
        [TOOL, "status", f"http://127.0.0.1:{free_port}"], capture_output=True, text=True, timeout=30)
    assert result.returncode == 1 and "no daemon at" in result.stderr
