"""How a cluster comes into the world: its files, its role and its database."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg

from hearout.lib.pg_account import Account
from hearout.lib.pg_folder import advice
from hearout.lib.pg_install import Install, PostgresError, clean_environment

ROLE = "hearout"
DATABASE = "hearout"
EXTENSIONS = ("pg_trgm", "unaccent", "btree_gist")

SETTINGS = {
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


def make_files(data: Path, account: Account, programs: Path, install: Install) -> None:
    """Make the data folder where there is none; a killed attempt leaves nothing that looks like one.

    Raises PostgresError, also when the files there were made by another major version.
    """
    version = data / "PG_VERSION"
    if version.exists():
        _check_version(data, version.read_text().strip(), install)
    elif data.exists():
        raise PostgresError(f"{data} holds no database. Move it away, or set another HEAROUT_HOME.")
    else:
        half = data.with_name("data.new")
        _initdb(half, account, programs, install)
        half.rename(data)


def _check_version(data: Path, made_by: str, install: Install) -> None:
    if made_by != str(install.major):
        raise PostgresError(
            f"The database in {data} was made by PostgreSQL {made_by}, and the programs here are version "
            f"{install.version}. Set HEAROUT_PG_BIN to the programs of version {made_by}; to move on, "
            "dump the database with them and restore it into a new HEAROUT_HOME."
        )


def _initdb(data: Path, account: Account, programs: Path, install: Install) -> None:
    said = ""
    for locale in _locales(install.major):
        shutil.rmtree(data, ignore_errors=True)
        data.mkdir(mode=0o700)
        account.give(data)
        answer = subprocess.run(
            [programs / "initdb", "-D", data, "-U", "postgres", "-E", "UTF8", "-A", "trust",
             "--data-checksums", "--no-instructions", "--text-search-config=simple", "--lc-messages=C",
             *locale, *(f"--set={name}={value}" for name, value in SETTINGS.items())],
            capture_output=True, text=True, errors="replace", env=clean_environment(), cwd="/",
            check=False, **account.run_as(),
        )  # fmt: skip
        if answer.returncode == 0:
            return
        said = answer.stderr.strip()
        if "invalid locale" not in said:
            break
    shutil.rmtree(data, ignore_errors=True)
    raise PostgresError(
        f"PostgreSQL could not make its files in {data.parent}.{advice(said)} It said: {said}"
    )


def _locales(major: int) -> list[list[str]]:
    """Locales to try: order by code point, and letters beyond ASCII known as letters."""
    # from 17 the server brings its own; full-text search asks the system's LC_CTYPE before 18
    provider = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if major >= 17 else []
    return [[*provider, "--locale=C", "--lc-ctype=C.UTF-8"], [*provider, "--locale=C"]]


def provide(url_of: Callable[[str, str], str]) -> None:
    """Hearout's role and database, unless they are there. `url_of(database, user)`; raises PostgresError.

    The role is no superuser, for row-level security binds only those who are not. The extensions go to
    template1, from where every later database has them, those of tests too. The database comes last,
    so that its presence shows that all is done.
    """
    try:
        with psycopg.connect(url_of("postgres", "postgres"), autocommit=True) as server:
            if server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                return
            if not server.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
                server.execute(f"CREATE ROLE {ROLE} LOGIN CREATEDB NOSUPERUSER NOBYPASSRLS")
            with psycopg.connect(url_of("template1", "postgres"), autocommit=True) as template:
                there = "SELECT name FROM pg_available_extensions WHERE name = ANY(%s)"
                for (name,) in template.execute(there, [list(EXTENSIONS)]).fetchall():
                    template.execute(f"CREATE EXTENSION IF NOT EXISTS {name}")
            server.execute(f"CREATE DATABASE {DATABASE} OWNER {ROLE}")
    except psycopg.Error as error:
        raise PostgresError(f"PostgreSQL runs, but Hearout's database cannot be made: {error}") from error
