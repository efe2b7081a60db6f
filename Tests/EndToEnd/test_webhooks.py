# SPDX-License-Identifier: Apache-2.0
"""Alerts posted to a program: signed, in order, tried again, never followed elsewhere."""

import hashlib
import hmac
import http.server
import json
import threading
import time

import pytest

from waiting import DEADLINE_S, wait_until

SECRET = b"0123456789abcdef0123456789abcdef"


class Receiver:
    """Answers with the statuses it was given, then with 204."""

    def __init__(self, *statuses: int):
        self.statuses = list(statuses)
        self.calls: list[tuple[int, dict, bytes]] = []
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = receiver.statuses.pop(0) if receiver.statuses else 204
                receiver.calls.append((status, {k.lower(): v for k, v in self.headers.items()}, body))
                if status == 0:
                    return self.connection.close()
                self.send_response(status)
                if status // 100 == 3:
                    self.send_header("Location", f"http://127.0.0.1:{receiver.port}/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return None

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self._thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self._thread.start()

    def bodies(self) -> list[dict]:
        """Of what was taken."""
        return [json.loads(body) for status, _, body in list(self.calls) if status // 100 == 2]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self._thread.join(DEADLINE_S)


@pytest.fixture
def receiver():
    opened = []

    def make(*statuses):
        opened.append(Receiver(*statuses))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


@pytest.fixture
def desk(run, publish, demo, tmp_path):
    """A daemon that posts to receivers, and a way to move BETA's margin."""
    def make(*webhooks):
        publisher = publish()
        daemon = run(
            publisher.endpoint,
            settings={"store": {"directory": str(tmp_path / "state")}, "webhooks": list(webhooks)})
        publisher.wait_for_subscriber()
        used = sum(
            abs(quantity) * demo.instruments[symbol].prior_close * demo.instruments[symbol].margin_rate
            for symbol, (quantity, _) in demo.positions["BETA"].items())
        limit = demo.accounts["BETA"].margin_limit

        def utilise(percent):
            factor = percent / (used / limit * 100)
            publisher.last({i.id: round(i.prior_close * factor, 4) for i in demo.instruments.values()})
            wait_until(
                lambda: abs(daemon.account("BETA")["margin"].get("utilisation_pct", 0) - percent) < 0.01,
                f"utilisation of {percent} %")

        return daemon, utilise

    return make


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "webhook.secret"
    path.write_bytes(SECRET + b"\n")
    path.chmod(0o600)
    return str(path)


def of_beta(receiver):
    return [(body["rule"], body["state"]) for body in receiver.bodies() if body.get("account") == "BETA"]


def test_alerts_are_signed_and_in_order(desk, receiver, secret):
    told = receiver()
    daemon, utilise = desk({"url": f"http://127.0.0.1:{told.port}/alerts?a=1", "secret_file": secret})
    for percent in (70, 85, 96, 70):
        utilise(percent)
    expected = [
        ("margin_warn", "raised"), ("margin_critical", "raised"), ("margin_critical", "resolved"),
        ("margin_warn", "resolved")]
    wait_until(lambda: len(of_beta(told)) >= 4, "four alerts")
    assert sorted(of_beta(told)) == sorted(expected) and of_beta(told)[:2] == expected[:2]
    for _, headers, body in told.calls:
        signed = headers["tickrisk-timestamp"].encode() + b"." + body
        expected_code = "sha256=" + hmac.new(SECRET, signed, hashlib.sha256).hexdigest()
        assert hmac.compare_digest(headers["tickrisk-signature"], expected_code)
        assert abs(int(headers["tickrisk-timestamp"]) - time.time()) < 60
        assert headers["content-type"] == "application/json"
        content = json.loads(body)
        assert headers["tickrisk-delivery"] == f"{content['id']}-{content['state']}"
    wait_until(lambda: daemon.metric("tickrisk_webhook_delivered_total") == len(told.calls), "the count")


def test_a_receiver_that_fails_first_is_tried_again(desk, receiver):
    told = receiver(503, 0, 429)
    daemon, utilise = desk({"url": f"http://127.0.0.1:{told.port}/", "levels": ["critical"]})
    utilise(96)
    wait_until(lambda: len(of_beta(told)) == 1, "the alert")
    attempts = [headers["tickrisk-delivery"] for _, headers, _ in told.calls]
    assert len(attempts) >= 4 and len(set(attempts[:4])) == 1
    assert of_beta(told) == [("margin_critical", "raised")], "only its level"
    log = "\n".join(daemon.log)
    assert log.count("webhook fails") == 1 and log.count("webhook works again") == 1
    assert daemon.metric("tickrisk_webhook_dead_total") == 0


def test_what_is_given_up_is_counted_and_redirects_are_not_followed(desk, receiver):
    told = receiver(307, 500, 500)
    daemon, utilise = desk({"url": f"http://127.0.0.1:{told.port}/", "levels": ["warn"], "attempts": 2})
    utilise(85)
    utilise(70)
    wait_until(lambda: daemon.metric("tickrisk_webhook_dead_total") >= 2, "both are given up")
    assert [status for status, _, _ in told.calls][:3] == [307, 500, 500]
    assert "\n".join(daemon.log).count("alerts are not delivered") == 1


def test_a_receiver_that_is_not_there_delays_no_other(desk, receiver, free_port):
    told = receiver()
    daemon, utilise = desk(
        {"url": f"http://127.0.0.1:{free_port}/"}, {"url": f"http://127.0.0.1:{told.port}/", "levels": ["critical"]})
    utilise(96)
    wait_until(lambda: of_beta(told) == [("margin_critical", "raised")], "the alert")
    assert daemon.metric("tickrisk_webhook_waiting") >= 1
