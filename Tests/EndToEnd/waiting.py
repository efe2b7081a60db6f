# SPDX-License-Identifier: Apache-2.0
"""Waiting for a condition, with a deadline: the tests never sleep for a time they hope is enough."""

import time

DEADLINE_S = 15.0
POLL_S = 0.01


def wait_until(condition, what: str, deadline_s: float = DEADLINE_S):
    """Returns the first true value of `condition()`; fails with `what` and the last value after the deadline."""
    end = time.monotonic() + deadline_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline_s} s: {what} (last: {value!r})")
        time.sleep(POLL_S)
