"""An audit's document, told for a template: figures, splits, brands, studies, definitions, quality."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from hearout.desk.audit.words import Json, Value, plain, value_of

SHARES = (
    "first_contact_resolution", "loop_closed", "kudos_rate", "moved_to_private", "leak_rate",
)  # fmt: skip
ALIASES = {"typical": ("typical", "typical_wait_seconds"), "score": ("score", "expectation_score")}
"""Under which names the interval of a value may stand."""

SPLITS = {
    "tone": ("By tone", "What the opening reads as."),
    "directness": ("By how they name the brand", "By handle, by hashtag, or by name without the @."),
    "handle_role": ("By handle", "Whether it arrived at the main handle or at the one for care."),
    "place": ("By place", "On the brand’s own page, or elsewhere."),
    "network": ("By network", ""),
}
ORDER = (
    "question", "complaint", "praise", "other", "unread", "direct", "hashtag", "indirect", "unnamed",
    "care", "main", "own page", "elsewhere", "none",
)  # fmt: skip
NAMES = {
    "question": "Question", "complaint": "Complaint", "praise": "Praise", "other": "Other", "unread": "Not read",
    "direct": "By handle", "hashtag": "By hashtag", "indirect": "By name, without the @",
    "unnamed": "Not named, only answered", "care": "Care handle", "main": "Main handle", "own page": "Own page",
    "elsewhere": "Elsewhere", "none": "No handle of the brand", "x": "X (Twitter)", "twitter": "Twitter",
    "bluesky": "Bluesky", "mastodon": "Mastodon", "twcs": "Twitter",
}  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class Told:
    """The figures of one brand, of one part of it, or of all. `key`: the part's name as the document has it."""

    name: str
    openings: int
    answered: int
    rate: Value
    median: Value
    p90: Value
    mean: Value
    typical: Value
    half_hour: Value
    hour: Value
    day: Value
    score: Value
    grade: str
    shares: dict[str, Value]
    handles: tuple[str, ...] = ()
    key: str = ""

    @property
    def count(self) -> str:
        return f"{self.openings:,}"


@dataclass(frozen=True)
class Split:
    key: str
    title: str
    lead: str
    rows: list[Told]


def told(figures: Json, name: str = "", key: str = "") -> Told:
    """Figures in words. What the document does not say stays empty."""
    first: Json = figures.get("first_response_seconds") or {}
    within: Json = figures.get("answered_within") or {}
    rate: Json = figures.get("response_rate") or {}
    around: Json = figures.get("intervals") or {}

    def of(what: str, value: Any, unit: str) -> Value:
        names = ALIASES.get(what, (what, f"first_response_{what}", f"first_response_seconds.{what}"))
        found: Json = next((around[one] for one in names if around.get(one)), {})
        return value_of(value, unit, {"n": first.get("n"), **found} if unit == "seconds" else found)

    in_time = [within.get(seconds) or {} for seconds in ("1800", "3600", "86400")]
    half_hour, hour, day = (value_of(one.get("value"), "share", one) for one in in_time)
    return Told(
        name=name or plain(figures.get("brand")),
        openings=int(figures.get("openings") or 0),
        answered=int(figures.get("answered") or 0),
        rate=value_of(rate.get("value"), "share", rate),
        median=of("median", first.get("median"), "seconds"),
        p90=of("p90", first.get("p90"), "seconds"),
        mean=of("mean", first.get("mean"), "seconds"),
        typical=of("typical", figures.get("typical_wait_seconds"), "seconds"),
        half_hour=half_hour,
        hour=hour,
        day=day,
        score=of("score", figures.get("expectation_score"), "score"),
        grade=plain(figures.get("grade")),
        shares={one: of(one, figures.get(one), "share") for one in SHARES},
        handles=_handles(figures),
        key=key,
    )


def _handles(figures: Json) -> tuple[str, ...]:
    """`@tidewing`, `@tidewingcare (care)`."""
    roles: Json = figures.get("roles") or {}
    names = [plain(name) for name in figures.get("handles") or ()]
    return tuple(
        f"@{name.removeprefix('@')}{' (care)' if roles.get(name) == 'care' else ''}" for name in names
    )


def splits(figures: Json, wanted: Iterable[str] = SPLITS, *, least: int = 1) -> list[Split]:
    """The splits that say something: with `least` parts or more that hold openings."""
    found = []
    for key in wanted:
        title, lead = SPLITS[key]
        rows = parts(figures, key)
        if len(rows) >= least:
            found.append(Split(key, title, lead, rows))
    return found


def parts(figures: Json, key: str) -> list[Told]:
    """The parts of one split that hold openings, in the order in which people name them."""
    by: Json = (figures.get("by") or {}).get(key) or {}
    rows = [
        told(one, plain(NAMES.get(name, name)), name)
        for name, one in by.items()
        if one and one.get("openings")
    ]
    return sorted(rows, key=lambda row: _place(row.key))


def times(figures: Json, key: str) -> list[Told]:
    """All 24 hours or all seven weekdays, those without openings too."""
    by: Json = (figures.get("by") or {}).get(key) or {}
    if not by:
        return []
    if key == "weekday":
        names: Sequence[tuple[str, str]] = [(day, day) for day in WEEKDAYS]
    else:
        names = [(str(hour), f"{hour:02}:00") for hour in range(24)]
    return [told(by.get(one) or by.get(one.zfill(2)) or {}, name, one) for one, name in names]


def _place(key: str) -> tuple[int, str]:
    return (ORDER.index(key), key) if key in ORDER else (len(ORDER), key)
