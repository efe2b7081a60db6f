# SPDX-License-Identifier: Apache-2.0
"""What a package has besides programs: manuals and completions of every command, a reference that is the code's."""

import json
import shutil
import subprocess

import pytest

from daemon import BINARY, ROOT, TOOL

PROGRAMS = [BINARY, TOOL]


def commands(program) -> list[str]:
    """Names of all manual pages a program should have."""
    dump = json.loads(subprocess.run(
        [program, "--experimental-dump-help"], check=True, capture_output=True, text=True).stdout)

    def below(command, parents):
        path = [*parents, command["commandName"]]
        yield "-".join(path)
        for child in command.get("subcommands", []):
            if child["commandName"] != "help":
                yield from below(child, path)

    return list(below(dump["command"], []))


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.name)
def test_every_command_has_a_manual_that_is_sound(program, tmp_path):
    subprocess.run([ROOT / "scripts/make-manuals", program, tmp_path, "--release", "test"], check=True)
    wanted = commands(program)
    assert {page.stem for page in tmp_path.iterdir()} == set(wanted)
    if program == TOOL:
        assert "tickrisk-status" in wanted and "tickrisk-user-token-add" in wanted
    for page in tmp_path.iterdir():
        text = page.read_text()
        assert ".SH SYNOPSIS" in text and ".SH EXIT STATUS" in text
        if shutil.which("mandoc"):
            lint = subprocess.run(
                ["mandoc", "-T", "lint", "-W", "warning", page], capture_output=True, text=True)
            problems = [line for line in lint.stdout.splitlines() if "WARNING" in line or "ERROR" in line]
            assert not problems, problems


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.name)
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completions_are_there_for_every_shell(program, shell):
    script = subprocess.run(
        [program, "--generate-completion-script", shell], check=True, capture_output=True, text=True).stdout
    assert program.name in script and len(script) > 500
    if shell == "bash":
        assert subprocess.run(["bash", "-n"], input=script, text=True).returncode == 0


def test_the_configuration_reference_is_what_the_code_says():
    result = subprocess.run(
        [ROOT / "scripts/make-configuration-reference", "--check"], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd on this machine")
@pytest.mark.parametrize("unit", ["tickriskd.service", "tickrisk-feed.service"])
def test_units_are_closed(unit):
    result = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=10", "--no-pager",
         ROOT / "packaging/systemd" / unit], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout[-300:]


def test_the_list_of_parts_names_what_is_pinned(tmp_path):
    pins = {"pins": [{"identity": "grdb.swift", "location": "https://github.com/groue/GRDB.swift",
                      "state": {"version": "7.10.0", "revision": "a" * 40}}]}
    made = subprocess.run(
        [ROOT / "scripts/make-sbom", "1.2.3", "6.2", "libzmq5=4.3.4"], input=json.dumps(pins), check=True,
        capture_output=True, text=True)
    parts = {part["name"]: part for part in json.loads(made.stdout)["components"]}
    assert parts["grdb.swift"]["purl"] == "pkg:swift/github.com/groue/GRDB.swift@7.10.0"
    assert parts["libzmq5"]["purl"] == "pkg:deb/debian/libzmq5@4.3.4" and parts["swift-runtime"]["version"] == "6.2"
