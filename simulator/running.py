"""A network of one's own for a test or a bench."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STOP_SECONDS = 10


@dataclass(slots=True)
class Running:
    """A simulator as a process: where it answers, and the process for tests that kill it."""

    url: str
    process: "subprocess.Popen[str]"


@contextmanager
def running_simulator(**options: object) -> Iterator[Running]:
    """Start a simulator on a free port, stop it at the end.

    Options are those of the command line with underscores: `data=path, seed=3, no_idempotency=True,
    account=["tidewingcare:Tidewing Care:care-token"]`. Nobody posts unless `posts_per_day` says so. The brand
    account is `tidewing` with the token `tidewing-token`.
    """
    wanted = {"port": 0, "posts_per_day": 0} | options
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    command = [sys.executable, "-m", "simulator", *_arguments(wanted)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        assert process.stdout is not None
        ready = process.stdout.readline().split()
        if len(ready) != 2 or ready[0] != "ready":
            raise RuntimeError(f"The simulator did not start: {' '.join(command)}")
        yield Running(f"http://127.0.0.1:{ready[1]}", process)
    finally:
        stop(process)


def stop(process: "subprocess.Popen[str]") -> None:
    """SIGTERM, and SIGKILL for one that does not listen."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _arguments(options: dict[str, object]) -> list[str]:
    found: list[str] = []
    for name, value in options.items():
        flag = f"--{name.replace('_', '-')}"
        if value is True:
            found.append(flag)
        elif isinstance(value, list | tuple):
            found += [part for one in value for part in (flag, str(one))]
        elif value is not None and value is not False:
            found += [flag, str(value)]
    return found
