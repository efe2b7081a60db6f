# SPDX-License-Identifier: Apache-2.0
"""Runs the demo on ports of its own and writes the dashboard as an image (scripts/screenshot)."""

import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from daemon import DEMO, TOOL, Daemon

CHROMIUM = "/usr/bin/chromium"
ACCOUNT = "GAMMA"


def main(target: Path) -> None:
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        endpoint = f"ipc://{directory}/ticks"
        daemon = Daemon(directory, [{"name": "primary", "endpoint": endpoint}]).start()
        feed = subprocess.Popen(
            [TOOL, "feed", "--endpoint", endpoint, "--instruments", DEMO / "instruments.csv", "--replay",
             DEMO / "replay.csv", "--rate", "100", "--seed", "1"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            take(daemon.url, target)
        finally:
            feed.send_signal(signal.SIGINT)
            feed.wait(15)
            daemon.stop()


def take(url: str, target: Path) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"{url}/?account={ACCOUNT}")
        expect(page.locator("connection-light")).to_have_attribute("data-state", "live", timeout=15_000)
        # Values flow: every price is there, and a total has moved twice.
        unpriced = page.locator('[data-tone="missing"][data-cell^="market/"][data-cell$="/last"]')
        expect(unpriced).to_have_count(0, timeout=60_000)
        total = page.locator('[data-cell="totals/market_value"]')
        for _ in range(2):
            expect(total).not_to_have_text(re.compile("^" + re.escape(total.inner_text()) + "$"), timeout=15_000)
        target.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=target)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
