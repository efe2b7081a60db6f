# SPDX-License-Identifier: Apache-2.0
"""Keys: the right ones let a feed flow, all others get nothing, and unsafe configurations do not start."""

import random
import socket
import stat
import subprocess

import pytest
import zmq

from daemon import BINARY, DEMO, TOOL, Daemon
from waiting import wait_until

TEST_PUBLIC = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
TEST_SECRET = "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6"


class Keys:
    def __init__(self, directory, name: str):
        public, secret = zmq.curve_keypair()
        self.public, self.secret = public.decode(), secret.decode()
        self.file = directory / f"{name}.key"
        self.file.write_text(self.secret + "\n")
        self.file.chmod(0o600)


@pytest.fixture
def keys(tmp_path):
    return lambda name: Keys(tmp_path, name)


def as_server(keys: Keys):
    """Options of a publisher's socket that proves to be the owner of `keys`; anybody with a key may come in."""
    return {"curve_server": 1, "curve_secretkey": keys.secret.encode()}


def as_client(keys: Keys, server: str):
    return {
        "curve_serverkey": server.encode(), "curve_publickey": keys.public.encode(),
        "curve_secretkey": keys.secret.encode(),
    }


def test_a_feed_flows_from_the_pinned_publisher(run, publish, keys, demo):
    theirs, ours = keys("theirs"), keys("ours")
    publisher = publish(push=True, options=as_server(theirs))
    daemon = run(publisher.endpoint, feed={
        "pattern": "pull", "curve_secret_key_file": str(ours.file), "curve_server_key": theirs.public})
    publisher.last({next(iter(demo.instruments.values())).id: 10.0})
    daemon.wait_for_metric("tickrisk_ticks_total", 1, feed="primary")


def test_a_publisher_with_another_key_gets_nothing_through(run, publish, keys, demo):
    """Two feeds to two publishers; that of the wrong one stays silent while the other one flows."""
    pinned, impostor, ours = keys("pinned"), keys("impostor"), keys("ours")
    good, bad = publish(push=True, options=as_server(pinned)), publish(push=True, options=as_server(impostor))
    trust = {"pattern": "pull", "curve_secret_key_file": str(ours.file), "curve_server_key": pinned.public}
    daemon = run(feeds=[
        {"name": "good", "endpoint": good.endpoint, **trust}, {"name": "bad", "endpoint": bad.endpoint, **trust}])
    failed = bad.handshake_failures()
    good.last({next(iter(demo.instruments.values())).id: 10.0})
    daemon.wait_for_metric("tickrisk_ticks_total", 1, feed="good")
    assert failed.poll(10_000)
    assert daemon.metric("tickrisk_messages_total", feed="bad") == 0
    failed.close()


@pytest.fixture
def bound(run, keys, free_port):
    """A daemon that binds with keys and admits the key `allowed`."""
    ours, allowed = keys("ours"), keys("allowed")
    port = free_port
    daemon = run(f"tcp://127.0.0.1:{port}", feed={
        "socket": "bind", "pattern": "pull", "curve_secret_key_file": str(ours.file),
        "curve_allowed_keys": [allowed.public]})
    return daemon, ours, allowed, port


def test_a_listed_client_comes_in_and_others_do_not(bound, publish, keys, demo):
    daemon, ours, allowed, port = bound
    instrument = next(iter(demo.instruments.values())).id
    endpoint = f"tcp://127.0.0.1:{port}"
    unlisted = publish(push=True, connect=endpoint, options=as_client(keys("unlisted"), ours.public))
    wrong_server = publish(push=True, connect=endpoint, options=as_client(allowed, keys("x").public))
    plain = publish(push=True, connect=endpoint)
    for outsider in (unlisted, wrong_server, plain):
        outsider.last({instrument: 66.0})  # queued; never taken
    good = publish(push=True, connect=endpoint, options=as_client(allowed, ours.public))
    good.last({instrument: 10.0})
    daemon.wait_for_metric("tickrisk_ticks_total", 1, feed="primary")
    wait_until(lambda: daemon.metric("tickrisk_peers_refused_total") > 0, "the unlisted key is refused")
    good.last({instrument: 11.0})
    daemon.wait_for_metric("tickrisk_ticks_total", 2, feed="primary")
    assert daemon.metric("tickrisk_messages_total", feed="primary") == 2


def test_a_subscriber_that_binds_admits_listed_publishers_only(run, publish, keys, demo, free_port):
    ours, allowed = keys("ours"), keys("allowed")
    endpoint = f"tcp://127.0.0.1:{free_port}"
    daemon = run(endpoint, feed={
        "socket": "bind", "curve_secret_key_file": str(ours.file), "curve_allowed_keys": [allowed.public]})
    good = publish(connect=endpoint, options=as_client(allowed, ours.public))
    good.wait_for_subscriber()
    good.last({next(iter(demo.instruments.values())).id: 10.0})
    daemon.wait_for_metric("tickrisk_ticks_total", 1, feed="primary")


def test_garbage_at_the_port_of_a_key_holder_starves_nobody(bound, publish, demo):
    daemon, ours, allowed, port = bound
    instrument = next(iter(demo.instruments.values())).id
    good = publish(push=True, connect=f"tcp://127.0.0.1:{port}", options=as_client(allowed, ours.public))
    greeting = b"\xff" + b"\0" * 8 + b"\x7f\x03\x01CURVE" + b"\0" * 48
    noise = random.Random(99).randbytes
    hello = b"\x04\xc8\x05HELLO\x01\0" + b"\xee" * 192
    for number in range(200):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as rough:
            rough.sendall([noise(500), greeting, greeting + hello, b"", b"GET / HTTP/1.1\r\n\r\n"][number % 5])
        good.last({instrument: 10.0 + number})
    daemon.wait_for_metric("tickrisk_ticks_total", 200, feed="primary")
    assert daemon.metric("tickrisk_messages_total", feed="primary") == 200


def refusal(tmp_path, feed: dict) -> str:
    """What the daemon says when it refuses to start."""
    daemon = Daemon(tmp_path, [{"name": "primary", "endpoint": "tcp://127.0.0.1:5556", **feed}])
    done = subprocess.run([BINARY, "--config", daemon.path, "--check"], capture_output=True, text=True, timeout=30)
    assert done.returncode == 2, done
    return done.stderr


def test_outside_loopback_keys_are_required_and_suffice(tmp_path, keys):
    outside = {"endpoint": "tcp://192.0.2.1:5556"}
    assert "CURVE keys are required" in refusal(tmp_path, outside)
    daemon = Daemon(tmp_path, [{
        "name": "primary", **outside, "curve_secret_key_file": str(keys("ours").file),
        "curve_server_key": keys("theirs").public}])
    done = subprocess.run([BINARY, "--config", daemon.path, "--check"], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    assert keys_are_masked(done.stdout, tmp_path)


def keys_are_masked(text: str, directory) -> bool:
    secrets = [path.read_text().strip() for path in directory.glob("*.key")]
    return bool(secrets) and not any(secret in text for secret in secrets)


def test_the_test_keys_of_the_manual_are_refused(tmp_path, keys):
    ours = keys("ours")
    known = {"curve_secret_key_file": str(ours.file), "curve_server_key": TEST_PUBLIC}
    assert "everybody knows" in refusal(tmp_path, known)
    ours.file.write_text(TEST_SECRET)
    message = refusal(tmp_path, {**known, "curve_server_key": keys("theirs").public})
    assert "everybody knows" in message and TEST_SECRET not in message


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o700, 0o4600])
def test_a_secret_others_may_read_is_refused(tmp_path, keys, mode):
    ours = keys("ours")
    ours.file.chmod(mode)
    message = refusal(tmp_path, {
        "curve_secret_key_file": str(ours.file), "curve_server_key": keys("theirs").public})
    assert "0600" in message and ours.secret not in message


def test_the_shipped_publisher_and_the_daemon_meet_with_keys(run, tmp_path, free_port):
    """Keys made by the tool; ticks and snapshots from its publisher."""
    files = {}
    for name in ("publisher", "daemon", "stranger"):
        path = tmp_path / f"{name}.secret"
        made = subprocess.run(
            [TOOL, "keys", "--secret-key-file", path], capture_output=True, text=True, check=True, timeout=30)
        files[name] = (path, made.stdout.strip())
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        again = subprocess.run(
            [TOOL, "keys", "--secret-key-file", path], capture_output=True, text=True, timeout=30)
        assert again.returncode == 1 and "exists" in again.stderr
        shown = subprocess.run(
            [TOOL, "keys", "--show", "--secret-key-file", path], capture_output=True, text=True, timeout=30)
        assert shown.stdout.strip() == files[name][1]
    ticks, snapshots = f"tcp://127.0.0.1:{free_port}", f"ipc://{tmp_path}/snapshots"
    feed = subprocess.Popen(
        [TOOL, "feed", "--endpoint", ticks, "--snapshot-endpoint", snapshots, "--instruments",
         DEMO / "instruments.csv", "--replay", DEMO / "history.csv", "--curve-secret-key-file", files["publisher"][0],
         "--curve-allow", files["daemon"][1]], stdout=subprocess.DEVNULL)
    try:
        def settings(name):
            return {"endpoint": ticks, "snapshot_endpoint": snapshots, "curve_server_key": files["publisher"][1],
                    "curve_secret_key_file": str(files[name][0])}

        daemon = run(feeds=[{"name": "known", **settings("daemon")}, {"name": "stranger", **settings("stranger")}])
        daemon.wait_for_metric("tickrisk_snapshots_total", 1, feed="known")
        assert daemon.metric("tickrisk_ticks_total", feed="known") > 0
        assert daemon.metric("tickrisk_messages_total", feed="stranger") == 0
    finally:
        feed.terminate()
        feed.wait(10)


@pytest.mark.parametrize("options, says", [
    (["--endpoint", "tcp://0.0.0.0:0"], "required"),
    (["--endpoint", "tcp://127.0.0.1:*", "--curve-allow", TEST_PUBLIC], "--curve-secret-key-file"),
])
def test_the_shipped_publisher_refuses_to_be_open(options, says):
    done = subprocess.run(
        [TOOL, "feed", "--synthetic", "1", *options], capture_output=True, text=True, timeout=30)
    assert done.returncode != 0 and says in done.stderr
