"""HTTP/1.1 by hand: a simulated network must be able to act on a request and then cut the connection."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, unquote

MAX_HEAD = 64 * 1024
MAX_BODY = 64 * 1024 * 1024


class RefusedError(Exception):
    """An answer other than success: HTTP status, the network's error code and a sentence."""

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.headers = status, code, message, headers or {}


@dataclass(slots=True)
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """The body as an object; an empty body is an empty object. Raises RefusedError (400)."""
        if not self.body:
            return {}
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise RefusedError(400, "bad_request", f"The body is no JSON: {error}") from error
        if not isinstance(value, dict):
            raise RefusedError(400, "bad_request", "The body must be a JSON object.")
        return value


@dataclass(slots=True)
class Response:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    lines: AsyncIterator[bytes] | None = None
    cut: bool = False
    """Close the connection hard instead of answering."""


Handler = Callable[[Request], Awaitable[Response]]


def answer(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON answer. ASCII only, so that lone surrogates in hostile posts can be told at all."""
    return Response(status, json.dumps(value, separators=(",", ":")).encode(), headers or {})


def refusal(refused: RefusedError) -> Response:
    value = {"error": {"code": refused.code, "message": refused.message}}
    return answer(value, refused.status, refused.headers)


class Server:
    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen; returns the port (a free one for port 0)."""
        self._server = await asyncio.start_server(self._accept, host, port, limit=MAX_HEAD, backlog=512)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while await self._exchange(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        except asyncio.CancelledError:
            # asyncio's stream code reports a cancelled connection as an error on the terminal.
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request and its answer; says whether the connection lives on."""
        try:
            request = await read_request(reader)
        except (ValueError, RefusedError) as error:
            writer.write(_head(refusal(RefusedError(400, "bad_request", str(error))), close=True))
            return False
        response = await self._handler(request)
        if response.cut:
            writer.transport.abort()
            return False
        close = request.headers.get("connection", "").lower() == "close"
        if response.lines is not None:
            await _send_lines(writer, response)
            return False
        writer.write(_head(response, close) + (b"" if request.method == "HEAD" else response.body))
        await writer.drain()
        return not close


async def read_request(reader: asyncio.StreamReader) -> Request:
    head = await reader.readuntil(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    method, target, _version = first.split(" ", 2)
    headers: dict[str, str] = {}
    for line in rest:
        name, colon, value = line.partition(":")
        if colon:
            headers[name.strip().lower()] = value.strip()
    if headers.get("transfer-encoding", "").lower() == "chunked":
        body = await _read_chunks(reader)
    else:
        length = int(headers.get("content-length", "0"))
        if not 0 <= length <= MAX_BODY:
            raise ValueError("The body is too large.")
        body = await reader.readexactly(length)
    path, _, query = target.partition("?")
    pairs = dict(parse_qsl(query, keep_blank_values=True))
    return Request(method, unquote(path), pairs, headers, body)


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    body = bytearray()
    while True:
        size = int((await reader.readline()).split(b";")[0], 16)
        if size < 0 or len(body) + size > MAX_BODY:
            raise ValueError("The body is too large.")
        body += await reader.readexactly(size)
        await reader.readline()
        if size == 0:
            return bytes(body)


def _head(response: Response, close: bool) -> bytes:
    headers = {"Content-Type": "application/json", "Content-Length": str(len(response.body))}
    return _status(response.status, headers | response.headers, close)


def _status(status: int, headers: dict[str, str], close: bool) -> bytes:
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines.append("Connection: close" if close else "Connection: keep-alive")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


async def _send_lines(writer: asyncio.StreamWriter, response: Response) -> None:
    assert response.lines is not None
    headers = {"Content-Type": "application/x-ndjson", "Transfer-Encoding": "chunked"}
    writer.write(_status(response.status, headers | response.headers, close=True))
    async with contextlib.aclosing(response.lines) as lines:  # type: ignore[type-var]
        async for line in lines:
            writer.write(b"%x\r\n%s\r\n" % (len(line), line))
            await writer.drain()
    writer.write(b"0\r\n\r\n")
    await writer.drain()
