# SPDX-License-Identifier: Apache-2.0
"""The companion on a store: import, export, verification, backup; what was tampered with is named."""

import csv
import json
import shutil
import sqlite3
import subprocess

import pytest

from daemon import DEMO, TOOL

BOOK = ("--instruments", DEMO / "instruments.csv", "--accounts", DEMO / "accounts.csv",
        "--positions", DEMO / "positions.csv")
LIMITS = {"limits": [{"metric": "gross_exposure", "soft": 1}]}


def tool(*arguments) -> subprocess.CompletedProcess:
    assert TOOL.exists(), f"{TOOL} is not built: swift build -c release"
    return subprocess.run([TOOL, *map(str, arguments)], capture_output=True, text=True, timeout=60)


def rows(path) -> list[dict]:
    with path.open() as file:
        return list(csv.DictReader(file))


def tamper(store, statement: str) -> None:
    database = sqlite3.connect(store / "desk.sqlite")
    database.execute(statement)
    database.commit()
    database.close()


@pytest.fixture
def store(tmp_path):
    """A new store with the demo's book."""
    path = tmp_path / "state"
    done = tool("import", "--store", path, *BOOK, "--user", "ann", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["first"] is True
    return path


@pytest.fixture
def running(run, publish, tmp_path):
    """A daemon at work on a store."""
    publisher = publish()
    state = tmp_path / "state"
    return run(publisher.endpoint, settings={"store": {"directory": str(state)}}), state


# import


def test_the_book_that_goes_in_comes_out(store, tmp_path):
    done = tool("export", "--store", store, "--to", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    out = tmp_path / "out"
    accounts = {row["account"]: row for row in rows(out / "accounts.csv")}
    for row in rows(DEMO / "accounts.csv"):
        assert accounts[row["account"]]["name"] == row["name"]
        assert float(accounts[row["account"]]["cash"]) == float(row["cash"])
    held = {(row["account"], row["symbol"]): float(row["quantity"]) for row in rows(out / "positions.csv")}
    assert held == {(r["account"], r["symbol"]): float(r["quantity"]) for r in rows(DEMO / "positions.csv")}
    assert [(row["who"], row["what"]) for row in rows(out / "audit.csv")] == [("ann", "book.import")]
    assert rows(out / "orders.csv") == [] and (out / "fills.csv").read_text().startswith("sequence,id,order_id,")
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in out.iterdir())
    # What was exported can be imported, and files that are there are left alone.
    files = ("--accounts", out / "accounts.csv", "--positions", out / "positions.csv")
    again = tool("import", "--store", tmp_path / "other", "--instruments", DEMO / "instruments.csv", *files)
    assert again.returncode == 0, again.stderr
    assert tool("export", "--store", store, "--to", out).returncode == 1


def test_a_second_import_takes_the_place_of_the_first(store, tmp_path):
    positions = tmp_path / "positions.csv"
    positions.write_text("account,symbol,quantity,avg_cost\nALPHA,AAPL,7,180\n")
    done = tool("import", "--store", store, *BOOK[:4], "--positions", positions, "--why", "moved", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"accounts": len(rows(DEMO / "accounts.csv")), "positions": 1, "first": False}
    line = tool("export", "--store", store, "--table", "positions", "--format", "jsonl").stdout
    assert json.loads(line) == {"account": "ALPHA", "symbol": "AAPL", "quantity": 7, "avg_cost": 180}
    newest = json.loads(tool("audit", "list", "--store", store, "--limit", 1, "--json").stdout)
    assert newest["what"] == "book.import" and newest["why"] == "moved" and newest["before"]
    assert tool("audit", "verify", "--store", store).returncode == 0


def test_files_with_a_mistake_change_nothing(store, tmp_path):
    positions = tmp_path / "positions.csv"
    positions.write_text("account,symbol,quantity,avg_cost\nALPHA,NOPE,7,180\n")
    done = tool("import", "--store", store, *BOOK[:4], "--positions", positions)
    assert done.returncode == 1 and "positions.csv:2" in done.stderr and "NOPE" in done.stderr
    assert len(tool("audit", "list", "--store", store, "--json").stdout.splitlines()) == 1


def test_an_import_waits_for_no_daemon(running):
    _, state = running
    done = tool("import", "--store", state, *BOOK, "--yes")
    assert done.returncode == 1 and "in use" in done.stderr and "stop the daemon" in done.stderr


# beside a daemon


def test_reading_goes_on_beside_a_daemon_that_writes(running, tmp_path):
    daemon, state = running
    status, _, _ = daemon.request("/api/v1/accounts/ALPHA/limits", "PUT", body=json.dumps(LIMITS).encode())
    assert status == 200
    verified = tool("audit", "verify", "--store", state, "--json")
    assert verified.returncode == 0, verified.stdout
    report = json.loads(verified.stdout)
    assert report["ok"] is True and report["rows"]["audit"] >= 2 and report["rows"]["books"] == 1
    assert set(report["rows"]) == {"order_events", "fills", "cash_entries", "adjustments", "books", "audit"}
    listed = tool("audit", "list", "--store", state, "--account", "ALPHA", "--json").stdout.splitlines()
    assert [json.loads(line)["what"] for line in listed] == ["limits.set"]
    assert "limits.set" in tool("audit", "list", "--store", state).stdout
    limits = tool("export", "--store", state, "--table", "limits", "--format", "jsonl").stdout
    assert json.loads(limits)["metric"] == "gross_exposure"
    # The copy is a store like any other, and the daemon writes on.
    copy = tmp_path / "copy"
    assert tool("store", "backup", "--store", state, copy).returncode == 0
    assert tool("store", "backup", "--store", state, copy).returncode == 1
    assert tool("audit", "verify", "--store", copy).returncode == 0
    status, _, _ = daemon.request("/api/v1/accounts/BETA/limits", "PUT", body=json.dumps(LIMITS).encode())
    assert status == 200 and tool("audit", "verify", "--store", state).returncode == 0


# verification


@pytest.mark.parametrize("statement, fault", [
    ("UPDATE audit SET who = 'nobody' WHERE sequence = 1", "audit: row 1 was changed"),
    ("DELETE FROM audit WHERE sequence = 1", "audit"),
    ("DELETE FROM books", "books"),
    ("UPDATE positions SET quantity = quantity + 1 WHERE symbol = 'AAPL'", "accounts and positions"),
    ("UPDATE books SET content = upper(content)", "books: row 1 was changed"),
])
def test_what_was_tampered_with_is_named(store, statement, fault):
    assert tool("audit", "verify", "--store", store).returncode == 0
    tamper(store, statement)
    done = tool("audit", "verify", "--store", store)
    assert done.returncode == 1 and fault in done.stderr, done.stderr
    told = tool("audit", "verify", "--store", store, "--json")
    report = json.loads(told.stdout)
    assert told.returncode == 1 and report["ok"] is False and fault in report["fault"]


def test_a_tail_that_was_cut_off_is_missed(store, tmp_path):
    before = tmp_path / "before"
    shutil.copytree(store, before)
    done = tool("import", "--store", store, *BOOK)
    assert done.returncode == 0, done.stderr
    (before / "heads").write_bytes((store / "heads").read_bytes())
    done = tool("audit", "verify", "--store", before)
    assert done.returncode == 1 and "books: 2 were acknowledged, 1 are there" in done.stderr


def test_what_is_no_store_is_said_so(tmp_path):
    for command in (("audit", "verify"), ("audit", "list"), ("export", "--table", "fills")):
        done = tool(*command, "--store", tmp_path / "nowhere")
        assert done.returncode == 1 and "nowhere" in done.stderr, command
    store = tmp_path / "open"
    store.mkdir(mode=0o755)
    assert "others may read it" in tool("audit", "verify", "--store", store).stderr


def test_wrong_usage_ends_with_2(store):
    for arguments in (("audit", "verify"), ("export", "--store", store),
                      ("audit", "list", "--store", store, "--limit", 0),
                      ("export", "--store", store, "--table", "nope"), ("store", "backup", "--store", store)):
        assert tool(*arguments).returncode == 2, arguments
