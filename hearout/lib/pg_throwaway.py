"""A PostgreSQL that starts empty and is gone afterwards, for tests and benchmarks."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hearout.lib.postgres import Cluster, PostgresError

PREFIX = "hearout-throwaway-"
NOT_DURABLE = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
}


@contextmanager
def throwaway_database(*, durable: bool = False) -> Iterator[str]:
    """Yield the URL of a new, empty database of Hearout's, or HEAROUT_DATABASE_URL as it is if that is set.

    Unless `durable`, it is fast and would not survive a power cut. Also removes what killed processes left.
    """
    if given := os.environ.get("HEAROUT_DATABASE_URL"):
        yield given
        return
    sweep()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    try:
        with Cluster(folder / "postgres", {} if durable else NOT_DURABLE).running_here() as url:
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep() -> None:
    """Stop and remove the throwaway servers whose users are all dead."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(PostgresError, OSError):
            # without a file of users its first one is still about to start it
            if (folder / "postgres" / "users").exists() and Cluster(folder / "postgres").stop_if_unused():
                shutil.rmtree(folder, ignore_errors=True)
