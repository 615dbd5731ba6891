"""The programs that `hearout up` runs: started, logged under their name, brought back when they die, stopped."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

LINUX_DIE_WITH_PARENT = 1
"""PR_SET_PDEATHSIG of <sys/prctl.h>."""
PATIENCE = 10.0


def die_with_parent() -> None:
    """In the child, before it starts: a `kill -9` of the parent must not leave it behind (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(LINUX_DIE_WITH_PARENT, signal.SIGTERM)


@dataclass
class Child:
    """One program. `starts` counts how often it was started."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[str] | None = None
    starts: int = 0
    next_start: float = 0.0


class Children:
    """Several programs under one terminal."""

    def __init__(self, say: Callable[[str, str], None]) -> None:
        self._say = say
        self._children: list[Child] = []

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        child = Child(name, command, environment or {})
        self._children.append(child)
        self._launch(child)

    def watch(self) -> None:
        """Bring back what has died, a little later each time."""
        for child in self._children:
            if child.process and child.process.poll() is not None:
                if not child.next_start:
                    wait = min(10.0, 0.5 * child.starts)
                    self._say(
                        child.name, f"ended ({child.process.returncode}); starting again in {wait:.0f} s"
                    )
                    child.next_start = time.monotonic() + wait
                elif time.monotonic() >= child.next_start:
                    self._launch(child)

    def stop(self) -> None:
        """Ask all of them to end, last started first, and insist after ten seconds."""
        living = [c.process for c in reversed(self._children) if c.process and c.process.poll() is None]
        for process in living:
            process.terminate()
        deadline = time.monotonic() + PATIENCE
        for process in living:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _launch(self, child: Child) -> None:
        child.starts += 1
        child.next_start = 0.0
        child.process = subprocess.Popen(
            child.command,
            env={**os.environ, **child.environment, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            # a terminal's Ctrl-C goes to us alone, and we stop them in order
            start_new_session=True,
            preexec_fn=die_with_parent,
        )
        threading.Thread(target=self._read, args=(child.name, child.process), daemon=True).start()

    def _read(self, name: str, process: subprocess.Popen[str]) -> None:
        for line in process.stdout or ():
            self._say(name, line.rstrip())
