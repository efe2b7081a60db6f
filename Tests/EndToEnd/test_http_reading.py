# SPDX-License-Identifier: Apache-2.0
"""What programs and pages of other origins may read over HTTP."""

import pytest

from book import random_book

DESK = "https://desk.example"


@pytest.fixture
def daemon(run, publish):
    return run(publish().endpoint, settings={"streaming": {"allowed_origins": [DESK]}})


def test_a_listed_origin_reads_the_api(daemon):
    status, headers, _ = daemon.request("/api/v1/accounts", headers={"Origin": DESK})
    assert status == 200
    assert headers["access-control-allow-origin"] == DESK
    assert "Origin" in headers["vary"]
    assert "access-control-allow-credentials" not in headers


def test_a_refusal_is_read_by_a_listed_origin_too(daemon):
    status, headers, _ = daemon.request("/api/v1/accounts/NOBODY", headers={"Origin": DESK})
    assert status == 404 and headers["access-control-allow-origin"] == DESK


@pytest.mark.parametrize("origin", ["https://other.example", "null", "https://desk.example.evil.example"])
def test_another_origin_does_not(daemon, origin):
    status, headers, _ = daemon.request("/api/v1/accounts", headers={"Origin": origin})
    assert status == 200 and "access-control-allow-origin" not in headers


def test_a_preflight_allows_what_programs_do_with_tokens(daemon):
    asked = {"Origin": DESK, "Access-Control-Request-Method": "GET"}
    status, headers, _ = daemon.request("/api/v1/accounts", method="OPTIONS", headers=asked)
    assert status == 204 and headers["access-control-allow-methods"] == "GET, HEAD, POST, PUT, PATCH, DELETE"
    assert headers["access-control-allow-headers"] == "Authorization, Content-Type"
    assert "access-control-allow-credentials" not in headers


def test_head_answers_as_get_without_its_body(daemon):
    _, wanted, body = daemon.request("/api/v1/accounts")
    status, headers, nothing = daemon.request("/api/v1/accounts", method="HEAD")
    assert status == 200 and nothing == b"" and len(body) > 0
    assert headers["content-type"] == wanted["content-type"]


def test_without_history_the_daemon_is_not_ready_and_says_why(run, publish, tmp_path):
    book = random_book(5, instruments=3, accounts=1, positions=2, days=1)
    daemon = run(publish().endpoint, data=book.save(tmp_path / "young"))
    status, _, body = daemon.request("/readyz")
    assert status == 503 and b"no returns" in body
