# SPDX-License-Identifier: Apache-2.0
"""What systemd does for a service, played by the test: hears notifications, hands over sockets, stops one thread."""

import ctypes
import os
import socket
import time
from pathlib import Path

from waiting import DEADLINE_S

PTRACE_SEIZE, PTRACE_INTERRUPT, PTRACE_DETACH = 0x4206, 0x4207, 17
WALL = 0x40000000

#: Runs a program with an inherited socket at descriptor 3, as sd_listen_fds(3) wants it.
ACTIVATE = ["bash", "-c", 'exec 3<&"$TICKET"; unset TICKET; LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"', "bash"]


class NotifySocket:
    """The receiving end of sd_notify(3)."""

    def __init__(self, directory: Path):
        self.path = str(directory / "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)

    def until(self, matches, what: str, deadline_s: float = DEADLINE_S) -> str:
        """The first notification that matches."""
        end, seen = time.monotonic() + deadline_s, []
        while (left := end - time.monotonic()) > 0:
            text = self.within(left)
            if text is not None and matches(text):
                return text
            seen.append(text)
        raise AssertionError(f"not within {deadline_s} s: {what}; came: {seen[-20:]}")

    def within(self, seconds: float) -> str | None:
        """The next notification; None where none comes."""
        self.socket.settimeout(max(seconds, 0.001))
        try:
            return self.socket.recv(65_536).decode()
        except TimeoutError:
            return None

    def drain(self) -> None:
        while self.within(0.001) is not None:
            pass

    def close(self) -> None:
        self.socket.close()


class FrozenThread:
    """Stops one thread of a process, by its name, and no other: `with FrozenThread(pid, "tr-engine"):`."""

    def __init__(self, process: int, name: str):
        for task in Path(f"/proc/{process}/task").iterdir():
            if (task / "comm").read_text().strip() == name:
                self.thread = int(task.name)
                break
        else:
            raise AssertionError(f"no thread {name} in {process}")
        self.library = ctypes.CDLL(None, use_errno=True)
        self.library.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]

    def _trace(self, request: int) -> None:
        if self.library.ptrace(request, self.thread, None, None) != 0:
            raise OSError(ctypes.get_errno(), f"ptrace {request:#x} of {self.thread}")

    def __enter__(self) -> "FrozenThread":
        self._trace(PTRACE_SEIZE)
        self._trace(PTRACE_INTERRUPT)
        os.waitpid(self.thread, WALL)
        return self

    def __exit__(self, *_) -> None:
        try:
            self._trace(PTRACE_DETACH)
        except ProcessLookupError:
            # It was killed while it was stopped; its process ends once whoever traced it knows.
            os.waitpid(self.thread, WALL)
