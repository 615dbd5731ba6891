"""Secrets at rest: encrypted, authenticated, and bound to the row they belong to.

A stored secret reads `h1.<key id>.<nonce and ciphertext>`: AES-256-GCM with the place it is stored
in as associated data, so that a token moved to another row, column or table does not open. The key
id says which key opens it; keys are rotated by putting a new one first.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hearout.lib.home import home

FORMAT = "h1"
KEY_BYTES, NONCE_BYTES = 32, 12


class SecretError(Exception):
    """A secret or a key cannot be read. The message says what to do, and never holds either."""


class Keyring:
    """Keys in order: the first encrypts, each of them decrypts.

    `bound_to` names the place of a secret and never changes, e.g. `handles.credentials:17`.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys:
            raise SecretError("There is no secret key. Set HEAROUT_SECRET_KEYS to one that `new_key` made.")
        if any(len(key) != KEY_BYTES for key in keys):
            raise SecretError(f"A secret key must be {KEY_BYTES} bytes long.")
        self._ciphers = {hashlib.sha256(key).hexdigest()[:8]: AESGCM(key) for key in keys}
        self._current = next(iter(self._ciphers))

    def __repr__(self) -> str:
        return f"<Keyring {', '.join(self._ciphers)}>"

    def encrypt(self, plain: str, bound_to: str) -> str:
        """A token of ASCII letters, digits, `.`, `-`, `_` and `=`, another one at each call."""
        nonce, head = os.urandom(NONCE_BYTES), f"{FORMAT}.{self._current}"
        cipher = self._ciphers[self._current]
        sealed = cipher.encrypt(nonce, _bytes(plain), _bytes(f"{head}.{bound_to}"))
        return f"{head}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def decrypt(self, token: str, bound_to: str) -> str:
        """Raises SecretError for a token of another row, another key, or one that was changed."""
        head, key_id, sealed = _parts(token)
        if key_id not in self._ciphers:
            raise SecretError(
                f"This secret was encrypted with key {key_id!r}, which is not here. Put that key back "
                "into HEAROUT_SECRET_KEYS or the key file, or enter the secret again."
            )
        try:
            plain = self._ciphers[key_id].decrypt(
                sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _bytes(f"{head}.{bound_to}")
            )
        except (InvalidTag, ValueError) as error:
            raise SecretError(
                f"The secret stored at {bound_to!r} was changed, or belongs to another place. Enter it again."
            ) from error
        return plain.decode("utf-8", "surrogatepass")

    def is_current(self, token: str) -> bool:
        """Whether the first key encrypted it; if not, decrypt and encrypt it again, then drop old keys."""
        return _parts(token)[1] == self._current


def load_keyring() -> Keyring:
    """The keys of this installation.

    HEAROUT_SECRET_KEYS (separated by commas or blanks), else the file HEAROUT_SECRET_KEYS_FILE (a
    key a line), else `secret.keys` in Hearout's folder, made with mode 0600 at first use. Raises
    SecretError.
    """
    if given := os.environ.get("HEAROUT_SECRET_KEYS"):
        return Keyring(_keys(given.replace(",", " "), "HEAROUT_SECRET_KEYS"))
    if named := os.environ.get("HEAROUT_SECRET_KEYS_FILE"):
        return Keyring(_keys(_read(Path(named)), named))
    path = home() / "secret.keys"
    if not path.exists():
        _write_first_key(path)
    if os.name == "posix" and path.stat().st_mode & 0o077:
        raise SecretError(f"Others may read the secret keys. Run: chmod 600 {path}")
    return Keyring(_keys(_read(path), str(path)))


def new_key() -> str:
    """A key in the form that the environment and the key file hold."""
    return base64.urlsafe_b64encode(os.urandom(KEY_BYTES)).decode()


def _write_first_key(path: Path) -> None:
    """Whole or not at all, and the first of several processes wins: all read the same key after."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"# Whoever has this key reads the stored credentials. Back it up.\n{new_key()}\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        pass
    except OSError as error:
        raise SecretError(f"The secret key cannot be written to {path} ({error.strerror}).") from error
    finally:
        draft.unlink(missing_ok=True)


def _read(path: Path) -> str:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise SecretError(f"The secret keys in {path} cannot be read ({error}).") from error
    return " ".join(line for line in lines if not line.lstrip().startswith("#"))


def _keys(text: str, source: str) -> list[bytes]:
    try:
        keys = [base64.b64decode(key, altchars=b"-_", validate=True) for key in text.split()]
    except ValueError as error:  # `from error` would print the key
        raise SecretError(f"A key in {source} is not base64 ({type(error).__name__}).") from None
    if not keys or any(len(key) != KEY_BYTES for key in keys):
        raise SecretError(f"{source} must hold keys of {KEY_BYTES} bytes in base64, as `new_key` makes them.")
    return keys


def _parts(token: str) -> tuple[str, str, bytes]:
    version, _, rest = token.partition(".")
    key_id, _, sealed = rest.partition(".")
    try:
        raw = base64.b64decode(sealed, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    # Base64 spells the same bytes in several ways; only ours counts, so that any change shows.
    canonical = base64.urlsafe_b64encode(raw).decode() == sealed
    if version != FORMAT or not canonical or len(raw) < NONCE_BYTES:
        raise SecretError("This is not a stored secret: it was cut, or never encrypted. Enter it again.")
    return f"{version}.{key_id}", key_id, raw


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
