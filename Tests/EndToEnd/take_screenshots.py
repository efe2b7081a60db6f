# SPDX-License-Identifier: Apache-2.0
"""Runs the demo on ports of its own and writes pictures of every view (scripts/screenshots)."""

import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from daemon import DEMO, TOOL, Daemon
from page_fixtures import CHROMIUM, DESKTOP, TIMEOUT_MS, expect_live

ACCOUNT = "GAMMA"
PHONE = {"width": 390, "height": 844}
VIEWS = ["trade", "risk", "firm", "history"]
#: Those the README shows, by their name there.
SHOWN = {"trade-dark": "dashboard", "history-light": "history"}


def main(target: Path, shown: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        endpoint = f"ipc://{directory}/ticks"
        settings = {"store": {"directory": str(directory / "store")}}
        daemon = Daemon(directory, [{"name": "primary", "endpoint": endpoint}], settings).start()
        feed = subprocess.Popen(
            [TOOL, "feed", "--endpoint", endpoint, "--instruments", DEMO / "instruments.csv", "--replay",
             DEMO / "replay.csv", "--rate", "100", "--seed", "1"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            take_all(daemon.url, target)
        finally:
            feed.send_signal(signal.SIGINT)
            feed.wait(15)
            daemon.stop()
    for picture, place in SHOWN.items():
        shutil.copyfile(target / f"{picture}.png", shown / f"{place}.png")


def take_all(url: str, target: Path) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        for palette, viewport, suffix in (
                ("dark", DESKTOP, "dark"), ("light", DESKTOP, "light"), ("dark", PHONE, "phone")):
            page = browser.new_page(viewport=viewport)
            page.add_init_script(f"localStorage.setItem('settings', JSON.stringify({{palette: '{palette}'}}))")
            page.goto(f"{url}/?account={ACCOUNT}")
            wait_for_values(page)
            for view in VIEWS:
                page.locator(f'#views a[data-view="{view}"]').click()
                if view == "history":
                    page.locator("[name=range]").select_option("900")
                    last = page.locator("history-chart output").last
                    expect(last).to_have_text(re.compile(r"\d"), timeout=TIMEOUT_MS)
                    view_node = page.locator("#view-history")
                    expect(view_node).to_have_attribute("data-state", "ready", timeout=TIMEOUT_MS)
                expect_live(page)
                file = target / f"{view}-{suffix}.png"
                page.screenshot(path=file)
                print(file)
            page.close()
        browser.close()


def wait_for_values(page) -> None:
    """Values flow: every price is there, and a total has moved."""
    expect_live(page)
    unpriced = page.locator('[data-tone="missing"][data-cell^="market/"][data-cell$="/last"]')
    expect(unpriced).to_have_count(0, timeout=60_000)
    total = page.locator('[data-cell="totals/market_value"]').first
    expect(total).not_to_have_text(re.compile("^" + re.escape(total.inner_text()) + "$"), timeout=TIMEOUT_MS)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
