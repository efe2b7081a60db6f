# SPDX-License-Identifier: Apache-2.0
"""The README's programs do what it says."""

import os
import re
import subprocess
import sys

from access import first_user
from daemon import ROOT


def program(heading: str) -> str:
    section = (ROOT / "README.md").read_text().split(f"## {heading}\n", 1)[1]
    return re.search(r"```python\n(.*?)```", section, re.S).group(1)


def test_the_publisher_and_the_reader_of_the_readme_meet(run, tmp_path):
    endpoint = f"ipc://{tmp_path}/feed"
    publisher = program("Publish your own ticks").replace("tcp://127.0.0.1:5556", endpoint)
    assert endpoint in publisher
    daemon = run(endpoint, settings={"auth": {"mode": "password"}})
    environment = {**os.environ, "TICKRISK_TOKEN": first_user(daemon).token("read")["token"]}
    reader = program("Read frames").replace("127.0.0.1:8080", daemon.address)
    assert daemon.address in reader
    with subprocess.Popen([sys.executable, "-c", publisher]) as publishing:
        try:
            with subprocess.Popen(
                [sys.executable, "-u", "-c", reader], stdout=subprocess.PIPE, text=True, env=environment
            ) as reading:
                try:
                    lines = []
                    while not (lines and lines[-1].startswith("delta") and "9900" in lines[-1]):
                        line = reading.stdout.readline()
                        assert line, f"the reader ended after {lines}"
                        lines.append(line)
                        assert len(lines) < 200, lines[-5:]
                finally:
                    reading.kill()
        finally:
            publishing.kill()
    assert [line.split()[0] for line in lines[:3]] == ["hello", "subscribed", "snapshot"]
