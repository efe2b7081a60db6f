# SPDX-License-Identifier: Apache-2.0
"""Preferences: each user's own object, kept letter for letter, found again in any browser, refused with reasons."""

import json

import pytest

from access import Person, add, browser, first_user, program

PATH = "/api/v1/preferences"


@pytest.fixture
def desk(run, publish, tmp_path):
    return run(publish().endpoint, settings={"store": {"directory": str(tmp_path / "state")}})


def put(person: Person, body) -> tuple[int, bytes]:
    status, _, answer = person.ask(PATH, "PUT", body)
    return status, answer


def nested(levels: int) -> bytes:
    """An object with lists in it, so many levels in all."""
    return b'{"a":' + b"[" * (levels - 1) + b"]" * (levels - 1) + b"}"


def test_what_is_set_survives_a_kill_letter_for_letter(desk):
    person = Person(desk)
    status, headers, body = person.ask(PATH)
    assert (status, headers["content-type"], body) == (200, "application/json", b"{}")
    kept = b""
    for kept in (
            b'{"palette":"dark"}', b"{}", b' {"zone": "Europe/Z\\u00fcrich", "n": 1.50e0,\n"grid": [{"w": []}, null]} ',
            '{"名前":"é\\u0000","layout":{"columns":["pnl","var"],"widths":[1,2]}}'.encode()):
        assert put(person, kept) == (200, kept)
        assert person.ask(PATH)[2] == kept
    desk.kill()
    desk.start()
    assert person.ask(PATH)[2] == kept


@pytest.mark.parametrize("body, status, said", [
    (b"", 400, b"palette"), (b"[]", 400, b"palette"), (b"null", 400, b"palette"), (b'{"a":1', 400, b"palette"),
    (b"{'a':1}", 400, b"palette"), (b'{"a":NaN}', 400, b"palette"), (b'{"a":"\xff"}', 400, b"palette"),
    (b'{"a":"\0"}', 400, b"palette"), (nested(9), 400, b"at most 8 deep"), (nested(5_000), 400, b"at most 8 deep"),
    (b'{"a":1,"b":2,"a":1}', 422, b'"a":"may come once"'),
    (b'{"x":{"a":1,"\\u0061":1}}', 422, b'"a":"may come once"'),
    (b'{"a":"%s"}' % (b"x" * 16_377), 413, b"16384 bytes, these have 16385"),
    (b"{%s}" % (b" " * 70_000), 413, b"65536"),
])
def test_what_is_refused_changes_nothing(desk, body, status, said):
    person = Person(desk)
    assert put(person, b'{"kept":true}')[0] == 200
    got, answer = put(person, body)
    assert got == status and said in answer, answer
    assert json.loads(answer)["code"] == {400: "malformed", 413: "body_too_large", 422: "invalid"}[status]
    assert person.ask(PATH)[2] == b'{"kept":true}'


def test_the_largest_and_the_deepest_are_taken(desk):
    for body in (b'{"a":"%s"}' % (b"x" * 16_376), nested(8)):
        assert put(Person(desk), body) == (200, body)


def test_users_have_their_own_in_every_browser(run, publish, tmp_path):
    daemon = run(publish().endpoint, settings={
        "auth": {"mode": "password"}, "store": {"directory": str(tmp_path / "state")}})
    admin = first_user(daemon)
    for name in ("ann", "bob"):
        # Without a role on anything.
        add(admin, name)
    ann, bob = browser(daemon, "ann"), browser(daemon, "bob")
    assert put(ann, {"zone": "UTC"})[0] == put(bob, {"zone": "Asia/Tokyo"})[0] == 200
    assert browser(daemon, "ann").api("preferences") == {"zone": "UTC"}
    assert program(daemon, bob.token("read")["token"]).api("preferences") == {"zone": "Asia/Tokyo"}
    assert admin.api("preferences") == {}
    assert Person(daemon).ask(PATH)[0] == 401
    # Another site's page cannot set them.
    foreign = Person(daemon, {**ann.headers, "Origin": "http://elsewhere.example"})
    assert foreign.code(PATH, "PUT", {"zone": "none"}) == (403, "foreign_origin")
    assert ann.api("preferences") == {"zone": "UTC"}
    daemon.kill()
    daemon.start()
    # Nobody's session is needed for what was set to be there again.
    assert browser(daemon, "bob").api("preferences") == {"zone": "Asia/Tokyo"}
