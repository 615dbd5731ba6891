"""What the operating system knows of a process that may not be our child."""

from __future__ import annotations

import subprocess
from pathlib import Path


def command(pid: int) -> str:
    """The command line of a living process, its words parted by blanks.

    Empty when there is no such process, when it is dead and not yet reaped, or when it may not be read.
    """
    if Path("/proc/self").exists():
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return ""
        return words.replace(b"\0", b" ").decode(errors="surrogateescape").strip()
    return _ask_ps(pid)


def _ask_ps(pid: int) -> str:
    """For systems without /proc, such as macOS."""
    try:
        answer = subprocess.run(
            ["ps", "-ww", "-o", "command=", "-p", str(pid)],
            capture_output=True, text=True, errors="surrogateescape", timeout=10, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.strip()
