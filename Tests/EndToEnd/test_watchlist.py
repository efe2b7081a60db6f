# SPDX-License-Identifier: Apache-2.0
"""Watchlists: set, kept in their order, refused with suggestions; and the search that finds symbols."""

import json
import urllib.parse

import pytest


@pytest.fixture
def desk(run, publish, tmp_path):
    return run(publish().endpoint, settings={"store": {"directory": str(tmp_path / "state")}})


def put(daemon, body, name=None):
    query = f"?name={urllib.parse.quote(name)}" if name is not None else ""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    status, _, answer = daemon.request(
        f"/api/v1/watchlist{query}", "PUT", headers={"Content-Type": "application/json"}, body=content)
    return status, json.loads(answer)


def search(daemon, text, **parameters):
    query = urllib.parse.urlencode({"search": text, **parameters})
    return [instrument["symbol"] for instrument in daemon.get(f"/api/v1/instruments?{query}")["instruments"]]


def test_a_list_keeps_its_order_and_survives_a_kill(desk, demo):
    symbols = sorted(demo.instruments)
    assert desk.get("/api/v1/watchlist") == {"name": "default", "symbols": []}
    for wanted in (symbols[:4], symbols[3::-1], [symbols[2], symbols[0]], []):
        assert put(desk, {"symbols": wanted}) == (200, {"name": "default", "symbols": wanted})
    assert put(desk, {"symbols": symbols[:2]}, "second")[0] == 200
    assert put(desk, {"symbols": symbols[2:4]})[0] == 200
    desk.kill()
    desk.start()
    assert desk.get("/api/v1/watchlist")["symbols"] == symbols[2:4]
    assert desk.get("/api/v1/watchlist?name=second") == {"name": "second", "symbols": symbols[:2]}


def test_what_is_wrong_is_named_and_what_is_near_is_suggested(desk):
    assert put(desk, {"symbols": ["AAPL"]})[0] == 200
    status, problem = put(desk, {"symbols": ["MSFT", "APPL", "MSFT"]})
    assert status == 422 and problem["code"] == "invalid"
    assert set(problem["errors"]) == {"symbols.1", "symbols.2"} and "APPL" in problem["errors"]["symbols.1"]
    assert problem["suggestions"]["symbols.1"][0] == "AAPL"
    assert desk.get("/api/v1/watchlist")["symbols"] == ["AAPL"]


@pytest.mark.parametrize("body, status", [
    (b"", 400), (b"[]", 400), (b'{"symbols":["AAPL"]', 400), (b"{}", 422), (b'{"symbols":"AAPL"}', 422),
    (b'{"symbols":[1]}', 422), (b'{"symbols":[],"symbols":[]}', 422), (b'{"symbols":[],"x":1}', 422),
    (json.dumps({"symbols": ["X"] * 201}).encode(), 422),
])
def test_bodies_are_read_strictly(desk, body, status):
    assert put(desk, body)[0] == status
    assert desk.get("/api/v1/watchlist")["symbols"] == []


def test_names_and_their_number_are_bounded(desk):
    for name in ("", "a b", "x" * 65, "a/b"):
        assert put(desk, {"symbols": []}, name)[0] == 422, name
    for number in range(20):
        assert put(desk, {"symbols": []}, f"list-{number}")[0] == 200
    assert put(desk, {"symbols": []}, "one-more")[0] == 422
    assert put(desk, {"symbols": ["AAPL"]}, "list-3")[0] == 200


def test_instruments_are_found_by_what_people_type(desk, demo):
    assert search(desk, "aapl")[0] == "AAPL" and search(desk, "AAP")[0] == "AAPL"
    assert search(desk, "APPL")[0] == "AAPL"
    assert search(desk, "apple")[0] == "AAPL" and search(desk, "aple")[0] == "AAPL"
    assert search(desk, "qqqqqqqq") == []
    assert len(search(desk, "a", limit=3)) == 3
    assert len(desk.get("/api/v1/instruments")["instruments"]) == len(demo.instruments)
    for query in ("search=", "search=a&limit=0", "search=a&limit=%2B5", "search=" + "a" * 65):
        assert desk.request(f"/api/v1/instruments?{query}")[0] == 422, query
