"""The ground every command stands on: a running database, Django set up, the schema in place."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from rich.console import Console

from hearout.lib.home import HomeError

out = Console()
err = Console(stderr=True)

MIGRATING = 7_240_913
"""The advisory lock that lets one process migrate while the others wait."""


alone = False
"""Whether the process is here for one command, and ends with it."""


def leave() -> None:
    """End a process that is `alone` at once and well. Python would first free a large audit piece by piece, which
    takes a quarter of a second, and the system does it anyway."""
    if alone:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


class TroubleError(Exception):
    """Something the person at the terminal can mend; the message says how."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.code = code


@contextmanager
def ground(*, migrated: bool = True) -> Iterator[str]:
    """Start the embedded database when it is not running, set Django up, migrate, and yield the database's URL.

    What was started here is stopped at the end. Raises TroubleError.
    """
    from hearout.lib.postgres import PostgresError, database_running

    try:
        with database_running() as url:
            set_up()
            if migrated:
                bring_up_to_date()
            yield url
    except (PostgresError, HomeError) as error:
        raise TroubleError(str(error)) from error


def name_settings() -> None:
    """Let the settings be found: enough for what uses neither models nor templates."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hearout.settings")


def set_up() -> None:
    """Make Django usable in this process."""
    name_settings()
    import django

    django.setup()


def bring_up_to_date() -> bool:
    """Run what migrations are missing. Returns whether there were any. Raises TroubleError without a server."""
    from django.core.management import call_command
    from django.db import OperationalError, connection
    from django.db.migrations.executor import MigrationExecutor

    try:
        connection.ensure_connection()
    except OperationalError as error:
        raise TroubleError(
            f"The database does not answer: {str(error).splitlines()[0]}. Is HEAROUT_DATABASE_URL right?"
        ) from error
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATING])
    try:
        executor = MigrationExecutor(connection)
        if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return False
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
        return True
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATING])


def stop_event() -> threading.Event:
    """An event that SIGTERM and SIGINT set, so that loops can end between two batches."""
    import signal

    event = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: event.set())
    return event


def time_of(text: str, option: str) -> datetime | None:
    """The time that an option names, in UTC unless it says otherwise; None for "". Raises TroubleError."""
    try:
        at = datetime.fromisoformat(text) if text else None
    except ValueError:
        raise TroubleError(
            f"{option} is {text!r}, not a date such as 2026-03-01 or 2026-03-01T09:00."
        ) from None
    return at.replace(tzinfo=UTC) if at and at.tzinfo is None else at
