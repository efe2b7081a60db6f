# SPDX-License-Identifier: Apache-2.0
"""A minimal Debian in a folder, made once by debootstrap: what packages and images are tried in."""

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEBIAN = ROOT / ".build/debian-root"
#: systemd, and what the package depends on.
PACKAGES = ("systemd,systemd-sysv,dbus,procps,tzdata,libcurl4,libzmq5,libzstd1,zlib1g,libsqlite3-0,libsodium23,"
            "librdkafka1,libpq5,libstdc++6")
MIRROR = os.environ.get("DEBIAN_MIRROR", "http://deb.debian.org/debian")


def debian_root() -> Path:
    """The folder; it is made where it is not there, or was made of other packages."""
    stamp = DEBIAN / "made-of"
    if not stamp.exists() or stamp.read_text() != PACKAGES:
        print(f"debootstrap into {DEBIAN}", flush=True)
        shutil.rmtree(DEBIAN, ignore_errors=True)
        subprocess.run(
            ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", "bookworm", DEBIAN, MIRROR], check=True,
            stdout=subprocess.DEVNULL)
        stamp.write_text(PACKAGES)
    return DEBIAN
