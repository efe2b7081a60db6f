# SPDX-License-Identifier: Apache-2.0
"""nginx and Caddy with TLS in front, by the examples that are shipped: the page and its stream in Chromium."""

import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from daemon import ROOT
from page_fixtures import CHROMIUM
from waiting import wait_until

PATH = "/usr/sbin:/usr/bin"
EXAMPLES = ROOT / "packaging/proxy"
NAME = "risk.example.com"


@pytest.fixture
def certificate(tmp_path) -> tuple[Path, Path]:
    key, chain = tmp_path / "tls.key", tmp_path / "tls.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}", "-keyout", key, "-out", chain],
        check=True, capture_output=True)
    return chain, key


def replaced(text: str, *pairs: tuple[str, str]) -> str:
    """The shipped example with other addresses and files; each word to replace must be there."""
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return text


def nginx(directory: Path, address: str, port: int, certificate: tuple[Path, Path]) -> list:
    chain, key = certificate
    server = replaced(
        (EXAMPLES / "nginx.example.conf").read_text(),
        ("127.0.0.1:8080", address), ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ("/etc/ssl/certs/risk.example.com.pem", str(chain)), ("/etc/ssl/private/risk.example.com.key", str(key)),
        ("proxy_set_header Host $host;", "proxy_set_header Host $http_host;"))
    path = directory / "nginx.conf"
    path.write_text(
        f"pid {directory}/nginx.pid;\ndaemon off;\nworker_processes 1;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n"
        + "".join(f"{kind}_temp_path {directory}/{kind};\n"
                  for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        + server + "}\n")
    return ["nginx", "-e", "stderr", "-c", path]


def caddy(directory: Path, address: str, port: int, certificate: tuple[Path, Path]) -> list:
    chain, key = certificate
    server = replaced(
        (EXAMPLES / "Caddyfile.example").read_text(), ("127.0.0.1:8080", address),
        ("risk.example.com {", f"https://risk.example.com:{port} {{\n\ttls {chain} {key}"))
    path = directory / "Caddyfile"
    # Neither a port of its own nor UDP, no certificate but ours, errors alone.
    path.write_text(
        "{\n\tadmin off\n\tauto_https disable_redirects\n\tdefault_bind 127.0.0.1\n\tlog {\n\t\tlevel ERROR\n\t}\n"
        "\tservers {\n\t\tprotocols h1 h2\n\t}\n}\n" + server)
    return ["caddy", "run", "--adapter", "caddyfile", "--config", path]


@pytest.fixture(params=[nginx, caddy], ids=lambda front: front.__name__)
def proxied(request, run, publish, demo, certificate, tmp_path, free_port):
    """A daemon behind a proxy on a port of this machine."""
    publisher = publish()
    daemon = run(publisher.endpoint, settings={
        "http": {"listen": "127.0.0.1:0", "allowed_hosts": [NAME]},
        "streaming": {"allowed_origins": [f"https://{NAME}:{free_port}"]}, "auth": {"secure_cookie": True}})
    publisher.wait_for_subscriber()
    publisher.last({i.id: i.prior_close for i in demo.instruments.values()})
    program, *arguments = request.param(tmp_path, daemon.address, free_port, certificate)
    binary = shutil.which(program, path=PATH)
    if binary is None:
        pytest.skip(f"no {program}: scripts/install-dependencies test")
    log = tmp_path / "proxy.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [binary, *arguments], stdout=output, stderr=output, env={**os.environ, "HOME": str(tmp_path)})

    def is_open() -> bool:
        assert process.poll() is None, log.read_text()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", free_port)) == 0

    wait_until(is_open, program)
    yield daemon, publisher, f"https://{NAME}:{free_port}", log
    process.terminate()
    process.wait(15)


def test_the_page_and_its_stream_pass_a_proxy_with_tls(proxied):
    daemon, publisher, origin, log = proxied
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=[f"--host-resolver-rules=MAP {NAME} 127.0.0.1"])
        context = browser.new_context(ignore_https_errors=True)
        page = context.new_page()
        frames = []
        page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: frames.append(frame)))
        assert page.goto(f"{origin}/").status == 200
        page.wait_for_function("document.body.innerText.includes('AAPL')")
        wait_until(lambda: (page.wait_for_timeout(20), frames)[1], "frames over wss")
        assert daemon.metric("tickrisk_clients") == 1
        before = len(frames)
        publisher.last({1: 123.45})
        wait_until(lambda: (page.wait_for_timeout(20), len(frames) > before)[1], "a frame after a tick")
        assert "error" not in log.read_text()
        assert page.evaluate("fetch('/metrics').then((answer) => answer.status)") == 403
        browser.close()
