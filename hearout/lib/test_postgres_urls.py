from pathlib import Path

import pytest

from hearout.lib.conftest import ask
from hearout.lib.postgres import Cluster, PostgresError, database_running, database_url, django_database


def test_a_given_url_comes_before_the_embedded_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEAROUT_DATABASE_URL", "postgresql://ana@db.example/care")
    assert database_url() == "postgresql://ana@db.example/care"
    with database_running() as url:
        assert url == database_url()


def test_hearouts_home_holds_the_cluster(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEAROUT_DATABASE_URL", raising=False)
    monkeypatch.setenv("HEAROUT_HOME", str(place / "home"))
    assert database_url() == Cluster(place / "home" / "postgres").url("hearout")
    with database_running() as url:
        assert ask(url, "SELECT 1") == 1
    assert (place / "home").stat().st_mode & 0o007 == 0


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        (
            "postgresql://a%40b:p%2Fw@db.example:6543/care?sslmode=require",
            {"NAME": "care", "USER": "a@b", "PASSWORD": "p/w", "HOST": "db.example", "PORT": "6543",
             "OPTIONS": {"sslmode": "require"}},
        ),
        (
            "postgres://hearout@/hearout?host=/srv/x&port=5432",
            {"NAME": "hearout", "USER": "hearout", "PASSWORD": "", "HOST": "/srv/x", "PORT": "5432",
             "OPTIONS": {}},
        ),
        (
            "host=db.example",
            {"NAME": "hearout", "USER": "", "PASSWORD": "", "HOST": "db.example", "PORT": "", "OPTIONS": {}},
        ),
    ],
)  # fmt: skip
def test_a_url_becomes_djangos_settings(url: str, wanted: dict[str, object]) -> None:
    assert django_database(url) == {"ENGINE": "django.db.backends.postgresql", **wanted}


def test_a_wrong_url_is_told_without_its_password() -> None:
    with pytest.raises(PostgresError) as caught:
        django_database("mysql://ana:secret@db/care")
    assert "secret" not in str(caught.value)
    assert caught.value.__suppress_context__
