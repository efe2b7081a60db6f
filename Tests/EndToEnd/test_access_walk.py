# SPDX-License-Identifier: Apache-2.0
"""The walk: every route and every channel, asked by everybody, about one's own account, another's and none.

Another's account answers as one that is not there, byte for byte. The table below is held against the routes the
server registers: a new route without a line here fails.
"""

import json
import re

import pytest

from access import Person, add, browser, first_user, program
from waiting import wait_until

# One's own, another's, and none; of one length, so that answers that echo them are.
OWN, OTHER, UNKNOWN = "GAMMA", "ALPHA", "OMEGA"
NO_NUMBER = "987654"

# What everybody holds: roles on accounts, None being all of them and the house.
PEOPLE = {
    "without roles": [],
    "viewer": [(OWN, "view")],
    "trader": [(OWN, "trade")],
    "risk manager": [(OWN, "risk")],
    "account's admin": [(OWN, "admin")],
    "house viewer": [(None, "view")],
    "house trader": [(None, "trade")],
    "house risk": [(None, "risk")],
    "house admin": [(None, "admin")],
}
IMPLIED = {
    "view": {"view"}, "trade": {"view", "trade"}, "risk": {"view", "risk"}, "admin": {"view", "trade", "risk", "admin"}}

LIMITS = {"limits": []}
TRADES = {"trades": [{"symbol": "AAPL", "quantity": 1}]}

# Of an account: the role it takes, and a body.
ACCOUNT_ROUTES = {
    "GET /api/v1/accounts/{id}": ("view", None),
    "GET /api/v1/accounts/{id}/scenarios": ("view", None),
    "GET /api/v1/accounts/{id}/risk": ("view", None),
    "GET /api/v1/accounts/{id}/stress-grid": ("view", None),
    "GET /api/v1/accounts/{id}/reverse-stress": ("view", None),
    "POST /api/v1/accounts/{id}/what-if": ("view", TRADES),
    "GET /api/v1/accounts/{id}/alerts": ("view", None),
    "GET /api/v1/accounts/{id}/limits": ("view", None),
    "PUT /api/v1/accounts/{id}/limits": ("risk", LIMITS),
    "GET /api/v1/accounts/{id}/limit-use": ("view", None),
    "GET /api/v1/accounts/{id}/history": ("view", None),
    "GET /api/v1/accounts/{id}/orders": ("view", None),
    "POST /api/v1/accounts/{id}/orders": ("trade", {"symbol": "AAPL", "side": "buy", "quantity": 0}),
    "DELETE /api/v1/accounts/{id}/orders": ("trade", None),
    "GET /api/v1/accounts/{id}/fills": ("view", None),
    "POST /api/v1/accounts/{id}/positions/{symbol}/close": ("trade", {}),
    "GET /api/v1/accounts/{id}/kill-switch": ("view", None),
    "PUT /api/v1/accounts/{id}/kill-switch": ("trade|risk", {"state": "off"}),
    "POST /api/v1/accounts/{id}/adjustments": ("admin", {}),
    "POST /api/v1/accounts/{id}/cash": ("admin", {}),
}
# Of a thing of an account that there is not: a fill nobody has made, an order and an alert of somebody else's.
PART_ROUTES = {
    "POST /api/v1/accounts/{id}/fills/{fill}/bust": ("admin", {"reason": "wrong price"}),
    "GET /api/v1/accounts/{id}/orders/{order}": ("view", None),
    "PATCH /api/v1/accounts/{id}/orders/{order}": ("trade", {"quantity": 1}),
    "DELETE /api/v1/accounts/{id}/orders/{order}": ("trade", None),
    "POST /api/v1/accounts/{id}/alerts/{alert}/acknowledge": ("risk", None),
    "POST /api/v1/accounts/{id}/alerts/{alert}/reset": ("risk", None),
}
# Questions that are wrong in themselves; who may not see the account is not told so.
WRONG_QUESTIONS = {
    "GET /api/v1/accounts/{id}/stress-grid?prices=x": None,
    "GET /api/v1/accounts/{id}/reverse-stress?loss=x": None,
    "POST /api/v1/accounts/{id}/what-if": {"trades": []},
    "PUT /api/v1/accounts/{id}/limits": {"limits": [{"metric": "speed"}]},
    "GET /api/v1/accounts/{id}/alerts?before=x": None,
    "GET /api/v1/accounts/{id}/history?resolution=x": None,
    "GET /api/v1/accounts/{id}/orders?limit=x": None,
    "GET /api/v1/accounts/{id}/fills?before=x": None,
    "GET /?account={id}": None,
}
# Of the house: the role it takes on everything, and a body.
HOUSE_ROUTES = {
    "GET /api/v1/firm/risk": ("view", None),
    "GET /api/v1/firm/alerts": ("view", None),
    "GET /api/v1/firm/limit-use": ("view", None),
    "GET /api/v1/firm/history": ("view", None),
    "PUT /api/v1/kill-switch": ("risk", {}),
    "POST /api/v1/firm/alerts/{alert}/acknowledge": ("risk", None),
    "POST /api/v1/firm/alerts/{alert}/reset": ("risk", None),
    "GET /api/v1/users": ("admin", None),
    "POST /api/v1/users": ("admin", {}),
    "PATCH /api/v1/users/{name}": ("admin", {}),
    "DELETE /api/v1/users/{name}": ("admin", None),
    "PUT /api/v1/users/{name}/roles": ("admin", {}),
    "POST /api/v1/users/{name}/sign-out": ("admin", None),
}
# Of things with numbers of their own, which belong to accounts: the role, what it is, and a body.
NUMBERED_ROUTES = {
    "POST /api/v1/alerts/{id}/acknowledge": ("risk", "alert", None),
    "POST /api/v1/alerts/{id}/reset": ("risk", "alert", None),
    "GET /api/v1/orders/{id}": ("view", "order", None),
    "PATCH /api/v1/orders/{id}": ("trade", "order", {}),
    "DELETE /api/v1/orders/{id}": ("trade", "order", None),
}
# Of whoever is signed in, whatever the roles.
OWN_ROUTES = {
    "GET /api/v1/accounts", "GET /api/v1/instruments", "GET /api/v1/sessions", "DELETE /api/v1/sessions",
    "GET /api/v1/kill-switch", "GET /api/v1/watchlist", "PUT /api/v1/watchlist",
    "GET /api/v1/preferences", "PUT /api/v1/preferences", "GET /api/v1/status",
    "GET /api/v1/tokens", "POST /api/v1/tokens", "DELETE /api/v1/tokens/{id}", "GET /", "GET /ws"}
OPEN_ROUTES = {
    "GET /healthz", "GET /readyz", "GET /metrics", "GET /favicon.ico", "GET /sign-in", "GET /api/v1/openapi.json",
    "POST /api/v1/sessions"}

CHANNELS = {
    "market": None, "firm": ("house",), "risk:firm": ("house",),
    **{f"{kind}:{account}": (account,) for kind in ("account", "risk") for account in (OWN, OTHER)}}


def holds(person: str, role: str, account: str | None) -> bool:
    """Whether somebody has one of the roles of `role`, which are written `a|b`."""
    return any(IMPLIED[held] & set(role.split("|")) and on in (None, account) for on, held in PEOPLE[person])


def plain(answer: tuple[int, dict, bytes], *names: str) -> tuple:
    """An answer without its time and without the name that was asked for."""
    status, headers, body = answer
    kept = {field: value for field, value in headers.items() if field != "date"}
    text = json.dumps([status, sorted(kept.items()), body.decode()])
    for name in names:
        text = text.replace(name, "<asked>")
    return text


@pytest.fixture
def house(run, publish, demo, tmp_path):
    """A daemon with everybody in it, and an alert that stands on another's account and one on one's own."""
    publisher = publish()
    daemon = run(publisher.endpoint, settings={
        "auth": {"mode": "password"}, "store": {"directory": str(tmp_path / "state")}, "log": {"level": "debug"}})
    admin = first_user(daemon)
    people = {}
    for number, (name, roles) in enumerate(PEOPLE.items()):
        add(admin, f"person{number}", *roles)
        people[name] = program(daemon, browser(daemon, f"person{number}").token("admin")["token"])
    publisher.wait_for_subscriber()
    publisher.last({instrument.id: instrument.prior_close for instrument in demo.instruments.values()})
    alerts = {}
    for account in (OWN, OTHER):
        wait_until(lambda: admin.api(f"accounts/{account}")["status"] == "ok", f"prices of {account}")
        admin.api(f"accounts/{account}/limits", "PUT", {"limits": [{"metric": "gross_exposure", "soft": 1}]})
    publisher.last({instrument.id: instrument.prior_close * 1.01 for instrument in demo.instruments.values()})
    for account in (OWN, OTHER):
        found = wait_until(lambda: admin.api(f"accounts/{account}/alerts")["alerts"], f"an alert of {account}")
        alerts[account] = str(found[0]["id"])
    order = {"symbol": "AAPL", "side": "buy", "quantity": 1, "order_type": "stop",
             "stop_price": round(demo.instruments["AAPL"].prior_close * 2, 2)}
    alerts["order"] = str(admin.api(f"accounts/{OTHER}/orders", "POST", order, status=201)["order_id"])
    return daemon, admin, people, alerts


def routes_of(daemon) -> set[str]:
    """What the server registered, as it says in its log."""
    found = re.findall(r"debug route method=(\w+) path=(\S+)", "".join(daemon.log))
    return {f"{method} {path}" for method, path in found if not path.startswith("/assets/")}


def test_the_table_has_every_route(house):
    daemon, _, _, _ = house
    table = {*ACCOUNT_ROUTES, *PART_ROUTES, *HOUSE_ROUTES, *NUMBERED_ROUTES, *OWN_ROUTES, *OPEN_ROUTES}
    assert routes_of(daemon) == table


def ask(person: Person, route: str, name: str, body) -> tuple[int, dict, bytes]:
    method, path = route.split(" ")
    path = path.replace("{symbol}", "AAPL").replace("{fill}", "none")
    path = path.replace("{order}", NO_NUMBER).replace("{alert}", NO_NUMBER)
    return person.ask(re.sub(r"\{\w+\}", name, path), method, body)


def test_nobody_gets_anything(house):
    daemon, _, _, _ = house
    nobody = Person(daemon)
    for route, (_, body) in {**ACCOUNT_ROUTES, **HOUSE_ROUTES}.items():
        answers = {plain(ask(nobody, route, name, body), name) for name in (OWN, OTHER, UNKNOWN)}
        assert len(answers) == 1 and json.loads(answers.pop())[0] == 401, route
    for route in OWN_ROUTES - {"GET /"}:
        assert ask(nobody, route, "1", None)[0] == 401, route


def test_accounts_one_may_not_see_are_not_there(house):
    _, _, people, _ = house
    for name in PEOPLE:
        person = people[name]
        questions = [(route, role, body) for route, (role, body) in ACCOUNT_ROUTES.items()]
        questions += [
            (route, ACCOUNT_ROUTES.get(route.split("?")[0], ("view",))[0], body)
            for route, body in WRONG_QUESTIONS.items()]
        for route, role, body in questions:
            unknown = plain(ask(person, route, UNKNOWN, body), UNKNOWN)
            assert json.loads(unknown)[0] == 404, route
            for account in (OWN, OTHER):
                answer = ask(person, route, account, body)
                if not holds(name, "view", account):
                    assert plain(answer, account) == unknown, (route, account)
                elif not holds(name, role, account):
                    assert answer[0] == 403 and json.loads(answer[2])["code"] == "forbidden", (route, account)
                else:
                    assert answer[0] not in (401, 403, 404) and answer[0] < 500, (route, account, answer)
                    assert (OTHER if account == OWN else OWN).encode() not in answer[2] or "GET /" in route, route


def test_the_house_is_for_those_of_the_house(house):
    _, _, people, _ = house
    for name in PEOPLE:
        for route, (role, body) in HOUSE_ROUTES.items():
            status, _, answer = ask(people[name], route, "nobody", body)
            if holds(name, role, None):
                assert status not in (401, 403) and status < 500, (route, answer)
            else:
                assert (status, json.loads(answer)["code"]) == (403, "forbidden"), route


def test_parts_of_accounts_one_may_not_see_are_not_there(house):
    _, _, people, _ = house
    for name in PEOPLE:
        for route, (role, body) in PART_ROUTES.items():
            unknown = plain(ask(people[name], route, UNKNOWN, body), UNKNOWN)
            for account in (OWN, OTHER):
                answer = ask(people[name], route, account, body)
                if not holds(name, "view", account):
                    assert plain(answer, account) == unknown, (route, account)
                else:
                    assert answer[0] == (404 if holds(name, role, account) else 403), (route, account)


def test_alerts_and_orders_of_accounts_one_may_not_see_are_not_there(house):
    _, _, people, alerts = house
    for name in PEOPLE:
        for route, (role, kind, body) in NUMBERED_ROUTES.items():
            assert ask(people[name], route, NO_NUMBER, body)[0] == 404
            number = alerts["order"] if kind == "order" else alerts[OTHER]
            # Of the length of the other, for the length of the answer.
            missing = "9" * len(number)
            answer = ask(people[name], route, number, body)
            if not holds(name, "view", OTHER):
                unknown = ask(people[name], route, missing, body)
                assert plain(answer, f": {number}") == plain(unknown, f": {missing}"), route
            else:
                # Somebody before may have acknowledged, reset or cancelled it.
                assert answer[0] in ((200, 404, 409, 422) if holds(name, role, OTHER) else (403,)), route


def test_orders_and_alerts_are_their_accounts_only(house):
    """By their account's path and no other, whoever asks."""
    _, _, people, alerts = house
    everybody = people["house admin"]
    order = f"orders/{alerts['order']}"
    assert everybody.ask(f"/api/v1/accounts/{OWN}/{order}")[0] == 404
    assert everybody.api(f"accounts/{OTHER}/{order}")["account"] == OTHER
    for place in (f"accounts/{OWN}", "firm"):
        assert everybody.ask(f"/api/v1/{place}/alerts/{alerts[OTHER]}/acknowledge", "POST", None)[0] == 404
        assert everybody.ask(f"/api/v1/{place}/{order}", "DELETE", None)[0] == 404
    answer = everybody.api(f"accounts/{OTHER}/alerts/{alerts[OTHER]}/acknowledge", "POST")
    assert (answer["account"], answer["state"]) == (OTHER, "acknowledged")
    assert everybody.api(f"accounts/{OTHER}/{order}", "DELETE")["order_id"] == int(alerts["order"])


def test_lists_and_pages_show_what_one_may_see(house):
    _, _, people, _ = house
    for name in PEOPLE:
        person = people[name]
        visible = [account for account in ("ALPHA", "BETA", "GAMMA") if holds(name, "view", account)]
        assert [account["id"] for account in person.api("accounts")["accounts"]] == visible
        assert [account["id"] for account in person.api("sessions")["accounts"]] == visible
        status, _, page = person.ask("/")
        if not visible:
            assert status == 403
            continue
        assert status == 200
        links = set(re.findall(rb'data-account="(\w+)"', page))
        assert {link.decode() for link in links} - {"firm"} == set(visible)
        assert (b"firm" in links) == any(on is None for on, _ in PEOPLE[name])
        # Nothing else of others stands there either.
        for account in {"ALPHA", "BETA", "GAMMA"} - set(visible):
            assert account.encode() not in page
        assert person.ask("/?account=firm")[0] == (200 if b"firm" in links else 403)


def test_channels_one_may_not_see_are_not_there(house, stream):
    daemon, _, people, _ = house
    for name in PEOPLE:
        client = stream(daemon, additional_headers=people[name].headers)
        epoch = client.until_type("hello")["epoch"]
        unknown = ["account:OMEGA", "risk:OMEGA", "risk:", "firm:ALPHA", ""]
        asked = [*CHANNELS, *unknown]
        is_of_the_house = any(on is None for on, _ in PEOPLE[name])
        visible = {
            channel for channel, on in CHANNELS.items()
            if on is None or (is_of_the_house if on == ("house",) else holds(name, "view", on[0]))}
        client.subscribe(*asked, resume={
            "epoch": epoch, "sequences": {channel: 1 for channel in asked if channel not in visible},
            "events": {channel: 0 for channel in asked}})
        errors = {}
        while len(errors) < len(asked) - len(visible):
            message = client.until_type("error")
            errors[message.pop("channel")] = message
        assert set(errors) == set(asked) - visible
        assert len({json.dumps(error, sort_keys=True) for error in errors.values()}) == 1
        assert set(client.until_type("subscribed")["channels"]) == visible
        # The alerts of the beginning, each its channel's first event.
        left = {channel for channel in visible if channel.startswith("account")}
        while left:
            left.discard(client.until_type("event")["channel"])


def test_events_reach_those_who_may_see_them_only(house, stream):
    daemon, admin, people, alerts = house
    watchers = {}
    for name in ("viewer", "house viewer"):
        watchers[name] = stream(daemon, additional_headers=people[name].headers)
        watchers[name].subscribe(f"account:{OTHER}", f"account:{OWN}")
        watchers[name].until_type("snapshot", f"account:{OWN}")
    for account in (OTHER, OWN):
        admin.api(f"alerts/{alerts[account]}/acknowledge", "POST", {})
    seen = {
        name: client.until(
            lambda m: m["type"] == "event" and m["channel"] == f"account:{OWN}"
            and m["data"].get("state") == "acknowledged", "the acknowledgement")
        for name, client in watchers.items()}
    assert all(event["data"]["id"] == int(alerts[OWN]) for event in seen.values())
    assert f"account:{OTHER}" in watchers["house viewer"].sequences
    assert f"account:{OTHER}" not in watchers["viewer"].sequences


def test_what_is_open_to_all_names_no_account(house):
    daemon, _, _, _ = house
    nobody = Person(daemon)
    for path in ("/healthz", "/readyz", "/metrics", "/sign-in"):
        _, _, body = nobody.ask(path)
        assert not any(account.encode() in body for account in ("ALPHA", "BETA", "GAMMA")), path
