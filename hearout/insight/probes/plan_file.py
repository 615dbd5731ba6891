"""`probes.toml`: what to test, by whom, when, and in which words. `EXAMPLE` is one that works."""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

TONES = ("question", "complaint", "praise")
DIRECTNESS = ("direct", "indirect")
PLACES = ("elsewhere", "own page")
SLOT = "{brand}"
LARGEST = 1_000_000

EXAMPLE = """\
name = "march"
from = 2026-03-02T00:00:00        # probes go out at random times between these two, nights and weekends too
until = 2026-03-09T00:00:00
zone = "Europe/Lisbon"            # of the two times; left out: UTC
pause_minutes = 20                # at least so long between two probes
each = 1                          # probes for each tone, directness and place
tones = ["question", "complaint", "praise"]
directness = ["direct", "indirect"]
places = ["elsewhere", "own page"]
# seed = 7                        # the same seed draws the same times; left out: drawn, and told

[[shopper]]
name = "jo"
channel = "simulator"
disclosed_to = "Sol Reyes, head of care, and the works council (12 February 2026)"
settings = { base_url = "http://127.0.0.1:8099" }
secrets = { token = "env:JO_TOKEN" }      # env:NAME or file:PATH, never the secret itself

[[target]]
network = "simulator"
handle = "@tidewing"
call_it = "Tidewing"              # how customers write of it without an @; left out: the brand's name
# also = ["@tidewingcare"]        # whose answers count too; our own handles are known
# page_id = "u_100"               # the account's id, for posts on the page of somebody else

[texts]                           # {brand} becomes @tidewing (direct) or Tidewing (indirect, and on its page)
question = [
    "Does {brand} take surfboards to Porto?",
    "Can I change the name on a booking with {brand}?",
    "How early does check-in open with {brand} in Lisbon?",
]
complaint = [
    "Half an hour in the queue at the {brand} counter and nobody there.",
    "The site of {brand} lost my booking halfway, twice.",
    "Cold coffee and no water on the {brand} flight this morning.",
]
praise = [
    "Lovely crew on the {brand} flight to Faro today!",
    "The {brand} app just saved my morning, well done.",
    "Best legroom in ages, thanks {brand}!",
]
"""


class PlanError(ValueError):
    """The plan cannot be used. The message says where and what to write instead."""


@dataclass(frozen=True)
class ShopperWanted:
    """`secrets` are resolved; empty to keep those that are stored. `id` and `handle` where no network tells them."""

    name: str
    channel: str
    disclosed_to: str
    settings: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    id: str = ""
    handle: str = ""


@dataclass(frozen=True)
class TargetWanted:
    network: str
    handle: str
    call_it: str = ""
    also: tuple[str, ...] = ()
    page_id: str = ""


@dataclass(frozen=True)
class PlanWanted:
    """A plan as its file says it. Times are aware, in UTC. `seed` None: to be drawn."""

    name: str
    starts_at: datetime
    ends_at: datetime
    shoppers: tuple[ShopperWanted, ...]
    targets: tuple[TargetWanted, ...]
    texts: dict[str, tuple[str, ...]]
    tones: tuple[str, ...] = TONES
    directness: tuple[str, ...] = DIRECTNESS
    places: tuple[str, ...] = ("elsewhere",)
    each: int = 1
    pause: timedelta = timedelta(minutes=20)
    seed: int | None = None
    source: str = ""


_TOP = (
    "name", "from", "until", "zone", "pause_minutes", "each", "tones", "directness", "places", "seed", "shopper",
    "target", "texts",
)  # fmt: skip
_SHOPPER = ("name", "channel", "disclosed_to", "settings", "secrets", "id", "handle")
_TARGET = ("network", "handle", "call_it", "also", "page_id")


def read_plan(path: Path) -> PlanWanted:
    """The plan of a TOML file. Raises PlanError."""
    try:
        if path.stat().st_size > LARGEST:
            raise PlanError(f"{path} has more than 1 MB, so it is no plan.")
        return parse_plan(path.read_bytes().decode("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise PlanError(f"{path} cannot be read: {error}.") from error


def parse_plan(text: str) -> PlanWanted:
    """The plan of TOML text. Raises PlanError."""
    try:
        told = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise PlanError(f"The plan is not TOML: {error}.") from error
    _known(told, _TOP, "the plan")
    zone = _zone(told)
    starts_at, ends_at = _time(told, "from", zone), _time(told, "until", zone)
    if starts_at >= ends_at:
        raise PlanError("until must be later than from.")
    tones = _choice(told, "tones", TONES, TONES)
    return PlanWanted(
        name=_name(told, "the plan"),
        starts_at=starts_at,
        ends_at=ends_at,
        shoppers=tuple(_shopper(table) for table in _tables(told, "shopper")),
        targets=tuple(_target(table) for table in _tables(told, "target")),
        texts=_texts(told, tones),
        tones=tones,
        directness=_choice(told, "directness", DIRECTNESS, DIRECTNESS),
        places=_choice(told, "places", PLACES, PLACES[:1]),
        each=_number(told, "each", 1, least=1),
        pause=timedelta(minutes=_number(told, "pause_minutes", 20, least=0)),
        seed=_number(told, "seed", 0, least=0) if "seed" in told else None,
        source=text,
    )


def _shopper(table: dict[str, Any]) -> ShopperWanted:
    where = f"the shopper {table.get('name', '')!r}"
    _known(table, _SHOPPER, where)
    disclosed_to = _text(table, "disclosed_to", where, needed=False)
    if not disclosed_to.strip():
        raise PlanError(
            f"{where[0].upper()}{where[1:]} does not say who knows of it. Write disclosed_to, with the people at "
            "the brand, and where the network asks for it its own label, that know this is a test account."
        )
    settings, secrets = table.get("settings", {}), table.get("secrets", {})
    for name, pairs in (("settings", settings), ("secrets", secrets)):
        if not isinstance(pairs, dict) or not all(isinstance(value, str) for value in pairs.values()):
            raise PlanError(f'{name} of {where} is a table of texts, such as {name} = {{ a = "b" }}.')
    return ShopperWanted(
        name=_name(table, where),
        channel=_text(table, "channel", where),
        disclosed_to=disclosed_to,
        settings=settings,
        secrets={key: _secret(value, key, where) for key, value in secrets.items()},
        id=_text(table, "id", where, needed=False),
        handle=_text(table, "handle", where, needed=False).lstrip("@"),
    )


def _secret(value: str, key: str, where: str) -> str:
    kind, _, name = value.partition(":")
    if kind == "env" and name:
        if name not in os.environ:
            raise PlanError(f"{key} of {where} is in the variable {name}, which is not set.")
        return os.environ[name]
    if kind == "file" and name:
        try:
            return Path(name).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise PlanError(f"{key} of {where} cannot be read: {type(error).__name__} at {name}.") from error
    raise PlanError(
        f"{key} of {where} must be env:NAME or file:PATH. A plan is kept as it is, so it may hold no secret."
    )


def _target(table: dict[str, Any]) -> TargetWanted:
    where = f"the target {table.get('handle', '')!r}"
    _known(table, _TARGET, where)
    also = table.get("also", [])
    if not isinstance(also, list) or not all(isinstance(one, str) for one in also):
        raise PlanError(f'also of {where} is a list of handles, such as ["@tidewingcare"].')
    handle = _text(table, "handle", where).lstrip("@")
    if not re.fullmatch(r"[\w.@-]+", handle):
        raise PlanError(f"{where[0].upper()}{where[1:]} has no handle: one word, with or without @.")
    return TargetWanted(
        network=_text(table, "network", where),
        handle=handle,
        call_it=_text(table, "call_it", where, needed=False),
        also=tuple(one.lstrip("@") for one in also),
        page_id=_text(table, "page_id", where, needed=False),
    )


def _texts(told: dict[str, Any], tones: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    table = told.get("texts")
    if not isinstance(table, dict):
        raise PlanError("There is no [texts] table with the words to post.")
    _known(table, TONES, "[texts]")
    found = {}
    for tone in tones:
        texts = table.get(tone, [])
        if not isinstance(texts, list) or not all(isinstance(one, str) for one in texts) or not texts:
            raise PlanError(f'[texts] has no {tone}. Write {tone} = ["... {SLOT} ..."].')
        for text in texts:
            if text.count(SLOT) != 1 or "@" in text:
                raise PlanError(f"The text {text[:60]!r} must have {SLOT} once, and no @ of its own.")
        found[tone] = tuple(dict.fromkeys(texts))
    return found


def _known(table: dict[str, Any], keys: tuple[str, ...], where: str) -> None:
    for key in table:
        if key not in keys:
            like = get_close_matches(key, keys, 1)
            hint = f"Did you mean {like[0]}?" if like else f"Known are {', '.join(keys)}."
            raise PlanError(f"{key!r} means nothing in {where}. {hint}")


def _tables(told: dict[str, Any], name: str) -> list[dict[str, Any]]:
    tables = told.get(name, [])
    if not isinstance(tables, list) or not tables or not all(isinstance(one, dict) for one in tables):
        raise PlanError(f"There is no [[{name}]] in the plan.")
    return tables


def _name(table: dict[str, Any], where: str) -> str:
    name = _text(table, "name", where)
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,39}", name):
        raise PlanError(f"The name {name[:60]!r} of {where} must be of a-z, 0-9, - and _, at most 40.")
    return name


def _text(table: dict[str, Any], key: str, where: str, *, needed: bool = True) -> str:
    value = table.get(key, "")
    if not isinstance(value, str) or (needed and not value.strip()) or "\0" in value:
        raise PlanError(f'{where[0].upper()}{where[1:]} needs {key} = "...".')
    return value.strip()


def _number(told: dict[str, Any], key: str, default: int, *, least: int) -> int:
    value = told.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value < 2**31:
        raise PlanError(f"{key} is a whole number of at least {least}.")
    return value


def _choice(
    told: dict[str, Any], key: str, known: tuple[str, ...], default: tuple[str, ...]
) -> tuple[str, ...]:
    value = told.get(key, list(default))
    if not isinstance(value, list) or not value or not all(one in known for one in value):
        raise PlanError(f"{key} is a list of some of: {', '.join(known)}.")
    return tuple(one for one in known if one in value)


def _zone(told: dict[str, Any]) -> ZoneInfo:
    try:
        return ZoneInfo(str(told.get("zone", "UTC")))
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise PlanError(
            f"There is no time zone {told['zone']!r}. Write one such as Europe/Lisbon."
        ) from error


def _time(told: dict[str, Any], key: str, zone: ZoneInfo) -> datetime:
    value = told.get(key)
    if not isinstance(value, datetime):
        raise PlanError(f"{key} is a time without quotes, such as 2026-03-02T08:00:00.")
    return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)
