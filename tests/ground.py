"""A home and a database server for this test run alone, made before Django reads its settings (`-p tests.ground`)."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import ExitStack

import hypothesis

OURS = "HEAROUT_TEST_RUN"
_stack = ExitStack()

if OURS not in os.environ:
    # workers of the run inherit both by the environment
    os.environ[OURS] = os.environ["HEAROUT_HOME"] = tempfile.mkdtemp(prefix="hearout-test-")
    os.environ.setdefault("HEAROUT_LOG_LEVEL", "WARNING")
    _stack.callback(shutil.rmtree, os.environ[OURS], ignore_errors=True)

    from hearout.lib.pg_throwaway import throwaway_database

    os.environ["HEAROUT_DATABASE_URL"] = _stack.enter_context(throwaway_database())

# a loaded machine is no fault of the code
hypothesis.settings.register_profile("hearout", deadline=None, print_blob=True)
hypothesis.settings.load_profile("hearout")


def pytest_unconfigure() -> None:
    _stack.close()
