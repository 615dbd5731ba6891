"""The figures of an audit in words: each value with its interval and its n, or why there is none."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from hearout.desk.overview.words import percent
from hearout.lib.clean import INVISIBLE, clean_text

NONE = "–"
PERCENT = "\u00a0%"
BAR = 120
"""The width of a bar for 100 %, in the units of its picture."""

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Value:
    """One value as it is read. `share` is there when it can be drawn as a bar; `why` when there is no value."""

    text: str = NONE
    interval: str = ""
    n: int | None = None
    why: str = ""
    number: float | None = None
    share: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def known(self) -> bool:
        return self.number is not None

    @property
    def count(self) -> str:
        return count(self.n)

    @property
    def range(self) -> str:
        """The interval for a narrow column, with a dash for its `to`."""
        dash = (
            " – " if "\u00a0" in self.interval.removesuffix(PERCENT) else "–\u2060"
        )  # no line breaks at the dash of short ones
        return self.interval.replace(" to ", dash)

    @property
    def bar(self) -> str:
        return f"{(self.share or 0) * BAR:.1f}"

    @property
    def whisker(self) -> tuple[str, str]:
        return f"{(self.low or 0) * BAR:.1f}", f"{(1 if self.high is None else self.high) * BAR:.1f}"

    def apart_from(self, other: Value) -> bool:
        """Whether the two intervals do not touch: only then does a difference deserve a sentence."""
        if None in (self.low, self.high, other.low, other.high):
            return False
        return bool(self.low > other.high or other.low > self.high)  # type: ignore[operator]


def plain(text: Any, most: int = 300) -> str:
    """A stranger's text as one line that does not pretend: nothing unseen, no lone surrogates, not endless."""
    seen = INVISIBLE.sub("", clean_text(str(text or ""), 10 * most))
    line = " ".join(seen.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def number(value: Any) -> float | None:
    """A number that can be shown: no text, no truth value, not infinite."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def wait(seconds: float) -> str:
    """`48 s`, `13 min 33 s`, `8 h 52 min`, `2 d 2 h`, `23 d`: two units at most, rounded."""
    whole = round(abs(seconds))
    if whole < 60:
        return f"{whole}\u00a0s"
    for size, name, part, small, most in (
        (60, "min", 1, "s", 3600),
        (3600, "h", 60, "min", 86_400),
        (86_400, "d", 3600, "h", 10 * 86_400),
    ):
        if whole < most:
            many, rest = divmod(round(whole / part) * part, size)
            return f"{many}\u00a0{name}" + (f"\u00a0{rest // part}\u00a0{small}" if rest else "")
    return f"{round(whole / 86_400):,}\u00a0d"


def count(value: Any) -> str:
    known = number(value)
    return NONE if known is None else f"{known:,.0f}"


SAID = {"share": percent, "seconds": wait, "score": lambda score: f"{score:.3f}", "count": count}


def value_of(value: Any, unit: str, around: Json | None = None, *, why: str = "") -> Value:
    """A value of one unit (share, seconds, score, count) with the interval `around` it, if there is one."""
    known, say = number(value), SAID.get(unit, count)
    around = around or {}
    n = number(around.get("n"))
    whole = None if n is None else int(n)
    if known is None:
        return Value(why=why or plain(around.get("why")), n=whole)
    low, high = number(around.get("low")), number(around.get("high"))
    share = known if unit == "share" else None
    return Value(say(known), _between(low, high, say), whole, "", known, share, low, high)


def _between(low: float | None, high: float | None, say: Any) -> str:
    if low is not None and high is not None:
        return f"{say(low).removesuffix(PERCENT)} to {say(high)}"
    if low is not None:
        return f"at least {say(low)}"
    return f"at most {say(high)}" if high is not None else ""


def cell_of(cell: Json | None) -> Value:
    """A cell of a study's table: {"value", "unit", "n", "low", "high", "why"} or nothing."""
    if not cell:
        return Value()
    value = value_of(cell.get("value"), str(cell.get("unit", "count")), cell)
    if cell.get("unit") == "count" and value.known and value.n:
        return replace(value, text=f"{value.text} of {value.n:,}")
    return value


def moment_of(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None


def period(first: Any, last: Any) -> str:
    """`3 May to 9 June 2017`; `` when the archive has no times."""
    start, end = moment_of(first), moment_of(last)
    if not start or not end:
        return ""
    if start.date() == end.date():
        return day(start)
    return f"{start.day} {start:%B}{'' if start.year == end.year else f' {start.year}'} to {day(end)}"


def day(at: date) -> str:
    return f"{at.day} {at:%B} {at.year}"


def plural(n: float, one: str, many: str = "") -> str:
    return f"{n:,.0f} {one if n == 1 else many or one + 's'}"
