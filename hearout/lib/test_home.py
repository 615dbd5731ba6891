from pathlib import Path

import pytest

from hearout.lib import home as module
from hearout.lib.home import HomeError, home


def test_the_environment_names_the_folder_and_nobody_else_may_look_into_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEAROUT_HOME", str(tmp_path / "a" / "b"))
    assert home() == tmp_path / "a" / "b"
    assert home().stat().st_mode & 0o777 == 0o700


def test_a_checkout_keeps_its_data_to_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEAROUT_HOME", raising=False)
    assert home() == Path(module.__file__).parents[2] / "var"


def test_an_installed_hearout_uses_the_users_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HEAROUT_HOME", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    installed = tmp_path / "site-packages" / "hearout" / "lib" / "home.py"
    monkeypatch.setattr(module, "__file__", str(installed))
    assert home().name == "hearout"
    assert (tmp_path / "site-packages" / "var").exists() is False
    installed.parents[2].mkdir()
    (installed.parents[2] / "pyproject.toml").write_text('[project]\nname = "of-somebody-else"\n')
    assert home().name == "hearout"
    (installed.parents[2] / "pyproject.toml").write_text("no [toml")
    assert home().name == "hearout"


def test_a_folder_that_cannot_be_made_is_told_with_a_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HEAROUT_HOME", str(tmp_path / "file" / "home"))
    with pytest.raises(HomeError, match="Set HEAROUT_HOME"):
        home()
