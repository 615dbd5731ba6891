"""Where a cluster's files lie, and the locks on them."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import pwd
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hearout.lib.pg_account import COMMON, make_common, open_to_all
from hearout.lib.pg_install import PostgresError

LONGEST_SOCKET = 103
"""Bytes of a Unix socket's path that every system allows (Linux 107, macOS 103)."""


@contextmanager
def explained(deed: str) -> Iterator[None]:
    """Turn what the operating system refuses into a PostgresError that says what to do."""
    try:
        yield
    except OSError as error:
        advice = {
            errno.ENOSPC: "The disk is full: free some space and try again.",
            errno.EDQUOT: "Your disk quota is used up: free some space and try again.",
            errno.EROFS: "It is read-only: set HEAROUT_HOME to a folder that can be written to.",
        }.get(error.errno or 0, "Set HEAROUT_HOME to a folder of your own that can be written to.")
        raise PostgresError(f"PostgreSQL cannot {deed} ({error}). {advice}") from error


def advice(said: str) -> str:
    """A sentence, with a blank before it, on the commonest causes in PostgreSQL's own words."""
    if "No space left" in said:
        return " The disk is full: free some space and try again."
    return " It may not use its files: look who owns them." if "Permission denied" in said else ""


def base_of(folder: Path) -> Path:
    """Where the files of the cluster in `folder` really are.

    That is `folder` itself, except for root: PostgreSQL then runs as another user, whom root's own home
    does not let pass. A new cluster under it goes to /var/lib/hearout, and a note in `folder` says so.
    """
    note = _note(folder)
    if os.access(note, os.R_OK):
        return Path(note.read_text().splitlines()[0])
    if os.geteuid() != 0 or (folder / "data").exists():
        return folder
    roots_own = folder.parent == Path(pwd.getpwuid(0).pw_dir).resolve()
    if open_to_all(folder.parent.parent) and not roots_own:
        return folder
    return COMMON / hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]


def write_note(folder: Path, base: Path) -> None:
    if base == folder or _note(folder).exists():
        return
    make_common()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _note(folder).write_text(
        f"{base}\nThe database is there because PostgreSQL, which does not run as root, cannot come here.\n"
    )


def _note(folder: Path) -> Path:
    return folder / "elsewhere.txt"


def socket_folder(base: Path) -> Path:
    """The folder of the server's socket: a short one where the path is too long or would need quoting."""
    folder = base / "socket"
    short = len(os.fsencode(folder / ".s.PGSQL.5432")) <= LONGEST_SOCKET
    if short and re.fullmatch(r"[\w./-]+", str(folder), re.ASCII):
        return folder
    # not TMPDIR: processes with different ones have to meet
    return Path("/tmp") / f"hearout-{hashlib.sha256(os.fsencode(base)).hexdigest()[:16]}"  # noqa: S108 (its owner and mode are checked)


def kept_lock(path: Path, how: int, *, create: bool = True) -> int:
    """Lock a file and return its descriptor; closing that unlocks it. BlockingIOError as from flock.

    Root gives the file to the owner of the folder, so that he can go on alone.
    """
    handle = os.open(path, os.O_RDWR | os.O_CLOEXEC | (os.O_CREAT if create else 0), 0o600)
    try:
        owner = path.parent.stat()
        if os.geteuid() == 0 and owner.st_uid != os.fstat(handle).st_uid:
            os.fchown(handle, owner.st_uid, owner.st_gid)
        fcntl.flock(handle, how)
    except BaseException:
        os.close(handle)
        raise
    return handle
