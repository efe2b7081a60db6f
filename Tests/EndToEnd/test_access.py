# SPDX-License-Identifier: Apache-2.0
"""Signing in, sessions, tokens, users: over HTTP, on the stream, and with `tickrisk user`."""

import json
import time

import pytest
from websockets.exceptions import InvalidStatus

from access import PASSWORD, Person, add, browser, cookie_of, first_user, program, set_roles, tickrisk_user
from waiting import wait_until


@pytest.fixture
def secured(run, publish, demo, tmp_path):
    """A daemon that wants to know who asks, its first administrator, prices for everything."""
    publisher = publish()
    settings = {"auth": {"mode": "password"}, "store": {"directory": str(tmp_path / "state")}}
    daemon = run(publisher.endpoint, settings=settings)
    admin = first_user(daemon)
    publisher.wait_for_subscriber()
    publisher.last({instrument.id: instrument.prior_close for instrument in demo.instruments.values()})
    wait_until(lambda: admin.api("accounts/BETA")["status"] == "ok", "prices of BETA")
    return daemon, admin


# Signing in


def test_nobody_gets_past_the_door(secured):
    daemon, _ = secured
    nobody = Person(daemon)
    for path in ("/api/v1/accounts", "/api/v1/accounts/BETA", "/api/v1/nothing", "/ws"):
        status, headers, body = nobody.ask(path)
        assert status == 401 and headers["www-authenticate"] == "Bearer", path
        assert json.loads(body)["code"] == "unauthenticated"
    for path in ("/healthz", "/readyz", "/metrics", "/sign-in", "/assets/0/styles/tokens.css",
                 "/assets/0/pages/sign-in.js"):
        assert nobody.ask(path)[0] == 200, path
    # The client follows the redirection to the form.
    status, headers, body = nobody.ask("/")
    assert status == 200 and b'id="sign-in"' in body and "form-action 'none'" in headers["content-security-policy"]


def test_a_session_begins_with_a_cookie_scripts_never_see_and_ends_by_signing_out(secured):
    daemon, admin = secured
    add(admin, "ann", ("BETA", "trade"), ("ALPHA", "view"))
    status, headers, body = Person(daemon).ask("/api/v1/sessions", "POST", {"user": "ann", "password": PASSWORD})
    assert status == 201
    fields = [field.strip() for field in headers["set-cookie"].split(";")]
    name, value = fields[0].split("=")
    assert name == "tickrisk_session" and len(value) == 64
    assert set(fields[1:]) == {"Path=/", "HttpOnly", "SameSite=Strict", fields[2]}
    assert 43_100 <= int(fields[2].removeprefix("Max-Age=")) <= 43_200
    answer = json.loads(body)
    assert answer["user"] == "ann" and answer["roles"] == [] and value not in body.decode()
    assert answer["accounts"] == [{"id": "ALPHA", "roles": ["view"]}, {"id": "BETA", "roles": ["view", "trade"]}]
    ann = Person(daemon, {"Cookie": fields[0], "Origin": daemon.url})
    assert ann.api("sessions") == answer
    assert [account["id"] for account in ann.api("accounts")["accounts"]] == ["ALPHA", "BETA"]
    status, headers, _ = ann.ask("/api/v1/sessions", "DELETE")
    assert status == 204 and "Max-Age=0" in headers["set-cookie"]
    assert ann.code("/api/v1/sessions") == (401, "unauthenticated")
    assert b"first user" not in ann.ask("/metrics")[2] and value not in "".join(daemon.log)


def test_unknown_wrong_and_disabled_are_one_answer_and_ten_failures_are_enough(secured):
    daemon, admin = secured
    add(admin, "ann")
    add(admin, "bob")
    assert admin.ask("/api/v1/users/bob", "DELETE")[0] == 204
    answers = set()
    seconds = {}
    for user, password in [("ann", "wrong horse"), ("nobody", PASSWORD), ("bob", PASSWORD)]:
        begun = time.monotonic()
        status, headers, body = Person(daemon).ask(
            "/api/v1/sessions", "POST", {"user": user, "password": password})
        seconds[user] = time.monotonic() - begun
        headers.pop("date")
        answers.add((status, json.dumps(headers, sort_keys=True), body))
    assert len(answers) == 1 and answers.pop()[0] == 401
    # Each takes a hash; without one an answer comes in a few milliseconds.
    assert min(seconds.values()) > 0.02, seconds
    for number in range(7):
        assert Person(daemon).code("/api/v1/sessions", "POST", {"user": f"u{number}", "password": "x"})[0] == 401
    status, headers, body = Person(daemon).ask("/api/v1/sessions", "POST", {"user": "ann", "password": PASSWORD})
    assert status == 429 and 1 <= int(headers["retry-after"]) <= 300
    assert json.loads(body)["code"] == "too_many_attempts"
    # Who is in stays in.
    assert admin.api("sessions")["user"] == "admin"


@pytest.mark.parametrize("body, field", [
    ({}, "user"), ({"user": "ann"}, "password"), ({"user": 1, "password": "x"}, "user"),
    ({"user": "ann", "password": "x", "more": 1}, "more"), (b'{"user":"a","user":"b","password":"x"}', "user"),
])
def test_a_form_that_is_wrong_is_wrong_by_field(secured, body, field):
    daemon, _ = secured
    status, _, answer = Person(daemon).ask("/api/v1/sessions", "POST", body)
    assert status == 422 and field in json.loads(answer)["errors"]


def test_a_session_ends_by_its_age_and_its_stream_with_it(run, publish, tmp_path, stream):
    settings = {"auth": {"mode": "password", "session_lifetime": "2s"}, "store": {"directory": str(tmp_path / "s")}}
    daemon = run(publish().endpoint, settings=settings)
    admin = first_user(daemon)
    client = stream(daemon, additional_headers=admin.headers)
    assert client.close_code() == 4001
    assert admin.code("/api/v1/sessions") == (401, "unauthenticated")


# Other sites


def test_a_session_changes_nothing_for_other_sites(secured):
    daemon, admin = secured
    cookie = {"Cookie": admin.headers["Cookie"]}
    user = {"name": "ann"}
    for origin in ({}, {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
                   {"Sec-Fetch-Site": "same-site"}, {"Origin": daemon.url.replace("http", "https") + "1"}):
        assert Person(daemon, {**cookie, **origin}).code("/api/v1/users", "POST", user) == (403, "foreign_origin")
    typed = Person(daemon, {**cookie, "Origin": daemon.url})
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        got = typed.code("/api/v1/users", "POST", user, Content_Type=kind)
        assert got == (415, "unsupported_media_type")
    assert [found["name"] for found in admin.api("users")["users"]] == ["admin"]
    same = Person(daemon, {**cookie, "Sec-Fetch-Site": "same-origin"})
    same.api("users", "POST", user, 201)
    # Signing in as somebody from elsewhere, too.
    form = {"user": "admin", "password": "x"}
    assert Person(daemon, {"Origin": "https://evil.example"}).code("/api/v1/sessions", "POST", form) == (
        403, "foreign_origin")
    # Programs are no browsers.
    assert program(daemon, admin.token("admin")["token"]).api("users", "POST", {"name": "bob"}, 201)["name"] == "bob"


def test_where_nobody_signs_in_other_sites_change_nothing_either(live):
    daemon, _ = live
    body = json.dumps({"limits": []}).encode()
    status, _, answer = daemon.request(
        "/api/v1/accounts/BETA/limits", "PUT", {"Origin": "https://evil.example"}, body)
    assert status == 403 and json.loads(answer)["code"] == "foreign_origin"
    assert daemon.request("/api/v1/accounts/BETA/limits", "PUT", {"Origin": daemon.url}, body)[0] == 200
    local = Person(daemon)
    assert local.api("sessions")["user"] == "local"
    assert local.code("/api/v1/sessions", "POST", {"user": "a", "password": "b"}) == (409, "nobody_signs_in")


# Tokens


def test_tokens_are_bounded_by_scope_and_roles_and_end_when_revoked(secured, stream):
    daemon, admin = secured
    add(admin, "ann", ("BETA", "trade"))
    ann = browser(daemon, "ann")
    made = ann.token("read")
    assert set(made) == {"id", "token", "scopes", "created_ns"} and len(made["token"]) == 64
    listed = ann.api("tokens")["tokens"]
    assert [token["id"] for token in listed] == [made["id"]] and made["token"] not in json.dumps(listed)
    reader = program(daemon, made["token"])
    assert reader.api("sessions")["accounts"] == [{"id": "BETA", "roles": ["view"]}]
    assert reader.code("/api/v1/accounts/ALPHA")[0] == 404
    assert reader.code("/api/v1/tokens", "POST", {"scopes": ["trade"]}) == (403, "forbidden")
    # Another's token is as unknown as none.
    assert admin.code(f"/api/v1/tokens/{made['id']}", "DELETE") == (404, "not_found")
    client = stream(daemon, additional_headers=reader.headers)
    client.subscribe("account:BETA")
    client.until_type("snapshot", "account:BETA")
    assert ann.ask(f"/api/v1/tokens/{made['id']}", "DELETE")[0] == 204
    assert client.close_code() == 4001
    status, headers, _ = reader.ask("/api/v1/accounts")
    assert status == 401 and "invalid_token" in headers["www-authenticate"]


def test_a_token_ends_by_its_time(secured, stream):
    daemon, admin = secured
    reader = program(daemon, admin.token("read", expires_ns=time.time_ns() + 2_000_000_000)["token"])
    client = stream(daemon, additional_headers=reader.headers)
    assert client.close_code() == 4001
    assert reader.code("/api/v1/accounts") == (401, "unauthenticated")


# Streams


@pytest.mark.parametrize("headers", [
    {}, {"Authorization": "Bearer " + "0" * 64}, {"Cookie": "tickrisk_session=" + "0" * 64},
    {"Authorization": "Basic YTpi"},
])
def test_a_stream_needs_somebody(secured, stream, headers):
    daemon, _ = secured
    with pytest.raises(InvalidStatus) as refused:
        stream(daemon, additional_headers=headers)
    assert refused.value.response.status_code == 401


def test_streams_end_at_once_with_what_they_live_on(secured, stream):
    daemon, admin = secured
    add(admin, "ann", ("BETA", "view"))

    def watch(person):
        client = stream(daemon, additional_headers={"Cookie": person.headers["Cookie"]})
        client.subscribe("account:BETA", "market")
        client.until_type("snapshot", "account:BETA")
        return client

    def closes(client, code, change):
        begun = time.monotonic()
        change()
        done = time.monotonic()
        assert client.close_code() == code
        # From the answer on, if not before.
        assert time.monotonic() - done < 0.5, f"{time.monotonic() - begun} s"

    ann = browser(daemon, "ann")
    other = browser(daemon, "ann")
    first, second = watch(ann), watch(other)
    closes(first, 4001, lambda: ann.ask("/api/v1/sessions", "DELETE"))
    # The other session goes on.
    second.send({"op": "ping", "id": 1})
    second.until_type("pong")
    closes(second, 4003, lambda: set_roles(admin, "ann", ("GAMMA", "view")))
    set_roles(admin, "ann", ("BETA", "view"))
    third = watch(other)
    closes(third, 4001, lambda: admin.api("users/ann", "PATCH", {"disabled": True}))
    admin.api("users/ann", "PATCH", {"disabled": False})
    fourth = watch(browser(daemon, "ann"))
    closes(fourth, 4001, lambda: admin.api("users/ann", "PATCH", {"password": "another horse"}))
    fifth = watch(browser(daemon, "ann", "another horse"))
    closes(fifth, 4001, lambda: admin.ask("/api/v1/users/ann/sign-out", "POST"))


def test_what_is_lost_but_not_watched_ends_nothing(secured, stream):
    daemon, admin = secured
    add(admin, "ann", ("BETA", "view"), ("ALPHA", "view"))
    client = stream(daemon, additional_headers={"Cookie": browser(daemon, "ann").headers["Cookie"]})
    client.subscribe("account:BETA")
    client.until_type("snapshot", "account:BETA")
    set_roles(admin, "ann", ("BETA", "view"))
    client.subscribe("account:ALPHA")
    assert client.until_type("error")["channel"] == "account:ALPHA"
    assert client.until_type("subscribed")["channels"] == ["account:BETA"]


# Users


def test_users_are_changed_by_administrators_only_and_written_down(secured):
    daemon, admin = secured
    add(admin, "ann", ("BETA", "view"))
    ann = browser(daemon, "ann")
    assert ann.code("/api/v1/users") == (403, "forbidden")
    assert admin.code("/api/v1/users", "POST", {"name": "ann"}) == (409, "name_taken")
    assert admin.code("/api/v1/users/admin", "DELETE") == (409, "last_administrator")
    assert admin.code("/api/v1/users/admin/roles", "PUT", {"roles": []}) == (409, "last_administrator")
    assert admin.code("/api/v1/users/nobody", "PATCH", {"disabled": True}) == (404, "not_found")
    status, _, body = admin.ask("/api/v1/users", "POST", {
        "name": "x y", "password": "short", "roles": [{"account": "BETA", "role": "god"}, {"role": "view"}]})
    assert status == 422
    assert set(json.loads(body)["errors"]) == {"name", "password", "roles.0.role", "roles.1.account"}
    status, _, body = admin.ask("/api/v1/users/ann/roles", "PUT", {"roles": [{"account": "NOSUCH", "role": "view"}]})
    assert status == 422 and set(json.loads(body)["errors"]) == {"roles.0.account"}
    names = {user["name"]: user for user in admin.api("users")["users"]}
    assert set(names) == {"admin", "ann"} and names["ann"]["roles"] == [{"account": "BETA", "role": "view"}]
    assert PASSWORD not in json.dumps(names) and "argon2" not in json.dumps(names)


def test_sessions_and_tokens_outlive_a_kill(secured):
    daemon, admin = secured
    add(admin, "ann", ("BETA", "view"))
    ann = browser(daemon, "ann")
    token = ann.token("read")["token"]
    gone = browser(daemon, "ann")
    assert gone.ask("/api/v1/sessions", "DELETE")[0] == 204
    daemon.kill()
    daemon.start()
    ann.daemon = gone.daemon = daemon
    ann.headers["Origin"] = daemon.url
    assert ann.api("sessions")["user"] == "ann"
    assert program(daemon, token).api("sessions")["user"] == "ann"
    assert gone.code("/api/v1/sessions") == (401, "unauthenticated")
    assert not any("first user" in line for line in daemon.log)


# The companion


def test_the_companion_makes_users_in_a_store_and_through_a_daemon(run, publish, tmp_path):
    store = tmp_path / "state"
    made = tickrisk_user("add", "demo", "--role", "view", "--role", "trade", "--password-stdin", "--store", store,
                         stdin="demo\n")
    assert made.returncode == 0 and made.stdout == "", made
    root = tickrisk_user("add", "root", "--role", "admin", "--store", store)
    assert root.returncode == 0 and root.stdout.startswith("password: ")
    again = tickrisk_user("add", "root", "--store", store)
    assert again.returncode == 1 and "names stay taken" in again.stderr
    unknown = tickrisk_user("roles", "demo", "view:BETA", "--store", store)
    assert unknown.returncode == 1 and "no such account" in unknown.stderr
    assert tickrisk_user("roles", "demo", "king", "--store", store).returncode == 2
    token = tickrisk_user("token", "add", "root", "--scope", "admin", "--store", store)
    secret = dict(line.split(": ") for line in token.stdout.splitlines())["token"]
    settings = {"auth": {"mode": "password"}, "store": {"directory": str(store)}}
    daemon = run(publish().endpoint, settings=settings)
    assert not any("first user" in line for line in daemon.log)
    assert browser(daemon, "demo", "demo").api("sessions")["roles"] == ["view", "trade"]
    locked = tickrisk_user("list", "--store", store)
    assert locked.returncode == 1 and "in use by a daemon" in locked.stderr
    online = ("--url", daemon.url)
    environment = {"TICKRISK_TOKEN": secret}

    def tool(*arguments, stdin=""):
        return tickrisk_user(*arguments, *online, stdin=stdin, environment=environment)

    added = tool("add", "ann", "--role", "view:BETA")
    assert added.returncode == 0, added.stderr
    ann = browser(daemon, "ann", added.stdout.removeprefix("password: ").strip())
    assert tool("roles", "ann", "trade:BETA", "view:ALPHA").returncode == 0
    users = {user["name"]: user for user in json.loads(tool("list", "--json").stdout)}
    assert users["ann"] == {"name": "ann", "disabled": False, "roles": ["view:ALPHA", "trade:BETA"]}
    assert tool("disable", "ann").returncode == 0 and ann.code("/api/v1/sessions")[0] == 401
    assert tool("enable", "ann").returncode == 0
    assert tool("password", "ann", "--password-stdin", stdin="another horse\n").returncode == 0
    assert browser(daemon, "ann", "another horse").api("sessions")["user"] == "ann"
    wrong = tool("roles", "ann", "view:NOSUCH")
    assert wrong.returncode == 1 and "no such account: NOSUCH" in wrong.stderr
    listed = tool("token", "list").stdout.split()
    assert tool("token", "revoke", listed[0]).returncode == 0
    assert tool("list").returncode == 1
    assert tickrisk_user("list", *online, environment={}).returncode == 1
    assert tickrisk_user("list", environment={}).returncode == 2
    daemon.stop()
    assert tickrisk_user("disable", "demo", "--store", store).returncode == 0
    assert "demo\tdisabled\tview trade" in tickrisk_user("list", "--store", store).stdout.splitlines()


def test_the_companion_watches_with_a_token(secured, run):
    import subprocess

    from daemon import TOOL

    daemon, admin = secured
    command = [TOOL, "watch", daemon.stream_url, "--channel", "account:BETA", "--json", "--frames", "1"]
    refused = subprocess.run(command, capture_output=True, text=True, timeout=30, env={})
    assert refused.returncode == 1 and "refused the stream" in refused.stderr
    token = admin.token("read")["token"]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=30, env={"TICKRISK_TOKEN": token})
    assert shown.returncode == 0 and json.loads(shown.stdout)["account"] == "BETA"
