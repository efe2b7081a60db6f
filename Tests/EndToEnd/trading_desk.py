# SPDX-License-Identifier: Apache-2.0
"""Orders over HTTP, as a client of the desk sends them."""

import json
from dataclasses import dataclass

import numpy

from book import Account, Book, Instrument
from stream_client import StreamClient
from waiting import wait_until
from wire import Tick

#: Settings under which tests may send as fast as they like.
UNLIMITED = {"per_minute": 1_000_000, "duplicate_window": "0s"}


def flat_book(**account) -> Book:
    """AAPL and MSFT, account FLAT that holds nothing and OTHER that holds 100 MSFT, ten days of history."""
    closes = {
        "AAPL": numpy.array([176.0, 178, 175, 181, 179, 182, 177, 183, 178, 180]),
        "MSFT": numpy.array([400.0, 404, 396, 402, 398, 405, 395, 404, 398, 400]),
    }
    return Book(
        {"AAPL": Instrument(1, "AAPL", prior_close=180.0),
         "MSFT": Instrument(2, "MSFT", sector="Software", prior_close=400.0)},
        {"FLAT": Account("FLAT", **{"cash": 1_000_000.0, "margin_limit": 100_000.0, **account}),
         "OTHER": Account("OTHER", cash=50_000.0, margin_limit=100_000.0)},
        {"FLAT": {}, "OTHER": {"MSFT": (100.0, 390.0)}},
        [f"2022-01-{day:02d}" for day in range(3, 13)], closes,
        {"market_crash_10pct": [{"all": True, "price": -0.10}]})


@dataclass
class Answer:
    status: int
    headers: dict
    body: dict | None


class TradingDesk:
    """A daemon, its publisher and the account orders are sent for."""

    def __init__(self, daemon, publisher, account: str = "FLAT", headers: dict | None = None):
        self.daemon, self.publisher, self.account = daemon, publisher, account
        self.headers = headers or {}

    def call(self, path: str, method: str = "GET", body=None, **headers) -> Answer:
        data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        fields = {**self.headers, **headers}
        if data is not None:
            fields["Content-Type"] = "application/json"
        status, answer_headers, content = self.daemon.request(f"/api/v1/{path}", method, fields, data)
        return Answer(status, answer_headers, json.loads(content) if content else None)

    def quote(self, instrument: int, bid: float, ask: float, last: float | None = None, **fields) -> None:
        """Publishes a quote and waits until the market shows it."""
        last = ask if last is None else last
        self.publisher.ticks(Tick(instrument, bid=bid, ask=ask, last=last, **fields))
        symbols = {i["id"]: i["symbol"] for i in self.call("instruments").body["instruments"]}

        def is_shown() -> bool:
            client = StreamClient(self.daemon.stream_url, additional_headers=self.headers)
            try:
                client.subscribe("market")
                client.until_type("snapshot", "market")
                shown = client.states["market"][symbols[instrument]]
                return (shown.get("bid"), shown.get("ask"), shown.get("last")) == (bid, ask, last)
            finally:
                client.close()

        wait_until(is_shown, f"the market shows {bid} {ask}")

    def submit(self, **order) -> Answer:
        return self.call(f"accounts/{self.account}/orders", "POST", order)

    def accepted(self, **order) -> int:
        answer = self.submit(**order)
        assert answer.status == 201, answer
        return answer.body["order_id"]

    def order(self, order_id: int) -> dict:
        answer = self.call(f"orders/{order_id}")
        assert answer.status == 200, answer
        return answer.body

    def until(self, order_id: int, *statuses: str) -> dict:
        return wait_until(
            lambda: (order := self.order(order_id))["status"] in statuses and order, f"order {order_id} {statuses}")

    def orders(self, **query) -> list[dict]:
        return self._all(f"accounts/{self.account}/orders", "orders", query)

    def fills(self) -> list[dict]:
        return self._all(f"accounts/{self.account}/fills", "fills", {})

    def _all(self, path: str, name: str, query: dict) -> list[dict]:
        """Every page, newest first."""
        found: list[dict] = []
        query = {"limit": 1000, **query}
        while True:
            text = "&".join(f"{key}={value}" for key, value in query.items())
            answer = self.call(f"{path}?{text}")
            assert answer.status == 200, answer
            found += answer.body[name]
            if "next_before" not in answer.body:
                return found
            query["before"] = answer.body["next_before"]

    def position(self, symbol: str) -> dict | None:
        return self.daemon.account(self.account)["positions"].get(symbol)

    def until_position(self, symbol: str, quantity: float) -> dict:
        return wait_until(
            lambda: (p := self.position(symbol)) and p["quantity"] == quantity and p, f"{quantity} of {symbol}")


def quoted_desk(run, publisher, directory, book: Book, settings: dict) -> TradingDesk:
    """A desk with a store on the book, whose AAPL is at 179.99/180 and MSFT at 399.9/400."""
    settings["store"] = {"directory": str(directory / "state")}
    daemon = run(publisher.endpoint, data=book.save(directory / "data"), settings=settings)
    publisher.wait_for_subscriber()
    desk = TradingDesk(daemon, publisher)
    desk.quote(1, 179.99, 180.0)
    desk.quote(2, 399.9, 400.0)
    return desk
