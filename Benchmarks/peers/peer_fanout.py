# SPDX-License-Identifier: Apache-2.0
"""One frame to many WebSocket clients, as fast as they are written: our connection handler and the peers' servers."""

import shutil
import socket
import subprocess
import sys
from pathlib import Path

from peer_table import Section

SERVERS = Path(__file__).parent / "servers"
PAYLOAD_BYTES = 700  # a compressed delta of an account with 200 positions
GOALS = {"uWebSockets (socketify)": "≥ 1.0", "node-ws": "≥ 5", "Python websockets": "≥ 10"}
NGINX = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; worker_processes 1;
load_module /usr/lib/nginx/modules/ngx_nchan_module.so;
events {{ worker_connections 4096; }}
http {{
    access_log off; keepalive_requests 1000000000; client_body_temp_path {folder}; proxy_temp_path {folder};
    fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};
    server {{
        listen 127.0.0.1:{port};
        location /ws {{ nchan_subscriber websocket; nchan_channel_id all; nchan_subscriber_first_message newest; }}
        location /pub {{ nchan_publisher http; nchan_channel_id all; nchan_message_buffer_length 16; }}
    }}
}}
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(words: list[str]) -> tuple[subprocess.Popen, str]:
    """The process and its first line."""
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    for line in process.stdout:
        if line.startswith("ready"):
            return process, line
    raise RuntimeError(f"{words[1] if len(words) > 1 else words[0]} ended with status {process.wait()}")


def start_ours() -> tuple[subprocess.Popen, int]:
    process, line = start([".build/release/FanOutServer", str(PAYLOAD_BYTES)])
    return process, int(line.strip().split("port=")[1])


def start_peer(words: list[str]) -> tuple[subprocess.Popen, int]:
    port = free_port()
    process, _ = start([*words, str(port), str(PAYLOAD_BYTES)])
    return process, port


def start_nginx(folder: Path) -> tuple[subprocess.Popen, int]:
    port = free_port()
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port))
    process = subprocess.Popen(["nginx", "-c", str(folder / "nginx.conf")], stderr=subprocess.DEVNULL)
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return process, port
        except ConnectionRefusedError:
            if process.poll() is not None:
                raise RuntimeError(f"nginx ended with status {process.returncode}") from None


def peers(folder: Path) -> tuple[dict, list[str]]:
    """How each is started, and who is missing why."""
    python, found, missing = sys.executable, {}, []
    for name, module, file in [("uWebSockets (socketify)", "socketify", "socketify_server.py"),
                               ("picows", "picows", "picows_server.py"),
                               ("Python websockets", "websockets", "websockets_server.py")]:
        check = subprocess.run([python, "-c", f"import {module}"], capture_output=True, text=True)
        if check.returncode == 0:
            found[name] = lambda file=file: start_peer([python, str(SERVERS / file)])
        else:
            missing.append(f"{name}: {check.stderr.strip().splitlines()[-1]}")
    if shutil.which("node") and Path("/usr/share/nodejs/ws").exists():
        found["node-ws"] = lambda: start_peer(["node", str(SERVERS / "ws_server.mjs")])
    else:
        missing.append("node-ws: Debian's node-ws and nodejs are not installed")
    if shutil.which("nginx") and Path("/usr/lib/nginx/modules/ngx_nchan_module.so").exists():
        found["nginx and nchan"] = lambda: start_nginx(folder)
    else:
        missing.append("nginx and nchan: Debian's libnginx-mod-nchan is not installed")
    return found, missing


def measure(programs: Path, begin, clients: int, seconds: float, publish_path: str | None) -> float:
    process, port = begin()
    try:
        words = [programs / "fanout_client", port, "/ws", clients, PAYLOAD_BYTES, seconds]
        words += [publish_path] if publish_path else []
        result = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=120)
        if result.returncode != 0:
            raise RuntimeError(result.stderr.strip())
        return float(result.stdout.split()[0])
    finally:
        process.terminate()
        process.wait()


def fan_out(programs: Path, folder: Path, clients: int, seconds: float, rounds: int) -> Section:
    section = Section(
        f"Fan-out of {PAYLOAD_BYTES} bytes to {clients} WebSocket clients, one server thread, saturated",
        "messages/s", True, goals=GOALS)
    found, missing = peers(folder)
    for number in range(rounds):
        section.add(section.ours, measure(programs, start_ours, clients, seconds, None))
        for name, begin in list(found.items()):
            try:
                publish_path = "/pub" if name.startswith("nginx") else None
                section.add(name, measure(programs, begin, clients, seconds, publish_path))
            except (RuntimeError, subprocess.TimeoutExpired) as error:
                missing.append(f"{name}: {error}")
                del found[name]
                section.rounds.pop(name, None)
    section.notes += [f"missing: {reason}" for reason in missing]
    return section
