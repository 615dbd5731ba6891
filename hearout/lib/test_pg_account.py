import multiprocessing
import os
import pwd
import subprocess
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from hearout.lib import pg_folder
from hearout.lib.conftest import ask
from hearout.lib.pg_account import account_for, programs_for
from hearout.lib.pg_install import find_install
from hearout.lib.postgres import Cluster

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="changes users")


@as_root
def test_an_ordinary_user_runs_the_server_himself(place: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    os.chown(place, nobody.pw_uid, nobody.pw_gid)
    cluster = Cluster(place / "postgres")
    as_user(nobody.pw_uid, nobody.pw_gid, cluster.start)
    assert (place / "postgres" / "data").stat().st_uid == nobody.pw_uid
    # and root after him: he stops it, starts it as that user and leaves it usable to him
    cluster.stop()
    cluster.start()
    assert (place / "postgres" / "socket" / ".s.PGSQL.5432").stat().st_uid == nobody.pw_uid
    as_user(nobody.pw_uid, nobody.pw_gid, cluster.stop)
    assert not cluster.running()


@as_root
def test_what_root_made_is_refused_to_others_with_a_sentence(cluster: Cluster) -> None:
    cluster.ensure()
    assert (cluster.folder / "data").stat().st_uid not in (0, 65534)
    with pytest.raises(AssertionError, match=r"PostgresError.*Set HEAROUT_HOME"):
        as_user(65534, 65534, lambda: Cluster(cluster.folder).start())


@as_root
def test_under_a_folder_closed_to_others_the_files_of_root_go_elsewhere(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pg_folder, "COMMON", place / "common")
    monkeypatch.setattr("hearout.lib.pg_account.COMMON", place / "common")
    closed = place / "closed"
    closed.mkdir(mode=0o700)
    cluster = Cluster(closed / "home" / "postgres")
    before = cluster.url("hearout")
    with cluster.running_here() as url:
        assert ask(url, "SELECT 1") == 1
    assert str(place / "common") in (closed / "home" / "postgres" / "elsewhere.txt").read_text()
    assert closed.stat().st_mode & 0o777 == 0o700
    closed.chmod(0o755)  # what is there stays there
    assert url == before == Cluster(closed / "home" / "postgres").url("hearout")


@as_root
def test_programs_in_a_folder_closed_to_others_are_copied_for_roots_server(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hearout.lib.pg_account.COMMON", place / "common")
    install = find_install()
    closed = place / "closed"
    closed.mkdir(mode=0o700)
    (closed / "wheel").symlink_to(install.folder.parent)
    account = account_for(place / "nothing")
    hidden = type(install)(closed / "wheel" / "bin", install.major, install.version, wheel=True)
    programs = programs_for(account, hidden)
    told = subprocess.run([programs / "postgres", "-V"], capture_output=True, text=True, **account.run_as())
    assert install.version in told.stdout
    assert programs == programs_for(account, hidden)


def as_user(uid: int, gid: int, deed: Callable[[], None]) -> None:
    """Do something in a child process that belongs to another user."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    child = context.Process(target=_as_user, args=(uid, gid, deed, theirs))
    child.start()
    complaint = ours.recv()
    child.join()
    assert complaint == ""


def _as_user(uid: int, gid: int, deed: Callable[[], None], tell: Connection) -> None:
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)
    try:
        deed()
    except Exception as error:
        tell.send(repr(error))
    else:
        tell.send("")
