# SPDX-License-Identifier: Apache-2.0
"""The API's document is served, is that of the code, and what the daemon answers is what it says."""

import json
import os
import random
import re
import subprocess
import sys

import pytest

from daemon import ROOT
from waiting import wait_until

DOCUMENT = ROOT / "Sources/WebServer/Resources/openapi.json"
ROUTE = re.compile(r'(group|router)\s*\.(get|put|post|patch|delete)\("([^"\\]+)"')
#: Bodies that are the client's own business.
OPEN_BODIES = {"Preferences"}
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
#: Pages and what they load, and the stream: not of the API.
PAGES = {"/", "/favicon.ico", "/ws", "/sign-in", "/assets/{version}/**"}
SECONDS = int(os.environ.get("OPENAPI_SECONDS", "60"))


def document() -> dict:
    return json.loads(DOCUMENT.read_text())


def operations() -> set[tuple[str, str]]:
    return {(method, path) for path, methods in document()["paths"].items() for method in methods}


def registered() -> set[tuple[str, str]]:
    """What the sources give to the router."""
    found = set()
    for file in sorted((ROOT / "Sources/WebServer").glob("*.swift")):
        for base, method, path in ROUTE.findall(file.read_text()):
            whole = f"/api/v1/{path}" if base == "group" else path
            found.add((method, re.sub(r":(\w+)", r"{\1}", whole)))
    return {(method, path) for method, path in found if path not in PAGES}


def test_the_document_has_the_paths_of_the_router_and_no_others():
    assert operations() == registered()


def test_every_path_of_the_document_is_served(run, publish):
    daemon = run(publish().endpoint)
    for method, path in sorted(operations()):
        place = re.sub(r"\{\w+\}", "1", path)
        _, _, body = daemon.request(place, method.upper(), body=b"" if method in ("post", "put", "patch") else None)
        assert b"no such path" not in body, f"{method} {path}"


def test_the_document_is_served_and_kept(run, publish):
    daemon = run(publish().endpoint)
    status, headers, body = daemon.request("/api/v1/openapi.json")
    assert status == 200 and headers["content-type"] == "application/json" and body == DOCUMENT.read_bytes()
    status, _, body = daemon.request("/api/v1/openapi.json", headers={"If-None-Match": headers["etag"]})
    assert (status, body) == (304, b"")


def test_requests_are_closed_and_operations_are_named_once():
    content = document()
    names = [content["paths"][path][method]["operationId"] for method, path in operations()]
    assert len(names) == len(set(names))
    for path, methods in content["paths"].items():
        wanted = set(re.findall(r"\{(\w+)\}", path))
        for method, operation in methods.items():
            parameters = [
                content["components"]["parameters"][p["$ref"].rsplit("/", 1)[1]] if "$ref" in p else p
                for p in operation.get("parameters", [])]
            assert {p["name"] for p in parameters if p["in"] == "path"} == wanted, (method, path)
            if "requestBody" in operation:
                schema = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
                is_open = content["components"]["schemas"][schema]["additionalProperties"]
                assert is_open is (schema in OPEN_BODIES), (method, path)


def fuzz(daemon, *options: str) -> None:
    """What a program makes of the document, for a while; every answer must be one the document knows."""
    seed = int(os.environ.get("OPENAPI_SEED", random.SystemRandom().randrange(1 << 32)))
    print(f"seed {seed}: OPENAPI_SEED={seed}")
    # One worker: Python 3.11's parser, which names strategies in messages, miscounts its depth between threads.
    command = [
        sys.executable, "-m", "schemathesis.cli", "run", f"{daemon.url}/api/v1/openapi.json", "--checks", CHECKS,
        "--max-time", str(SECONDS), "--seed", str(seed), "--workers", "1", "--warnings", "off", "--no-shrink",
        *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS * 4 + 60)
    assert done.returncode == 0, done.stdout[-8_000:] + done.stderr[-2_000:]


@pytest.fixture
def valued(run, publish, demo, tmp_path):
    """A daemon with prices and a store."""
    def make(**settings):
        publisher = publish()
        # So many orders that most of what is sent reaches the gate.
        settings = {"store": {"directory": str(tmp_path / "state")}, "orders": {"per_minute": 100_000}, **settings}
        daemon = run(publisher.endpoint, settings=settings)
        publisher.wait_for_subscriber()
        publisher.last({instrument.id: instrument.prior_close for instrument in demo.instruments.values()})
        wait_until(lambda: daemon.metric("tickrisk_ticks_total", feed="primary") >= len(demo.instruments), "prices")
        return daemon

    return make


def test_every_answer_is_one_the_document_knows(valued):
    fuzz(valued())


def test_so_is_every_answer_to_a_bearer_token(valued):
    daemon = valued(auth={"mode": "password"})
    line = wait_until(
        lambda: next((line for line in daemon.log if "first user:" in line), None), "the first user's password")
    user, password = re.search(r"first user: (\S+)\s+password: (\S+)", line).groups()
    own = {"Content-Type": "application/json", "Origin": daemon.url}
    status, headers, body = daemon.request(
        "/api/v1/sessions", "POST", headers=own, body=json.dumps({"user": user, "password": password}).encode())
    assert status == 201, body
    own["Cookie"] = headers["set-cookie"].split(";")[0]
    # Without admin, so that it does not revoke itself.
    status, _, body = daemon.request(
        "/api/v1/tokens", "POST", headers=own, body=json.dumps({"scopes": ["read", "trade", "risk"]}).encode())
    assert status == 201, body
    assert daemon.request("/api/v1/accounts")[0] == 401
    fuzz(daemon, "--header", f"Authorization: Bearer {json.loads(body)['token']}")
