"""HTTP calls to the simulated network. Whatever goes wrong leaves here as a ChannelError."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NoReturn
from urllib.parse import urlsplit

import httpx2

from hearout.channels.base import ChannelError, Json
from hearout.channels.payload import MAX_BYTES, reject

TIMEOUT = httpx2.Timeout(20.0, connect=5.0)
STREAM_TIMEOUT = httpx2.Timeout(45.0, connect=5.0)
"""The network sends an empty line every 15 s, so three missed ones mean that the line is dead."""

MAX_ANSWER = 32 << 20
MAX_SECONDS = 60.0
"""A whole answer. The time-outs above bound each read, and a network that drips would never meet them."""

MAX_WAIT = 3600.0

_PRINTABLE = re.compile(r"[\x21-\x7e]+")
_NEVER_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
_OUR_FAULT = (httpx2.UnsupportedProtocol, httpx2.LocalProtocolError, httpx2.InvalidURL, UnicodeError)


class Calls:
    """The account's calls. A `write` whose answer is lost raises with `uncertain`, a read never does."""

    def __init__(self, base_url: str, token: str, transport: httpx2.BaseTransport | None = None) -> None:
        if not _is_web_address(base_url):
            reject(f"The address {base_url[:80]!r} is not one that begins with http:// or https://.")
        if not _PRINTABLE.fullmatch(token):
            reject("The token is missing, or has characters that no token has.")
        self._client = httpx2.Client(
            base_url=base_url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=TIMEOUT,
            follow_redirects=False,
            trust_env=False,
            transport=transport,
        )

    def close(self) -> None:
        self._client.close()

    def read(self, path: str, params: Mapping[str, str] | None = None) -> Json:
        with self._answer("GET", path, params=params, write=False) as response:
            return _json(response, write=False)

    def write(self, method: str, path: str, body: Mapping[str, Json] | None = None, key: str = "") -> Json:
        headers = {"Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        content = json.dumps(body or {}).encode("ascii")
        with self._answer(method, path, content=content, headers=headers, write=True) as response:
            return _json(response, write=True)

    def lines(self, path: str, params: Mapping[str, str]) -> Iterator[bytes]:
        """The lines of an answer that does not end, until it does. Empty lines are left out."""
        with self._answer("GET", path, params=params, write=False, timeout=STREAM_TIMEOUT) as response:
            waiting = b""
            for chunk in response.iter_bytes():
                *whole, waiting = (waiting + chunk).split(b"\n")
                yield from (line for line in whole if line.strip())
                if len(waiting) > MAX_BYTES:
                    raise ChannelError(f"The network's stream has a line of more than {MAX_BYTES:,} bytes.")

    @contextmanager
    def _answer(
        self,
        method: str,
        path: str,
        *,
        write: bool,
        params: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: httpx2.Timeout = TIMEOUT,
    ) -> Iterator[httpx2.Response]:
        """A successful answer, its body not yet read; whatever fails until it is read counts too."""
        try:
            with self._client.stream(
                method, path, params=params, content=content, headers=headers, timeout=timeout
            ) as response:
                if not response.is_success:
                    _raise_for(response, write)
                yield response
        except _OUR_FAULT as error:
            raise ChannelError(f"The call cannot be made: {error}.", permanent=True) from error
        except _NEVER_SENT as error:
            raise ChannelError(f"The network cannot be reached: {_cause(error)}.") from error
        except httpx2.HTTPError as error:
            # Anything later may have happened after the network acted, even a connection reset.
            message = f"The connection to the network failed: {_cause(error)}."
            raise ChannelError(message, uncertain=write) from error


def _is_web_address(text: str) -> bool:
    try:
        host, port = httpx2.URL(text).host, urlsplit(text).port
    except (ValueError, httpx2.InvalidURL):
        return False
    return bool(host) and port != 0 and text.lower().startswith(("http://", "https://"))


def _body(response: httpx2.Response) -> bytes:
    started, body = time.monotonic(), bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > MAX_ANSWER:
            raise ValueError(f"it has more than {MAX_ANSWER:,} bytes")
        if time.monotonic() - started > MAX_SECONDS:
            raise ValueError(f"it took more than {MAX_SECONDS:.0f} s")
    return bytes(body)


def _json(response: httpx2.Response, write: bool) -> Json:
    try:
        return json.loads(_body(response))
    except (ValueError, RecursionError) as error:
        message = f"The network's answer cannot be read: {_cause(error)}."
        raise ChannelError(message, uncertain=write) from error


def _raise_for(response: httpx2.Response, write: bool) -> NoReturn:
    status, said = response.status_code, _said(response)
    if status == 401:
        raise ChannelError(
            f"The network refuses the token: renew the token of this account. {said}", permanent=True
        )
    if status == 429:
        raise ChannelError(f"The network asks us to slow down. {said}", retry_after=_wait(response))
    if status in (408, 425) or status >= 500:
        raise ChannelError(
            f"The network failed with {status}. {said}", uncertain=write, retry_after=_wait(response, None)
        )
    raise ChannelError(f"The network refused with {status}. {said}", permanent=True)


def _said(response: httpx2.Response) -> str:
    """The network's code and message, cut short and without control characters."""
    try:
        error = json.loads(_body(response))["error"]
        words = f"It says: {error['code']}: {error['message']}"
    except (ValueError, RecursionError, LookupError, TypeError, httpx2.HTTPError):
        return ""
    return "".join(letter for letter in words if letter.isprintable())[:300]


def _wait(response: httpx2.Response, default: float | None = 60.0) -> float | None:
    """Seconds of `Retry-After`, from nothing to an hour."""
    value = response.headers.get("Retry-After", "")
    if not re.fullmatch(r"\d{1,9}(\.\d+)?", value, re.ASCII):
        return default
    return min(float(value), MAX_WAIT)


def _cause(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".rstrip(": .")[:300]
