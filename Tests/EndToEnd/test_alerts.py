# SPDX-License-Identifier: Apache-2.0
"""Alerts of margin: one a rule, told on the account's channel, written down, acknowledged, over by themselves."""

import json

import pytest

from waiting import wait_until


@pytest.fixture
def desk(run, publish, demo, tmp_path):
    publisher = publish()
    settings = {"risk": {"stale_after": "1h"}, "store": {"directory": str(tmp_path / "state")}}
    daemon = run(publisher.endpoint, settings=settings)
    publisher.wait_for_subscriber()
    return Desk(daemon, publisher, demo)


class Desk:
    """Moves BETA's margin by moving all prices."""

    def __init__(self, daemon, publisher, demo):
        self.daemon, self.publisher, self.demo = daemon, publisher, demo
        used = sum(
            abs(quantity) * demo.instruments[symbol].prior_close * demo.instruments[symbol].margin_rate
            for symbol, (quantity, _) in demo.positions["BETA"].items())
        self.percent = used / demo.accounts["BETA"].margin_limit * 100

    def utilise(self, percent):
        """Brings utilisation to a percentage, but for the rounding of prices."""
        factor = percent / self.percent
        self.publisher.last({i.id: round(i.prior_close * factor, 4) for i in self.demo.instruments.values()})
        wait_until(
            lambda: abs(self.daemon.account("BETA")["margin"].get("utilisation_pct", 0) - percent) < 0.01,
            f"utilisation of {percent} %")

    def alerts(self):
        return self.daemon.get("/api/v1/accounts/BETA/alerts")["alerts"]

    def acknowledge(self, alert):
        status, _, body = self.daemon.request(f"/api/v1/alerts/{alert}/acknowledge", "POST", body=b"")
        return status, json.loads(body)


def events(client, count):
    """The next alerts on the stream."""
    found = []
    while len(found) < count:
        found.append(client.until(lambda m: m["type"] == "event" and m["event"] == "alert", "an alert"))
    return found


def test_margin_warns_once_and_is_critical_once(desk, stream):
    desk.utilise(70)
    client = stream(desk.daemon)
    client.subscribe("account:BETA")
    for percent in (79.9, 80.5, 84, 94, 95.5, 97):
        desk.utilise(percent)
    warn, critical = events(client, 2)
    assert (warn["data"]["rule"], warn["data"]["level"]) == ("margin_warn", "warn")
    assert (critical["data"]["rule"], critical["data"]["level"]) == ("margin_critical", "critical")
    assert critical["event_seq"] == warn["event_seq"] + 1 and warn["channel"] == "account:BETA"
    assert set(warn["data"]) >= {"id", "rule", "level", "text", "ts"}
    assert warn["data"]["text"].startswith("margin utilisation is 80.") and "limit is 80 %" in warn["data"]["text"]
    assert [alert["rule"] for alert in desk.alerts()] == ["margin_critical", "margin_warn"]
    assert all(alert["state"] == "raised" for alert in desk.alerts())
    # Within the hysteresis nothing is over; below it both are, and a new rise is a new alert.
    for percent in (91, 82, 76):
        desk.utilise(percent)
    assert [alert["state"] for alert in desk.alerts()] == ["resolved", "raised"]
    desk.utilise(74)
    wait_until(lambda: all(a["state"] == "resolved" for a in desk.alerts()), "both over")
    desk.utilise(81)
    wait_until(lambda: len(desk.alerts()) == 3, "a new warning")
    ids = [alert["id"] for alert in desk.alerts()]
    assert ids == sorted(set(ids), reverse=True)


def test_acknowledged_alerts_survive_a_kill_and_are_not_raised_again(desk, stream):
    desk.utilise(85)
    (alert,) = wait_until(desk.alerts, "the warning")
    status, answer = desk.acknowledge(alert["id"])
    assert status == 200 and answer["state"] == "acknowledged" and answer["acknowledged_by"] == "local"
    assert desk.acknowledge(alert["id"])[0] == 409
    assert desk.acknowledge(999)[0] == 404 and desk.acknowledge("x")[0] == 404
    desk.daemon.kill()
    desk.daemon.start()
    desk.publisher.wait_for_subscriber()
    desk.utilise(86)
    assert [(a["id"], a["state"]) for a in desk.alerts()] == [(alert["id"], "acknowledged")]
    desk.utilise(70)
    wait_until(lambda: desk.alerts()[0]["state"] == "resolved", "its end")


def put_limits(daemon, limits, account="BETA"):
    body = json.dumps({"limits": limits}).encode()
    status, _, answer = daemon.request(f"/api/v1/accounts/{account}/limits", "PUT", body=body)
    return status, json.loads(answer)


def test_limits_are_kept_and_raise_their_own_alerts(desk, stream):
    desk.utilise(70)
    risk = desk.daemon.account("BETA")["risk"]["var"]["9900"]
    symbol, (_, _) = next(iter(desk.demo.positions["BETA"].items()))
    value = abs(desk.daemon.account("BETA")["positions"][symbol]["market_value"])
    limits = [
        {"metric": "notional", "part": symbol, "soft": value * 1.05},
        {"metric": "value_at_risk", "soft": risk * 1.02, "hard": risk * 1.07},
    ]
    kept = [{**limit, "action": "none"} for limit in limits]
    assert put_limits(desk.daemon, limits) == (200, {"account": "BETA", "currency": "USD", "limits": kept})
    client = stream(desk.daemon)
    client.subscribe("account:BETA")
    desk.utilise(72)
    (soft,) = events(client, 1)
    assert soft["data"]["rule"] == "value_at_risk_soft" and soft["data"]["level"] == "warn"
    desk.utilise(75.5)
    found = {event["data"]["rule"]: event["data"]["level"] for event in events(client, 2)}
    assert found == {"value_at_risk_hard": "critical", f"notional_soft/{symbol}": "warn"}
    desk.daemon.kill()
    desk.daemon.start()
    desk.publisher.wait_for_subscriber()
    assert desk.daemon.get("/api/v1/accounts/BETA/limits")["limits"] == kept
    desk.utilise(75.6)
    assert len(desk.alerts()) == 3 and all(alert["state"] == "raised" for alert in desk.alerts())
    assert put_limits(desk.daemon, [])[0] == 200
    wait_until(lambda: all(alert["state"] == "resolved" for alert in desk.alerts()), "alerts of limits that are gone")


@pytest.mark.parametrize("limits, field", [
    ([{"metric": "speed", "soft": 1}], "limits.0.metric"),
    ([{"metric": "margin_utilisation", "soft": 1}], "limits.0.metric"),
    ([{"metric": "value_at_risk"}], "limits.0.soft"),
    ([{"metric": "value_at_risk", "soft": 0}], "limits.0.soft"),
    ([{"metric": "value_at_risk", "soft": 2, "hard": 1}], "limits.0.soft"),
    ([{"metric": "value_at_risk", "part": "AAPL", "soft": 1}], "limits.0.part"),
    ([{"metric": "day_loss", "soft": 1, "action": "halt"}], "limits.0.action"),
    ([{"metric": "day_loss", "hard": 1, "action": "explode"}], "limits.0.action"),
    ([{"metric": "notional", "soft": 1}], "limits.0.part"),
    ([{"metric": "sector", "part": "Nowhere", "soft": 1}], "limits.0.part"),
    ([{"metric": "day_loss", "soft": 1}, {"metric": "day_loss", "hard": 2}], "limits.1.metric"),
])
def test_limits_that_make_no_sense_are_refused_by_field(desk, limits, field):
    status, answer = put_limits(desk.daemon, limits)
    assert status == 422 and set(answer["errors"]) == {field}
    assert desk.daemon.get("/api/v1/accounts/BETA/limits")["limits"] == []


def test_limits_are_of_accounts_there_are(live):
    daemon, _ = live
    assert put_limits(daemon, [{"metric": "day_loss", "soft": 1}])[0] == 200
    assert put_limits(daemon, [], account="NOBODY")[0] == 404


def test_without_a_folder_alerts_last_as_long_as_the_process(run, publish, demo):
    publisher = publish()
    desk = Desk(run(publisher.endpoint), publisher, demo)
    publisher.wait_for_subscriber()
    desk.utilise(85)
    (alert,) = wait_until(desk.alerts, "the warning")
    assert desk.acknowledge(alert["id"])[0] == 200
    assert desk.alerts()[0]["state"] == "acknowledged"
    desk.utilise(70)
    wait_until(lambda: [alert["state"] for alert in desk.alerts()] == ["resolved"], "its end")
    assert desk.daemon.request("/api/v1/accounts/NOBODY/alerts")[0] == 404
    assert desk.daemon.get("/api/v1/firm/alerts") == {"alerts": []}


def test_limits_say_how_much_of_them_is_used(desk):
    desk.utilise(70)
    state = desk.daemon.account("BETA")
    var, gross = state["risk"]["var"]["9900"], state["totals"]["gross_exposure"]
    limits = [
        {"metric": "gross_exposure", "soft": gross / 2},
        {"metric": "order_rate", "soft": 5, "hard": 10},
        {"metric": "value_at_risk", "soft": var / 2, "hard": var * 2},
    ]
    assert put_limits(desk.daemon, limits)[0] == 200
    answer = desk.daemon.get("/api/v1/accounts/BETA/limit-use")
    exposure, rate, risk = answer["limits"]
    assert (exposure["value"], exposure["utilisation_pct"], exposure["level"]) == (
        pytest.approx(gross), pytest.approx(200), "warn")
    assert (rate["value"], rate["utilisation_pct"], rate["level"]) == (0, 0, "ok")
    assert (risk["value"], risk["utilisation_pct"], risk["level"]) == (pytest.approx(var), pytest.approx(50), "warn")
    house = {use["account"]: use for use in desk.daemon.get("/api/v1/firm/limit-use")["accounts"]}
    assert set(house) == set(desk.demo.accounts)
    assert house["BETA"]["limit"]["metric"] == "gross_exposure"
    assert house["BETA"]["utilisation_pct"] == pytest.approx(200)
    assert house["BETA"]["margin_utilisation_pct"] == pytest.approx(70, abs=0.01)
    assert "limit" not in house["ALPHA"]
    assert house["ALPHA"]["utilisation_pct"] == house["ALPHA"]["margin_utilisation_pct"]
