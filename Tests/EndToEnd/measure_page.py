# SPDX-License-Identifier: Apache-2.0
"""How fast the dashboard opens, how steadily it runs, and whether its memory stays flat (scripts/measure-page).

Every figure comes from a real Chromium on the real daemon with a real feed; browser, daemon and publisher share cores.
"""

import argparse
import statistics
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import sync_playwright

from book import Book, random_book
from daemon import DEMO, Daemon
from page_fixtures import CHROMIUM, expect_live
from publisher import Publisher

OPENINGS = 9
WATCHED_S = 20
#: Kept by the page: tasks that held its thread for over 50 ms, and the time between animation frames.
WATCH = """() => {
  window.longTasks = [];
  new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map((entry) => entry.duration)))
    .observe({ type: "longtask" });
}"""
FRAMES = """(seconds) => new Promise((resolve) => {
  const gaps = [];
  let last = performance.now();
  const end = last + seconds * 1000;
  const step = (now) => {
    gaps.push(now - last);
    last = now;
    if (now < end) requestAnimationFrame(step);
    else resolve(gaps);
  };
  requestAnimationFrame(step);
})"""
OPENING = """() => {
  const [page] = performance.getEntriesByType("navigation");
  const parts = performance.getEntriesByType("resource");
  return {
    paint: performance.getEntriesByName("first-contentful-paint")[0].startTime,
    number: performance.getEntriesByName("first-live-number")[0].startTime,
    bytes: [page, ...parts].reduce((sum, entry) => sum + entry.transferSize, 0),
    requests: parts.length + 1,
  };
}"""


class Table:
    """Rows of figure, goal and verdict, printed as they come."""

    def __init__(self):
        self.failures = 0
        print(f"{'what':48}{'measured':>14}{'goal':>12}")

    def row(self, what: str, value: float, goal: float | None, unit: str) -> None:
        missed = goal is not None and value > goal
        self.failures += missed
        shown = "" if goal is None else f"{goal:,.0f} {unit}"
        print(f"{what:48}{f'{value:,.1f} {unit}':>14}{shown:>12}{'  missed' if missed else ''}", flush=True)


@contextmanager
def served(book: Book, data: Path, ticks_per_cut: int):
    """A daemon on the book, with a tick of `ticks_per_cut` instruments every 100 ms."""
    with tempfile.TemporaryDirectory() as name:
        publisher = Publisher()
        daemon = Daemon(Path(name), [{"name": "primary", "endpoint": publisher.endpoint}], data=data).start()
        publisher.wait_for_subscriber()
        prices = {instrument.id: instrument.prior_close for instrument in book.instruments.values()}
        publisher.last(prices)
        stop = threading.Event()

        def publish() -> None:
            identifiers, place = list(prices), 0
            while not stop.wait(0.1):
                chosen = [identifiers[(place + step) % len(identifiers)] for step in range(ticks_per_cut)]
                place += ticks_per_cut
                publisher.last({number: prices[number] * (1 + (place // 7 + number) % 9 / 1000) for number in chosen})

        thread = threading.Thread(target=publish)
        thread.start()
        try:
            yield daemon
        finally:
            stop.set()
            thread.join()
            daemon.stop()
            publisher.close()


def opened(browser, url: str):
    """A page of a browser that never saw it before, alive."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.goto(url)
    expect_live(page)
    return page


def measure_opening(table: Table, browser, url: str) -> None:
    figures = []
    for _ in range(OPENINGS):
        page = opened(browser, url)
        page.wait_for_function("performance.getEntriesByName('first-live-number').length > 0")
        figures.append(page.evaluate(OPENING))
        page.context.close()
    median = {name: statistics.median(figure[name] for figure in figures) for name in figures[0]}
    table.row(f"first contentful paint, median of {OPENINGS}", median["paint"], 1000, "ms")
    table.row(f"first live number, median of {OPENINGS}", median["number"], 1000, "ms")
    table.row("transfer, compressed", median["bytes"] / 1000, 250, "kB")
    table.row("requests", median["requests"], None, "")


def measure_running(table: Table, browser, url: str, what: str, longest_ms: float, busy_goal: float | None) -> None:
    page = opened(browser, url)
    page.evaluate(WATCH)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")

    def busy() -> float:
        metrics = session.send("Performance.getMetrics")["metrics"]
        return next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration")

    before, started = busy(), time.monotonic()
    gaps = sorted(page.evaluate(FRAMES, WATCHED_S))
    share = 100 * (busy() - before) / (time.monotonic() - started)
    tasks = page.evaluate("window.longTasks")
    table.row(f"{what}: tasks over {longest_ms:.0f} ms", sum(task > longest_ms for task in tasks), 0, "")
    table.row(f"{what}: time between frames, p99", gaps[len(gaps) * 99 // 100], None, "ms")
    table.row(f"{what}: the page's thread is busy", share, busy_goal, "%")
    page.context.close()


def measure_memory(table: Table, browser, url: str, minutes: float) -> None:
    page = opened(browser, url)
    session = page.context.new_cdp_session(page)

    def heap() -> float:
        session.send("HeapProfiler.collectGarbage")
        return page.evaluate("performance.memory.usedJSHeapSize") / 1e6

    page.wait_for_timeout(5_000)
    first = heap()
    page.wait_for_timeout(minutes * 60_000)
    table.row(f"heap after {minutes:g} min, beyond that at the start", heap() - first, 2, "MB")
    page.context.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1, help="how long memory is watched (default 1)")
    minutes = parser.parse_args().minutes
    table = Table()
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as name:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--enable-precise-memory-info", "--js-flags=--expose-gc"])
        with served(Book.load(DEMO), DEMO, 20) as daemon:
            measure_opening(table, browser, daemon.url + "/?account=ALPHA")
            measure_running(table, browser, daemon.url + "/?account=ALPHA", "20 positions at 10 Hz", 50, None)
            measure_running(table, browser, daemon.url + "/?view=risk&account=ALPHA", "risk view at 10 Hz", 50, None)
        wide = random_book(7, instruments=5_000, accounts=1, positions=5_000, days=60)
        directory = Path(name)
        wide.save(directory)
        with served(wide, directory, 1_000) as daemon:
            measure_running(table, browser, daemon.url, "5,000 positions, 1,000 ticks a cut", 50, 60)
        with served(Book.load(DEMO), DEMO, 20) as daemon:
            measure_memory(table, browser, daemon.url + "/?account=ALPHA", minutes)
        browser.close()
    return 1 if table.failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
