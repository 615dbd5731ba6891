"""A home and a database server for this test run alone, made before Django reads its settings (`-p tests.ground`)."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import ExitStack
from typing import Any

import hypothesis
import pytest

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


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable() -> Generator[None, Any, Any]:
    """Hostile texts turn up in logs and failures; on its way between processes a report must be UTF-8."""
    return _sayable((yield))


def _sayable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {_sayable(key): _sayable(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_sayable(one) for one in value)
    return value
