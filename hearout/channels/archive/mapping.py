"""Which column of a table holds what: told by a mapping in TOML, else guessed from usual names.

README.md beside this file describes the mapping.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from hearout.channels.payload import reject

LARGEST = 1_000_000

USUAL_NAMES: Mapping[str, tuple[str, ...]] = {
    "id": (
        "external_id", "tweet_id", "tweetid", "post_id", "status_id", "message_id", "comment_id", "id_str", "id",
    ),
    "parent": (
        "parent_id", "parent_external_id", "in_reply_to_status_id", "in_reply_to_status_id_str",
        "in_response_to_tweet_id", "in_reply_to_tweet_id", "in_reply_to_id", "replied_to_id", "reply_to_id",
        "in_reply_to", "reply_to", "replied_to", "parent",
    ),
    "author": (
        "author_id", "author_external_id", "user_id", "user_id_str", "from_id", "sender_id", "account_id", "authorid",
        "userid",
    ),
    "handle": (
        "author_handle", "handle", "screen_name", "user_screen_name", "author_username", "username", "user_name",
        "account", "author", "user", "from", "sender",
    ),
    "name": ("author_name", "display_name", "full_name", "name"),
    "text": (
        "text", "full_text", "tweet_text", "post_text", "body", "content", "message", "tweet", "post", "comment",
    ),
    "time": (
        "posted_at", "created_at", "published_at", "created_time", "timestamp", "datetime", "date_time", "created",
        "published", "time", "date",
    ),
    "by_brand": ("by_brand", "from_brand", "is_brand", "is_company", "outbound"),
    "by_customer": ("by_customer", "from_customer", "is_customer", "inbound"),
    "network": ("network", "platform"),
    "language": ("language", "lang"),
    "url": ("url", "permalink", "link"),
    "page": ("page_id",),
    "recipient": ("recipient_id",),
    "conversation": (),
    "visibility": ("visibility",),
    "mentions": ("mentions",),
    "followers": ("followers", "followers_count"),
    "automatic": ("automatic",),
    "edited": ("edited_at",),
    "deleted": ("deleted_at",),
}  # fmt: skip
"""What a column may hold, and the names by which it is recognised, the surest first."""

SETTINGS = ("network", "zone", "time_format", "delimiter", "encoding", "brand_values", "escaped")
NEEDED = (("id",), ("text",), ("time",), ("author", "handle"))


@dataclass(frozen=True)
class ColumnMapping:
    """A mapping as its file tells it. Without `columns` they are guessed; None and () mean not told."""

    columns: Mapping[str, str] = field(default_factory=dict)
    network: str | None = None
    zone: str | None = None
    time_format: str | None = None
    delimiter: str | None = None
    encoding: str | None = None
    brand_values: tuple[str, ...] = ()
    escaped: bool = False


def read_mapping(path: str | Path) -> ColumnMapping:
    """Raises ChannelError(permanent=True) with the file and what is wrong with it."""
    try:
        content = Path(path).read_bytes()
        if len(content) > LARGEST:
            reject(f"{path} has more than {LARGEST:,} bytes, so it is no mapping.")
        told = tomllib.loads(content.decode("utf-8-sig"))
    except OSError as error:
        reject(f"{path} cannot be read: {error.strerror}.")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        reject(f"{path} is not TOML: {error}.")
    return _checked(str(path), told)


def places_of(header: Sequence[str], mapping: ColumnMapping) -> dict[str, int]:
    """Where in a row each field stands.

    Raises ChannelError(permanent=True): for a column that is not there, naming those that are; and with
    a mapping to fill in where names could not be guessed.
    """
    names = [name.strip() for name in header]
    if mapping.columns:
        places = {what: _place(what, name, names) for what, name in mapping.columns.items()}
    else:
        places = _guessed(names)
    if missing := [" or ".join(one) for one in NEEDED if not any(what in places for what in one)]:
        reject(_how_to_tell(names, places, missing))
    return places


def network_of(header: Sequence[str], mapping: ColumnMapping) -> str:
    """The network of rows that do not tell theirs."""
    if mapping.network:
        return mapping.network
    return "twitter" if any("tweet" in name.lower() for name in header) else "unknown"


def _guessed(names: Sequence[str]) -> dict[str, int]:
    known = [re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") for name in names]
    places: dict[str, int] = {}
    for what, usual in USUAL_NAMES.items():
        place = next((known.index(name) for name in usual if name in known), None)
        if place is not None:
            places[what] = place
    return places


def _place(what: str, name: str, names: Sequence[str]) -> int:
    if name not in names:
        near = get_close_matches(name, names, 1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        reject(
            f"The mapping takes {what} from the column {name!r}, which is not there.{hint} {_columns(names)}"
        )
    return names.index(name)


def _how_to_tell(names: Sequence[str], places: Mapping[str, int], missing: Sequence[str]) -> str:
    """A message that ends in a mapping, filled in as far as it could be guessed."""
    lines = [f"It is not clear which column holds {_listed(missing)}. {_columns(names)}"]
    lines += ["Write a mapping, such as this one, to a file and give it with --mapping:", ""]
    lines += ['network = "twitter"', "", "[columns]"]
    for what in ("id", "parent", "author", "handle", "text", "time", "by_brand"):
        found = names[places[what]] if what in places else ""
        quoted = '"' + found.replace("\\", "\\\\").replace('"', '\\"') + '"'
        lines.append(f"{what} = {quoted}" if found else f'# {what} = "..."')
    return "\n".join(lines)


def _columns(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name[:40]) for name in names[:30])
    return f"The columns are: {shown}{', ...' if len(names) > 30 else ''}."


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _checked(path: str, told: Mapping[str, Any]) -> ColumnMapping:
    columns = told.get("columns", {})
    if not isinstance(columns, dict):
        reject(f"{path}: columns is a table; begin it with [columns].")
    _known(path, "setting", [name for name in told if name != "columns"], SETTINGS)
    _known(path, "field in [columns]", list(columns), list(USUAL_NAMES))
    for name, value in [*told.items(), *columns.items()]:
        wanted: type = {"columns": dict, "escaped": bool, "brand_values": list}.get(name, str)
        if not isinstance(value, wanted) or value == "":
            kind = {bool: "true or false", list: "a list"}.get(wanted, "text in quotes")
            reject(f"{path}: {name} is {value!r}; it must be {kind}.")
    if len(told.get("delimiter", ",")) != 1:
        reject(f"{path}: delimiter is {told['delimiter']!r}; it must be one character.")
    settings = {name: told[name] for name in SETTINGS if name in told and name != "brand_values"}
    words = tuple(str(word).strip().lower() for word in told.get("brand_values", ()))
    return ColumnMapping(columns=columns, brand_values=words, **settings)


def _known(path: str, kind: str, names: Sequence[str], known: Sequence[str]) -> None:
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(known)}."
            reject(f"{path}: there is no {kind} called {name!r}. {hint}")
