"""Where Hearout keeps what it must not lose: its database, keys and archives."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import platformdirs


class HomeError(Exception):
    """The folder cannot be used; the message says what to do."""


def home() -> Path:
    """The absolute path of Hearout's folder, made with mode 0700 when it is not there yet.

    It is HEAROUT_HOME if that is set, else `var` in a checkout, else the user's data folder.
    Raises HomeError.
    """
    folder = _chosen()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise HomeError(
            f"Hearout cannot make its folder {folder} ({error.strerror}). "
            "Set HEAROUT_HOME to a folder that you may write to."
        ) from error
    return folder


def _chosen() -> Path:
    if given := os.environ.get("HEAROUT_HOME"):
        return Path(given).expanduser().absolute()
    if checkout := _checkout():
        return checkout / "var"
    return Path(platformdirs.user_data_dir("hearout", appauthor=False))


def _checkout() -> Path | None:
    above = Path(__file__).resolve().parents[2]
    try:
        project = tomllib.loads((above / "pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    table = project.get("project")
    return above if isinstance(table, dict) and table.get("name") == "hearout" else None
