# SPDX-License-Identifier: Apache-2.0
"""A real browser for tests of the page: pages that complain of nothing, cells, numbers."""

import re

import pytest
from playwright.sync_api import expect, sync_playwright

CHROMIUM = "/usr/bin/chromium"
TIMEOUT_MS = 15_000
DESKTOP = {"width": 1440, "height": 900}


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium):
    """`open_page(url, **context)` opens a page; what its console says is an error at the end of the test."""
    contexts, complaints = [], []

    def make(url: str, expected: str | None = None, sockets=None, **options):
        context = chromium.new_context(viewport=options.pop("viewport", DESKTOP), **options)
        context.set_default_timeout(TIMEOUT_MS)
        contexts.append(context)
        page = context.new_page()
        if sockets is not None:
            page.route_web_socket("**/ws", sockets)

        def complain(text: str) -> None:
            if expected is None or not re.search(expected, text):
                complaints.append(text)

        page.on("console", lambda message: complain(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complain(str(error)))
        page.goto(url)
        return page

    yield make
    for context in contexts:
        context.close()
    assert complaints == []


def cell(page, path: str):
    return page.locator(f'[data-cell="{path}"]')


def number(text: str) -> float:
    return float(text.replace(",", "").replace("\u2212", "-"))


def is_same_number(left: str, right: str) -> bool:
    """Equal, or one unit of the last decimal apart: the page writes what the frame has rounded once already."""
    if left == right:
        return True
    decimals = [len(text.partition(".")[2]) for text in (left, right)]
    if decimals[0] != decimals[1] or not all(re.fullmatch(r"[+\u2212]?[\d,.]+", text) for text in (left, right)):
        return False
    return abs(number(left) - number(right)) <= 1.001 * 10.0 ** -decimals[0]


def expect_live(page) -> None:
    expect(page.locator("html")).to_have_attribute("data-stream", "live", timeout=TIMEOUT_MS)


def is_served(page) -> bool:
    """Lets the routes of the page's sockets run: they do so only inside calls of the browser's interface."""
    return page.evaluate("true")


@pytest.fixture
def alpha(demo) -> str:
    """The account the page opens with."""
    return sorted(demo.accounts)[0]
