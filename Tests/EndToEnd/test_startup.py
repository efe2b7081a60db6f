# SPDX-License-Identifier: Apache-2.0
"""Starting: what is wrong with a configuration is said with file and line, and ends with exit code 2."""

import os
import re
import shutil
import subprocess

import pytest

from daemon import BINARY, DEMO
from waiting import wait_until

FILES = ("instruments.csv", "accounts.csv", "positions.csv", "history.csv", "scenarios.yaml")


@pytest.fixture
def directory(tmp_path):
    """The demo's data files and a configuration beside them."""
    for name in FILES:
        shutil.copy(DEMO / name, tmp_path)
    (tmp_path / "tickrisk.yaml").write_text(
        'http: {listen: "127.0.0.1:0"}\n'
        "feeds:\n"
        f'  - {{name: primary, endpoint: "ipc://{tmp_path}/feed"}}\n'
        "risk: {window: 250}\n")
    return tmp_path


def check(directory, *arguments):
    return subprocess.run(
        [BINARY, "--config", directory / "tickrisk.yaml", "--check", *arguments], capture_output=True, text=True,
        timeout=60)


def append(path, text: str) -> int:
    """Appends a line and returns its number."""
    content = path.read_text()
    content += "" if content.endswith("\n") else "\n"
    path.write_text(content + text + "\n")
    return content.count("\n") + 1


def test_check_prints_the_effective_configuration(directory):
    result = check(directory, "--set", "risk.quantile=linear", "--set", "feeds.0.receive_hwm=77")
    assert result.returncode == 0, result.stderr
    for part in ("window", "250", "linear", "77", "stale_after"):
        assert part in result.stdout


@pytest.mark.parametrize("line, hint", [
    ("htpp: {}", "http"), ("streaming: {max_client: 3}", "max_clients"), ("log: {levle: info}", "level"),
])
def test_an_unknown_key_names_its_line_and_the_nearest(directory, line, hint):
    number = append(directory / "tickrisk.yaml", line)
    result = check(directory)
    assert result.returncode == 2
    assert f"tickrisk.yaml:{number}" in result.stderr and hint in result.stderr


@pytest.mark.parametrize("setting", [
    "risk.quantile=cubic", "risk.window=0", "risk.window=many", "http.listen=nowhere", "nothing.here=1",
    "streaming.slow_client_timeout=soon", "feeds.0.socket=listen", "feeds.0.pattern=push",
])
def test_a_bad_setting_is_refused(directory, setting):
    result = check(directory, "--set", setting)
    assert result.returncode == 2, result.stdout
    assert setting.split("=")[0] in result.stderr


@pytest.mark.parametrize("file, line", [
    ("positions.csv", "ALPHA,NOSUCH,1,1"),
    ("positions.csv", "NOBODY,AAPL,1,1"),
    ("positions.csv", "ALPHA,AAPL"),
    ("accounts.csv", "DELTA,Delta,USD,many,1"),
    ("instruments.csv", "x,XXX,X,Technology,USD,1,0.01,0.25"),
    ("history.csv", "1999-13-99"),
])
def test_a_bad_row_names_its_file_and_line(directory, file, line):
    number = append(directory / file, line)
    result = check(directory)
    assert result.returncode == 2
    assert f"{file}:{number}" in result.stderr, result.stderr


@pytest.mark.parametrize("file", ["instruments.csv", "accounts.csv", "positions.csv", "history.csv"])
def test_a_duplicate_row_names_its_file_and_line(directory, file):
    number = append(directory / file, (directory / file).read_text().rstrip("\n").rsplit("\n", 1)[1])
    result = check(directory)
    assert result.returncode == 2
    assert f"{file}:{number}" in result.stderr, result.stderr


@pytest.mark.parametrize("file", FILES)
def test_a_missing_file_is_named(directory, file):
    (directory / file).unlink()
    result = check(directory)
    assert result.returncode == 2 and file in result.stderr


def test_the_environment_lies_between_file_and_set(directory):
    environment = {**os.environ, "TICKRISK_RISK_WINDOW": "123", "TICKRISK_FEEDS_0_RECEIVE_HWM": "45"}
    result = subprocess.run(
        [BINARY, "--config", directory / "tickrisk.yaml", "--check", "--set", "feeds.0.receive_hwm=46"],
        capture_output=True, text=True, timeout=60, env=environment)
    assert result.returncode == 0, result.stderr
    assert re.search(r"window\W+123\b", result.stdout), result.stdout
    assert re.search(r"receive_hwm\W+46\b", result.stdout), result.stdout


def test_health_and_readiness_are_told_apart(run, publish, demo):
    publisher = publish()
    daemon = run(publisher.endpoint)
    assert daemon.request("/healthz")[0] == 200
    status, _, body = daemon.request("/readyz")
    assert status == 503 and body
    publisher.wait_for_subscriber()
    publisher.last({i.id: i.prior_close for i in demo.instruments.values()})
    wait_until(lambda: daemon.request("/readyz")[0] == 200, "ready")


def test_unknown_paths_answer_with_a_problem(live):
    for path in ("/api/v1/accounts/NOBODY", "/api/v1/nothing"):
        status, headers, body = live[0].request(path)
        assert status in (403, 404), path
        assert headers["content-type"].startswith("application/problem+json") and b'"code"' in body
