# SPDX-License-Identifier: Apache-2.0
"""The risk view in a real browser: figures are the API's, each says where it is from, and opens into its parts."""

import csv
import itertools
import re
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from access import PASSWORD, add, first_user
from book import single_book
from daemon import ROOT
from page_fixtures import alpha, cell, chromium, number, open_page  # noqa: F401 fixtures by name
from risk_page import CENT, call, look, panel, parts, shows
from trading_desk import flat_book
from waiting import wait_until


@pytest.fixture
def risk(live, open_page, alpha):
    """The risk view of the first account, prices at rest, and what the API says of it."""
    daemon, _ = live
    page = look(open_page, daemon, alpha)
    expect(panel(page, "risk-models").locator('[data-model="historical/var_9900"]')).to_have_text(re.compile(r"\d"))
    return page, daemon, call(daemon, f"accounts/{alpha}/risk")


def test_the_headline_is_there_without_scripts(live, open_page, alpha):
    daemon, _ = live
    page = open_page(f"{daemon.url}/?view=risk&account={alpha}", java_script_enabled=False)
    state = daemon.account(alpha)
    for measure in ("var", "es"):
        shown = number(cell(page, f"card/risk/{measure}/9900").inner_text())
        assert shown == pytest.approx(state["risk"][measure]["9900"], abs=CENT)
    assert number(cell(page, "card/totals/equity").inner_text()) == pytest.approx(state["totals"]["equity"], abs=CENT)
    percent = number(cell(page, "card/margin/utilisation_pct").inner_text())
    assert percent == pytest.approx(state["margin"]["utilisation_pct"], abs=0.051)
    for name, loss in state["stress"].items():
        assert number(cell(page, f"stress/{name}").inner_text()) == pytest.approx(loss, abs=CENT)
    for sector, exposure in state["sectors"].items():
        assert number(cell(page, f"sectors/{sector}/gross").inner_text()) == pytest.approx(exposure["gross"], abs=CENT)


def test_models_intervals_and_backtest_are_the_apis(risk):
    page, _, report = risk
    for model, figures in report["models"].items():
        for measure in ("var_9500", "es_9750", "var_9900", "es_9900"):
            shows(page.locator(f'[data-model="{model}/{measure}"]'), figures[measure])
    for level, interval in report["interval"].items():
        least, greatest = page.locator(f'[data-interval="{level}"]').inner_text().split(" \u2013 ")
        assert number(least) == pytest.approx(interval["least"], abs=CENT)
        assert number(greatest) == pytest.approx(interval["greatest"], abs=CENT)
    backtest = report["backtest"]
    shows(cell(page, "risk/backtest/exceptions"), backtest["exceptions"], 0)
    shows(cell(page, "risk/backtest/expected_exceptions"), backtest["expected_exceptions"], 1e-6)
    for test in ("kupiec_p", "christoffersen_p", "conditional_coverage_p", "acerbi_szekely_z2"):
        shows(cell(page, f"risk/backtest/{test}"), backtest[test], 6e-5)
    expect(page.locator("back-test .zone")).to_contain_text(backtest["zone"])
    dates = page.locator("back-test .exception").evaluate_all("nodes => nodes.map(node => node.dataset.date)")
    assert dates == backtest["exception_dates"]


def test_figures_say_their_convention(risk):
    page, _, report = risk
    convention = r"99 % 1-day historical, discrete, 500 returns, coverage 100 %.*, [\d.]+ s old"
    cell(page, "card/risk/var/9900").hover()
    expect(cell(page, "card/risk/var/9900")).to_have_attribute("title", re.compile("VaR: " + convention))
    cell(page, "risk/es/9900").focus()
    expect(cell(page, "risk/es/9900")).to_have_attribute(
        "title", re.compile(r"expected shortfall \(acerbi_tasche\): " + convention))
    for model, figures in report["models"].items():
        title = page.locator(f'[data-model="{model}/var_9900"]').get_attribute("title")
        assert figures["convention"] in title and re.search(r"[\d.]+ s old", title)
    stressed = page.locator('[data-model="stressed/es_9900"]').get_attribute("title")
    assert report["models"]["stressed"]["from"] in stressed
    expect(cell(page, "risk/backtest/kupiec_p")).to_have_attribute("title", re.compile("Kupiec.*likelihood ratio"))


def test_the_histogram_has_the_bins_and_its_line_at_var(risk):
    page, _, report = risk
    bins = list(report["histogram"].values())
    wait_until(lambda: page.locator("pnl-histogram .bars rect").count() == len(bins), "the bars")
    counts = page.locator("pnl-histogram .bars rect").evaluate_all("nodes => nodes.map(node => +node.dataset.count)")
    assert counts == [one["count"] for one in bins]
    width = page.locator("pnl-histogram svg").evaluate("node => node.viewBox.baseVal.width")
    least, greatest = bins[0]["from"], bins[-1]["to"]
    for name in ("var", "es"):
        line = page.locator(f"pnl-histogram .marks .{name}")
        loss = report["attribution"][name]
        assert float(line.get_attribute("data-value")) == pytest.approx(-loss, abs=CENT)
        expected = (-loss - least) / (greatest - least) * width
        assert float(line.get_attribute("x1")) == pytest.approx(expected, abs=0.05)
    # As drawn, the line stands within the bar of the bin in which the loss is.
    inside = page.evaluate("""() => {
      const x = document.querySelector("pnl-histogram .marks .var").getBoundingClientRect().x;
      const bars = [...document.querySelectorAll("pnl-histogram .bars rect")].map(node => node.getBoundingClientRect());
      return bars.findIndex(bar => x >= bar.left - 1 && x <= bar.right + 1);
    }""")
    assert bins[inside]["from"] - 1 <= -report["attribution"]["var"] <= bins[inside]["to"] + 1


def test_a_bad_day_opens_into_the_parts_of_its_loss(risk):
    page, _, report = risk
    for rank, scenario in report["worst"].items():
        shows(page.locator(f'[data-worst="{rank}"]'), scenario["pnl"])
    page.get_by_role("button", name=report["worst"]["3"]["date"]).click()
    expected = report["worst_parts"]["3"]
    wait_until(lambda: parts(page, "worst-scenarios") == pytest.approx(expected, abs=CENT), "parts of the third")
    assert sum(parts(page, "worst-scenarios").values()) == pytest.approx(report["worst"]["3"]["pnl"], abs=0.2)
    page.get_by_role("button", name="scenario", exact=True).first.click()
    (date,) = report["attribution"]["scenarios"]
    rank = next(rank for rank, scenario in report["worst"].items() if scenario["date"] == date)
    expect(page.locator("worst-scenarios tr[data-open] button")).to_have_text(date)
    expect(page.locator("worst-scenarios tr[data-open] .mark")).to_have_text("VaR")
    wait_until(lambda: parts(page, "worst-scenarios") == pytest.approx(report["worst_parts"][rank], abs=CENT), "VaR's")


def test_a_stress_scenario_opens_into_positions(risk, alpha):
    page, daemon, report = risk
    for name, total in daemon.account(alpha)["stress"].items():
        page.get_by_role("button", name=name.replace("_", " ")).click()
        expected = report["stress"][name]
        wait_until(lambda: parts(page, "stress-table") == pytest.approx(expected, abs=CENT), f"parts under {name}")
        assert sum(parts(page, "stress-table").values()) == pytest.approx(total, abs=0.2)


def test_components_sum_to_var_whatever_they_are_grouped_by(risk):
    page, _, report = risk
    var = report["attribution"]["var"]
    shows(cell(page, "risk/attribution/var"), var)
    for grouping in ("positions", "sectors"):
        panel(page, f'component-bars [data-grouping="{grouping}"]').click()
        cells = panel(page, "component-bars tbody tr[data-row]:not([hidden]) td:nth-child(2)")
        expect(cells).to_have_count(len(report[grouping]))
        for key, figures in report[grouping].items():
            shows(cell(page, f"components/{grouping}/{key}/component_var"), figures["component_var"])
            shows(cell(page, f"components/{grouping}/{key}/incremental_var"), figures["incremental_var"])
        assert sum(number(text) for text in cells.all_inner_texts()) == pytest.approx(var, abs=0.2)
    # The longest bar is that of the greatest component.
    bars = cells.evaluate_all("nodes => nodes.map(node => parseFloat(node.style.getPropertyValue('--bar-to')))")
    assert bars == sorted(bars, reverse=True) and bars[0] == 100


def test_the_price_grid_is_the_servers(risk, alpha):
    page, daemon, _ = risk
    rows = page.locator("stress-grid tbody tr")
    expect(rows).to_have_count(11)
    moves = [number(text.replace("+", "")) for text in rows.locator("th").all_inner_texts()]
    grid = call(daemon, f"accounts/{alpha}/stress-grid?prices={','.join(f'{move:g}' for move in moves)}")
    for row, move in enumerate(moves):
        text = rows.nth(row).locator("td").inner_text().replace("+", "")
        assert number(text) == pytest.approx(grid["pnl"][row][0], abs=1), move
    heats = rows.locator("td").evaluate_all("nodes => nodes.map(node => +node.dataset.heat)")
    assert heats[moves.index(0)] == 0 and heats == sorted(heats) and (heats[0], heats[-1]) == (-5, 5)


def test_options_have_greeks_and_others_say_that_there_are_none(run, publish, open_page, risk):
    expect(risk[0].locator("greeks-grid .empty")).to_be_visible()
    publisher = publish()
    desk = ROOT / "config/desk"
    daemon = run(
        publisher.endpoint, data=desk, settings={"risk": {"valuation_date": "2020-02-18", "stale_after": "1h"}})
    publisher.wait_for_subscriber()
    with (desk / "history.csv").open() as history, (desk / "instruments.csv").open() as instruments:
        *_, closes = csv.DictReader(line for line in history if not line.startswith("#"))
        numbers = {row["symbol"]: int(row["id"]) for row in csv.DictReader(
            line for line in instruments if not line.startswith("#"))}
    publisher.last({numbers[symbol]: float(close) for symbol, close in closes.items() if symbol in numbers})
    wait_until(lambda: daemon.account("VOLA")["greeks"].get("AAPL"), "greeks of VOLA")
    page = look(open_page, daemon, "VOLA")
    for underlying, greeks in daemon.account("VOLA")["greeks"].items():
        for name in ("delta", "gamma", "vega", "theta", "rho"):
            shown = cell(page, f"greeks/{underlying}/{name}")
            expect(shown).to_have_text(re.compile(r"\d"))
            assert number(shown.inner_text().replace("+", "")) == pytest.approx(greeks[name], abs=CENT)
    expect(page.locator("stress-grid thead th")).to_have_count(6)
    page.get_by_label("Underlying").select_option("XOM")
    wanted = call(daemon, "accounts/VOLA/stress-grid?prices=-20&vol_points=10&underlying=XOM")["pnl"][0][0]
    corner = page.locator('stress-grid [data-grid="-20/10"]')
    wait_until(lambda: number(corner.inner_text().replace("+", "")) == pytest.approx(wanted, abs=1), "of XOM alone")


@pytest.fixture
def solo(run, publish, tmp_path):
    """One position worth 10,000 at 100, margin 2,500 at a limit of 2,500."""
    publisher = publish()
    settings = {"store": {"directory": str(tmp_path / "state")}}
    daemon = run(
        publisher.endpoint, data=single_book(margin_limit=2500.0, cash=1000.0).save(tmp_path / "data"),
        settings=settings)
    publisher.wait_for_subscriber()
    publisher.last({1: 60.0})
    wait_until(lambda: daemon.account("SOLO")["status"] == "ok", "a price")
    return daemon, publisher


def test_margin_beyond_its_limit_is_shown_as_it_is(solo, open_page):
    daemon, publisher = solo
    page = look(open_page, daemon, "SOLO")
    gauge = page.locator("margin-gauge")
    expect(gauge).to_have_attribute("data-level", "ok")
    expect(gauge.locator(".mark.full")).to_have_attribute("x1", "1000")
    publisher.last({1: 125.0})
    for path in ("margin/utilisation_pct", "card/margin/utilisation_pct"):
        expect(cell(page, path)).to_have_text("125.0")
    expect(gauge).to_have_attribute("data-level", "critical")
    expect(gauge.locator(".gauge")).to_have_attribute("aria-valuenow", "125.0")
    expect(gauge.locator(".fill")).to_have_attribute("width", "1000")
    expect(gauge.locator(".mark.full")).to_have_attribute("x1", "800")
    plain = open_page(f"{daemon.url}/?view=risk&account=SOLO", java_script_enabled=False)
    assert cell(plain, "margin/utilisation_pct").inner_text() == "125.0"
    assert plain.locator("margin-gauge .mark.full").get_attribute("x1") == "800"


def test_limits_show_how_much_of_them_is_used(solo, open_page):
    daemon, publisher = solo
    var = daemon.account("SOLO")["risk"]["var"]["9900"]
    call(daemon, "accounts/SOLO/limits", "PUT", {"limits": [
        {"metric": "value_at_risk", "soft": var * 2, "hard": var * 4},
        {"metric": "notional", "part": "ONE", "soft": 4000}]})
    page = look(open_page, daemon, "SOLO")
    rows = page.locator("limit-bars tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.first.locator("th")).to_have_text("notional ONE")
    expect(page.locator('[data-limit="notional/ONE/percent"]')).to_have_text("150.0")
    expect(page.locator('[data-limit="notional/ONE/hard"]')).to_have_attribute("title", "not set")
    shows(page.locator('[data-limit="value_at_risk//value"]'), var)
    expect(page.locator('[data-limit="value_at_risk//percent"]')).to_have_text("25.0")
    expect(rows.last.locator(".use")).to_have_attribute("aria-valuenow", "25.0")
    expect(page.locator('[data-card="var"] .use-text')).to_have_text("25.0 % of VaR limit")
    publisher.last({1: 120.0})
    expect(page.locator('[data-limit="value_at_risk//percent"]')).to_have_text("50.0")
    expect(rows.last.locator(".use")).to_have_attribute("data-level", "warn")


def test_an_alert_appears_is_read_out_once_and_acknowledged(solo, open_page):
    daemon, publisher = solo
    page = look(open_page, daemon, "SOLO")
    expect(page.locator("alert-feed .empty")).to_have_text("No alerts so far.")
    page.evaluate("""() => {
      window.said = [];
      const region = document.getElementById("announcement");
      new MutationObserver(() => window.said.push(region.textContent)).observe(region, {childList: true});
    }""")
    publisher.last({1: 97.0})
    rows = page.locator("alert-feed tbody tr")
    expect(rows).to_have_count(2)
    critical = page.locator('alert-feed tr[data-level="critical"]')
    expect(critical).to_contain_text("margin utilisation is 97 %; the limit is 95 %")
    expect(page.locator("#announcement")).to_have_attribute("role", "alert")
    expect(page.locator("#messages")).to_contain_text("margin utilisation is 97 %")
    critical.get_by_role("button", name="Acknowledge").click()
    expect(critical).to_have_attribute("data-state", "acknowledged")
    expect(critical).to_contain_text("acknowledged by local")
    (stored,) = [a for a in call(daemon, "accounts/SOLO/alerts")["alerts"] if a["level"] == "critical"]
    assert stored["state"] == "acknowledged"
    publisher.last({1: 98.0})
    expect(cell(page, "margin/utilisation_pct")).to_have_text("98.0")
    assert page.evaluate("window.said") == ["Critical alert, SOLO: margin utilisation is 97 %; the limit is 95 %"]
    choices = (("level", "warn", 1), ("level", "", 2), ("state", "acknowledged", 1), ("state", "", 2))
    for field, choice, count in choices:
        page.locator(f'alert-feed [name="{field}"]').select_option(choice)
        expect(rows).to_have_count(count)
    page.locator('alert-feed [name="text"]').fill("80 %")
    expect(rows).to_have_count(1)
    page.locator('alert-feed [name="text"]').fill("nothing like it")
    expect(page.locator("alert-feed .empty")).to_have_text("No alert matches the filter.")


def test_a_loss_that_stops_trading_is_reset_by_hand(solo, open_page):
    daemon, publisher = solo
    call(daemon, "accounts/SOLO/limits", "PUT", {"limits": [{"metric": "day_loss", "hard": 3000, "action": "halt"}]})
    page = look(open_page, daemon, "SOLO")
    latched = page.locator("alert-feed tr", has_text="day loss")
    publisher.last({1: 61.0})
    expect(latched).to_have_attribute("data-state", "raised")
    publisher.last({1: 90.0})
    expect(cell(page, "card/totals/day_pnl")).to_have_text("\u22121,000.00")
    expect(latched).to_have_attribute("data-state", "raised")
    latched.get_by_role("button", name="Reset").click()
    expect(latched).to_have_attribute("data-state", "resolved")
    assert [a["state"] for a in call(daemon, "accounts/SOLO/alerts")["alerts"] if a["rule"] == "day_loss_hard"] == [
        "resolved"]


def test_a_refused_acknowledgement_says_why(run, publish, open_page, tmp_path):
    publisher = publish()
    daemon = run(
        publisher.endpoint, data=single_book(margin_limit=2500.0).save(tmp_path / "data"),
        settings={"auth": {"mode": "password"}})
    admin = first_user(daemon)
    add(admin, "ann", ("SOLO", "view"))
    publisher.wait_for_subscriber()
    publisher.last({1: 97.0})
    wait_until(lambda: admin.api("accounts/SOLO/alerts")["alerts"], "an alert")
    page = open_page(f"{daemon.url}/sign-in", expected="403")
    page.get_by_label("User").fill("ann")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.locator('#views a[data-view="risk"]').click()
    critical = page.locator('alert-feed tr[data-level="critical"]')
    critical.get_by_role("button", name="Acknowledge").click()
    expect(critical.locator(".refusal")).to_have_text("Acknowledge refused: needs the role risk on SOLO")
    expect(critical).to_have_attribute("data-state", "raised")


def test_trades_that_were_not_made_show_what_they_would_do(risk, alpha):
    page, daemon, _ = risk
    call(daemon, f"accounts/{alpha}/limits", "PUT", {"limits": [{"metric": "gross_exposure", "hard": 1e8}]})
    book = page.locator("what-if-book")
    book.get_by_label("Symbol").fill("appl")
    expect(book.locator('datalist option[value="AAPL"]')).to_be_attached()
    trades = [{"symbol": "AAPL", "quantity": -1000}, {"symbol": "MSFT", "quantity": 500}]
    for trade in trades:
        book.get_by_label("Symbol").fill(trade["symbol"].lower())
        book.get_by_label("Signed quantity").fill(str(trade["quantity"]))
        page.keyboard.press("Enter")
    expect(book.locator("li")).to_have_text(["\u22121,000 AAPL\u00d7", "+500 MSFT\u00d7"])
    answer = call(daemon, f"accounts/{alpha}/what-if", "POST", {"trades": trades})

    def is_shown() -> None:
        for when in ("before", "after"):
            for name, measure in (("VaR", "var"), ("ES", "es")):
                shows(page.locator(f'[data-what-if="{name} 99 %/{when}"]'), answer[when][measure]["9900"])
            shows(page.locator(f'[data-what-if="Margin used/{when}"]'), answer[when]["margin"]["used"])
            shows(page.locator(f'[data-what-if="Margin %/{when}"]'), answer[when]["margin"]["utilisation_pct"], 0.051)
            (use,) = answer[when]["limits"]
            shows(page.locator(f'[data-what-if="% of gross exposure/{when}"]'), use["utilisation_pct"], 0.051)

    is_shown()
    page.locator('#views a[data-view="trade"]').click()
    expect(book).to_be_hidden()
    page.locator('#views a[data-view="risk"]').click()
    is_shown()
    book.get_by_role("button", name="Remove +500 MSFT").click()
    expect(book.locator("li")).to_have_count(1)
    book.get_by_role("button", name="Clear").click()
    expect(book.locator(".results")).to_be_hidden()


def test_each_limit_shows_the_move_that_reaches_it(solo, open_page):
    daemon, _ = solo
    call(daemon, "accounts/SOLO/limits", "PUT", {"limits": [
        {"metric": "day_loss", "hard": 500}, {"metric": "notional", "part": "ONE", "hard": 9000},
        {"metric": "sector", "part": "Technology", "hard": 1e9}]})
    page = look(open_page, daemon, "SOLO")
    found = {(each["metric"], each.get("part", "")): each
             for each in call(daemon, "accounts/SOLO/reverse-stress")["limits"]}
    assert len(found) == 4
    for (metric, part), each in found.items():
        if "move_pct" in each:
            shows(page.locator(f'[data-reverse="{metric}/{part}/move"]'), each["move_pct"])
            shows(page.locator(f'[data-reverse="{metric}/{part}/pnl"]'), each["pnl"])
    far = page.locator('[data-reverse="sector/Technology/move"]')
    expect(far).to_have_text("\u2014")
    expect(far).to_have_attribute("title", re.compile("no move"))
    panel = page.locator("reverse-stress")
    panel.get_by_label("Loss").fill("1,000")
    page.keyboard.press("Enter")
    wanted = call(daemon, "accounts/SOLO/reverse-stress?loss=1000")
    shows(page.locator('[data-reverse="loss//move"]'), wanted["move_pct"])
    panel.get_by_label("What moves").select_option("ONE")
    shows(page.locator('[data-reverse="loss//move"]'), wanted["move_pct"])


def test_a_trade_that_makes_no_sense_is_refused_in_the_servers_words(live, open_page, alpha):
    # The browser itself notes an answer of 422.
    page = look(open_page, live[0], alpha, expected="422")
    book = page.locator("what-if-book")
    book.get_by_role("button", name="Add").click()
    expect(book.locator(".fault")).to_have_text("A symbol is needed.")
    book.get_by_label("Symbol").fill("NOPE")
    book.get_by_label("Signed quantity").fill("5")
    page.keyboard.press("Enter")
    expect(book.locator(".fault")).to_contain_text("NOPE")
    expect(book.locator(".results")).to_be_hidden()


def test_what_has_no_history_shows_reasons_and_no_zeros(run, publish, open_page, tmp_path):
    publisher = publish()
    book = single_book(margin_limit=2500.0)
    book.instruments["BARE"] = replace(book.instruments["ONE"], id=2, symbol="BARE", prior_close=None)
    book.positions = {"SOLO": {"BARE": (10.0, 100.0)}}
    daemon = run(publisher.endpoint, data=book.save(tmp_path / "data"))
    publisher.wait_for_subscriber()
    publisher.last({1: 100.0, 2: 100.0})
    wait_until(lambda: "market_value" in daemon.account("SOLO")["totals"], "a price")
    page = look(open_page, daemon, "SOLO")
    for path in ("card/risk/var/9900", "risk/es/9500"):
        expect(cell(page, path)).to_have_text("\u2014")
        expect(cell(page, path)).to_have_attribute("title", "no priced position has history")
    missing = page.locator('#view-risk [data-model="historical/var_9900"]')
    expect(missing).to_have_text("\u2014")
    expect(missing).to_have_attribute("title", re.compile("no priced position has history"))
    for name in ("pnl-histogram", "worst-scenarios"):
        expect(page.locator(f"{name} .empty").first).to_contain_text("No priced position has history")
    shows(cell(page, "stress/market_crash_10pct"), -100.0)


def test_an_account_that_holds_nothing_says_so(run, publish, open_page, tmp_path):
    publisher = publish()
    daemon = run(publisher.endpoint, data=flat_book(margin_limit=None).save(tmp_path / "data"))
    publisher.wait_for_subscriber()
    publisher.last({1: 180.0, 2: 400.0})
    wait_until(lambda: daemon.account("OTHER")["status"] == "ok", "a price")
    page = look(open_page, daemon, "FLAT")
    for name in ("pnl-histogram", "worst-scenarios", "back-test"):
        expect(page.locator(f"{name} > .empty")).to_contain_text("Nothing is held")
    expect(cell(page, "margin/utilisation_pct")).to_have_text("\u2014")
    expect(cell(page, "margin/utilisation_pct")).to_have_attribute("title", "no margin limit is set")
    expect(page.locator("sector-bars .empty")).to_be_visible()
    # Another account fills the same panels, and back again they say so once more.
    page.locator('#accounts a[data-account="OTHER"]').click()
    expect(page.locator("pnl-histogram .bars rect").first).to_be_visible()
    page.locator('#accounts a[data-account="FLAT"]').click()
    expect(page.locator("pnl-histogram > .empty")).to_contain_text("Nothing is held")


def test_cards_draw_the_last_minutes(solo, open_page):
    daemon, publisher = solo
    page = look(open_page, daemon, "SOLO")
    line = page.locator('#view-risk [data-card="equity"] polyline')

    def points() -> list[str]:
        return (line.get_attribute("points") or "").split()

    prices = itertools.count(61)

    def is_drawn() -> bool:
        publisher.last({1: float(next(prices))})
        return len(points()) >= 3

    wait_until(is_drawn, "three points, a second apart")
    heights = [float(point.split(",")[1]) for point in points()]
    assert heights[-1] < heights[0], "equity rose"


def test_risk_figures_keep_moving_while_prices_do(solo, open_page):
    daemon, publisher = solo
    page = look(open_page, daemon, "SOLO")
    for price in (70.0, 80.0):
        publisher.last({1: price})
        wait_until(lambda: daemon.account("SOLO")["positions"]["ONE"]["price"] == price, "the price")
        shows(cell(page, "card/risk/var/9900"), daemon.account("SOLO")["risk"]["var"]["9900"])
        report = call(daemon, "accounts/SOLO/risk")
        shows(page.locator('[data-model="historical/var_9900"]').first, report["models"]["historical"]["var_9900"])
        expect(page.locator("pnl-histogram .marks .var")).to_have_attribute(
            "data-value", str(-round(report["attribution"]["var"], 2)))
