import subprocess
import sys
from pathlib import Path

import pytest

from hearout.lib import pg_throwaway
from hearout.lib.conftest import ask
from hearout.lib.pg_throwaway import throwaway_database
from hearout.lib.postgres import Cluster, django_database


@pytest.fixture(autouse=True)
def _own_temporary_folder(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEAROUT_DATABASE_URL", raising=False)
    monkeypatch.setenv("TMPDIR", str(place))
    monkeypatch.setattr("tempfile.tempdir", str(place))


def folder_of(url: str) -> Path:
    return Path(django_database(url)["HOST"]).parent


def test_a_throwaway_database_is_fast_and_leaves_nothing(place: Path) -> None:
    with throwaway_database() as url:
        assert ask(url, "SELECT current_database() || current_setting('fsync')") == "hearoutoff"
    assert list(place.iterdir()) == []


def test_what_a_killed_process_left_is_swept_and_what_is_in_use_is_not(place: Path) -> None:
    program = (
        "import sys; from hearout.lib.pg_throwaway import throwaway_database\n"
        "with throwaway_database() as url: print(url, flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout
    url = other.stdout.readline().strip()
    pg_throwaway.sweep()
    assert ask(url, "SELECT 1") == 1
    other.kill()
    other.communicate()
    left = Cluster(folder_of(url))
    assert left.running()
    pg_throwaway.sweep()
    assert not left.running()
    assert list(place.iterdir()) == []


def test_a_given_server_is_used_as_it_is(monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    monkeypatch.setenv("HEAROUT_DATABASE_URL", "postgresql://ana@db.example/care")
    with throwaway_database() as url:
        assert url == "postgresql://ana@db.example/care"
    assert list(place.iterdir()) == []
