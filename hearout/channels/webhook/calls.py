"""One POST to the receiving system. Whatever goes wrong leaves here as a ChannelError."""

from __future__ import annotations

import ipaddress
import re
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn
from urllib.parse import urlsplit

import httpx2

from hearout.channels.base import ChannelError
from hearout.channels.payload import reject

TIMEOUT = httpx2.Timeout(20.0, connect=5.0)
MAX_ANSWER = 1 << 20
MAX_SECONDS = 40.0
"""A whole answer. The time-outs above bound each read, and a receiver that drips would never meet them."""

MAX_WAIT = 3600.0

Resolve = Callable[[str, int], Sequence[str]]
"""Host and port to addresses. Raises OSError."""

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_NEVER_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
_OUR_FAULT = (httpx2.UnsupportedProtocol, httpx2.LocalProtocolError, httpx2.InvalidURL, UnicodeError)


def resolved(host: str, port: int) -> list[str]:
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def is_public(address: str) -> bool:
    """Whether an address lies in the open internet, seen through the ways to write IPv4 within IPv6."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo or (None, None))[1]
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        if ip.is_site_local:
            return False
    return ip.is_global and not ip.is_multicast


class Receiver:
    """The system that takes replies. `inside`: its address may be a private one."""

    def __init__(
        self,
        address: str,
        *,
        inside: bool,
        transport: httpx2.BaseTransport | None = None,
        resolve: Resolve = resolved,
    ) -> None:
        self._url = _web_address(address)
        self._inside = inside
        self._resolve = resolve
        self._client = httpx2.Client(
            timeout=TIMEOUT, follow_redirects=False, trust_env=False, transport=transport
        )

    def close(self) -> None:
        self._client.close()

    def post(self, body: bytes, headers: Mapping[str, str]) -> bytes:
        """The body of a 2xx answer. Raises ChannelError; `uncertain` where it may have been acted on."""
        host = self._url.host
        pinned = self._url.copy_with(host=self._address())
        named = {"Host": self._url.netloc.decode("ascii"), "Content-Type": "application/json"}
        try:
            with self._client.stream(
                "POST",
                pinned,
                content=body,
                headers=named | dict(headers),
                extensions={"sni_hostname": host},
            ) as response:
                if not response.is_success:
                    _raise_for(response)
                return _body(response)
        except _OUR_FAULT as error:
            raise ChannelError(f"The call cannot be made: {error}.", permanent=True) from error
        except _NEVER_SENT as error:
            raise ChannelError(f"The receiver cannot be reached: {_cause(error)}.") from error
        except httpx2.HTTPError as error:
            # Anything later may have happened after the receiver acted, even a connection reset.
            message = f"The connection to the receiver failed: {_cause(error)}."
            raise ChannelError(message, uncertain=True) from error

    def _address(self) -> str:
        """The one address that is then connected to, so that no second answer of a name server counts."""
        port = self._url.port or (443 if self._url.scheme == "https" else 80)
        try:
            found = self._resolve(self._url.host, port)
        except (OSError, UnicodeError) as error:
            raise ChannelError(f"The receiver cannot be reached: {_cause(error)}.") from error
        allowed = [one for one in found if self._inside or is_public(one)]
        if not allowed:
            reject(
                "The receiver's address lies in a private network. Allow that in the settings of the handle."
            )
        return allowed[0]


def _web_address(address: str) -> httpx2.URL:
    try:
        url = httpx2.URL(address)
        right = url.scheme in ("http", "https") and bool(url.host) and not url.userinfo
        right = right and urlsplit(address).port != 0
    except (ValueError, TypeError, httpx2.InvalidURL):
        right = False
    if not right or not address.isprintable():
        reject(f"{ascii(address)[:80]} is not a web address that begins with http:// or https://.")
    return url


def _body(response: httpx2.Response) -> bytes:
    started, body = time.monotonic(), bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > MAX_ANSWER or time.monotonic() - started > MAX_SECONDS:
            # A longer answer is no reason to send again: the receiver has it.
            return b""
    return bytes(body)


def _raise_for(response: httpx2.Response) -> NoReturn:
    status, said = response.status_code, _said(response)
    if status in (401, 403):
        message = (
            f"The receiver refuses our signature ({status}): renew the token (the secret of what goes out)."
        )
        raise ChannelError(f"{message} {said}".rstrip(), permanent=True)
    if status == 410:
        raise ChannelError(f"The receiver is gone for good (410): change its address. {said}", permanent=True)
    if status == 429:
        raise ChannelError(f"The receiver asks us to slow down. {said}", retry_after=_wait(response, 60.0))
    if status in (408, 409, 425) or status >= 500:
        wait = _wait(response, None)
        raise ChannelError(f"The receiver failed with {status}. {said}", uncertain=True, retry_after=wait)
    raise ChannelError(f"The receiver refused with {status}. {said}", permanent=True)


def _said(response: httpx2.Response) -> str:
    """The first words of the answer, without control characters."""
    try:
        words = _body(response)[:2_000].decode("utf-8", "replace")
    except httpx2.HTTPError:
        return ""
    return "".join(letter for letter in words if letter.isprintable())[:300]


def _wait(response: httpx2.Response, default: float | None) -> float | None:
    """Seconds of `Retry-After`, from nothing to an hour."""
    value = response.headers.get("Retry-After", "")
    if not re.fullmatch(r"\d{1,9}(\.\d+)?", value, re.ASCII):
        return default
    return min(float(value), MAX_WAIT)


def _cause(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".rstrip(": .")[:300]
