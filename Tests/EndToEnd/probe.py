# SPDX-License-Identifier: Apache-2.0
"""Asks RiskProbe, which answers for every formula, and compares answers with an oracle's."""

import json
import math
import os
import subprocess
from pathlib import Path

BINARY = Path(os.environ.get("RISK_PROBE", Path(__file__).resolve().parents[2] / ".build/release/RiskProbe"))
#: Of an expected number, and of the scale of what it was computed from where it cancels.
RELATIVE, OF_SCALE = 1e-9, 1e-12


class Probe:
    """One process for many questions; `with Probe() as probe: probe.ask("statistics", pnl=…)`."""

    def __enter__(self) -> "Probe":
        assert BINARY.exists(), f"{BINARY} is not built: swift build -c release --product RiskProbe"
        self.process = subprocess.Popen([BINARY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *_) -> None:
        self.process.stdin.close()
        code = self.process.wait(10)
        self.process.stdout.close()
        assert code == 0, f"RiskProbe ended with {code}"

    def ask(self, question: str, **members):
        self.process.stdin.write(json.dumps({"ask": question, **members}, allow_nan=False) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"RiskProbe ended at a question of {question}"
        return json.loads(line)


def assert_same(actual, expected, scale: float = 0.0, path: str = "", relative: float = RELATIVE) -> None:
    """Requires all members of both, neither more nor less; numbers to `relative` or 1e-12 of `scale`."""
    if isinstance(expected, dict):
        assert isinstance(actual, dict) and actual.keys() == expected.keys(), f"{path}: {actual!r}, not {expected!r}"
        for key, value in expected.items():
            assert_same(actual[key], value, scale, f"{path}.{key}", relative)
    elif expected is None or isinstance(expected, str):
        assert actual == expected, f"{path}: {actual!r}, not {expected!r}"
    elif hasattr(expected, "__len__"):
        assert len(actual) == len(expected), f"{path}: {len(actual)} values, not {len(expected)}"
        for index, value in enumerate(expected):
            assert_same(actual[index], value, scale, f"{path}[{index}]", relative)
    else:
        assert actual is not None, f"{path}: absent, not {expected!r}"
        is_close = math.isclose(actual, float(expected), rel_tol=relative, abs_tol=OF_SCALE * scale)
        assert is_close, f"{path}: {actual!r}, not {float(expected)!r}"
