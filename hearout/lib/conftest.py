"""A place for clusters, and what the tests of PostgreSQL share."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from hearout.lib.postgres import Cluster
from hearout.lib.processes import command


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that PostgreSQL's own user can reach, unlike tmp_path; no server survives it."""
    folder = Path(tempfile.mkdtemp(prefix="ho", dir="/tmp"))
    folder.chmod(0o711)
    yield folder
    for pid_file in folder.rglob("postmaster.pid"):
        pid = int(pid_file.read_text().split()[0])
        if str(folder) in command(pid):
            os.kill(pid, signal.SIGQUIT)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def cluster(place: Path) -> Iterator[Cluster]:
    cluster = Cluster(place / "home" / "postgres")
    yield cluster
    cluster.stop()


def ask(url: str, question: str) -> object:
    with psycopg.connect(url, autocommit=True) as server:
        answer = server.execute(question)
        row = answer.fetchone() if answer.description else None
        return row[0] if row else None
