# SPDX-License-Identifier: Apache-2.0
"""The dashboard in a real browser: complete without scripts, alive with them, and honest when the stream is lost."""

import re
import shutil
import time
from urllib.parse import urljoin

import pytest
from playwright.sync_api import expect

import reference
from access import PASSWORD, add, browser, first_user
from book import single_book
from daemon import DEMO
from page_fixtures import (  # noqa: F401 the fixtures among them are used by name
    DESKTOP, TIMEOUT_MS, alpha, cell, chromium, expect_live, is_same_number, is_served, number, open_page)
from page_relay import PageRelay
from waiting import wait_until


def test_the_first_screen_has_numbers_without_scripts(live, open_page, demo, alpha):
    daemon, _ = live
    prices = {symbol: instrument.prior_close for symbol, instrument in demo.instruments.items()}
    page = open_page(daemon.url + "/", java_script_enabled=False)
    expected = reference.value_account(demo, alpha, prices)
    assert number(cell(page, "totals/market_value").inner_text()) == pytest.approx(
        expected["totals"]["market_value"], abs=0.0051)
    for measure in ("var", "es"):
        for confidence, value in expected["risk"][measure].items():
            shown = number(cell(page, f"risk/{measure}/{confidence}").inner_text())
            assert shown == pytest.approx(value, abs=0.0051)
    for symbol, position in expected["positions"].items():
        shown = number(cell(page, f"positions/{symbol}/market_value").inner_text())
        assert shown == pytest.approx(position["market_value"], abs=0.0051)
    for symbol in demo.instruments:
        assert number(cell(page, f"market/{symbol}/last").inner_text()) == pytest.approx(prices[symbol], abs=0.0051)
    for name, value in expected["stress"].items():
        assert number(cell(page, f"stress/{name}").inner_text()) == pytest.approx(value, abs=0.0051)
    assert cell(page, "margin/level").inner_text() == daemon.account(alpha)["margin"]["level"]


def test_what_the_server_renders_is_what_the_page_writes(live, open_page, demo, alpha):
    daemon, publisher = live
    texts = "nodes => Object.fromEntries(nodes.map(node => [node.dataset.cell, [node.textContent, node.dataset.tone]]))"
    plain = open_page(daemon.url + "/", java_script_enabled=False).content()
    page = open_page(daemon.url + "/")
    expect_live(page)
    written = page.locator("[data-cell]").evaluate_all(texts)
    still = open_page("about:blank")
    still.set_content(re.sub(r"<(script|link)\b[^>]*>(</script>)?", "", plain))
    rendered = still.locator("[data-cell]").evaluate_all(texts)
    assert set(rendered) == set(written)
    for path, (text, tone) in written.items():
        assert rendered[path][1] == tone, path
        assert is_same_number(rendered[path][0], text), f"{path}: rendered {rendered[path][0]}, written {text}"


def test_values_change_while_ticks_come(live, open_page, demo, alpha):
    daemon, publisher = live
    page = open_page(f"{daemon.url}/?account={alpha}")
    expect_live(page)
    symbol = next(iter(demo.positions[alpha]))
    instrument = demo.instruments[symbol]
    quantity, cost = demo.positions[alpha][symbol]
    for price in (123.25, 124.5, 111.75):
        publisher.last({instrument.id: price})
        expect(cell(page, f"market/{symbol}/last")).to_have_text(re.compile(rf"^{price:.2f}0*$"))
        expect(cell(page, f"positions/{symbol}/market_value")).to_have_text(f"{quantity * price:,.2f}")
        unrealised = (price - cost) * quantity
        expect(cell(page, f"positions/{symbol}/unrealised_pnl")).to_have_attribute(
            "data-tone", "gain" if unrealised > 0 else "loss")


def test_a_number_says_its_convention(live, open_page, alpha):
    page = open_page(f"{live[0].url}/?view=risk&account={alpha}")
    expect_live(page)
    cell(page, "risk/var/9900").hover()
    expect(cell(page, "risk/var/9900")).to_have_attribute("title", re.compile(
        r"99 % 1-day historical, discrete, 500 returns, coverage 100 %.*, [\d.]+ s old"))


def test_missing_values_are_dashes_with_a_reason(run, publish, open_page, demo, alpha):
    daemon = run(publish().endpoint)
    held = next(iter(demo.positions[alpha]))
    for scripts in (False, True):
        page = open_page(daemon.url + "/", java_script_enabled=scripts)
        if scripts:
            expect_live(page)
        for path in ("totals/market_value", "margin/utilisation_pct", f"positions/{held}/price"):
            expect(cell(page, path)).to_have_text("\u2014")
            assert cell(page, path).get_attribute("title"), path


def test_a_restart_of_the_daemon_is_survived(live, run, open_page, demo, alpha, publish):
    daemon, publisher = live
    port = daemon.address.rsplit(":", 1)[1]
    # While the daemon is away, the browser itself says that it cannot connect.
    page = open_page(f"{daemon.url}/?account={alpha}", expected=r"WebSocket connection to|ERR_CONNECTION")
    expect_live(page)
    light = page.locator("connection-light")
    daemon.stop()
    expect(light).to_have_attribute("data-state", "lost")
    expect(page.locator("html")).to_have_attribute("data-stream", "lost")
    expect(light).to_have_text(re.compile(r"lost [1-9]\d* s"))
    again = run(publisher.endpoint, settings={"http": {"listen": f"127.0.0.1:{port}"}})
    assert again.address.endswith(":" + port)
    publisher.wait_for_subscriber()
    expect_live(page)
    symbol, instrument = next(iter(demo.instruments.items()))
    for price in (71.25, 72.5):
        publisher.last({instrument.id: price})
        expect(cell(page, f"market/{symbol}/last")).to_have_text(re.compile(rf"^{price:.2f}0*$"))


@pytest.fixture
def relay(live):
    """A path to the live daemon on which frames may be lost."""
    relay = PageRelay(int(live[0].address.rsplit(":", 1)[1]))
    yield relay
    relay.close()


def test_a_lost_frame_is_followed_by_a_snapshot(live, relay, open_page, demo):
    _, publisher = live
    lost = []

    def lose_one(payload: bytes) -> bool:
        # Byte 9 of a deflate message is the kind: 1 is a delta.
        if lost or payload[9] != 1 or b"market" not in payload[:80]:
            return False
        lost.append(payload)
        return True

    page = open_page(relay.url + "/")
    expect_live(page)
    symbol, instrument = next(iter(demo.instruments.items()))
    relay.is_lost = lose_one
    publisher.last({instrument.id: 71.25})
    wait_until(lambda: lost, "a delta is lost")
    publisher.last({instrument.id: 72.5})
    expect(page.locator("#messages li").first).to_contain_text("asking for a snapshot")
    expect(cell(page, f"market/{symbol}/last")).to_have_text(re.compile(r"^72.50*$"))
    publisher.last({instrument.id: 73.75})
    expect(cell(page, f"market/{symbol}/last")).to_have_text(re.compile(r"^73.750*$"))
    assert relay.requests[-2:] == [
        {"op": "unsubscribe", "channels": ["market"]}, {"op": "subscribe", "channels": ["market"]}]


def test_a_channel_nobody_vouches_for_is_told_while_others_go_on(relay, open_page, alpha):
    """What a gateway does of which one of several nodes is silent."""
    channel = f"account:{alpha}"
    page = open_page(f"{relay.url}/?account={alpha}")
    expect_live(page)
    relay.is_lost = lambda payload: channel.encode() in payload[:80]
    relay.is_unsaid = lambda message: message["type"] == "heartbeat" and message["channel"] == channel
    light = page.locator("connection-light")
    expect(light).to_have_attribute("data-state", "lost", timeout=10_000)
    expect(light).to_have_attribute("aria-label", re.compile(f"nothing newer is known of {channel}"))
    relay.is_unsaid = lambda message: False
    expect_live(page)
    assert len(relay.arrivals) == 1


def test_a_broken_connection_is_resumed_where_it_was(live, relay, open_page, demo):
    _, publisher = live
    page = open_page(relay.url + "/")
    expect_live(page)
    symbol, instrument = next(iter(demo.instruments.items()))
    relay.break_streams()
    wait_until(lambda: len(relay.requests) == 2, "the page subscribes again")
    resume = relay.requests[1]["resume"]
    assert resume["epoch"] and set(resume["sequences"]) == set(relay.requests[1]["channels"])
    expect_live(page)
    publisher.last({instrument.id: 71.25})
    expect(cell(page, f"market/{symbol}/last")).to_have_text(re.compile(r"^71.250*$"))


def test_a_server_that_stops_says_when_the_page_comes_back(live, relay, open_page):
    page = open_page(relay.url + "/")
    expect_live(page)
    page.evaluate("""() => {
        window.reasons = [];
        return import(`${document.body.dataset.assets}/data/link.js`).then(({ link }) =>
            link.addEventListener("status", ({ detail }) => window.reasons.push(detail.reason)));
    }""")
    ended = time.monotonic()
    relay.end_streams(4012, "retry in 2400 ms")
    expect(page.locator("html")).to_have_attribute("data-stream", "lost")
    wait_until(lambda: len(relay.arrivals) == 2, "the page comes back")
    # By itself it would have come within 300 ms.
    assert 2.3 < relay.arrivals[1] - ended < 6.0
    expect_live(page)
    assert page.evaluate("window.reasons")[0] == "the server stops or starts again; trying again in 2.4 s"


def test_a_reload_of_the_server_brings_an_instrument_to_the_page(run, publish, demo, open_page, tmp_path):
    data = tmp_path / "data"
    shutil.copytree(DEMO, data)
    publisher = publish()
    daemon = run(publisher.endpoint, data=data)
    publisher.wait_for_subscriber()
    publisher.last({i.id: i.prior_close for i in demo.instruments.values()})
    page = open_page(daemon.url + "/")
    expect_live(page)
    name = """async () => {
        const { instruments } = await import(`${document.body.dataset.assets}/data/instruments.js`);
        return instruments.of("NEW")?.name ?? "";
    }"""
    assert page.evaluate(name) == "" and cell(page, "market/NEW/last").count() == 0
    with (data / "instruments.csv").open("a") as file:
        file.write("9001,NEW,Newly listed,Energy,USD,1,0.01,0.25,4\n")
    assert daemon.reload() == "applied"
    publisher.last({9001: 12.5})
    expect(cell(page, "market/NEW/last")).to_have_text(re.compile(r"^12.50*$"))
    # The ticket checks symbols and steps by what it knows of the instruments.
    wait_until(lambda: page.evaluate(name) == "Newly listed", "the page knows the instrument")


def test_a_hidden_page_asks_for_nothing_and_comes_back_with_a_snapshot(live, relay, open_page, demo):
    _, publisher = live
    page = open_page(relay.url + "/")
    expect_live(page)
    see = """isHidden => {
        Object.defineProperty(document, "hidden", { configurable: true, get: () => isHidden });
        document.dispatchEvent(new Event("visibilitychange"));
    }"""
    page.evaluate(see, True)
    expect(page.locator("html")).to_have_attribute("data-stream", "paused", timeout=TIMEOUT_MS)
    assert relay.requests[-1]["op"] == "unsubscribe"
    symbol, instrument = next(iter(demo.instruments.items()))
    publisher.last({instrument.id: 71.25})
    page.evaluate(see, False)
    expect_live(page)
    assert relay.requests[-1]["op"] == "subscribe" and not relay.requests[-1].get("resume", {}).get("sequences")
    expect(cell(page, f"market/{symbol}/last")).to_have_text(re.compile(r"^71.250*$"))


def test_the_firm_shows_its_accounts_which_open(live, open_page, demo):
    daemon, _ = live
    page = open_page(f"{daemon.url}/?account=firm")
    expect_live(page)
    for account in demo.accounts:
        expect(cell(page, f"firm/accounts/{account}/market_value")).to_have_text(re.compile(r"\d"))
    expect(page.locator("portfolio-grid")).to_be_hidden()
    link = page.locator('[data-table="accounts"] a').first
    account = link.inner_text()
    link.click()
    expect(page.locator("firm-accounts")).to_be_hidden()
    assert f"account={account}" in page.url
    expect(page.locator(f'#accounts a[data-account="{account}"]')).to_have_attribute("aria-current", "page")


def test_switching_accounts_shows_the_other_and_makes_a_link(live, open_page, demo):
    daemon, _ = live
    first, second = sorted(demo.accounts)[:2]
    page = open_page(f"{daemon.url}/?account={first}")
    expect_live(page)
    page.locator(f'nav a[data-account="{second}"]').click()
    expect(page.locator(f'nav a[data-account="{second}"]')).to_have_attribute("aria-current", "page")
    symbols = '[data-table="positions"] tbody tr[data-row]:not([hidden])'
    read = "rows => rows.map(row => row.dataset.row)"
    wait_until(
        lambda: page.locator(symbols).evaluate_all(read) == sorted(demo.positions[second]),
        f"the positions of {second}")
    page.reload()
    assert page.locator(symbols).count() == len(demo.positions[second])


def test_an_alert_is_a_message(run, publish, open_page, tmp_path):
    publisher = publish()
    daemon = run(publisher.endpoint, data=single_book(margin_limit=2500.0).save(tmp_path / "data"))
    publisher.wait_for_subscriber()
    publisher.last({1: 70.0})
    page = open_page(daemon.url + "/")
    expect_live(page)
    messages = page.locator("#messages li")
    for price, limit in ((85.0, 80), (97.0, 95)):
        publisher.last({1: price})
        expect(messages.filter(has_text=f"the limit is {limit} %").first).to_be_attached()


@pytest.mark.parametrize("viewport", [DESKTOP, {"width": 390, "height": 844}], ids=["desktop", "phone"])
def test_the_page_never_scrolls_sideways_and_the_desktop_not_at_all(live, open_page, viewport):
    page = open_page(live[0].url + "/", viewport=viewport)
    expect_live(page)
    size = page.evaluate("() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
    assert size[0] <= viewport["width"]
    if viewport is DESKTOP:
        assert size[1] <= viewport["height"]


def test_nothing_flashes_under_reduced_motion(live, open_page, demo):
    daemon, publisher = live
    page = open_page(daemon.url + "/", reduced_motion="reduce")
    expect_live(page)
    symbol, instrument = next(iter(demo.instruments.items()))
    publisher.last({instrument.id: 123.25})
    expect(cell(page, f"market/{symbol}/last")).to_have_text(re.compile(r"^123.250*$"))
    assert page.evaluate("() => document.getAnimations().length") == 0


def test_the_page_and_its_parts_come_with_a_strict_policy(live):
    daemon, _ = live
    status, headers, body = daemon.request("/")
    assert status == 200 and headers["content-type"].startswith("text/html")
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy and "script-src 'self'" in policy and "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert b"style=" not in body and b"<style" not in body and not re.search(rb"<script(?![^>]*src=)", body)
    # What the page loads is there, and so is what that imports.
    assets = set(re.findall(r'(?:src|href)="(/assets/[^"]+)"', body.decode()))
    seen: set[str] = set()
    while left := assets - seen:
        path = left.pop()
        seen.add(path)
        status, _, content = daemon.request(path)
        assert status == 200, path
        if path.endswith(".js"):
            imports = re.findall(r'^(?:import|export)\b.*"(\.{1,2}/[^"]+)"', content.decode(), re.MULTILINE)
            assets |= {urljoin(path, name) for name in imports}
    assert any(path.endswith("/data/store.js") for path in seen)


@pytest.fixture
def door(run, publish, demo):
    """A daemon that wants to know who asks, and ann, who may see BETA."""
    publisher = publish()
    daemon = run(publisher.endpoint, settings={"auth": {"mode": "password"}})
    admin = first_user(daemon)
    add(admin, "ann", ("BETA", "view"))
    publisher.wait_for_subscriber()
    publisher.last({instrument.id: instrument.prior_close for instrument in demo.instruments.values()})
    wait_until(lambda: admin.api("accounts/BETA")["status"] == "ok", "prices of BETA")
    return daemon, admin


def test_people_sign_in_by_keyboard_and_out_again(door, open_page):
    daemon, _ = door
    page = open_page(f"{daemon.url}/", expected="401")
    expect(page).to_have_url(re.compile("/sign-in$"))
    expect(page.get_by_label("User")).to_be_focused()
    page.keyboard.type("ann")
    page.keyboard.press("Tab")
    page.keyboard.type("wrong horse")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("Unknown user or wrong password.")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect_live(page)
    assert [link.inner_text() for link in page.locator("#accounts a").all()] == ["BETA"]
    assert page.evaluate("document.cookie") == ""
    page.locator("[popovertarget=menu]").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile("/sign-in$"))
    page.goto(f"{daemon.url}/")
    expect(page).to_have_url(re.compile("/sign-in$"))


def test_the_page_goes_to_the_form_when_its_session_ends(door, open_page):
    daemon, admin = door
    page = open_page(f"{daemon.url}/sign-in", expected="401")
    page.get_by_label("User").fill("ann")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect_live(page)
    assert admin.ask("/api/v1/users/ann/sign-out", "POST")[0] == 204
    expect(page).to_have_url(re.compile("/sign-in$"))
    assert browser(daemon, "ann").api("sessions")["user"] == "ann"
