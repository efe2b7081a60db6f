# SPDX-License-Identifier: Apache-2.0
"""Ticks as fast as they are taken: the daemon with P&L and VaR running, beside a receive loop that looks at nothing."""

import subprocess
import time
import urllib.request
from pathlib import Path

from peer_table import Section

INSTRUMENTS = 20
GOALS = {1: "≥ 0.9", 128: "≥ 0.8, ≥ 5,000,000 ticks/s"}


class Daemon:
    """tickriskd on the demo's book with one feed; ports chosen by the kernel."""

    def __init__(self, endpoint: str):
        self.process = subprocess.Popen(
            [".build/release/tickriskd", "--config", "config/demo/tickrisk.yaml", "--set", "http.listen=127.0.0.1:0",
             "--set", f"feeds.0.endpoint={endpoint}", "--set", "auth.mode=none", "--set", "log.level=info"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.base = None
        for line in self.process.stdout:
            if "ready http=" in line:
                self.base = "http://" + line.split("ready http=")[1].split()[0]
                break
        if self.base is None:
            raise SystemExit("tickriskd did not start")

    def metrics(self) -> dict[str, float]:
        with urllib.request.urlopen(self.base + "/metrics") as answer:
            lines = answer.read().decode().splitlines()
        values: dict[str, float] = {}
        for line in lines:
            if not line.startswith("#"):
                name, value = line.rsplit(" ", 1)
                name = name.split("{")[0]
                values[name] = values.get(name, 0) + float(value)
        return values

    def close(self) -> None:
        self.process.terminate()
        self.process.wait()


def flood(programs: Path, endpoint: str, messages: int, ticks: int) -> subprocess.Popen:
    words = [programs / "tick_flood", endpoint, str(messages), str(ticks), str(INSTRUMENTS)]
    return subprocess.Popen(
        [str(word) for word in words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def seconds_of(sender: subprocess.Popen) -> float:
    text = sender.stdout.readline()
    if not text:
        raise SystemExit(f"tick_flood ended with status {sender.wait()}")
    return float(text)


def through_daemon(programs: Path, endpoint: str, messages: int, ticks: int) -> float:
    daemon = Daemon(endpoint)
    sender = flood(programs, endpoint, messages, ticks)
    try:
        seconds = seconds_of(sender)
        deadline = time.monotonic() + 30
        while (after := daemon.metrics())["tickrisk_ticks_total"] < messages * ticks:
            if time.monotonic() > deadline:
                raise SystemExit(f"only {after['tickrisk_ticks_total']:.0f} of {messages * ticks} ticks arrived")
        if after["tickrisk_messages_missing_total"] != 0:
            raise SystemExit("messages are missing")
        return messages * ticks / seconds
    finally:
        sender.communicate()
        daemon.close()


def through_raw(programs: Path, endpoint: str, messages: int, ticks: int) -> float:
    receiver = subprocess.Popen(
        [str(programs / "raw_receiver"), endpoint, str(messages)], stdout=subprocess.PIPE, text=True)
    sender = flood(programs, endpoint, messages, ticks)
    seconds = seconds_of(sender)
    text, _ = receiver.communicate(timeout=120)
    sender.communicate()
    if int(text) != messages * 32 * (ticks + 1):
        raise SystemExit("raw_receiver did not get every byte")
    return messages * ticks / seconds


def ingest(programs: Path, folder: Path, ticks: int, messages: int, rounds: int) -> Section:
    many = "one tick a message" if ticks == 1 else f"{ticks} ticks a message"
    section = Section(f"Ingest, {many}, over ipc", "ticks/s", True)
    section.goals["raw libzmq receive loop (C)"] = GOALS[ticks]
    for number in range(rounds):
        endpoint = f"ipc://{folder}/ticks-{ticks}-{number}"
        section.add(section.ours, through_daemon(programs, endpoint + "a", messages, ticks))
        section.add("raw libzmq receive loop (C)", through_raw(programs, endpoint + "b", messages, ticks))
    return section
