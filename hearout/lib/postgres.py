"""An embedded PostgreSQL: made, started, shared by processes, found again after a crash, and stopped.

A cluster's folder holds `data`, `socket`, `postgres.log` and three lock files. `lock` is held while
somebody starts or stops the server, `users` is shared by all who use it, and `server` is held by the
server's own processes for as long as one of them lives: an inherited lock, unlike a process number,
cannot outlive them, be taken over by a stranger, or look alive in another container.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

import psycopg
from psycopg.conninfo import conninfo_to_dict

from hearout.lib.home import HomeError, home
from hearout.lib.pg_account import Account, account_for, let_through, programs_for
from hearout.lib.pg_folder import base_of, explained, kept_lock, socket_folder, write_note
from hearout.lib.pg_install import Install, PostgresError, find_install
from hearout.lib.processes import command

__all__ = ["Cluster", "PostgresError", "database_running", "database_url", "django_database"]

START_LIMIT = 60.0
"""Seconds without any answer after which a start has failed."""
RECOVERY_LIMIT = 600.0
"""Seconds that a server may take which answers that it is still recovering from a crash."""
STOP_LIMIT = 20.0
"""Seconds for a fast shutdown; then as many again for an immediate one."""

ROLE = "hearout"
DATABASE = "hearout"
EXTENSIONS = ("pg_trgm", "unaccent", "btree_gist")
PORT = "5432"

BORN_WITH = {
    "shared_buffers": "256MB",
    "max_connections": "100",
    "wal_compression": "on",
    "jit": "off",
    "fsync": "on",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # failed statements hold customers' words, which have no business in a log
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
"""Written into postgresql.conf of a new cluster, where its owner may change them."""

# a process of ours that died as our child stays in the process table until it is polled
_children: list[subprocess.Popen[bytes]] = []


def database_url() -> str:
    """HEAROUT_DATABASE_URL if set, else the URL of the embedded cluster in home(), which may not run yet."""
    return os.environ.get("HEAROUT_DATABASE_URL") or _cluster_of_home().url(DATABASE)


@contextmanager
def database_running() -> Iterator[str]:
    """database_url() with the embedded server, where that is what it names, running for the duration."""
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
            "HEAROUT_DATABASE_URL is no PostgreSQL URL. It looks like postgresql://user:password@host/database."
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
    """One PostgreSQL server whose files lie in `folder`. Every method raises only PostgresError.

    `settings` go on the server's command line and overrule its postgresql.conf.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        with explained(f"look into {folder}"):
            self.folder = folder.expanduser().resolve()
            self._base = base_of(self.folder)
        self.data = self._base / "data"
        self.log = self._base / "postgres.log"
        self._socket = socket_folder(self._base)
        self._settings = dict(settings or {})

    def url(self, database: str, *, user: str = ROLE) -> str:
        return f"postgresql://{user}@/{quote(database, safe='')}?host={quote(str(self._socket))}&port={PORT}"

    def running(self) -> bool:
        """Whether the server lives and lets clients in."""
        with explained(f"look into {self._base}"):
            return self._living() and self._knock() == "ready"

    def ensure(self) -> None:
        """Make the cluster where there is none. Does not start it."""
        with self._lock():
            self._make()

    def start(self) -> None:
        """Start the server, or use the one that runs; it then runs until stop()."""
        with self._lock():
            self._start()
            (self._base / "users").write_text("stay\n")

    def stop(self) -> None:
        """Stop the server, whoever uses it. Does nothing when it does not run."""
        if self._base.exists():
            with self._lock():
                self._stop()

    @contextmanager
    def running_here(self) -> Iterator[str]:
        """Use the server for a while and yield the URL of Hearout's database in it.

        Whoever comes first starts it; whoever leaves last stops it, unless start() asked it to stay. One
        that was left behind by a killed process is used like any other, and so stops with its last user.
        """
        with self._lock():
            if self._start():
                (self._base / "users").write_text("")
            users = kept_lock(self._base / "users", fcntl.LOCK_SH)
        us = os.getpid()
        try:
            yield self.url(DATABASE)
        finally:
            if os.getpid() == us:  # else we are a forked child, and not the one who leaves
                with self._lock():
                    self._leave(users)

    def _leave(self, users: int) -> None:
        try:
            # unlock at once: forked children share our lock and must not hold it for us
            fcntl.flock(users, fcntl.LOCK_UN)
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not (self._base / "users").read_text():
                self._stop()
        except BlockingIOError:
            pass
        finally:
            os.close(users)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        with explained(f"use {self._base}"):
            self._base.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = kept_lock(self._base / "lock", fcntl.LOCK_EX)
        try:
            with explained(f"use {self._base}"):
                yield
        finally:
            os.close(lock)

    def _make(self) -> tuple[Account, Path]:
        """The account and the folder of programs to run with, after initdb where it was still due."""
        install, account = find_install(), account_for(self.data)
        write_note(self.folder, self._base)
        for folder in (self._base.parent, self._base):
            let_through(account, folder)
        programs = programs_for(account, install)
        if (self.data / "PG_VERSION").exists():
            made_by = (self.data / "PG_VERSION").read_text().strip()
            if made_by != str(install.major):
                raise PostgresError(
                    f"The database in {self.data} was made by PostgreSQL {made_by}, and the programs here are "
                    f"version {install.version}. Set HEAROUT_PG_BIN to the programs of version {made_by}; "
                    "to move on, dump the database with them and restore it into a new HEAROUT_HOME."
                )
        elif self.data.exists():
            raise PostgresError(f"{self.data} holds no database. Move it away, or set another HEAROUT_HOME.")
        else:
            self._initdb(account, programs, install)
        return account, programs

    def _initdb(self, account: Account, programs: Path, install: Install) -> None:
        half = self._base / "data.new"
        answer = None
        for locale in _locales(install.major):
            shutil.rmtree(half, ignore_errors=True)
            half.mkdir(mode=0o700)
            account.give(half)
            answer = subprocess.run(
                [programs / "initdb", "-D", half, "-U", "postgres", "-E", "UTF8", "-A", "trust",
                 "--data-checksums", "--no-instructions", "--text-search-config=simple", "--lc-messages=C",
                 *locale, *(f"--set={name}={value}" for name, value in BORN_WITH.items())],
                capture_output=True, text=True, errors="replace", env=_clean_environment(), cwd="/",
                check=False, **account.run_as(),
            )  # fmt: skip
            if answer.returncode == 0:
                half.rename(self.data)
                return
        shutil.rmtree(half, ignore_errors=True)
        said = answer.stderr.strip() if answer else ""
        raise PostgresError(f"PostgreSQL could not make its files in {self._base}.{_advice(said)} It said: {said}")

    def _start(self) -> bool:
        """Whether it had to be started."""
        if self._living() and self._knock() == "ready":
            return False
        account, programs = self._make()
        self._make_socket_folder(account)
        started = time.monotonic()
        wait = 0.01
        launched: subprocess.Popen[bytes] | None = None
        log_from = 0
        while (answer := self._knock()) != "ready" or not self._living():
            if launched and launched.poll() is not None:
                self._raise_unless_passing(log_from)
                launched = None
            if launched is None:
                log_from = self.log.stat().st_size if self.log.exists() else 0
                launched = self._launch(account, programs)
            if time.monotonic() - started > (RECOVERY_LIMIT if answer == "starting" else START_LIMIT):
                raise PostgresError(
                    f"PostgreSQL has not let anybody in for {time.monotonic() - started:.0f} seconds. "
                    f"It may still be recovering: try again later, or read {self.log}. "
                    f"Its last words: {self._last_words(log_from)}"
                )
            time.sleep(wait)
            wait = min(wait * 1.5, 0.25)
        if launched:
            self._provide()
        return launched is not None

    def _make_socket_folder(self, account: Account) -> None:
        if not self._socket.exists():
            self._socket.mkdir(mode=0o700)
            account.give(self._socket)
        facts = self._socket.lstat()
        if facts.st_uid != account.uid or facts.st_mode & 0o777 != 0o700:
            raise PostgresError(
                f"{self._socket} is not a private folder of PostgreSQL's own user. Remove it and try again."
            )

    def _launch(self, account: Account, programs: Path) -> subprocess.Popen[bytes] | None:
        """Start a server, or None while processes of an earlier one are still there."""
        try:
            server = kept_lock(self._base / "server", fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return None
        try:
            if self._living_without_lock():
                return None
            # their process number may belong to a stranger by now, and PostgreSQL would take it for a server
            for stale in (self.data / "postmaster.pid", self._socket / f".s.PGSQL.{PORT}.lock"):
                stale.unlink(missing_ok=True)
            if self.log.exists() and self.log.stat().st_size > 10_000_000:
                self.log.replace(self.log.with_suffix(".log.old"))
            settings = {**self._settings, "listen_addresses": "", "unix_socket_permissions": "0700"}
            settings["unix_socket_directories"] = str(self._socket)
            with open(self.log, "ab") as log:
                account.give(self.log)
                child = subprocess.Popen(
                    [programs / "postgres", "-D", self.data, "-p", PORT,
                     *(f"--{name}={value}" for name, value in settings.items())],
                    stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=_clean_environment(), cwd="/",
                    pass_fds=(server,), start_new_session=True, **account.run_as(),
                )  # fmt: skip
        finally:
            os.close(server)
        _children.append(child)
        return child

    def _raise_unless_passing(self, log_from: int) -> None:
        """A server that was killed leaves memory and locks behind for a moment; all else is final."""
        said = self._last_words(log_from)
        if not re.search(r"is still in use|lock file .* already exists", said):
            raise PostgresError(f"PostgreSQL did not start.{_advice(said)} It said: {said} (More in {self.log}.)")

    def _last_words(self, log_from: int = 0) -> str:
        try:
            with open(self.log, "rb") as log:
                log.seek(log_from)
                return " / ".join(log.read()[-20_000:].decode(errors="replace").splitlines()[-8:])
        except OSError as error:
            return f"nothing that can be read ({error.strerror})"

    def _knock(self) -> Literal["ready", "starting", "silent"]:
        try:
            psycopg.connect(self.url("postgres", user="postgres"), connect_timeout=5).close()
        except psycopg.Error as error:
            return "starting" if "the database system is" in str(error) else "silent"
        return "ready"

    def _living(self) -> bool:
        """Whether any process of the server lives."""
        for child in _children:
            child.poll()
        try:
            os.close(kept_lock(self._base / "server", fcntl.LOCK_SH | fcntl.LOCK_NB, create=False))
        except BlockingIOError:
            return True
        except FileNotFoundError:
            pass
        return self._living_without_lock()

    def _living_without_lock(self) -> bool:
        """Whether somebody started a server by hand, or locks are not inherited on this file system."""
        pid = self._pid()
        return pid is not None and str(self.data) in command(pid)

    def _pid(self) -> int | None:
        try:
            return abs(int((self.data / "postmaster.pid").read_text().split()[0]))
        except (FileNotFoundError, IndexError, ValueError):
            return None

    def _stop(self) -> None:
        (self._base / "users").write_text("")
        for order in (signal.SIGINT, signal.SIGQUIT):
            deadline = time.monotonic() + STOP_LIMIT
            if self._living() and (pid := self._pid()):
                os.kill(pid, order)
            while self._living() and time.monotonic() < deadline:
                time.sleep(0.02)
        if self._living():
            raise PostgresError(f"PostgreSQL does not stop (process {self._pid()}). Read {self.log}.")

    def _provide(self) -> None:
        """Hearout's role and database, with the extensions in template1 too, for the databases of tests.

        The role is no superuser: row-level security binds only those who are not.
        """
        with psycopg.connect(self.url("template1", user="postgres"), autocommit=True) as server:
            if not server.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
                server.execute(f"CREATE ROLE {ROLE} LOGIN CREATEDB NOSUPERUSER NOBYPASSRLS")
            _extend(server)
        with psycopg.connect(self.url("postgres", user="postgres"), autocommit=True) as server:
            if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                server.execute(f"CREATE DATABASE {DATABASE} OWNER {ROLE}")
        with psycopg.connect(self.url(DATABASE, user="postgres"), autocommit=True) as server:
            _extend(server)


def _extend(server: psycopg.Connection[Any]) -> None:
    there = server.execute("SELECT name FROM pg_available_extensions WHERE name = ANY(%s)", [list(EXTENSIONS)])
    for (name,) in there.fetchall():
        server.execute(f"CREATE EXTENSION IF NOT EXISTS {name}")


def _locales(major: int) -> list[list[str]]:
    """Locales to try: code point order, and letters beyond ASCII known as letters."""
    # from 17 the server brings its own; full text search asks the system's LC_CTYPE before 18
    provider = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if major >= 17 else []
    return [[*provider, "--locale=C", "--lc-ctype=C.UTF-8"], [*provider, "--locale=C"]]


def _clean_environment() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.startswith(("PG", "LC_"))} | {"LC_ALL": "C"}


def _advice(said: str) -> str:
    if "No space left" in said:
        return " The disk is full: free some space and try again."
    return " It may not use its files: check who owns them." if "Permission denied" in said else ""
