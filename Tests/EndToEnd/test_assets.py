# SPDX-License-Identifier: Apache-2.0
"""The page's files: all served, compressed when asked for, kept by browsers, or read from a folder at every request."""

import gzip
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from daemon import BINARY, DEADLINE_S, Daemon

RESOURCES = Path(__file__).resolve().parents[2] / "Sources" / "WebServer" / "Resources"
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}


def prefix_of(daemon) -> str:
    """Where the page finds what it loads."""
    return re.search(r'href="(/assets/[0-9a-f]+)/', daemon.request("/")[2].decode()).group(1)


def test_every_file_is_served_as_it_is(live):
    daemon, _ = live
    prefix = prefix_of(daemon)
    files = [path for path in RESOURCES.rglob("*") if path.suffix in TYPES]
    assert len(files) > 20
    for path in files:
        address = f"{prefix}/{path.relative_to(RESOURCES)}"
        status, headers, body = daemon.request(address)
        assert status == 200 and body == path.read_bytes(), address
        assert headers["content-type"] == TYPES[path.suffix] and headers["x-content-type-options"] == "nosniff"
        status, headers, packed = daemon.request(address, headers={"Accept-Encoding": "br, gzip"})
        assert headers["content-encoding"] == "gzip" and gzip.decompress(packed) == body, address
        assert headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize("encoding", ["", "identity", "gzip;q=0", "gzip; q=0.00", "br"])
def test_who_does_not_take_gzip_gets_none(live, encoding):
    daemon, _ = live
    for path in ("/", prefix_of(daemon) + "/icon.svg"):
        assert "content-encoding" not in daemon.request(path, headers={"Accept-Encoding": encoding})[1], path


def test_the_page_is_compressed_too(live):
    daemon, _ = live
    status, headers, body = daemon.request("/", headers={"Accept-Encoding": "gzip"})
    assert status == 200 and headers["cache-control"] == "no-store"
    assert gzip.decompress(body).startswith(b"<!doctype html>")


def test_an_address_that_names_the_version_lasts_and_any_other_is_asked_for_again(live):
    daemon, _ = live
    _, headers, body = daemon.request(prefix_of(daemon) + "/pages/app.js")
    assert headers["cache-control"] == "public, max-age=31536000, immutable"
    # A page that was open during an upgrade still finds its modules.
    status, headers, other = daemon.request("/assets/0/pages/app.js")
    assert status == 200 and other == body and headers["cache-control"] == "no-cache"
    status, _, nothing = daemon.request("/assets/0/pages/app.js", headers={"If-None-Match": headers["etag"]})
    assert (status, nothing) == (304, b"")


@pytest.mark.parametrize("path", [
    "/assets/0/nothing.js", "/assets/0/", "/assets/0/../pages/app.js", "/assets/0/..%2fPackage.swift",
    "/assets/0/openapi.json", "/assets/0/pages/page.mustache", "/assets/0//etc/passwd"])
def test_nothing_else_is_served(live, path):
    assert live[0].request(path)[0] == 404


def test_a_folder_is_read_at_every_request(run, publish, demo, tmp_path):
    folder = tmp_path / "page"
    shutil.copytree(RESOURCES, folder)
    publisher = publish()
    daemon = run(publisher.endpoint, settings={"http": {"page_folder": str(folder)}})
    publisher.wait_for_subscriber()
    publisher.last({instrument.id: instrument.prior_close for instrument in demo.instruments.values()})
    first = prefix_of(daemon)
    (folder / "styles" / "tokens.css").write_text("/* changed */")
    (folder / "new.js").write_text("export {};")
    assert prefix_of(daemon) != first
    _, headers, body = daemon.request(f"{first}/styles/tokens.css")
    assert body == b"/* changed */" and headers["cache-control"] == "no-cache"
    assert daemon.request("/assets/0/new.js")[2] == b"export {};"
    assert daemon.request("/assets/0/../../secret.js")[0] == 404


def test_a_folder_that_is_not_there_is_named_at_the_start(tmp_path):
    missing = str(tmp_path / "nowhere")
    feed = {"name": "primary", "endpoint": "tcp://127.0.0.1:9"}
    daemon = Daemon(tmp_path, [feed], {"http": {"page_folder": missing}})
    ended = subprocess.run([BINARY, "--config", daemon.path], capture_output=True, text=True, timeout=DEADLINE_S)
    assert ended.returncode != 0 and f"http.page_folder: the page cannot be read from {missing}" in ended.stderr
