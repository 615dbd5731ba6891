"""Secrets open in their own place, with their own key, and nowhere else."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearout.lib import secrets
from hearout.lib.secrets import Keyring, SecretError, load_keyring, new_key

OLD, NEW = bytes(range(32)), bytes(range(1, 33))
RING = Keyring([OLD])
PLACE = "handles.credentials:17"


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HEAROUT_HOME", str(tmp_path))
    monkeypatch.delenv("HEAROUT_SECRET_KEYS", raising=False)
    monkeypatch.delenv("HEAROUT_SECRET_KEYS_FILE", raising=False)
    return tmp_path


@given(st.text(), st.text())
def test_any_secret_comes_back_from_its_own_place(plain: str, place: str) -> None:
    assert RING.decrypt(RING.encrypt(plain, place), place) == plain


def test_lone_surrogates_do_not_crash_it() -> None:
    assert RING.decrypt(RING.encrypt("a\ud800\0", "row\udfff"), "row\udfff") == "a\ud800\0"


def test_a_dump_shows_nothing_of_the_secret_and_equal_secrets_look_different() -> None:
    one, two = RING.encrypt("tidewing-token", PLACE), RING.encrypt("tidewing-token", PLACE)
    assert one != two
    assert "tidewing" not in one
    assert "tidewing" not in repr(RING)
    assert OLD.hex() not in repr(vars(RING))


@pytest.mark.parametrize("elsewhere", ["handles.credentials:18", "hooks.secret:17", "", PLACE + "\0"])
def test_a_secret_moved_to_another_place_does_not_open(elsewhere: str) -> None:
    with pytest.raises(SecretError, match="belongs to another place"):
        RING.decrypt(RING.encrypt("s", PLACE), elsewhere)


def test_every_changed_character_is_noticed() -> None:
    token = RING.encrypt("secret", PLACE)
    changes = [(at, other) for at in range(len(token)) for other in "AQgwBRhx.=" if other != token[at]]
    for at, other in changes:
        with pytest.raises(SecretError):
            RING.decrypt(token[:at] + other + token[at + 1 :], PLACE)


@given(st.one_of(st.text(), st.text().map(lambda tail: "h1.630dcd29." + tail)))
def test_any_other_text_is_refused_with_a_clear_error(token: str) -> None:
    with pytest.raises(SecretError):
        Keyring([OLD]).decrypt(token, PLACE)


def test_rotation_reads_the_old_and_writes_the_new() -> None:
    token = RING.encrypt("secret", PLACE)
    both = Keyring([NEW, OLD])
    assert both.decrypt(token, PLACE) == "secret"
    assert not both.is_current(token)
    again = both.encrypt("secret", PLACE)
    assert both.is_current(again)
    assert Keyring([NEW]).decrypt(again, PLACE) == "secret"
    with pytest.raises(SecretError, match="which is not here"):
        Keyring([NEW]).decrypt(token, PLACE)


def test_the_first_use_makes_a_key_that_only_the_owner_reads(own_home: Path) -> None:
    token = load_keyring().encrypt("secret", PLACE)
    path = own_home / "secret.keys"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in own_home.iterdir()] == ["secret.keys"]
    assert load_keyring().decrypt(token, PLACE) == "secret"


def test_of_two_processes_that_start_together_both_use_the_key_of_the_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first: list[Keyring] = []

    def while_another_starts() -> str:
        monkeypatch.setattr(secrets, "new_key", new_key)
        first.append(load_keyring())
        return new_key()

    monkeypatch.setattr(secrets, "new_key", while_another_starts)
    second = load_keyring()
    assert second.decrypt(first[0].encrypt("secret", PLACE), PLACE) == "secret"


def test_a_key_file_that_others_may_read_is_refused(own_home: Path) -> None:
    load_keyring()
    (own_home / "secret.keys").chmod(0o644)
    with pytest.raises(SecretError, match="chmod 600"):
        load_keyring()


def test_the_environment_gives_several_keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    first, second = new_key(), new_key()
    monkeypatch.setenv("HEAROUT_SECRET_KEYS", second)
    token = load_keyring().encrypt("secret", PLACE)
    monkeypatch.setenv("HEAROUT_SECRET_KEYS", f"{first}, {second}")
    assert load_keyring().decrypt(token, PLACE) == "secret"
    monkeypatch.delenv("HEAROUT_SECRET_KEYS")
    (tmp_path / "keys").write_text(f"# the new one\n{first}\n\n{second}\n")
    monkeypatch.setenv("HEAROUT_SECRET_KEYS_FILE", str(tmp_path / "keys"))
    assert load_keyring().decrypt(token, PLACE) == "secret"
    assert not (tmp_path / "secret.keys").exists()


@pytest.mark.parametrize("given_keys", ["tidewing", "dGlkZXdpbmc=", " , ", "ключ"])
def test_a_bad_key_is_refused_without_being_shown(monkeypatch: pytest.MonkeyPatch, given_keys: str) -> None:
    monkeypatch.setenv("HEAROUT_SECRET_KEYS", given_keys)
    with pytest.raises(SecretError, match="HEAROUT_SECRET_KEYS") as caught:
        load_keyring()
    assert given_keys.strip(" ,") == "" or given_keys not in str(caught.value)


def test_a_missing_key_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HEAROUT_SECRET_KEYS_FILE", str(tmp_path / "gone"))
    with pytest.raises(SecretError, match="gone"):
        load_keyring()
    with pytest.raises(SecretError, match="no secret key"):
        Keyring([])
    with pytest.raises(SecretError, match="32 bytes"):
        Keyring([os.urandom(16)])
