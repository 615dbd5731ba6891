"""One server process: launched, knocked at, found again, stopped. Who may do so when is Cluster's affair."""

from __future__ import annotations

import fcntl
import os
import re
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import psycopg

from hearout.lib.pg_account import Account
from hearout.lib.pg_folder import advice, kept_lock, socket_folder
from hearout.lib.pg_install import PostgresError, clean_environment
from hearout.lib.processes import command

START_LIMIT = 60.0
"""Seconds without any answer after which a start has failed."""
RECOVERY_LIMIT = 600.0
"""Seconds granted to a server that answers that it is still recovering from a crash."""
STOP_LIMIT = 20.0
"""Seconds for a fast shutdown; then as many again for an immediate one."""
LONGEST_LOG = 10_000_000
"""Bytes of log after which a start begins a new one, keeping the old."""
PORT = "5432"

# a child that died stays in the process table until it is polled
_children: list[subprocess.Popen[bytes]] = []


class Server:
    """The server over the files in `base`; `settings` overrule its postgresql.conf."""

    def __init__(self, base: Path, settings: Mapping[str, str]) -> None:
        self.data = base / "data"
        self.log = base / "postgres.log"
        self._lock_of_processes = base / "server"
        self._socket = socket_folder(base)
        self._settings = settings

    def url(self, database: str, user: str) -> str:
        return f"postgresql://{user}@/{quote(database, safe='')}?host={quote(str(self._socket))}&port={PORT}"

    def ready(self) -> bool:
        return self.living() and self._knock() == "ready"

    def living(self) -> bool:
        """Whether any process of the server lives."""
        for child in _children:
            child.poll()
        try:
            os.close(kept_lock(self._lock_of_processes, fcntl.LOCK_SH | fcntl.LOCK_NB, create=False))
        except BlockingIOError:
            return True
        except FileNotFoundError:
            pass
        return self._postmaster() is not None

    def start(self, account: Account, programs: Path) -> None:
        """Return when the server lets clients in. Raises PostgresError."""
        self._make_socket_folder(account)
        began = time.monotonic()
        wait, launched, log_from = 0.01, None, 0
        while (answer := self._knock()) != "ready" or not self.living():
            if launched and launched.poll() is not None:
                self._raise_unless_passing(log_from)
                launched = None
            if launched is None:
                log_from = self._begin_log()
                launched = self._launch(account, programs)
            waited = time.monotonic() - began
            if waited > (RECOVERY_LIMIT if answer == "starting" else START_LIMIT):
                raise PostgresError(
                    f"PostgreSQL has let nobody in for {waited:.0f} seconds. It may still be recovering: "
                    f"try again later, or read {self.log}. Its last words: {self._last_words(log_from)}"
                )
            time.sleep(wait)
            wait = min(wait * 1.5, 0.25)

    def stop(self) -> None:
        """Return when no process of the server lives any more. Raises PostgresError."""
        for order in (signal.SIGINT, signal.SIGQUIT):
            deadline = time.monotonic() + STOP_LIMIT
            told = None
            while self.living() and time.monotonic() < deadline:
                if (pid := self._postmaster()) and pid != told:
                    with suppress(ProcessLookupError):
                        os.kill(pid, order)
                    told = pid
                time.sleep(0.02)
        if self.living():
            raise PostgresError(f"PostgreSQL does not stop (process {self._postmaster()}). Read {self.log}.")

    def _postmaster(self) -> int | None:
        """The process that postmaster.pid names, provided that it lives and really serves our data.

        Of use to signal it, and to find a server that was started by hand and so holds no lock.
        """
        try:
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
        except (FileNotFoundError, IndexError, ValueError):
            return None
        return pid if pid > 0 and str(self.data) in command(pid) else None

    def _launch(self, account: Account, programs: Path) -> subprocess.Popen[bytes] | None:
        """Start a process, or None while those of an earlier server are still there."""
        try:
            lock = kept_lock(self._lock_of_processes, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return None
        try:
            if self._postmaster():
                return None
            # the process number in them may be a stranger's by now, and PostgreSQL would respect that
            for stale in (self.data / "postmaster.pid", self._socket / f".s.PGSQL.{PORT}.lock"):
                stale.unlink(missing_ok=True)
            settings = {
                **self._settings,
                "listen_addresses": "",
                "unix_socket_directories": str(self._socket),
                "unix_socket_permissions": "0700",
            }
            with open(self.log, "ab") as log:
                account.give(self.log)
                child = subprocess.Popen(
                    [programs / "postgres", "-D", self.data, "-p", PORT,
                     *(f"--{name}={value}" for name, value in settings.items())],
                    stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=clean_environment(), cwd="/",
                    pass_fds=(lock,), start_new_session=True, **account.run_as(),
                )  # fmt: skip
        finally:
            os.close(lock)
        _children.append(child)
        return child

    def _knock(self) -> Literal["ready", "starting", "silent"]:
        try:
            psycopg.connect(self.url("postgres", "postgres"), connect_timeout=5).close()
        except psycopg.Error as error:
            return "starting" if "the database system is" in str(error) else "silent"
        return "ready"

    def _make_socket_folder(self, account: Account) -> None:
        if not self._socket.exists():
            self._socket.mkdir(mode=0o700)
            account.give(self._socket)
        facts = self._socket.lstat()
        # in a folder that all may write to, anybody could have been there before us
        if facts.st_uid != account.uid or facts.st_mode & 0o777 != 0o700:
            raise PostgresError(
                f"{self._socket} is not a private folder of PostgreSQL's own user. Remove it and try again."
            )

    def _raise_unless_passing(self, log_from: int) -> None:
        """A server that was killed leaves memory and locks behind for a moment; all else is final."""
        said = self._last_words(log_from)
        if not re.search(r"is still in use|lock file .* already exists", said):
            raise PostgresError(f"PostgreSQL did not start.{advice(said)} It said: {said} (Read {self.log}.)")

    def _begin_log(self) -> int:
        """The length of the log so far."""
        if not self.log.exists():
            return 0
        if self.log.stat().st_size > LONGEST_LOG:
            self.log.replace(self.log.with_suffix(".log.old"))
            return 0
        return self.log.stat().st_size

    def _last_words(self, log_from: int) -> str:
        try:
            with open(self.log, "rb") as log:
                log.seek(log_from)
                return " / ".join(log.read(100_000).decode(errors="replace").splitlines()[-8:])
        except OSError as error:
            return f"nothing that can be read ({error.strerror})"
