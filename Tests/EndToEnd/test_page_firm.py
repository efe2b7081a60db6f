# SPDX-License-Identifier: Apache-2.0
"""The firm in a real browser: its accounts ranked, its risk explained, and what it does not have left out."""

import re

import numpy
import pytest
from playwright.sync_api import expect

from book import Account, Book, Instrument, single_book
from page_fixtures import cell, chromium, open_page  # noqa: F401 fixtures by name
from risk_page import CENT, call, look, panel, parts, shows
from waiting import wait_until


def two_accounts() -> Book:
    """BIG uses little of its margin and much of a limit to come, SMALL half of its margin; TWO has no price yet."""
    book = single_book()
    book.instruments["TWO"] = Instrument(2, "TWO", prior_close=50.0)
    book.closes["TWO"] = numpy.full(10, 50.0)
    book.accounts = {name: Account(name, cash=1e6, margin_limit=limit) for name, limit in
                     (("BIG", 1e6), ("SMALL", 5000.0))}
    book.positions = {"BIG": {"ONE": (100.0, 100.0), "TWO": (10.0, 50.0)}, "SMALL": {"ONE": (-100.0, 100.0)}}
    return book


def test_the_firm_ranks_its_accounts_and_opens_them(run, publish, open_page, tmp_path):
    publisher = publish()
    daemon = run(
        publisher.endpoint, data=two_accounts().save(tmp_path / "data"),
        settings={"store": {"directory": str(tmp_path / "state")}})
    publisher.wait_for_subscriber()
    publisher.last({1: 100.0})
    wait_until(lambda: daemon.account("SMALL")["status"] == "ok", "a price")
    page = look(open_page, daemon, "firm", view="firm")
    rows = page.locator("firm-accounts tbody tr[data-row]")
    order = "nodes => nodes.map(node => node.dataset.row)"
    expect(cell(page, "firm/accounts/SMALL/utilisation_pct")).to_have_text("50.0")
    assert rows.evaluate_all(order) == ["SMALL", "BIG"]
    expect(page.locator("firm-accounts .partial")).to_have_text("not whole: BIG (partial)")
    state, report = daemon.get("/api/v1/firm/limit-use"), call(daemon, "firm/risk")
    assert state["accounts"][1] == {
        "account": "SMALL", "margin_utilisation_pct": 50.0, "utilisation_pct": 50.0}
    for account, figures in report["accounts"].items():
        shows(cell(page, f"components/accounts/{account}/component_var"), figures["component_var"])
    shows(cell(page, "firm-risk/attribution/var"), report["attribution"]["var"])
    shows(panel(page, '[data-model="historical/es_9900"]'), report["models"]["historical"]["es_9900"])
    scaled = report["models"]["volatility_scaled"]
    shows(panel(page, '[data-model="volatility_scaled/es_9900"]'), scaled["es_9900"])
    # Ten days of history are too few for a stressed window.
    expect(panel(page, '[data-model="stressed/es_9900"]')).to_have_attribute("title", re.compile("no priced position"))
    gross = [daemon.account(account)["totals"]["gross_exposure"] for account in ("BIG", "SMALL")]
    shows(cell(page, "firm/totals/gross_exposure"), sum(gross))
    shows(cell(page, "firm/card/totals/equity"), sum(daemon.account(a)["totals"]["equity"] for a in ("BIG", "SMALL")))
    call(daemon, "accounts/BIG/limits", "PUT", {"limits": [{"metric": "notional", "part": "ONE", "hard": 8000}]})
    expect(cell(page, "firm/accounts/BIG/tightest")).to_have_text("notional ONE 125.0 %")
    wait_until(lambda: rows.evaluate_all(order) == ["BIG", "SMALL"], "BIG is first")
    page.locator("firm-accounts table").focus()
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    expect(page).to_have_url(re.compile(r"view=risk&account=SMALL$"))
    expect(page.locator("#view-risk")).to_be_visible()
    expect(page.locator('[data-limit]')).to_have_count(0)
    expect(page.locator("limit-bars .empty")).to_have_text("No limits are set on this account.")
    page.locator('#views a[data-view="firm"]').click()
    rows.first.locator("a").click()
    expect(page).to_have_url(re.compile(r"view=risk&account=BIG$"))
    expect(page.locator('[data-limit="notional/ONE/percent"]')).to_have_text("125.0")


def test_the_firm_has_its_own_risk_view_without_what_it_does_not_have(live, open_page):
    daemon, _ = live
    page = look(open_page, daemon, "firm")
    report = call(daemon, "firm/risk")
    shows(page.locator('#view-risk [data-model="historical/var_9900"]'), report["models"]["historical"]["var_9900"])
    for rank, scenario in report["worst"].items():
        shows(page.locator(f'[data-worst="{rank}"]'), scenario["pnl"])
    wait_until(lambda: parts(page, "worst-scenarios") == pytest.approx(report["worst_parts"]["1"], abs=CENT), "parts")
    for name in ("stress-grid", "what-if-book", "reverse-stress"):
        expect(page.locator(name)).to_be_hidden()
    name, expected = next(iter(report["stress"].items()))
    page.get_by_role("button", name=name.replace("_", " ")).click()
    wait_until(lambda: parts(page, "stress-table") == pytest.approx(expected, abs=CENT), f"accounts under {name}")
    panel(page, 'component-bars [data-grouping="instruments"]').click()
    for symbol, figures in report["instruments"].items():
        shows(cell(page, f"components/instruments/{symbol}/component_var"), figures["component_var"])
    expect(page.locator("back-test .zone")).to_contain_text(report["backtest"]["zone"])
    expect(page.locator("limit-bars .empty")).to_be_visible()
