#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A small exchange behind tickrisk's order gateway protocol (docs/order-gateway.md): a sample and a test double.

    order_gateway.py tcp://127.0.0.1:5570 --price AAPL=180.5 --price MSFT=400      fills at these prices

A market order fills at its instrument's price, a limit order where the price is within its limit, a stop is triggered
by it; the rest waits. Orders without a price for their instrument wait too. Everything is kept in memory, and in a file
where one is given, so that a gateway that was killed knows its orders.
"""
import argparse
import collections
import json
import os
import pathlib
import signal
import time

import zmq

VERSION = 1
STATUS_FILLS = 2_000
WORKING, FILLED, CANCELLED, EXPIRED, REJECTED = "working", "filled", "cancelled", "expired", "rejected"


class Exchange:
    """Orders and what became of them. Answers are (type, members) pairs."""

    def __init__(self, prices=None, fill_size=None, fee_rate=0.0, journal=None):
        self.prices = dict(prices or {})
        self.fill_size = fill_size
        self.fee_rate = fee_rate
        self.orders = {}
        self.fill_count = 0
        self.journal = pathlib.Path(journal) if journal else None
        if self.journal and self.journal.exists():
            state = json.loads(self.journal.read_text())
            self.orders = {order["order_id"]: order for order in state["orders"]}
            self.fill_count = state["fill_count"]

    def save(self):
        """Before anything is answered."""
        if self.journal:
            beside = self.journal.with_suffix(".new")
            with open(beside, "w") as file:
                json.dump({"orders": list(self.orders.values()), "fill_count": self.fill_count}, file)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self.journal)

    def new(self, message):
        order_id = message["order_id"]
        if order_id in self.orders:
            return []
        terms = ("symbol", "side", "quantity", "order_type", "limit_price", "stop_price", "time_in_force")
        order = {"order_id": order_id, "standing": WORKING, "executed_quantity": 0.0, "fills": [],
                 "waits": message["order_type"].startswith("stop")}
        order.update({name: message[name] for name in terms if name in message})
        self.orders[order_id] = order
        return [("ack", {"order_id": order_id})] + self.trade(order)

    def cancel(self, message):
        order = self.orders.get(message["order_id"])
        if order is None or order["standing"] != WORKING:
            return [("cancel_reject", {"order_id": message["order_id"], "reason": "not_open"})]
        order["standing"] = CANCELLED
        return [("cancelled", {"order_id": order["order_id"]})]

    def replace(self, message):
        order = self.orders.get(message["order_id"])
        if order is None or order["standing"] != WORKING:
            return [("replace_reject", {"order_id": message["order_id"], "reason": "not_open"})]
        if message.get("quantity", order["quantity"]) <= order["executed_quantity"]:
            return [("replace_reject", {"order_id": order["order_id"], "reason": "invalid_change"})]
        order.update({name: message[name] for name in ("quantity", "limit_price", "stop_price") if name in message})
        return [("replaced", {"order_id": order["order_id"]})] + self.trade(order)

    def day_roll(self, _):
        expired = [o for o in self.orders.values() if o["standing"] == WORKING and o["time_in_force"] == "day"]
        for order in expired:
            order["standing"] = EXPIRED
        return [("expired", {"order_id": order["order_id"]}) for order in expired]

    def price(self, symbol, price):
        """The market of an instrument moved."""
        self.prices[symbol] = price
        return [answer for order in self.orders.values() if order["symbol"] == symbol for answer in self.trade(order)]

    def trade(self, order):
        """Fills what the price lets trade: all of it, or `fill_size` a price."""
        price = self.prices.get(order["symbol"])
        if order["standing"] != WORKING:
            return []
        answers = []
        if price is not None and order["waits"]:
            sign = 1 if order["side"] == "buy" else -1
            if sign * price >= sign * order["stop_price"]:
                order["waits"] = False
                answers.append(("triggered", {"order_id": order["order_id"]}))
        if price is not None and self.is_within(order, price):
            answers.append(self.fill(order, price))
        if order["time_in_force"] in ("ioc", "fok") and order["standing"] == WORKING and not order["waits"]:
            order["standing"] = CANCELLED
            answers.append(("cancelled", {"order_id": order["order_id"], "reason": order["time_in_force"]}))
        return answers

    def is_within(self, order, price):
        left = order["quantity"] - order["executed_quantity"]
        if order["waits"] or order["time_in_force"] == "fok" and self.fill_size and self.fill_size < left:
            return False
        limit = order.get("limit_price")
        return limit is None or (price <= limit if order["side"] == "buy" else price >= limit)

    def fill(self, order, price):
        left = order["quantity"] - order["executed_quantity"]
        quantity = min(left, self.fill_size) if self.fill_size else left
        self.fill_count += 1
        fill = {"fill_id": f"GX-{self.fill_count}", "side": order["side"], "quantity": quantity, "price": price,
                "fees": -abs(quantity * price) * self.fee_rate, "time_ns": time.time_ns()}
        order["fills"].append(fill)
        order["executed_quantity"] += quantity
        if order["executed_quantity"] >= order["quantity"] * (1 - 1e-12):
            order["standing"] = FILLED
        return "fill", {"order_id": order["order_id"], **fill}

    def status(self, message):
        """In parts of at most STATUS_FILLS fills."""
        entries = []
        for order_id in message["order_ids"]:
            order = self.orders.get(order_id, {"standing": "unheard_of", "executed_quantity": 0.0, "fills": []})
            for start in range(0, max(1, len(order["fills"])), STATUS_FILLS):
                entries.append({"order_id": order_id, "standing": order["standing"],
                                "executed_quantity": order["executed_quantity"],
                                "fills": order["fills"][start:start + STATUS_FILLS]})
        parts, weight = [[]], 0
        for entry in entries:
            if parts[-1] and weight + len(entry["fills"]) > STATUS_FILLS:
                parts.append([])
                weight = 0
            parts[-1].append(entry)
            weight += len(entry["fills"])
        return [("status", {"request_id": message["request_id"], "orders": part, "more": part is not parts[-1]})
                for part in parts]


class Gateway:
    """The ROUTER: numbers what is said, checks what is heard, and speaks with the one daemon it heard last."""

    def __init__(self, endpoint, exchange, context=None):
        self.exchange = exchange
        self.socket = (context or zmq.Context.instance()).socket(zmq.ROUTER)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.setsockopt(zmq.MAXMSGSIZE, 1 << 20)
        self.socket.bind(endpoint)
        self.endpoint = self.socket.getsockopt_string(zmq.LAST_ENDPOINT)
        self.peer = None
        self.peer_session = 0
        self.peer_sequence = 0
        self.counts = collections.Counter()
        self.heard = []
        self.begin_session()

    def begin_session(self):
        self.session = max(time.time_ns(), getattr(self, "session", 0) + 1)
        self.sequence = 0
        self.said_at = 0.0

    def say(self, kind, members=None):
        self.sequence += 1
        message = {"protocol": VERSION, "type": kind, "session": self.session, "sequence": self.sequence,
                   "message_id": f"{self.session}-{self.sequence}", **(members or {})}
        self.socket.send_multipart([self.peer, json.dumps(message).encode()])
        self.said_at = time.monotonic()
        self.counts[f"said_{kind}"] += 1

    def step(self, timeout=0.1):
        """Takes what is there, waiting at most so many seconds for it, and says what has to be said."""
        if self.socket.poll(timeout * 1_000):
            frames = self.socket.recv_multipart()
            self.take(frames[0], frames[-1])
        if self.peer is not None and time.monotonic() - self.said_at >= 1:
            self.say("heartbeat")

    def take(self, peer, payload):
        try:
            message = json.loads(payload)
            version, session, sequence = message["protocol"], message["session"], message["sequence"]
        except (ValueError, TypeError, KeyError):
            self.counts["malformed"] += 1
            return
        if version != VERSION or (session, sequence) <= (self.peer_session, self.peer_sequence):
            self.counts["outdated"] += 1
            return
        expected = self.peer_sequence + 1 if session == self.peer_session else 1
        self.peer, self.peer_session, self.peer_sequence = peer, session, sequence
        if sequence != expected:
            # Something of the daemon's never came: a new session makes it ask.
            self.counts["missing"] += sequence - expected
            self.begin_session()
        self.counts[f"heard_{message['type']}"] += 1
        self.heard.append(message)
        del self.heard[:-10_000]
        self.answer(message)

    def answer(self, message):
        handlers = {"new": self.exchange.new, "cancel": self.exchange.cancel, "replace": self.exchange.replace,
                    "day_roll": self.exchange.day_roll, "status": self.exchange.status}
        if message["type"] == "heartbeat":
            # The first one is answered at once, so that the link is there at once.
            if message["sequence"] == 1:
                self.say("heartbeat")
        elif message["type"] in handlers:
            self.tell(handlers[message["type"]](message))

    def move(self, symbol, price):
        self.tell(self.exchange.price(symbol, price))

    def tell(self, answers):
        self.exchange.save()
        if self.peer is not None:
            for kind, members in answers:
                self.say(kind, members)

    def close(self):
        self.socket.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("endpoint", help="to bind, such as tcp://127.0.0.1:5570")
    parser.add_argument("--price", action="append", default=[], metavar="SYMBOL=PRICE")
    parser.add_argument("--fill-size", type=float, help="of each fill; the whole order without it")
    parser.add_argument("--fee-rate", type=float, default=0.0, help="part of a fill's value")
    parser.add_argument("--journal", help="a file that keeps the orders")
    arguments = parser.parse_args()
    prices = {symbol: float(price) for symbol, price in (text.rsplit("=", 1) for text in arguments.price)}
    exchange = Exchange(prices, arguments.fill_size, arguments.fee_rate, arguments.journal)
    gateway = Gateway(arguments.endpoint, exchange)
    print(f"order gateway ready at {gateway.endpoint}", flush=True)
    signal.signal(signal.SIGTERM, lambda *_: exit(0))
    try:
        while True:
            gateway.step(1)
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
