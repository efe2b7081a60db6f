# SPDX-License-Identifier: Apache-2.0
"""nginx with TLS in front, by the example that is shipped: the page and its stream in Chromium."""

import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from daemon import ROOT
from waiting import wait_until

CHROMIUM = "/usr/bin/chromium"
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin")
EXAMPLE = ROOT / "packaging/proxy/nginx.example.conf"
NAME = "risk.example.com"


@pytest.fixture
def certificate(tmp_path) -> tuple[Path, Path]:
    key, chain = tmp_path / "tls.key", tmp_path / "tls.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}", "-keyout", key, "-out", chain],
        check=True, capture_output=True)
    return chain, key


@pytest.fixture
def proxied(run, publish, demo, certificate, tmp_path, free_port):
    """A daemon behind nginx on a port of this machine, with the shipped example's words but for addresses and files."""
    publisher = publish()
    daemon = run(publisher.endpoint, settings={
        "http": {"listen": "127.0.0.1:0", "allowed_hosts": [NAME]},
        "streaming": {"allowed_origins": [f"https://{NAME}:{free_port}"]}, "auth": {"secure_cookie": True}})
    publisher.wait_for_subscriber()
    publisher.last({i.id: i.prior_close for i in demo.instruments.values()})
    chain, key = certificate
    server = EXAMPLE.read_text()
    for old, new in (
            ("127.0.0.1:8080", daemon.address), ("listen 443 ssl", f"listen 127.0.0.1:{free_port} ssl"),
            ("/etc/ssl/certs/risk.example.com.pem", str(chain)), ("/etc/ssl/private/risk.example.com.key", str(key)),
            ("proxy_set_header Host $host;", "proxy_set_header Host $http_host;")):
        assert old in server, old
        server = server.replace(old, new)
    path = tmp_path / "nginx.conf"
    path.write_text(
        f"pid {tmp_path}/nginx.pid;\nerror_log {tmp_path}/error.log;\ndaemon off;\nworker_processes 1;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n"
        + "".join(f"{kind}_temp_path {tmp_path}/{kind};\n"
                  for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        + server + "}\n")
    process = subprocess.Popen([NGINX, "-e", f"{tmp_path}/error.log", "-c", path])
    wait_until(lambda: (tmp_path / "nginx.pid").exists() or process.poll() is not None, "nginx")
    assert process.poll() is None, (tmp_path / "error.log").read_text()
    yield daemon, publisher, f"https://{NAME}:{free_port}", (tmp_path / "error.log")
    process.terminate()
    process.wait(15)


@pytest.mark.skipif(NGINX is None, reason="no nginx: scripts/install-dependencies test")
def test_the_page_and_its_stream_pass_nginx_with_tls(proxied):
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
        assert "[error]" not in log.read_text()
        assert page.goto(f"{origin}/metrics").status == 403
        browser.close()
