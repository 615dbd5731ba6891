"""`hearout doctor`"""

from __future__ import annotations

import json
import os
import shutil
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Annotated

import typer

from hearout.cli.ground import TroubleError, ground, out, set_up
from hearout.lib.home import HomeError, home
from hearout.lib.pg_install import PostgresError, find_install


@dataclass
class Finding:
    """`state` is ok, warn or fail; `mend` says what to do."""

    name: str
    state: str
    says: str
    mend: str = ""


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="For other programs.")] = False,
    code: Annotated[
        bool, typer.Option("--code", help="Only what a checkout must satisfy; needs no database.")
    ] = False,
) -> None:
    """Say what is wrong with this installation and how to mend it. Exit status 1 when something fails.

    Example:  hearout doctor
    """
    findings = list(_code() if code else _installation())
    if as_json:
        print(json.dumps([asdict(finding) for finding in findings], indent=1))
    else:
        for finding in findings:
            mark = {"ok": "[green]ok  [/]", "warn": "[yellow]warn[/]", "fail": "[red]FAIL[/]"}[finding.state]
            out.print(f"{mark} {finding.name}: {finding.says}", highlight=False)
            if finding.mend:
                out.print(f"     -> {finding.mend}", highlight=False, markup=False)
    if any(finding.state == "fail" for finding in findings):
        raise typer.Exit(1)


def _code() -> Iterator[Finding]:
    set_up()
    from django.core.management import CommandError, call_command

    # it would like to compare with a database, which a checkout need not have
    warnings.filterwarnings("ignore", message="Got an error checking a consistent migration history")
    try:
        call_command("makemigrations", check=True, dry_run=True, verbosity=0)
        yield Finding("migrations", "ok", "every model change has one")
    except (SystemExit, CommandError):
        yield Finding(
            "migrations", "fail", "models changed without a migration", "django makemigrations, and commit it"
        )
    try:
        call_command("check", fail_level="WARNING")
        yield Finding("settings", "ok", "Django's checks pass")
    except CommandError as error:
        yield Finding("settings", "fail", str(error), "mend what it names")


def _installation() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("Python", "ok" if sys.version_info >= (3, 11) else "fail", version)
    try:
        folder = home()
    except HomeError as error:
        yield Finding("home folder", "fail", str(error))
        return
    free = shutil.disk_usage(folder).free / 1e9
    mend = "" if free > 2 else "free some space: a full disk stops the database"
    yield Finding("home folder", "ok" if free > 2 else "warn", f"{folder}, {free:.0f} GB free", mend)
    try:
        install = find_install()
        yield Finding("PostgreSQL programs", "ok", f"{install.version} in {install.folder}")
    except PostgresError as error:
        yield Finding("PostgreSQL programs", "warn", str(error))
    try:
        with ground(migrated=False):
            for look in (_database, _role, _people, _connections, _bus, _queues, _replies):
                yield from _looked(look)
    except TroubleError as trouble:
        yield Finding("database", "fail", str(trouble))


def _looked(look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    try:
        yield from look()
    except Exception as error:
        yield Finding(
            look.__name__.strip("_"), "fail", str(error).splitlines()[0] if str(error) else repr(error)
        )


def _database() -> Iterator[Finding]:
    from django.db import connection

    from hearout.api.health import readiness

    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        number = int(cursor.fetchone()[0])
    state = "ok" if number >= 160_000 else "fail"
    yield Finding(
        "database",
        state,
        f"PostgreSQL {number // 10_000}.{number % 10_000}",
        "" if state == "ok" else "use 16 or newer",
    )
    ready, facts = readiness()
    yield Finding(
        "tables",
        "ok" if ready else "fail",
        "up to date" if ready else facts["error"],
        "" if ready else "hearout migrate",
    )


def _role() -> Iterator[Finding]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT rolname, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        name, mighty = cursor.fetchone()
    mend = "use a role with NOSUPERUSER NOBYPASSRLS in HEAROUT_DATABASE_URL" if mighty else ""
    yield Finding(
        "database role", "warn" if mighty else "ok", f"{name}{' is a superuser' if mighty else ''}", mend
    )


def _people() -> Iterator[Finding]:
    from hearout.people.models import Membership

    admins = Membership.objects.filter(role="admin", user__is_active=True).count()
    mend = "" if admins else "hearout user add you@example.com --role admin"
    yield Finding("people", "ok" if admins else "warn", f"{admins} admins", mend)


def _connections() -> Iterator[Finding]:
    from hearout.listening.models import Connection

    for connection in Connection.objects.select_related("handle"):
        bad = bool(connection.faults)
        says = connection.last_fault if bad else f"last asked {connection.fetched_at or 'never'}"
        yield Finding(
            f"handle {connection.handle}",
            "warn" if bad else "ok",
            says,
            "see Settings, Handles" if bad else "",
        )


def _bus() -> Iterator[Finding]:
    url = os.environ.get("HEAROUT_BUS_URL", "")
    if not url:
        return
    from hearout.listening.streams.bus import Bus

    bus = Bus(url, os.environ.get("HEAROUT_BUS_CREDENTIALS", ""))
    try:
        bus.open()
        lag = bus.waiting()
    finally:
        bus.close()
    behind = lag.untaken > 1_000
    says = f"{bus.name}: {lag.untaken:,} packets wait, {lag.unacked:,} are being worked on"
    mend = "more listeners: hearout listen --only take" if behind else ""
    yield Finding("bus", "warn" if behind else "ok", says, mend)


def _queues() -> Iterator[Finding]:
    from hearout.api.health import readiness
    from hearout.listening.dead_letters import dead_letters

    lags = readiness()[1].get("lag_seconds", {})
    worst = max(lags.values(), default=0)
    mend = "are the workers running? hearout work" if worst > 60 else ""
    yield Finding(
        "queues", "warn" if worst > 60 else "ok", f"the oldest waiting row is {worst:.0f} s old", mend
    )
    dead = len(dead_letters(1000))
    yield Finding(
        "dead letters", "warn" if dead else "ok", str(dead), "hearout deadletter list" if dead else ""
    )


def _replies() -> Iterator[Finding]:
    from hearout.replies.models import Brake, Reply

    stuck = Reply.objects.filter(
        parked_at__isnull=False, discarded_at__isnull=True, seen_at__isnull=True
    ).count()
    yield Finding(
        "parked replies",
        "warn" if stuck else "ok",
        str(stuck),
        "decide them on their case's page" if stuck else "",
    )
    if Brake.objects.filter(released_at__isnull=True).exists():
        yield Finding("sending", "warn", "the brake is on: nothing is sent", "release it in Settings")
