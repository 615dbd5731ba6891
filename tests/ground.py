"""A home and a database server for this test run alone, made before Django reads its settings (`-p tests.ground`)."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path

OURS = "HEAROUT_TEST_RUN"
_stack = ExitStack()

if OURS not in os.environ:
    # a home of this run alone, before Django reads its settings; workers of the run inherit it
    os.environ[OURS] = os.environ["HEAROUT_HOME"] = tempfile.mkdtemp(prefix="hearout-test-")
    os.environ.setdefault("HEAROUT_LOG_LEVEL", "WARNING")
    _stack.callback(shutil.rmtree, os.environ[OURS], ignore_errors=True)
    if not os.environ.get("HEAROUT_DATABASE_URL"):
        from hearout.lib.postgres import Cluster

        # tests end with their database, so a power cut may take it: twice as fast
        quick = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
        _stack.enter_context(Cluster(Path(os.environ[OURS]) / "postgres", quick).running_here())


def pytest_unconfigure() -> None:
    _stack.close()
