"""Jetstream of Bluesky, kept as JSON Lines: posts of the network `bluesky`.

A line is an event: `did` and `time_us`, and by `kind` a `commit` (a record that was created, updated or
deleted), an `identity` (which handle an account has) or an `account`. Only posts are read of the records.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from hearout.channels.archive.lines import LineFile, Rejected
from hearout.channels.archive.times import revision_of
from hearout.channels.archive.values import told
from hearout.channels.base import IncomingAuthor, IncomingPost, Json
from hearout.channels.payload import MAX_ID, MAX_TEXT, YEARS, Fields, reject

NETWORK = "bluesky"
POSTS = "app.bsky.feed.post"
NO_HANDLE = "posts whose author's handle the file does not tell: their DID stands for it"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = 7_258_118_400_000_000
"""2200 in microseconds since 1970."""

_TID = {letter: place for place, letter in enumerate("234567abcdefghijklmnopqrstuvwxyz")}
_MENTION = "app.bsky.richtext.facet#mention"


def looks_like(value: Mapping[str, Json]) -> bool:
    return "did" in value and ("time_us" in value or "commit" in value)


def read_bluesky(file: LineFile, warnings: Counter[str]) -> Iterator[IncomingPost | Rejected]:
    return told(file, Events(warnings).posts)


class Events:
    """Remembers the handles that identity events told: commits name accounts by their DID only."""

    def __init__(self, warnings: Counter[str]) -> None:
        self._warnings = warnings
        self._handles: dict[str, str] = {}

    def posts(self, value: Json) -> Iterator[IncomingPost]:
        event = Fields(value, "The event")
        did = event.identifier("did")
        if identity := event.optional_object("identity"):
            if handle := identity.optional_identifier("handle"):
                self._handles[did] = handle
        elif (commit := event.optional_object("commit")) and commit.raw("collection") == POSTS:
            yield self._post(did, event, commit)

    def _post(self, did: str, event: Fields, commit: Fields) -> IncomingPost:
        key = commit.identifier("rkey")
        external_id = f"at://{did}/{POSTS}/{key}"
        if len(external_id) > MAX_ID:
            reject(f"The post's address has {len(external_id):,} characters; at most {MAX_ID:,} are kept.")
        told_at = _microseconds(event.raw("time_us"))
        operation = commit.text("operation", most=20)
        if operation == "delete":
            posted_at = min(_time_of_key(key) or told_at, told_at)
            return IncomingPost(NETWORK, external_id, posted_at, self._author(did), deleted_at=told_at)
        if operation not in ("create", "update"):
            reject(f"The commit's operation is {operation!r}, neither create, update nor delete.")
        record = commit.optional_object("record")
        if record is None:
            reject("The commit has no record.")
        text = record.text("text", most=MAX_TEXT)
        changed = told_at if operation == "update" else None
        return IncomingPost(
            network=NETWORK,
            external_id=external_id,
            posted_at=min(_stated(record) or told_at, (changed and _time_of_key(key)) or told_at),
            author=self._author(did),
            text=text,
            parent_id=_parent(record),
            language=_language(record),
            mentions=self._mentions(text, record.raw("facets")),
            revision=revision_of(changed),
            edited_at=changed,
        )

    def _author(self, did: str) -> IncomingAuthor:
        handle = self._handles.get(did)
        if handle is None:
            self._warnings[NO_HANDLE] += 1
        return IncomingAuthor(external_id=did, handle=handle or did)

    def _mentions(self, text: str, facets: Json) -> tuple[str, ...]:
        """Each by its handle, and by its DID, which alone cannot be made up."""
        written = text.encode("utf-8")
        found: list[str] = []
        for facet in facets if isinstance(facets, list) else ():
            for feature in _mentions_of(facet):
                did = Fields(feature, "The post's mention").identifier("did")
                handle = self._handles.get(did) or _slice(written, facet.get("index"))
                found += [handle, did] if handle else [did]
        return tuple(found[:1_000])


def _mentions_of(facet: Json) -> list[Mapping[str, Json]]:
    features = facet.get("features") if isinstance(facet, dict) else None
    return [one for one in features or () if isinstance(one, dict) and one.get("$type") == _MENTION]


def _slice(written: bytes, index: Json) -> str:
    """The handle between two places, which count bytes of UTF-8."""
    start, end = (index.get(name) for name in ("byteStart", "byteEnd")) if isinstance(index, dict) else (0, 0)
    if not (isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= start + 260):
        return ""
    return written[start:end].decode("utf-8", "ignore").strip().lstrip("@＠")


def _microseconds(value: Json) -> datetime:
    if type(value) is not int or not 0 <= value < _LAST:
        reject("The event: time_us is not a number of microseconds since 1970.")
    return _EPOCH + timedelta(microseconds=value)


def _stated(record: Fields) -> datetime | None:
    """What the author's program says, who may say anything; so it counts only where it is plausible."""
    text = record.raw("createdAt")
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
        moment = moment and moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if moment and moment.year in YEARS else None


def _time_of_key(key: str) -> datetime | None:
    """The microsecond that a record's key (a TID: 53 bits of time, 10 of a clock's id) was made in."""
    if len(key) != 13 or any(letter not in _TID for letter in key):
        return None
    number = 0
    for letter in key:
        number = number << 5 | _TID[letter]
    micros = (number >> 10) & ((1 << 53) - 1)
    return _EPOCH + timedelta(microseconds=micros) if micros < _LAST else None


def _parent(record: Fields) -> str | None:
    reply = record.optional_object("reply")
    parent = reply and reply.optional_object("parent")
    return parent.optional_identifier("uri") if parent else None


def _language(record: Fields) -> str | None:
    languages = record.raw("langs")
    first = languages[0] if isinstance(languages, list) and languages else None
    return first if isinstance(first, str) and 0 < len(first) <= 35 and first.isascii() else None
