# SPDX-License-Identifier: Apache-2.0
"""Runs tickriskd on a configuration of its own and asks it over HTTP."""

import contextlib
import json
import os
import re
import signal
import subprocess
import threading
import urllib.error
import urllib.request
from pathlib import Path

from waiting import DEADLINE_S, wait_until

ROOT = Path(__file__).resolve().parents[2]
BINARY = ROOT / ".build/release/tickriskd"
TOOL = ROOT / ".build/release/tickrisk"
DEMO = ROOT / "config/demo"
READY = re.compile(r"ready http=(\S+)")
SAMPLE = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+)(?: \d+)?$")
RELOADS = ("applied", "refused")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


class Daemon:
    """One process, from a configuration file to exit code 0.

    `settings` is laid over a configuration that listens on a port of the kernel's choice, reads the files of `data`
    stays quiet about ages, so that a slow machine changes no test, and lets everybody do everything.
    """

    def __init__(
            self, directory: Path, feeds: list[dict], settings: dict | None = None, data: Path = DEMO,
            wrapper: list[str] | None = None, environment: dict | None = None, descriptors: tuple = ()):
        configuration = {
            "http": {"listen": "127.0.0.1:0"},
            "data": {
                name: str(data / file)
                for name, file in {
                    "instruments": "instruments.csv", "accounts": "accounts.csv", "positions": "positions.csv",
                    "history": "history.csv", "scenarios": "scenarios.yaml",
                }.items()
            },
            "feeds": feeds,
            "risk": {"stale_after": "1h"},
            "auth": {"mode": "none"},
        }
        for section, values in (settings or {}).items():
            is_list = isinstance(values, list)
            configuration[section] = values if is_list else {**configuration.get(section, {}), **values}
        self.path = directory / "tickrisk.yaml"
        self.path.write_text(json.dumps(configuration, indent=2))  # YAML contains JSON
        #: A program that runs the daemon, such as strace.
        self.wrapper = wrapper or []
        #: Variables and open descriptors it gets besides.
        self.environment = environment or {}
        self.descriptors = descriptors
        self.log: list[str] = []
        self.address = ""
        self.process: subprocess.Popen | None = None
        self._reader: threading.Thread | None = None

    def start(self) -> "Daemon":
        assert BINARY.exists(), f"{BINARY} is not built: swift build -c release"
        self.log.clear()
        self.address = ""
        self.process = subprocess.Popen(
            [*self.wrapper, BINARY, "--config", self.path], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            text=True, start_new_session=bool(self.wrapper), env={**os.environ, **self.environment},
            pass_fds=self.descriptors)
        self._reader = threading.Thread(target=self._read_log, daemon=True)
        self._reader.start()
        wait_until(lambda: self.address or self.process.poll() is not None, "the line `ready http=`", 30)
        assert self.address, "the daemon ended before it was ready:\n" + "".join(self.log)
        return self

    def _read_log(self) -> None:
        for line in self.process.stderr:
            self.log.append(line)
            if match := READY.search(line):
                self.address = match.group(1)

    def configure(self, settings: dict) -> None:
        """Changes the configuration file, of which the daemon hears when it is told to reload."""
        configuration = json.loads(self.path.read_text())
        for section, values in settings.items():
            configuration[section] = values if isinstance(values, list) else {
                **configuration.get(section, {}), **values}
        self.path.write_text(json.dumps(configuration, indent=2))

    def reload(self) -> str:
        """Asks for a reload and returns the outcome, `applied` or `refused`."""
        before = {outcome: self.metric("tickrisk_reloads_total", outcome=outcome) for outcome in RELOADS}
        self.process.send_signal(signal.SIGHUP)
        return wait_until(
            lambda: next((o for o in RELOADS if self.metric("tickrisk_reloads_total", outcome=o) > before[o]), None),
            "the outcome of a reload")

    def terminate(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def join(self) -> int:
        code = self.process.wait(DEADLINE_S)
        self._reader.join(DEADLINE_S)
        self.process.stderr.close()
        self.process = None
        return code

    def stop(self) -> None:
        """Ends the process and requires that it ended well."""
        if self.process is None:
            return
        self.terminate()
        try:
            code = self.join()
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.join()
            raise AssertionError("the daemon did not end on SIGTERM:\n" + "".join(self.log)) from None
        assert code == 0, f"exit code {code}:\n" + "".join(self.log)

    def kill(self) -> None:
        self.process.kill()
        self.join()

    def kill_group(self) -> None:
        """Kills the daemon with the program that runs it; nothing where they ended by themselves."""
        if self.process is None:
            return
        self.strike()
        self.join()

    def strike(self) -> None:
        """Kills and does not wait; callable from any thread."""
        if self.wrapper:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.kill()

    @property
    def resident_bytes(self) -> int:
        """Memory the process has in RAM."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) * 1024

    @property
    def url(self) -> str:
        return f"http://{self.address}"

    @property
    def stream_url(self) -> str:
        return f"ws://{self.address}/ws"

    def request(
            self, path: str, method: str = "GET", headers: dict | None = None,
            body: bytes | None = None) -> tuple[int, dict, bytes]:
        """Status, headers with lower-case names, body; an error status is an answer like another."""
        request = urllib.request.Request(self.url + path, data=body, method=method, headers=headers or {})
        try:
            with urllib.request.urlopen(request, timeout=DEADLINE_S) as answer:
                return answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read()
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code, {k.lower(): v for k, v in answer.headers.items()}, answer.read()

    def get(self, path: str):
        status, _, body = self.request(path)
        assert status == 200, f"{path}: {status} {body[:300]!r}"
        return json.loads(body)

    def account(self, account: str) -> dict:
        return self.get(f"/api/v1/accounts/{account}")

    def metric(self, name: str, **labels: str) -> float:
        """Sum of the samples of a metric that carry the labels; 0 where there is none yet."""
        status, _, body = self.request("/metrics")
        assert status == 200
        total = 0.0
        for line in body.decode().splitlines():
            match = SAMPLE.match(line)
            if match and match.group(1) == name:
                present = dict(LABEL.findall(match.group(2) or ""))
                if all(present.get(key) == value for key, value in labels.items()):
                    total += float(match.group(3))
        return total

    def wait_for_metric(self, name: str, value: float, **labels: str) -> None:
        """Waits until a counter has reached `value` and requires that it did not pass it."""
        wait_until(lambda: self.metric(name, **labels) >= value, f"{name}{labels} = {value}")
        assert self.metric(name, **labels) == value
