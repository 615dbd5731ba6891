"""An embedded PostgreSQL: made, started, shared by processes, found again after a crash, and stopped.

A cluster's folder holds `data`, `socket`, `postgres.log` and three lock files. `lock` is held while
somebody starts or stops the server, `users` is shared by all who use it, and `server` is held by the
server's own processes for as long as one of them lives: an inherited lock, unlike a process number,
cannot outlive them, be taken over by a stranger, or look dead from another container.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from hearout.lib.home import HomeError, home
from hearout.lib.pg_account import Account, account_for, let_through, programs_for
from hearout.lib.pg_birth import DATABASE, ROLE, make_files, provide
from hearout.lib.pg_folder import base_of, explained, kept_lock, write_note
from hearout.lib.pg_install import PostgresError, find_install
from hearout.lib.pg_server import Server

__all__ = ["Cluster", "PostgresError", "database_running", "database_url", "django_database"]


def database_url() -> str:
    """HEAROUT_DATABASE_URL if set, else the URL of the embedded cluster in home(), which may not run yet."""
    return os.environ.get("HEAROUT_DATABASE_URL") or _cluster_of_home().url(DATABASE)


@contextmanager
def database_running() -> Iterator[str]:
    """Yield database_url(), with the embedded server running meanwhile where that is what it names."""
    if url := os.environ.get("HEAROUT_DATABASE_URL"):
        yield url
        return
    with _cluster_of_home().running_here() as url:
        yield url


def _cluster_of_home() -> Cluster:
    try:
        return Cluster(home() / "postgres")
    except HomeError as error:
        raise PostgresError(str(error)) from error


def django_database(url: str) -> dict[str, Any]:
    """The entry of Django's DATABASES for a PostgreSQL URL, or for a `host=... dbname=...` string."""
    try:
        parts = {name: str(value) for name, value in conninfo_to_dict(url).items()}
    except psycopg.ProgrammingError:
        # without libpq's own words: they may quote the password
        raise PostgresError(
            "HEAROUT_DATABASE_URL is no PostgreSQL URL. "
            "It looks like postgresql://user:password@host/database."
        ) from None
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname", DATABASE),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
        "OPTIONS": parts,
    }


class Cluster:
    """One PostgreSQL server whose files lie in `folder`. Its methods raise only PostgresError.

    `settings` go on the server's command line and overrule its postgresql.conf.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        with explained(f"look into {folder}"):
            self.folder = folder.expanduser().resolve()
            self._base = base_of(self.folder)
        self._server = Server(self._base, settings or {})

    @property
    def log(self) -> Path:
        return self._server.log

    def url(self, database: str, *, user: str = ROLE) -> str:
        """The URL of a database of this cluster, whether it runs or not."""
        return self._server.url(database, user)

    def running(self) -> bool:
        """Whether the server lives and lets clients in."""
        with explained(f"look into {self._base}"):
            return self._server.ready()

    def ensure(self) -> None:
        """Make the cluster's files where there are none. Does not start it."""
        with self._lock():
            self._make()

    def start(self) -> None:
        """Start the server, or use the one that runs; either way it then runs until stop()."""
        with self._lock():
            self._start()
            self._users.write_text("stay\n")

    def stop(self) -> None:
        """Stop the server, whoever uses it. Does nothing when it does not run."""
        with explained(f"look into {self._base}"):
            if not self._base.exists():
                return
        with self._lock():
            self._server.stop()
            self._users.write_text("")

    def stop_if_unused(self) -> bool:
        """Stop the server unless somebody is inside running_here(). Returns whether it is stopped."""
        with self._lock():
            return self._stop_if_unused()

    @contextmanager
    def running_here(self) -> Iterator[str]:
        """Use the server for a while and yield the URL of Hearout's database in it.

        Whoever comes first starts it; whoever leaves last stops it, unless start() asked it to stay. One
        that was left behind by a killed process is used like any other, and so stops with its last user.
        """
        with self._lock():
            if self._start():
                self._users.write_text("")
            use = kept_lock(self._users, fcntl.LOCK_SH)
        us = os.getpid()
        try:
            yield self.url(DATABASE)
        finally:
            if os.getpid() == us:  # else we are a forked child, and not the one who leaves
                # closing alone would leave the lock with our forked children
                fcntl.flock(use, fcntl.LOCK_UN)
                os.close(use)
                with self._lock():
                    if not self._users.read_text():
                        self._stop_if_unused()

    def _stop_if_unused(self) -> bool:
        try:
            use = kept_lock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        try:
            self._server.stop()
            self._users.write_text("")
        finally:
            os.close(use)
        return True

    def _start(self) -> bool:
        """Whether the server had to be started."""
        starts = not self._server.ready()
        if starts:
            self._server.start(*self._make())
        try:
            provide(self._server.url)
        except PostgresError:
            if starts:
                self._server.stop()
            raise
        return starts

    def _make(self) -> tuple[Account, Path]:
        """The account and the folder of programs to run the server with; makes the files if need be."""
        install, account = find_install(), account_for(self._server.data)
        write_note(self.folder, self._base)
        for folder in (self._base.parent, self._base):
            let_through(account, folder)
        programs = programs_for(account, install)
        make_files(self._server.data, account, programs, install)
        return account, programs

    @property
    def _users(self) -> Path:
        return self._base / "users"

    @contextmanager
    def _lock(self) -> Iterator[None]:
        with explained(f"use {self._base}"):
            self._base.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = kept_lock(self._base / "lock", fcntl.LOCK_EX)
            try:
                yield
            finally:
                os.close(lock)
