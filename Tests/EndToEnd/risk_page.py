# SPDX-License-Identifier: Apache-2.0
"""What tests of the risk view and the firm view share: asking the API, and reading figures off the page."""

import json
import re

import pytest
from playwright.sync_api import expect

from page_fixtures import expect_live, number
from waiting import wait_until

#: The frames have hundredths; the page writes what they have.
CENT = 0.0151


def call(daemon, path: str, method: str = "GET", body=None):
    data = None if body is None else json.dumps(body).encode()
    status, _, answer = daemon.request(f"/api/v1/{path}", method, {"Content-Type": "application/json"}, data)
    assert status < 300, (status, answer)
    return json.loads(answer)


def shows(locator, value: float, within: float = CENT) -> None:
    """The text becomes the number."""
    expect(locator).to_have_text(re.compile(r"\d"))
    wait_until(lambda: number(locator.inner_text()) == pytest.approx(value, abs=within), f"{locator} shows {value}")


def panel(page, name: str):
    return page.locator(f"section[data-view]:not([hidden]) {name}")


def look(open_page, daemon, account: str, view: str = "risk", **options):
    page = open_page(f"{daemon.url}/?view={view}&account={account}", **options)
    expect_live(page)
    return page


def parts(page, name: str) -> dict[str, float]:
    rows = page.locator(f"{name} parts-grid tbody tr[data-row]:not([hidden])").evaluate_all(
        "nodes => nodes.map(node => [node.dataset.row, node.cells[1].textContent])")
    return {key: number(text.replace("+", "")) for key, text in rows}
