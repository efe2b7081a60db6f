# SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL server of a test's own, on a Unix socket, as an unprivileged user because it refuses root."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from waiting import wait_until

PROGRAMS = Path("/usr/lib/postgresql")
#: For one of its programs: a new cluster is much writing on a busy machine.
PROGRAM_S = 120.0


class PostgresServer:
    """`fsync` is on; `url` is for libpq, with the superuser."""

    def __init__(self):
        versions = sorted((int(path.name) for path in PROGRAMS.iterdir() if path.name.isdigit()), reverse=True)
        assert versions, "no PostgreSQL; hint: scripts/install-dependencies test"
        self.programs = PROGRAMS / str(versions[0]) / "bin"
        # Short: the path of a socket has 107 bytes.
        self.folder = Path(tempfile.mkdtemp(prefix="pg-"))
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        self.url = f"host={self.folder} user=postgres dbname=postgres"
        done = self._run(
            "initdb", "-D", self.folder / "data", "-U", "postgres", "--auth=trust", "--encoding=UTF8",
            "--locale=C.UTF-8", "--no-sync")
        assert done.returncode == 0, done.stderr
        self.start()

    def _run(self, program: str, *arguments) -> subprocess.CompletedProcess:
        drop = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
        # Into files: the server keeps the descriptors of whoever started it.
        with (self.folder / "said").open("w+") as said:
            done = subprocess.run(
                [*drop, self.programs / program, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=said,
                stderr=said, timeout=PROGRAM_S, check=False)
            said.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, said.read(), "")

    def start(self) -> None:
        """Returns when it takes connections; what is left of a killed one ends first."""
        options = f"-k {self.folder} -c listen_addresses= -c shared_buffers=32MB"
        wait_until(
            lambda: self._run(
                "pg_ctl", "-D", self.folder / "data", "-w", "-l", self.folder / "log", "-o", options,
                "start").returncode == 0,
            "the server", 60)

    def stop(self) -> None:
        self._run("pg_ctl", "-D", self.folder / "data", "-m", "fast", "-w", "stop")

    def kill(self) -> None:
        """Signal 9 to the postmaster; its children end when they notice."""
        os.kill(int((self.folder / "data/postmaster.pid").read_text().splitlines()[0]), signal.SIGKILL)

    def execute(self, statement: str) -> str:
        done = subprocess.run(
            [self.programs / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", self.url, "-c",
             f"SET search_path = tickrisk; {statement}"],
            capture_output=True, text=True, timeout=PROGRAM_S, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def close(self) -> None:
        self._run("pg_ctl", "-D", self.folder / "data", "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.folder)
