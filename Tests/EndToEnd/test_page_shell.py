# SPDX-License-Identifier: Apache-2.0
"""The dashboard's frame in a real browser: looks, lights, keys, layout, history, and the page for what went wrong."""

import csv
import io
import itertools
import json
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from daemon import ROOT
from page_fixtures import TIMEOUT_MS, alpha, cell, chromium, expect_live, open_page  # noqa: F401 used by name
from waiting import wait_until

TOKENS = ROOT / "Sources/WebServer/Resources/styles/tokens.css"
PHONE = {"width": 390, "height": 844}
PALETTES = ["dark", "light", "colour-blind"]
VIEWS = ["trade", "risk", "firm", "history"]
WELL = {name: {"state": "ok", "reasons": []} for name in ("risk", "feed", "store", "orders")}


class Server:
    """Answers to the page's questions about status and preferences, so that a test says what they are."""

    def __init__(self, page):
        self.parts = dict(WELL)
        self.house = "active"
        self.kept: dict = {}
        self.puts: list[dict] = []
        page.route("**/api/v1/status", lambda route: route.fulfill(
            json={"ready": True, "parts": self.parts, "house": self.house}))
        page.route("**/api/v1/preferences", self.preferences)

    def preferences(self, route) -> None:
        if route.request.method == "PUT":
            self.kept = json.loads(route.request.post_data)
            self.puts.append(self.kept)
            return route.fulfill(status=204)
        return route.fulfill(json=self.kept)


@pytest.fixture
def show(live, open_page):
    """`show(query, **context)` opens the live page; answers the page and what stands for the server."""

    def make(query: str = "", prepare=None, **options):
        page = open_page("about:blank", **options)
        server = Server(page)
        if prepare:
            prepare(server)
        page.goto(f"{live[0].url}/{query}")
        expect_live(page)
        return page, server

    return make


# Looks

def palettes() -> dict[str, dict[str, str]]:
    """Colours of each palette, by the name of the token; what a palette does not name is the dark one's."""
    found: dict[str, dict[str, str]] = {}
    for selector, body in re.findall(r"(:root[^{]*)\{([^}]*)\}", TOKENS.read_text()):
        named = re.search(r'data-palette="([^"]+)"', selector)
        if named or selector.strip() == ":root":
            colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", body))
            found[named.group(1) if named else "dark"] = found.get("dark", {}) | colours
    return found


def luminance(colour: str) -> float:
    parts = [int(colour[place:place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("palette", PALETTES)
def test_every_text_of_a_palette_has_the_contrast_of_aa(palette):
    colours = palettes()[palette]
    for text in ("ink", "quiet", "accent", "gain", "loss", "warn"):
        for ground in ("ground", "panel", "raised"):
            low, high = sorted(luminance(colours[name]) for name in (text, ground))
            assert (high + 0.05) / (low + 0.05) >= 4.5, f"{text} on {ground}"


def test_the_menu_changes_the_look_and_it_is_kept(show):
    page, server = show()
    page.locator("[popovertarget=menu]").click()
    page.locator("#menu [name=palette]").select_option("light")
    page.locator("#menu [name=density]").select_option("comfortable")
    page.locator("#menu [name=zone]").select_option("utc")
    html = page.locator("html")
    expect(html).to_have_attribute("data-palette", "light")
    assert page.locator('[data-table="positions"] tbody tr[data-row]').first.evaluate("row => row.offsetHeight") == 36
    expect(page.locator("#clock")).to_have_text(re.compile(r"^\d\d:\d\d:\d\d UTC$"))
    wait_until(lambda: page.evaluate("true") and server.kept.get("zone") == "utc", "the settings are saved")
    assert len(server.puts) == 1, "several changes in a row are saved once"
    page.reload()
    expect(html).to_have_attribute("data-palette", "light")
    expect(html).to_have_attribute("data-density", "comfortable")


def test_what_the_server_kept_comes_on_in_another_browser(show):
    page, _ = show(prepare=lambda server: server.kept.update(palette="colour-blind", density="nonsense"))
    expect(page.locator("html")).to_have_attribute("data-palette", "colour-blind")
    expect(page.locator("html")).to_have_attribute("data-density", "compact")


# Lights

def test_lights_say_state_and_reason_on_focus(show):
    def prepare(server):
        server.parts["store"] = {"state": "down", "reasons": ["no space left on device"]}
        server.parts["orders"] = {"state": "warn", "reasons": ["the venue is slow"]}

    page, server = show(prepare=prepare)
    store = page.locator('part-light[data-part="store"]')
    expect(store).to_have_attribute("data-state", "down")
    expect(store.locator("output")).to_have_text("down")
    expect(store).to_have_attribute("aria-label", "store down: no space left on device")
    expect(store.locator(".tip")).to_be_hidden()
    store.focus()
    expect(store.locator(".tip")).to_be_visible()
    expect(page.locator('part-light[data-part="orders"]')).to_have_attribute("data-state", "warn")
    server.parts = dict(WELL)
    server.house = "halted"
    # The lights are asked for every five seconds.
    expect(store).to_have_attribute("data-state", "ok", timeout=TIMEOUT_MS)
    expect(page.locator('part-light[data-part="orders"] output')).to_have_text("halted")


def test_a_hidden_page_pauses_and_is_right_again_when_it_is_seen(show, live, demo):
    page, _ = show()
    symbol, instrument = next(iter(demo.instruments.items()))

    def see(is_hidden: bool) -> None:
        page.evaluate("""isHidden => {
            Object.defineProperty(document, "hidden", {configurable: true, get: () => isHidden});
            document.dispatchEvent(new Event("visibilitychange"));
        }""", is_hidden)

    see(True)
    expect(page.locator("html")).to_have_attribute("data-stream", "paused", timeout=TIMEOUT_MS)
    live[1].last({instrument.id: 71.25})
    expect(cell(page, f"market/{symbol}/last")).not_to_have_text(re.compile(r"^71.25"))
    see(False)
    expect_live(page)
    expect(cell(page, f"market/{symbol}/last")).to_have_text(re.compile(r"^71.250*$"))


def test_the_page_measures_itself(show, live, demo):
    page, _ = show()
    live[1].last({instrument.id: 71.25 for instrument in demo.instruments.values()})
    page.locator("[popovertarget=meters]").click()
    expect(page.locator('[data-meter="latency"]')).to_have_text(re.compile(r"^\d+ / \d+ ms$"))
    expect(page.locator('[data-meter="rate"]')).to_have_text(re.compile(r"^[1-9]\d* /s$"))
    expect(page.locator('[data-meter="skipped"]')).to_have_text(re.compile(r"^\d+ of [1-9]\d*$"))
    page.keyboard.press("Escape")
    expect(page.locator("#meters")).to_be_hidden()


def test_those_who_listen_get_a_sentence_every_ten_seconds(show, alpha):
    page, _ = show(f"?account={alpha}")
    summary = page.locator("page-summary")
    expect(summary).to_have_text(
        re.compile(rf"^{alpha}: day P&L [+\u2212]?[\d,.]+ USD, 99 % value at risk [\d,.]+ USD, no new alerts\.$"),
        timeout=TIMEOUT_MS)


# Keys

def test_keys_move_between_views_and_accounts_and_no_key_acts_while_one_types(show, demo):
    page, _ = show()
    first, second = sorted(demo.accounts)[:2]
    for view in ("risk", "history", "firm", "trade"):
        page.keyboard.press("g")
        page.keyboard.press(view[0])
        expect(page.locator(f"#view-{view}")).to_be_visible()
        assert f"view={view}" in page.url
    page.keyboard.press("]")
    expect(page.locator("#accounts a[aria-current]")).to_have_text(second)
    page.keyboard.press("[")
    expect(page.locator("#accounts a[aria-current]")).to_have_text(first)
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("Next account")
    page.keyboard.press("]")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator("#accounts a[aria-current]")).to_have_text(first)


def test_the_first_tab_leads_past_the_bar(show):
    page, _ = show()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the view")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


# Layout

def test_gaps_move_by_pointer_and_keyboard_and_panels_collapse_for_good(show):
    page, server = show("?view=trade")
    divider = page.locator("#view-trade .divider.columns").first
    panel = page.locator("#view-trade > .panel").first

    def width() -> float:
        return panel.bounding_box()["width"]

    before = width()
    divider.focus()
    page.keyboard.press("ArrowLeft")
    assert before - width() == pytest.approx(24, abs=2)
    box = divider.bounding_box()
    page.mouse.move(box["x"] + 2, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] - 98, box["y"] + 40, steps=4)
    page.mouse.up()
    moved = width()
    assert before - moved == pytest.approx(124, abs=4)
    toggle = panel.locator(".collapse")
    toggle.click()
    expect(toggle).to_have_attribute("aria-expanded", "false")
    expect(panel.locator("table")).to_be_hidden()
    wait_until(lambda: page.evaluate("true") and server.kept.get("layout", {}).get("trade", {}).get("collapsed"),
               "the layout is saved")
    page.reload()
    expect(panel.locator(".collapse")).to_have_attribute("aria-expanded", "false")
    assert width() == pytest.approx(moved, abs=2)
    page.locator("[popovertarget=menu]").click()
    page.locator("#reset-layout").click()
    expect(panel.locator("table")).to_be_visible()
    assert width() == pytest.approx(before, abs=2)


def test_a_phone_has_its_tabs_at_the_bottom_and_no_sideways_scroll(show):
    page, _ = show(viewport=PHONE)
    for view in VIEWS:
        page.locator(f'#views a[data-view="{view}"]').click()
        expect(page.locator(f"#view-{view}")).to_be_visible()
        box = page.locator("#views").bounding_box()
        assert box["y"] + box["height"] == PHONE["height"]
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], view
        assert page.evaluate("document.documentElement.scrollHeight") <= PHONE["height"], view


@pytest.mark.parametrize("size", [{"width": 1280, "height": 800}, PHONE], ids=["desk", "phone"])
def test_forty_accounts_leave_the_bar_whole_and_the_chosen_one_in_sight(show, size):
    page, _ = show(viewport=size)
    page.evaluate("""() => {
      const accounts = document.querySelector("#accounts");
      for (let count = 0; count < 40; count++) {
        const tab = accounts.firstElementChild.cloneNode(true);
        tab.removeAttribute("aria-current");
        tab.dataset.account = tab.textContent = `ACCOUNT-${count}`;
        accounts.prepend(tab);
      }
    }""")
    for part in ["#views", ".lamps"]:
        box = page.locator(part).bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= size["width"], (part, box)
    page.keyboard.press("]")
    expect(page.locator("#accounts a[aria-current]")).to_be_in_viewport(ratio=0.9)
    frame, tab = (page.locator(one).bounding_box() for one in ["#accounts", "#accounts a[aria-current]"])
    assert frame["x"] <= tab["x"] and tab["x"] + tab["width"] <= frame["x"] + frame["width"] + 1


@pytest.mark.parametrize("palette", PALETTES)
def test_axe_finds_no_serious_fault(show, palette):
    page, _ = show(prepare=lambda server: server.kept.update(palette=palette))
    expect(page.locator("html")).to_have_attribute("data-palette", palette)
    for view in VIEWS:
        page.locator(f'#views a[data-view="{view}"]').click()
        expect(page.locator(f"#view-{view}")).to_be_visible()
        faults = [(fault["id"], fault["nodes"][0]["html"][:120])
                  for fault in Axe().run(page).response["violations"] if fault["impact"] in ("serious", "critical")]
        assert faults == [], f"{view} in {palette}"


# History

def test_history_is_drawn_grows_and_is_exported(run, publish, demo, open_page, alpha, tmp_path):
    publisher = publish()
    daemon = run(publisher.endpoint, settings={"store": {"directory": str(tmp_path / "store")}})
    publisher.wait_for_subscriber()
    path = f"/api/v1/accounts/{alpha}/history?resolution=second"
    step = itertools.count()

    def tick() -> None:
        factor = 1 + next(step) % 9 / 1000
        publisher.last({instrument.id: instrument.prior_close * factor for instrument in demo.instruments.values()})

    def points() -> list[dict]:
        tick()
        return json.loads(daemon.request(path)[2])["points"]

    wait_until(lambda: len(points()) >= 2, "two points are kept")
    page = open_page("about:blank")
    Server(page)
    page.goto(f"{daemon.url}/?view=history&account={alpha}")
    page.locator("[name=range]").select_option("900")
    output = page.locator("history-chart output").first
    expect(output).to_have_text(re.compile(r"^\d\d:\d\d:\d\d  Day .+  Total "))
    expect(page.locator("#view-history")).to_have_attribute("data-state", "ready")
    first = output.inner_text()
    wait_until(lambda: (tick(), output.inner_text() != first)[1], "the curve grows")
    plot = page.locator("history-chart [data-plot]").first
    plot.focus()
    page.keyboard.press("Home")
    start = output.inner_text()
    page.keyboard.press("ArrowRight")
    assert output.inner_text() != start
    with page.expect_download() as download:
        page.locator("[data-export]").click()
    rows = list(csv.DictReader(io.StringIO(open(download.value.path(), newline="").read())))
    assert len(rows) >= 2 and rows[0]["account"] == alpha
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z", rows[0]["time"])
    known = next(point for point in points() if "var" in point)
    assert known["var"] in [float(row["var"]) for row in rows if row["var"]]


def test_a_gap_in_the_history_is_a_gap_in_the_curve(show):
    page, _ = show()
    rows = page.evaluate("""async () => {
        const { chartRows } = await import(`${document.body.dataset.assets}/data/history.js`);
        return chartRows([{time: 10, var: 1}, {time: 11, var: 2}, {time: 20}, {time: 21, var: 3}], ["var"], "second")
            .map(([time, value]) => [time / 1000, value]);
    }""")
    assert rows == [[10, 1], [11, 2], [12, None], [20, None], [21, 3]]


# What went wrong

def test_people_get_a_page_and_programs_a_problem_document(live, open_page):
    daemon, _ = live
    for path, status in (("/nowhere", 404), ("/?account=NOBODY", 404), ("/?view=nothing", 404)):
        got, headers, body = daemon.request(path, "GET", {"Accept": "text/html,*/*;q=0.8"})
        assert got == status and headers["content-type"].startswith("text/html"), path
        assert "default-src 'none'" in headers["content-security-policy"]
        assert b'href="/"' in body
        got, headers, body = daemon.request(path)
        assert got == status and headers["content-type"] == "application/problem+json", path
    page = open_page(f"{daemon.url}/nowhere", expected="404")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Not found")
    page.get_by_role("link", name="Dashboard").click()
    expect(page.locator("#view-trade")).to_be_visible()


def test_a_path_in_an_error_page_is_text(live):
    status, _, body = live[0].request("/%3Cb%3Ex%3C/b%3E", "GET", {"Accept": "text/html"})
    assert status == 404 and b"<b>x" not in body
