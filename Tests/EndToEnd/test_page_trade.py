# SPDX-License-Identifier: Apache-2.0
"""The trading view in a real browser: portfolio, watchlist, ticket, blotter, kill switch."""

import csv
import io
import re

import pytest
from playwright.sync_api import expect

from access import PASSWORD, add, first_user
from book import Book, Instrument
from page_fixtures import (  # noqa: F401 the fixtures among them are used by name
    cell, chromium, expect_live, is_same_number, open_page)
from page_relay import PageRelay
from trading_desk import flat_book, quoted_desk
from waiting import wait_until
from wire import HALTED

#: What a browser says on its console of answers that refuse.
REFUSED = r"status of (409|422|429|503)"


@pytest.fixture
def desk(run, publish, tmp_path):
    """`desk(orders={…}, …)` on the flat book; AAPL is at 179.99/180, MSFT at 399.9/400."""

    def make(book: Book | None = None, **settings):
        return quoted_desk(run, publish(), tmp_path, book or flat_book(), settings)

    return make


@pytest.fixture
def relay_to():
    """`relay_to(daemon)`: a path to the daemon on which one can listen."""
    made: list[PageRelay] = []

    def make(daemon) -> PageRelay:
        made.append(PageRelay(int(daemon.address.rsplit(":", 1)[1])))
        return made[-1]

    yield make
    for relay in made:
        relay.close()


def show(open_page, desk, account: str = "FLAT", **options):
    page = open_page(f"{desk.daemon.url}/?view=trade&account={account}", **options)
    expect_live(page)
    expect(page.locator("kill-switch[data-scope=account]")).to_have_attribute("data-state", re.compile("active|halted"))
    return page


def fill(page, symbol: str, quantity: str, side: str = "buy", order_type: str = "market", **prices: str) -> None:
    page.locator(".ticket [name=symbol]").fill(symbol)
    page.locator(f".ticket [name=side][value={side}]").check()
    page.locator(".ticket [name=quantity]").fill(quantity)
    page.locator(".ticket [name=order_type]").select_option(order_type)
    for name, value in prices.items():
        page.locator(f".ticket [name={name}]").fill(value)


def review(page) -> None:
    expect(page.locator(".ticket .preview")).to_have_attribute("data-state", "known")
    page.locator(".ticket [name=quantity]").press("Enter")
    expect(page.locator(".review-line")).to_be_visible()


def hold(page, button) -> None:
    button.hover()
    page.mouse.down()
    expect(button.locator("xpath=..")).not_to_have_attribute("data-holding", "")
    page.mouse.up()


def hold_by_key(page, button) -> None:
    button.focus()
    page.keyboard.down("Enter")
    expect(button.locator("xpath=..")).to_have_attribute("data-holding", "")
    expect(button.locator("xpath=..")).not_to_have_attribute("data-holding", "")
    page.keyboard.up("Enter")


def rows(page, name: str):
    return page.locator(f"#list-{name} tbody tr[data-row]:visible")


# MARK: Ticket


def test_an_order_is_reviewed_sent_shown_at_once_and_filled(desk, open_page):
    desk = desk()
    page = show(open_page, desk)
    held = []
    page.route("**/accounts/FLAT/orders", lambda route: held.append(route)
               if route.request.method == "POST" else route.continue_())
    fill(page, "AAPL", "10")
    expect(page.locator(".ticket [data-quote=bid]")).to_have_text(re.compile(r"^179\.990*$"))
    review(page)
    line = page.locator(".review-line")
    expect(line).to_contain_text("BUY 10 AAPL at market")
    expect(line).to_contain_text("pay 1,800.00 USD")
    expect(line).to_contain_text(re.compile(r"ΔVaR 99 % \+[\d.,]+ USD, margin 0\.00 → [\d.,]+ USD"))
    assert desk.orders() == []
    expect(page.locator("[data-send]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(rows(page, "open")).to_have_count(1)
    expect(rows(page, "open")).to_have_attribute("data-pending", "")
    wait_until(lambda: page.evaluate("true") and held, "the order is sent")
    assert desk.orders() == [], "the row is there before the server has the order"
    held[0].continue_()
    expect(rows(page, "open")).to_have_count(0)
    page.locator("#tab-done").click()
    expect(rows(page, "done")).to_have_count(1)
    expect(rows(page, "done")).to_have_attribute("data-status", "filled")
    page.locator("#tab-fills").click()
    expect(rows(page, "fills")).to_contain_text("180.00")
    (order,) = desk.orders()
    assert re.fullmatch(r"[0-9a-f-]{36}", order["client_order_id"]) and order["filled_quantity"] == 10


def test_a_refused_order_is_taken_back_with_the_reason_at_its_field(desk, open_page):
    desk = desk(orders={"quantity_max": 50})
    page = show(open_page, desk, expected=REFUSED)
    fill(page, "AAPL", "51")
    review(page)
    page.locator("[data-send]").click()
    fault = page.locator("#fault-quantity")
    expect(fault).to_have_text(re.compile("50"))
    expect(rows(page, "open")).to_have_count(0)
    assert desk.orders() == []
    page.locator(".ticket [name=symbol]").fill("MSFT")
    expect(fault).to_have_text(re.compile("50"))
    page.locator(".ticket [name=quantity]").fill("50")
    expect(fault).to_have_text("")


def test_a_lost_answer_is_no_refusal(desk, open_page):
    desk = desk()
    page = show(open_page, desk, expected="ERR_FAILED")

    def lose_the_answer(route) -> None:
        if route.request.method != "POST":
            return route.continue_()
        route.fetch()  # the server has the order
        route.abort()

    page.route("**/accounts/FLAT/orders", lose_the_answer)
    fill(page, "AAPL", "10", order_type="limit", limit_price="170")
    review(page)
    page.locator("[data-send]").click()
    expect(page.locator("#messages li").filter(has_text="no answer, buy 10 AAPL: look in the blotter")).to_be_attached()
    expect(rows(page, "open")).to_have_count(1)
    expect(rows(page, "open")).not_to_have_attribute("data-pending", "")
    assert len(desk.orders()) == 1


def test_what_happened_while_nobody_looked_is_read_afterwards(desk, open_page, relay_to):
    desk = desk()
    relay = relay_to(desk.daemon)
    page = open_page(f"{relay.url}/?view=trade&account=FLAT")
    expect_live(page)
    expect(rows(page, "open")).to_have_count(0)
    see = """isHidden => {
        Object.defineProperty(document, "hidden", { configurable: true, get: () => isHidden });
        document.dispatchEvent(new Event("visibilitychange"));
    }"""
    page.evaluate(see, True)
    wait_until(lambda: {"type": "subscribed", "channels": []} in relay.answers, "nothing is sent any more")
    # No event was heard before, so there is none to go on from, and none will come of this order.
    order = desk.accepted(symbol="AAPL", side="buy", quantity=10, order_type="limit", limit_price=170)
    desk.until(order, "working")
    page.evaluate(see, False)
    expect_live(page)
    expect(rows(page, "open")).to_have_count(1)


def test_fields_say_what_is_wrong_as_one_types(desk, open_page):
    page = show(open_page, desk())
    fill(page, "AAPL", "0", order_type="limit", limit_price="1.001")
    expect(page.locator("#fault-quantity")).to_have_text("must be above 0")
    expect(page.locator("#fault-limit")).to_have_text("must be a multiple of 0.01")
    page.locator(".ticket [name=quantity]").fill("+5")
    expect(page.locator("#fault-quantity")).to_have_text("is not a number such as 12.5")
    page.locator(".ticket [name=symbol]").fill("NOPE")
    expect(page.locator("#fault-symbol")).to_have_text("is no instrument")
    page.locator(".ticket [name=quantity]").press("Enter")
    expect(page.locator(".review")).to_be_hidden()


def test_too_many_orders_count_down_and_may_go_on(desk, open_page):
    desk = desk(orders={"per_minute": 1})
    page = show(open_page, desk, expected=REFUSED)
    desk.accepted(symbol="AAPL", side="buy", quantity=1)

    def limited(route) -> None:
        answer = route.fetch()
        # The server's own refusal; only its time is shortened, so that the test need not wait a minute.
        route.fulfill(response=answer, headers={**answer.headers, "retry-after": "2"})

    page.route("**/accounts/FLAT/orders", limited)
    fill(page, "AAPL", "1")
    review(page)
    page.locator("[data-send]").click()
    expect(page.locator(".ticket .reason")).to_have_text(re.compile(r"again in [12] s"))
    expect(page.locator("[data-review]")).to_be_disabled()
    expect(page.locator("[data-review]")).to_be_enabled()
    assert len(desk.orders()) == 1


def test_what_cannot_be_traded_says_why(desk, open_page):
    desk = desk()
    page = show(open_page, desk)
    fill(page, "AAPL", "1")
    desk.quote(1, 179.99, 180.0, status=HALTED)
    expect(page.locator(".ticket .reason")).to_have_text("AAPL is halted")
    expect(page.locator("[data-review]")).to_be_disabled()
    page.locator(".ticket [name=symbol]").fill("MSFT")
    expect(page.locator(".ticket .reason")).to_have_text("")
    expect(page.locator("[data-review]")).to_be_enabled()


def test_who_may_only_look_cannot_trade(run, publish, open_page, tmp_path):
    publisher = publish()
    daemon = run(publisher.endpoint, data=flat_book().save(tmp_path / "data"), settings={
        "auth": {"mode": "password"}, "store": {"directory": str(tmp_path / "state")}})
    publisher.wait_for_subscriber()
    admin = first_user(daemon)
    add(admin, "viewer", ("FLAT", "view"))
    page = open_page(f"{daemon.url}/sign-in")
    page.locator("#user").fill("viewer")
    page.locator("#password").fill(PASSWORD)
    page.locator("button[type=submit]").click()
    expect_live(page)
    expect(page.locator(".ticket .reason")).to_have_text("you may not trade in FLAT")
    expect(page.locator("kill-switch hold-button button")).to_be_disabled()
    expect(page.locator("kill-switch")).to_have_count(1)


# MARK: Blotter


def test_orders_are_replaced_and_cancelled_by_key_and_all_at_once(desk, open_page):
    desk = desk()
    page = show(open_page, desk)
    numbers = [desk.accepted(symbol="AAPL", side="buy", quantity=5, order_type="limit", limit_price=170.0 + step)
               for step in range(3)]
    expect(rows(page, "open")).to_have_count(3)
    page.locator(f'#list-open tr[data-row="{numbers[0]}"]').dblclick()
    page.locator(".replace [name=limit_price]").fill("169.5")
    page.locator(".replace [type=submit]").click()
    expect(page.locator(f'[data-cell="{numbers[0]}/limit_price"]')).to_have_text("169.50")
    assert wait_until(lambda: desk.order(numbers[0])["limit_price"] == 169.5, "the venue has replaced it")
    page.locator(f'#list-open tr[data-row="{numbers[2]}"] th').click()
    page.keyboard.press("Delete")
    desk.until(numbers[2], "cancelled")
    expect(rows(page, "open")).to_have_count(2)
    button = page.locator(".blotter hold-button button")
    expect(button).to_have_text("Cancel all 2 open orders")
    button.click()
    assert len(desk.orders(open="true")) == 2, "a click is not a hold"
    hold_by_key(page, button)
    expect(rows(page, "open")).to_have_count(0)
    assert desk.orders(open="true") == []


def test_the_list_is_saved_with_raw_numbers_and_iso_times(desk, open_page):
    desk = desk()
    page = show(open_page, desk)
    number = desk.accepted(symbol="AAPL", side="buy", quantity=1234)
    desk.until(number, "filled")
    desk.accepted(symbol="MSFT", side="buy", quantity=1, order_type="limit", limit_price=390.0)
    page.locator("#tab-done").click()
    expect(rows(page, "done")).to_have_count(1)
    with page.expect_download() as download:
        page.locator("[data-action=save]").click()
    assert re.fullmatch(r"FLAT-done-\d{4}-\d\d-\d\d\.csv", download.value.suggested_filename)
    (row,) = csv.DictReader(io.StringIO(download.value.path().read_text()))
    order = desk.order(number)
    assert (row["order_id"], row["quantity"], row["status"]) == (str(number), "1234", "filled")
    assert float(row["average_fill_price"]) == order["average_fill_price"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", row["created"])


def test_older_pages_come_as_one_scrolls_and_search_finds(desk, open_page):
    desk = desk(orders={"per_minute": 1_000_000, "duplicate_window": "0s"})
    for _ in range(260):
        number = desk.accepted(symbol="AAPL", side="buy", quantity=1)
    desk.until(number, "filled")
    page = show(open_page, desk)
    page.locator("#tab-fills").click()
    expect(page.locator("#tab-fills .count")).to_have_text("200")
    page.locator("#list-fills .scroll").evaluate("node => node.scrollTo(0, node.scrollHeight)")
    expect(page.locator("#tab-fills .count")).to_have_text("260")
    assert rows(page, "fills").count() < 80
    page.locator("[data-find]").fill("nothing like it")
    expect(rows(page, "fills")).to_have_count(0)


# MARK: Kill switch


def test_halting_cancels_and_only_a_reason_lets_go_on(desk, open_page):
    desk = desk()
    number = desk.accepted(symbol="AAPL", side="buy", quantity=5, order_type="limit", limit_price=170.0)
    page = show(open_page, desk)
    switch = page.locator("kill-switch[data-scope=account]")
    button = switch.locator("hold-button button")
    expect(button).to_have_text("Halt FLAT: cancels 1 open order")
    button.click()
    assert desk.call("accounts/FLAT/kill-switch").body["state"] == "active"
    switch.locator("[name=reason]").fill("fat finger")
    hold(page, button)
    expect(switch).to_have_attribute("data-state", "halted")
    expect(switch.locator(".why")).to_have_text(re.compile(r"by local at \d\d:\d\d:\d\d: fat finger"))
    desk.until(number, "cancelled")
    expect(page.locator(".ticket .reason")).to_have_text("FLAT is halted (fat finger)")
    reset = switch.locator("[type=submit]")
    expect(reset).to_be_disabled()
    switch.locator("[name=reason]").press("Enter")
    assert desk.call("accounts/FLAT/kill-switch").body["state"] == "halted"
    switch.locator("[name=reason]").fill("checked")
    reset.click()
    expect(switch).to_have_attribute("data-state", "active")
    expect(page.locator(".ticket .reason")).to_have_text("")


def test_the_house_is_stopped_on_a_phone(desk, open_page):
    desk = desk()
    page = show(open_page, desk, viewport={"width": 390, "height": 844})
    switch = page.locator("kill-switch[data-scope=house]")
    button = switch.locator("hold-button button")
    expect(button).to_be_in_viewport()
    expect(button).to_have_text("Halt the house: cancels 0 open orders")
    hold(page, button)
    expect(switch).to_have_attribute("data-state", "halted")
    assert desk.call("kill-switch").body["state"] == "halted"
    expect(page.locator(".ticket .reason")).to_have_text("the house is halted")


# MARK: Portfolio


def test_the_keyboard_alone_leads_from_a_row_to_a_sent_order(desk, open_page):
    desk = desk()
    page = show(open_page, desk, "OTHER")
    desk.account = "OTHER"
    page.locator(".portfolio table").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("s")
    expect(page.locator(".ticket [name=symbol]")).to_have_value("MSFT")
    expect(page.locator(".ticket [name=quantity]")).to_be_focused()
    page.keyboard.type("40")
    expect(page.locator(".ticket .preview")).to_have_attribute("data-state", "known")
    page.keyboard.press("Enter")
    expect(page.locator(".review-line")).to_contain_text("SELL 40 MSFT at market")
    page.keyboard.press("Enter")
    desk.until_position("MSFT", 60)
    expect(cell(page, "positions/MSFT/quantity")).to_have_text("60")


def test_a_position_is_closed_by_holding(desk, open_page):
    desk = desk()
    page = show(open_page, desk, "OTHER")
    desk.account = "OTHER"
    page.locator(".portfolio table").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("x")
    dialog = page.locator("close-position dialog")
    expect(dialog).to_contain_text("OTHER: sell 100 MSFT at market, worth 40,000.00 USD now")
    assert desk.orders() == []
    hold_by_key(page, dialog.locator("hold-button button"))
    expect(dialog).to_be_hidden()
    wait_until(lambda: not (desk.position("MSFT") or {}).get("quantity"), "nothing is held")


def test_sectors_have_the_servers_sums_and_the_filter_finds_names(live, open_page, demo):
    daemon, _ = live
    page = open_page(daemon.url + "/")
    expect_live(page)
    page.locator("[data-group]").check()
    sectors = daemon.account(sorted(demo.accounts)[0])["sectors"]
    for name, sums in sectors.items():
        head = page.locator(".portfolio tr.group", has_text=name)
        texts = head.locator("td").all_inner_texts()
        assert texts[0::2][:2] == ["gross", "net"], name
        for text, value in zip(texts[1:4:2], (sums["gross"], sums["net"])):
            assert is_same_number(text, f"{value:,.2f}"), name
    page.locator(".portfolio [data-filter]").fill("apple")
    expect(page.locator(".portfolio tbody tr[data-row]:visible")).to_have_count(1)
    page.locator('.portfolio tr[data-row="AAPL"]:visible th').hover()
    expect(page.locator('.portfolio tr[data-row="AAPL"]:visible th')).to_have_attribute("title", "Apple Inc.")


def test_five_thousand_positions_scroll_with_few_rows(run, publish, open_page, tmp_path):
    book = flat_book()
    book.instruments.update({f"S{n:04d}": Instrument(n + 10, f"S{n:04d}", prior_close=50.0) for n in range(5000)})
    book.positions["FLAT"] = {f"S{n:04d}": (10.0, 40.0) for n in range(5000)}
    daemon = run(publish().endpoint, data=book.save(tmp_path / "data"))
    page = open_page(f"{daemon.url}/?view=trade&account=FLAT")
    expect_live(page)
    portfolio = page.locator(".portfolio")
    expect(portfolio.locator("table")).to_have_attribute("aria-rowcount", "5001")
    assert portfolio.locator("tbody tr").count() < 80
    portfolio.locator(".scroll").evaluate("node => node.scrollTo(0, node.scrollHeight)")
    expect(portfolio.locator('tr[data-row="S4999"]')).to_be_visible()
    assert portfolio.locator("tbody tr").count() < 80


# MARK: Watchlist


def watched(page) -> list[str]:
    shown = page.locator(".watch tbody tr[data-row]:visible")
    return shown.evaluate_all("nodes => nodes.map(node => node.dataset.row)")


def test_the_watchlist_is_the_readers_and_survives_a_reload(run, publish, open_page, tmp_path, demo):
    daemon = run(publish().endpoint, settings={"store": {"directory": str(tmp_path / "state")}})

    def kept() -> list[str]:
        return daemon.get("/api/v1/watchlist")["symbols"]

    page = open_page(daemon.url + "/", expected=REFUSED)
    expect_live(page)
    expect(page.locator(".watch .hint")).to_be_visible()
    assert len(watched(page)) > 10
    add_symbol = page.locator(".watch [data-add]")
    add_symbol.press_sequentially("appl")
    expect(page.locator(".watch .suggestions li").first).to_contain_text("AAPL Apple Inc.")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".watch .hint")).to_be_hidden()
    for symbol in ("MSFT", "JPM"):
        add_symbol.fill(symbol)
        add_symbol.press("Enter")
    wait_until(lambda: kept() == ["AAPL", "MSFT", "JPM"], "three are kept")
    add_symbol.fill("APPL")
    add_symbol.press("Enter")
    expect(page.locator("#watch-fault")).to_contain_text("APPL")
    expect(page.locator("#watch-fault [data-suggestion]").first).to_have_text("AAPL")
    assert watched(page) == ["AAPL", "MSFT", "JPM"]
    page.locator('.watch tr[data-row="JPM"]:visible th').click()
    page.keyboard.press("Alt+ArrowUp")
    wait_until(lambda: kept() == ["AAPL", "JPM", "MSFT"], "one up")
    page.locator('.watch tr[data-row="MSFT"]:visible th').drag_to(page.locator('.watch tr[data-row="AAPL"]:visible th'))
    wait_until(lambda: kept() == ["MSFT", "AAPL", "JPM"], "dragged to the top")
    page.locator('.watch tr[data-row="AAPL"]:visible th').click()
    page.keyboard.press("Delete")
    wait_until(lambda: kept() == ["MSFT", "JPM"], "one removed")
    page.reload()
    expect_live(page)
    assert watched(page) == ["MSFT", "JPM"]
    plain = open_page(daemon.url + "/", java_script_enabled=False)
    assert watched(plain) == ["MSFT", "JPM"], "the server renders the list"
