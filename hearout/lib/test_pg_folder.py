from pathlib import Path

import pytest

from hearout.lib.conftest import ask
from hearout.lib.postgres import Cluster, PostgresError, django_database

SYSTEMS = Path("/tmp")  # noqa: S108


@pytest.mark.parametrize("name", ["x" * 120, "with a blank, a comma and an ü"])
def test_a_path_that_no_socket_can_have_gets_a_short_private_one(place: Path, name: str) -> None:
    cluster = Cluster(place / name / "postgres")
    with cluster.running_here() as url:
        assert ask(url, "SELECT 1") == 1
    socket = Path(django_database(url)["HOST"])
    assert socket.parent == SYSTEMS
    assert socket.stat().st_mode & 0o777 == 0o700
    socket.rmdir()


def test_a_short_folder_that_somebody_else_prepared_is_refused(place: Path) -> None:
    cluster = Cluster(place / ("x" * 120) / "postgres")
    trap = Path(django_database(cluster.url("hearout"))["HOST"])
    trap.mkdir(mode=0o755)
    try:
        with pytest.raises(PostgresError, match="not a private folder"):
            cluster.start()
    finally:
        trap.rmdir()
