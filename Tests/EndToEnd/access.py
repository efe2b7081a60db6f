# SPDX-License-Identifier: Apache-2.0
"""People and programs of a daemon that wants to know who they are."""

import json
import re
import subprocess

from daemon import TOOL, Daemon
from waiting import wait_until

FIRST_USER = re.compile(r"first user: (\S+)  password: (\S+)")
PASSWORD = "correct horse battery"


class Person:
    """Somebody who asks a daemon; `headers` show who."""

    def __init__(self, daemon: Daemon, headers: dict | None = None):
        self.daemon = daemon
        self.headers = headers or {}

    def ask(self, path: str, method: str = "GET", body=None, **headers) -> tuple[int, dict, bytes]:
        """Status, headers, body; a body is sent as JSON."""
        fields = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        data = None
        if body is not None:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            fields.setdefault("Content-Type", "application/json")
        return self.daemon.request(path, method, fields, data)

    def api(self, path: str, method: str = "GET", body=None, status: int = 200):
        """The answer's JSON; another status is a failure."""
        got, _, answer = self.ask(f"/api/v1/{path}", method, body)
        assert got == status, f"{method} {path}: {got} {answer[:300]!r}"
        return json.loads(answer) if answer else None

    def code(self, path: str, method: str = "GET", body=None, **headers) -> tuple[int, str]:
        """Status and the problem's code."""
        status, _, answer = self.ask(path, method, body, **headers)
        return status, json.loads(answer).get("code", "") if answer[:1] == b"{" else ""

    def token(self, *scopes: str, **members) -> dict:
        return self.api("tokens", "POST", {"scopes": list(scopes), **members}, 201)


def program(daemon: Daemon, token: str) -> Person:
    return Person(daemon, {"Authorization": f"Bearer {token}"})


def cookie_of(headers: dict) -> str:
    return headers["set-cookie"].split(";")[0]


def browser(daemon: Daemon, user: str, password: str = PASSWORD) -> Person:
    """Somebody who has signed in on our own page."""
    status, headers, body = Person(daemon).ask("/api/v1/sessions", "POST", {"user": user, "password": password})
    assert status == 201, (status, body)
    return Person(daemon, {"Cookie": cookie_of(headers), "Origin": daemon.url})


def first_user(daemon: Daemon) -> Person:
    """The administrator a new store begins with."""
    line = wait_until(lambda: next(filter(None, map(FIRST_USER.search, daemon.log)), None), "the first user")
    return browser(daemon, line.group(1), line.group(2))


def add(admin: Person, name: str, *roles: tuple) -> None:
    """A user with roles, each a pair of account (None for all) and role."""
    given = [{"account": account, "role": role} for account, role in roles]
    admin.api("users", "POST", {"name": name, "password": PASSWORD, "roles": given}, 201)


def set_roles(admin: Person, name: str, *roles: tuple) -> None:
    given = [{"account": account, "role": role} for account, role in roles]
    admin.api(f"users/{name}/roles", "PUT", {"roles": given})


def tickrisk_user(*arguments, stdin: str = "", environment: dict | None = None) -> subprocess.CompletedProcess:
    return subprocess.run(
        [TOOL, "user", *map(str, arguments)], input=stdin, capture_output=True, text=True, timeout=30, env=environment)
