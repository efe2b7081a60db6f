# SPDX-License-Identifier: Apache-2.0
"""Risk explained, on a desk with options and two currencies: stream and API against numpy and scipy."""

import concurrent.futures
import csv
import datetime
import json
from dataclasses import replace

import numpy
import pytest
from scipy.stats import norm

from book import single_book
from daemon import ROOT
from waiting import wait_until

DESK = ROOT / "config/desk"
VALUATION = datetime.date(2020, 2, 18)
RATE = 1.0925
DECIMALS = 1e-9


def rows(name):
    with open(DESK / name, newline="") as file:
        return list(csv.DictReader(file))


class Desk:
    """The files of the desk, and the prices a test publishes."""

    def __init__(self):
        self.instruments = {row["symbol"]: row for row in rows("instruments.csv")}
        self.positions = rows("positions.csv")
        history = rows("history.csv")
        self.dates = [row["date"] for row in history]
        symbols = [symbol for symbol, row in self.instruments.items() if row["kind"] != "option"]
        self.closes = {symbol: numpy.array([float(row[symbol]) for row in history]) for symbol in symbols}
        self.returns = {symbol: close[-500:] / close[-501:-1] - 1 for symbol, close in self.closes.items()}
        self.prices = {symbol: round(float(close[-1]) * 1.01, 2) for symbol, close in self.closes.items()}
        self.prices["EURUSD"] = RATE

    def held(self, account):
        return {row["symbol"]: float(row["quantity"]) for row in self.positions if row["account"] == account}

    def years(self, terms):
        expiry = datetime.date.fromisoformat(terms["expiry"])
        return (expiry - VALUATION + datetime.timedelta(days=1)).days / 365

    def european(self, symbol, spots, volatility_shift=0.0):
        """Black–Scholes–Merton, vectorised over prices of the underlying."""
        terms = self.instruments[symbol]
        strike, rate, dividend = (float(terms[name]) for name in ("strike", "rate", "dividend_yield"))
        years, sigma = self.years(terms), float(terms["implied_volatility"]) + volatility_shift
        d1 = (numpy.log(spots / strike) + (rate - dividend + sigma**2 / 2) * years) / (sigma * years**0.5)
        d2 = d1 - sigma * years**0.5
        sign = 1 if terms["option_right"] == "call" else -1
        return sign * (
            spots * numpy.exp(-dividend * years) * norm.cdf(sign * d1)
            - strike * numpy.exp(-rate * years) * norm.cdf(sign * d2))


@pytest.fixture(scope="module")
def desk():
    return Desk()


@pytest.fixture
def live(run, publish, desk):
    publisher = publish()
    daemon = run(
        publisher.endpoint, data=DESK, settings={"risk": {"stale_after": "1h", "valuation_date": str(VALUATION)}})
    publisher.wait_for_subscriber()
    publisher.last({int(desk.instruments[symbol]["id"]): price for symbol, price in desk.prices.items()})
    for account in ("VOLA", "COVER", "EUROPE", "NEUTRAL"):
        wait_until(lambda: not daemon.account(account)["risk"]["excluded"], f"all prices of {account}")
    wait_until(lambda: daemon.account("EUROPE")["status"] == "ok", "a rate for EUROPE")
    return daemon, publisher


def close(value, expected, scale=1.0):
    assert value == pytest.approx(expected, rel=DECIMALS, abs=DECIMALS * scale)


def discrete(pnl, confidence_bp):
    rank = -(-len(pnl) * (10_000 - confidence_bp) // 10_000)
    return -numpy.sort(pnl)[rank - 1]


def europe_vector(desk):
    """Dollar shares in euros: `(1 + r)(1 + r_fx) − 1` of the market value at today's rate."""
    euro = 1 / (1 + desk.returns["EURUSD"]) - 1
    parts = {
        symbol: quantity * desk.prices[symbol] / RATE * ((1 + desk.returns[symbol]) * (1 + euro) - 1)
        for symbol, quantity in desk.held("EUROPE").items()
    }
    return parts, sum(parts.values())


def cover_vector(desk):
    option, stock = "MSFT-C190-SEP20", "MSFT"
    held, spot = desk.held("COVER"), desk.prices["MSFT"]
    moved = desk.european(option, spot * (1 + desk.returns[stock]))
    parts = {
        stock: held[stock] * spot * desk.returns[stock],
        option: held[option] * 100 * (moved - desk.european(option, spot)),
    }
    return parts, sum(parts.values())


def test_foreign_shares_carry_the_risk_of_the_rate(live, desk):
    daemon, _ = live
    state = daemon.account("EUROPE")
    parts, total = europe_vector(desk)
    close(state["totals"]["market_value"], sum(
        quantity * desk.prices[symbol] / RATE for symbol, quantity in desk.held("EUROPE").items()))
    for confidence in (9500, 9750, 9900):
        close(state["risk"]["var"][str(confidence)], discrete(total, confidence))
    close(state["positions"]["AAPL"]["fx_rate"], 1 / RATE)
    close(state["stress"]["euro_down_10pct"], state["totals"]["market_value"] * (1 / 0.9 - 1))
    close(state["stress"]["market_crash_10pct"], -0.1 * state["totals"]["market_value"])
    scenarios = daemon.get("/api/v1/accounts/EUROPE/scenarios")
    assert scenarios["dates"] == desk.dates[-500:]
    numpy.testing.assert_allclose(scenarios["pnl"], total, rtol=1e-9, atol=1e-6)


def test_options_are_valued_anew_in_every_scenario(live, desk):
    daemon, _ = live
    state = daemon.account("COVER")
    _, total = cover_vector(desk)
    option, spot = "MSFT-C190-SEP20", desk.prices["MSFT"]
    held = desk.held("COVER")
    close(state["positions"][option]["price"], desk.european(option, spot))
    for confidence in (9500, 9750, 9900):
        close(state["risk"]["var"][str(confidence)], discrete(total, confidence))
    spike = held["MSFT"] * spot * -0.15 + held[option] * 100 * (
        desk.european(option, spot * 0.85, 0.10) - desk.european(option, spot))
    close(state["stress"]["volatility_spike"], spike)
    step = spot * 1e-4
    slope = (desk.european(option, spot + step) - desk.european(option, spot - step)) / (2 * step)
    delta = held["MSFT"] * spot + held[option] * 100 * slope * spot
    assert state["greeks"]["MSFT"]["delta"] == pytest.approx(delta, rel=1e-6)


def test_replays_repeat_the_moves_of_their_days(live, desk):
    daemon, _ = live
    start, end = desk.dates.index("2008-09-12"), desk.dates.index("2008-10-10")
    change = {symbol: close[end] / close[start] - 1 for symbol, close in desk.closes.items()}
    expected = sum(
        quantity * desk.prices[symbol] * change[symbol] for symbol, quantity in desk.held("NEUTRAL").items())
    close(daemon.account("NEUTRAL")["stress"]["lehman_2008"], expected)


def test_the_spring_of_2020_is_replayed_from_its_real_closes(run, publish, desk, tmp_path):
    """Of the whole history: the desk's own ends where its replay of 2020 begins."""
    older, newer = rows("history.csv"), rows("replay.csv")
    whole = older + [row for row in newer if row["date"] > older[-1]["date"]]
    with open(tmp_path / "history.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, whole[0].keys())
        writer.writeheader()
        writer.writerows(whole)
    (tmp_path / "scenarios.yaml").write_text(
        "covid_2020: {replay: {from: 2020-02-19, to: 2020-03-23}}\n"
        "lehman_2008: {replay: {from: 2008-09-12, to: 2008-10-10}}\n")
    publisher = publish()
    daemon = run(publisher.endpoint, data=DESK, settings={
        "data": {name: str(tmp_path / file) for name, file in (
            ("history", "history.csv"), ("scenarios", "scenarios.yaml"))},
        "risk": {"stale_after": "1h", "valuation_date": str(VALUATION)}})
    publisher.wait_for_subscriber()
    publisher.last({int(desk.instruments[symbol]["id"]): price for symbol, price in desk.prices.items()})
    wait_until(lambda: daemon.account("COVER")["greeks"]["MSFT"].get("delta"), "all prices of COVER")
    closes = {row["date"]: row for row in whole}
    for name, first, last in (
            ("covid_2020", "2020-02-19", "2020-03-23"), ("lehman_2008", "2008-09-12", "2008-10-10")):
        move = float(closes[last]["MSFT"]) / float(closes[first]["MSFT"]) - 1
        held, spot, option = desk.held("COVER"), desk.prices["MSFT"], "MSFT-C190-SEP20"
        expected = held["MSFT"] * spot * move + held[option] * 100 * (
            desk.european(option, spot * (1 + move)) - desk.european(option, spot))
        assert move < -0.1
        close(daemon.account("COVER")["stress"][name], expected)


@pytest.mark.parametrize("account, vector", [("EUROPE", europe_vector), ("COVER", cover_vector)])
def test_reports_explain_the_number_on_the_account(live, desk, account, vector):
    daemon, _ = live
    report = daemon.get(f"/api/v1/accounts/{account}/risk")
    parts, total = vector(desk)
    value_at_risk = daemon.account(account)["risk"]["var"]["9900"]
    close(report["attribution"]["var"], value_at_risk)
    assert report["attribution"]["confidence_bp"] == 9900
    (date,) = report["attribution"]["scenarios"]
    scenario = desk.dates[-500:].index(date)
    for symbol, pnl in parts.items():
        row = report["positions"][symbol]
        close(row["component_var"], -pnl[scenario], value_at_risk)
        close(row["stand_alone_var"], discrete(pnl, 9900))
        close(row["incremental_var"], discrete(total, 9900) - discrete(total - pnl, 9900), value_at_risk)
    close(sum(row["component_var"] for row in report["positions"].values()), value_at_risk)
    close(sum(row["component_es"] for row in report["positions"].values()), report["attribution"]["es"])
    close(sum(row["component_var"] for row in report["sectors"].values()), value_at_risk)
    close(sum(row["component_var"] for row in report["strategies"].values()), value_at_risk)
    assert sum(bin["count"] for bin in report["histogram"].values()) == 500
    close(report["worst"]["1"]["pnl"], total.min())
    close(sum(report["worst_parts"]["1"].values()), total.min())
    close(report["models"]["parametric"]["var_9900"], norm.ppf(0.99) * numpy.sqrt(numpy.mean(total**2)))
    close(report["models"]["gain"]["var_9900"], discrete(-total, 9900))
    assert report["interval"]["9900"]["least"] <= value_at_risk <= report["interval"]["9900"]["greatest"]
    for name, stress in daemon.account(account)["stress"].items():
        close(sum(report["stress"][name].values()), stress, value_at_risk)
    assert report["models"]["stressed"]["from"] >= desk.dates[1]
    assert report["backtest"]["days"] == 250 and report["backtest"]["zone"] in ("green", "yellow", "red")


def test_firm_is_attributed_to_accounts_groups_and_what_they_hold(live, desk):
    daemon, _ = live
    report = daemon.get("/api/v1/firm/risk")
    total = report["attribution"]["var"]
    close(sum(row["component_var"] for row in report["accounts"].values()), total)
    assert set(report["groups"]["level_1"]) == {"Derivatives", "Equities"}
    tables = [*report["groups"].values(), report["sectors"], report["strategies"], report["instruments"]]
    for table in tables:
        close(sum(row["component_var"] for row in table.values()), total)
    accounts = ("COVER", "EUROPE", "NEUTRAL", "VOLA")
    assert set(report["instruments"]) == set().union(*(desk.held(account) for account in accounts))
    apple = [account for account in accounts if "AAPL" in desk.held(account)]
    assert len(apple) > 1, "one row of several accounts"
    for name, stress in daemon.get("/api/v1/accounts/COVER")["stress"].items():
        assert report["stress"][name].keys() == set(accounts)
        close(report["stress"][name]["COVER"], stress)
        close(report["stress"][name]["EUROPE"], RATE * daemon.account("EUROPE")["stress"][name])
    for model in ("volatility_scaled", "stressed"):
        assert report["models"][model]["es_9900"] >= report["models"][model]["var_9900"] > 0
    assert report["backtest"]["days"] == 250
    pnl = sum(
        numpy.array(daemon.get(f"/api/v1/accounts/{account}/scenarios")["pnl"]) * (RATE if account == "EUROPE" else 1)
        for account in ("COVER", "EUROPE", "NEUTRAL", "VOLA"))
    close(total, discrete(pnl, 9900))


@pytest.mark.parametrize("subprotocol", ["tickrisk.v1.json", "tickrisk.v1.zstd", "tickrisk.v1.deflate"])
def test_risk_channels_follow_their_accounts_once_a_second(live, desk, stream, subprotocol):
    daemon, publisher = live
    client = stream(daemon, subprotocol)
    client.subscribe("risk:EUROPE", "risk:firm")
    first = client.until(lambda m: m["type"] == "snapshot" and m["channel"] == "risk:EUROPE", "a report")
    publisher.last({int(desk.instruments["AAPL"]["id"]): desk.prices["AAPL"] * 1.05})
    second = client.until(lambda m: m["type"] == "delta" and m["channel"] == "risk:EUROPE", "the next report")
    assert second["base"] == first["seq"]
    assert second["cut_ns"] - first["cut_ns"] >= 100_000_000
    wanted = daemon.get("/api/v1/accounts/EUROPE/risk")
    found = client.states["risk:EUROPE"]
    assert found["attribution"]["var"] == pytest.approx(wanted["attribution"]["var"], abs=0.011)
    assert set(found["positions"]) == set(wanted["positions"])


def what_if(daemon, account, body):
    status, _, answer = daemon.request(f"/api/v1/accounts/{account}/what-if", "POST", body=json.dumps(body).encode())
    return status, json.loads(answer)


def test_what_if_adds_trades_to_the_published_vector(live, desk):
    daemon, _ = live
    trades = [{"symbol": "MSFT", "quantity": -3000}, {"symbol": "MSFT-C190-SEP20", "quantity": 20, "price": 9.5}]
    status, answer = what_if(daemon, "COVER", {"trades": trades})
    assert status == 200 and answer["excluded"] == []
    parts, total = cover_vector(desk)
    after = total - 0.5 * parts["MSFT"] + 20 / -60 * parts["MSFT-C190-SEP20"]
    close(answer["before"]["var"]["9900"], discrete(total, 9900))
    close(answer["after"]["var"]["9900"], discrete(after, 9900))
    spot, option = desk.prices["MSFT"], desk.european("MSFT-C190-SEP20", desk.prices["MSFT"])
    close(answer["after"]["margin"]["used"], 3000 * spot * 0.25 + 40 * 100 * option)
    close(answer["cash_change"], 3000 * spot - 20 * 100 * 9.5)


@pytest.mark.parametrize("body, status, field", [
    ({"trades": []}, 422, "trades"),
    ({"trades": [{"symbol": "NONE", "quantity": 1}]}, 422, "trades.0.symbol"),
    ({"trades": [{"symbol": "AAPL", "quantity": 0}]}, 422, "trades.0.quantity"),
    ({"trades": [{"symbol": "AAPL", "quantity": 1, "price": -1}]}, 422, "trades.0.price"),
    ({"trades": [{"symbol": "AAPL"}]}, 400, None),
    ([], 400, None),
])
def test_what_if_says_what_is_wrong(live, body, status, field):
    daemon, _ = live
    found, answer = what_if(daemon, "COVER", body)
    assert found == status
    if field:
        assert set(answer["errors"]) == {field}


def test_ladders_grids_and_reverse_stress(live, desk):
    daemon, _ = live
    held, spot, option = desk.held("COVER"), desk.prices["MSFT"], "MSFT-C190-SEP20"
    grid = daemon.get("/api/v1/accounts/COVER/stress-grid?underlying=MSFT&prices=-10,0,10&vol_points=-5,0,5")
    for row, price in zip(grid["pnl"], (-0.1, 0, 0.1)):
        for value, points in zip(row, (-0.05, 0, 0.05)):
            expected = held["MSFT"] * spot * price + held[option] * 100 * (
                desk.european(option, spot * (1 + price), points) - desk.european(option, spot))
            close(value, expected, 1e3)
    assert len(daemon.get("/api/v1/accounts/COVER/stress-grid")["pnl"]) == 11
    found = daemon.get("/api/v1/accounts/NEUTRAL/reverse-stress?loss=1000")
    net = sum(quantity * desk.prices[symbol] for symbol, quantity in desk.held("NEUTRAL").items())
    assert found["move_pct"] == pytest.approx(-1000 / net * 100, abs=2e-4)
    assert "move_pct" not in daemon.get("/api/v1/accounts/NEUTRAL/reverse-stress?loss=1e9".replace("1e9", "9" * 12))
    for path in (
            "stress-grid?prices=1,x", "stress-grid?prices=-101", "reverse-stress?loss=0", "reverse-stress?loss=-1"):
        status, _, _ = daemon.request(f"/api/v1/accounts/COVER/{path}")
        assert status == 422, path


def test_a_crowd_of_questions_is_answered_or_told_to_come_again(live):
    daemon, _ = live
    path = "/api/v1/accounts/VOLA/stress-grid?prices=" + ",".join(str(step / 10) for step in range(-200, 200))
    with concurrent.futures.ThreadPoolExecutor(200) as pool:
        answers = list(pool.map(lambda _: daemon.request(path), range(200)))
    statuses = {status for status, _, _ in answers}
    assert statuses <= {200, 503} and 200 in statuses
    for status, headers, body in answers:
        if status == 503:
            assert headers["retry-after"] == "1" and json.loads(body)["code"] == "busy"
    bodies = {body for status, _, body in answers if status == 200}
    assert len(bodies) == 1
    too_many = ",".join(str(step) for step in range(900))
    assert daemon.request(f"/api/v1/accounts/VOLA/stress-grid?prices=1,2,3&vol_points={too_many}")[0] == 422


def test_every_table_of_a_report_names_its_convention(live):
    daemon, _ = live
    for path in ("accounts/COVER/risk", "firm/risk"):
        report = daemon.get(f"/api/v1/{path}")
        conventions = report["conventions"]
        assert {name for name in conventions if name in report} == {
            "attribution", "interval", "histogram", "worst", "stress", "backtest"}
        assert "theta for one day of 365" in conventions["greeks"] and "Barone-Adesi" in conventions["options"]
        assert "at least 95.0 %" in conventions["interval"] and "1-day scenario P&L" in conventions["worst"]
        assert all(model["convention"] for model in report["models"].values())
    assert daemon.get("/api/v1/accounts/COVER/stress-grid")["convention"] == conventions["stress"]


def test_a_position_that_is_closed_leaves_the_others_their_rows(run, publish, tmp_path):
    publisher = publish()
    book = single_book()
    book.instruments["AAA"] = replace(book.instruments["ONE"], id=2, symbol="AAA")
    book.closes["AAA"] = book.closes["ONE"]
    book.positions = {"SOLO": {"AAA": (0.0, 100.0), "ONE": (100.0, 100.0)}}
    book.scenarios = {"crash": [{"all": True, "price": -0.10}]}
    daemon = run(publisher.endpoint, data=book.save(tmp_path / "data"))
    publisher.wait_for_subscriber()
    publisher.last({1: 100.0, 2: 100.0})
    wait_until(lambda: daemon.account("SOLO")["status"] == "ok", "prices")
    report = daemon.get("/api/v1/accounts/SOLO/risk")
    assert report["stress"]["crash"] == {"ONE": pytest.approx(-1000)}
    assert set(report["worst_parts"]["1"]) == {"ONE"}


def test_instruments_and_accounts_say_what_they_are(live):
    daemon, _ = live
    instruments = {item["symbol"]: item for item in daemon.get("/api/v1/instruments")["instruments"]}
    assert instruments["AAPL"]["kind"] == "spot" and instruments["XOM"]["tags"] == ["oil"]
    assert instruments["EURUSD"]["base_currency"] == "EUR"
    option = instruments["JPM-P115-JUN20"]
    assert (option["kind"], option["option_right"], option["style"]) == ("option", "put", "american")
    assert (option["strike"], option["expiry"], option["underlying"]) == (115, "2020-06-19", "JPM")
    accounts = {item["id"]: item for item in daemon.get("/api/v1/accounts")["accounts"]}
    assert accounts["VOLA"]["group"] == "Derivatives/Volatility"


def test_without_a_rate_a_foreign_account_has_prices_but_no_values(run, publish, desk):
    publisher = publish()
    daemon = run(publisher.endpoint, data=DESK, settings={"risk": {"stale_after": "1h"}})
    publisher.wait_for_subscriber()
    prices = {int(desk.instruments[s]["id"]): p for s, p in desk.prices.items() if s != "EURUSD"}
    publisher.last(prices)
    wait_until(lambda: daemon.account("EUROPE")["positions"]["AAPL"].get("price"), "prices without a rate")
    state = daemon.account("EUROPE")
    assert state["status"] == "missing" and "market_value" not in state["totals"]
    assert state["positions"]["AAPL"]["reason"] == "no exchange rate into the account's currency"
    publisher.last({int(desk.instruments["EURUSD"]["id"]): RATE})
    wait_until(lambda: daemon.account("EUROPE")["status"] == "ok", "the rate")
