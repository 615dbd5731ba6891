"""Whom PostgreSQL runs as. It refuses to run as root, so root hands it to an account of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from hearout.lib.pg_install import Install, PostgresError

COMMON = Path("/var/lib/hearout")
"""Where root keeps what its PostgreSQL account could not reach under root's own folders."""


class RunAs(TypedDict, total=False):
    """Arguments for subprocess that change the user of the new process; empty for no change."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Account:
    """The operating system's user that owns the data and runs the server."""

    uid: int
    gid: int

    @property
    def is_us(self) -> bool:
        return self.uid == os.geteuid()

    def run_as(self) -> RunAs:
        return {} if self.is_us else {"user": self.uid, "group": self.gid, "extra_groups": []}

    def give(self, path: Path) -> None:
        if not self.is_us:
            os.chown(path, self.uid, self.gid)


def account_for(data: Path) -> Account:
    """The account that owns `data` if that exists; else ourselves, or for root an account made for it.

    Root's account is called hearout_pg, or as HEAROUT_PG_USER says. Raises PostgresError.
    """
    us = Account(os.geteuid(), os.getegid())
    try:
        facts = data.stat()
    except FileNotFoundError:
        return us if us.uid else _account_of_roots()
    except PermissionError:
        facts = None
    if facts and us.uid == 0 and facts.st_uid != 0:
        return Account(facts.st_uid, facts.st_gid)
    if facts and facts.st_uid == us.uid != 0:
        return us
    raise PostgresError(
        f"The database in {data} belongs to another user. "
        "Start Hearout as the user who made it, or as root, or set HEAROUT_HOME to a folder of your own."
    )


def _account_of_roots() -> Account:
    name = os.environ.get("HEAROUT_PG_USER") or "hearout_pg"
    useradd = shutil.which("useradd") or shutil.which("useradd", path="/usr/sbin:/sbin")
    problem = "there is no useradd"
    for _ in range(10):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            if not useradd:
                break
        else:
            if entry.pw_uid == 0:
                raise PostgresError(f"PostgreSQL does not run as root: name another user than {name}.")
            return Account(entry.pw_uid, entry.pw_gid)
        made = subprocess.run(
            [useradd, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent",
             "--shell", "/usr/sbin/nologin", name],
            capture_output=True, text=True, errors="replace", check=False,
        )  # fmt: skip
        problem = made.stderr.strip()
        if made.returncode:  # perhaps somebody else holds the lock on /etc/passwd
            time.sleep(0.1)
    raise PostgresError(
        f"PostgreSQL refuses to run as root, and the user {name} could not be made ({problem}). "
        "Run Hearout as an ordinary user, or set HEAROUT_PG_USER to one that exists."
    )


def open_to_all(folder: Path) -> bool:
    """Whether every user may pass through `folder` and all folders above it."""
    return all(part.stat().st_mode & stat.S_IXOTH for part in (folder, *folder.parents) if part.exists())


def let_through(account: Account, folder: Path) -> None:
    """Let the account pass through a folder of ours that is closed to others, without letting it look."""
    facts = folder.stat()
    if account.is_us or facts.st_uid == account.uid or facts.st_mode & stat.S_IXOTH:
        return
    mode = stat.S_IMODE(facts.st_mode)
    if facts.st_gid != account.gid and mode & stat.S_IRWXG:
        os.chmod(folder, mode | stat.S_IXOTH)  # its group is in use for something else
        return
    os.chown(folder, -1, account.gid)
    os.chmod(folder, mode | stat.S_IXGRP)  # noqa: S103 (passing, not reading)


def programs_for(account: Account, install: Install) -> Path:
    """The folder of programs that the account can run: the given one, or a copy where root's is closed."""
    folder = install.folder
    readable = (folder / "postgres").stat().st_mode & 0o005 == 0o005
    if account.is_us or (open_to_all(folder) and readable):
        return folder
    if not install.wheel:
        raise PostgresError(
            f"PostgreSQL's own user cannot run the programs in {folder}: "
            "let all users into that folder, or install PostgreSQL elsewhere and set HEAROUT_PG_BIN."
        )
    copy = COMMON / f"postgresql-{install.version}"
    if not copy.exists():
        _copy_programs(folder.parent, copy)
    return copy / "bin"


def _copy_programs(source: Path, target: Path) -> None:
    make_common()
    half = target.with_name(f"{target.name}.{os.getpid()}")
    shutil.copytree(source, half, symlinks=True, ignore=shutil.ignore_patterns("include", "*.a"))
    for path in (half, *half.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755)
    try:
        half.rename(target)
    except OSError:  # another process was faster
        shutil.rmtree(half, ignore_errors=True)
        if not target.exists():
            raise


def make_common() -> None:
    COMMON.mkdir(parents=True, exist_ok=True)
    COMMON.chmod(0o711)
