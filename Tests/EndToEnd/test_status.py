# SPDX-License-Identifier: Apache-2.0
"""The status of the parts: what the lights of the page's bar show, always with 200."""

import json

import pytest

from access import Person, add, browser, first_user
from waiting import wait_until

PARTS = ("risk", "feed", "store", "orders")


def status(person: Person) -> dict:
    return person.api("status")


def states(person: Person) -> dict[str, str]:
    return {part: told["state"] for part, told in status(person)["parts"].items()}


@pytest.fixture
def prices(demo):
    return {instrument.id: instrument.prior_close for instrument in demo.instruments.values()}


def test_parts_come_up_with_the_feeds(run, publish, prices):
    first, second = publish(), publish()
    daemon = run(feeds=[
        {"name": "main", "endpoint": first.endpoint, "silent_after": "1h"},
        {"name": "backup", "endpoint": second.endpoint, "silent_after": "1h"}])
    person = Person(daemon)
    told = status(person)
    assert not told["ready"] and told["house"] == "active" and tuple(told["parts"]) == PARTS
    assert told["parts"]["feed"] == {
        "state": "down", "reasons": ["no feed is up", "the feed main is not up", "the feed backup is not up"]}
    # A book without prices may be valued by now or not.
    code, _, body = daemon.request("/readyz")
    assert code == 503 and json.loads(body)["reasons"][-1:] == ["no feed is up"]
    assert not any("the feed" in reason for reason in json.loads(body)["reasons"])
    first.wait_for_subscriber()
    first.last(prices)
    told = wait_until(lambda: status(person)["ready"] and status(person), "ready")
    assert told["parts"]["feed"] == {"state": "warn", "reasons": ["the feed backup is not up"]}
    assert daemon.request("/readyz")[2] == b'{"ready":true,"reasons":[]}'
    second.wait_for_subscriber()
    second.last(prices)
    wait_until(lambda: set(states(person).values()) == {"ok"}, "both feeds are up")
    assert all(part["reasons"] == [] for part in status(person)["parts"].values())


def test_the_house_shows_in_the_orders_and_the_daemon_stays_ready(run, publish, prices):
    publisher = publish()
    daemon = run(publisher.endpoint)
    person = Person(daemon)
    publisher.wait_for_subscriber()
    publisher.last(prices)
    wait_until(lambda: set(states(person).values()) == {"ok"}, "all parts")
    for house, state, said in (
            ("halted", "down", "the house is halted: fire"), ("reducing", "warn", "only reduce positions: fire"),
            ("active", "ok", "")):
        person.api("kill-switch", "PUT", {"state": house, "reason": "fire"})
        told = status(person)
        assert told["house"] == house and told["ready"]
        assert told["parts"]["orders"]["state"] == state and said in "".join(told["parts"]["orders"]["reasons"])
        assert [told["parts"][part]["state"] for part in PARTS[:3]] == ["ok"] * 3
        assert daemon.request("/readyz")[2] == b'{"ready":true,"reasons":[]}'


def test_everybody_who_is_signed_in_is_told(run, publish):
    daemon = run(publish().endpoint, settings={"auth": {"mode": "password"}})
    add(first_user(daemon), "ann")
    assert set(states(browser(daemon, "ann"))) == set(PARTS)
    assert Person(daemon).ask("/api/v1/status")[0] == 401
