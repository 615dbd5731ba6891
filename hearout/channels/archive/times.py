"""Times as archives write them: never guessed where day and month could be mistaken for each other."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

from hearout.channels.payload import MAX_NUMBER, YEARS, reject

NO_ZONE = "times without a zone, taken as UTC (--zone names another)"
NO_CLOCK = "times without an hour: waits are known to the day only"
UNIX = "unix"
"""In place of a time format: seconds, milliseconds or microseconds since 1970, told apart by their size."""

_TWITTER = re.compile(
    r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d\d) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d) (\d{4})", re.ASCII
)
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_MAIL = re.compile(r"[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} .*", re.ASCII)
_NUMBER = re.compile(r"\d{9,16}(\.\d{1,9})?", re.ASCII)
_ISO_DAY = re.compile(r"\d{4}-?\d\d-?\d\d", re.ASCII)
_SPACED_ZONE = re.compile(r"\s+(UTC|GMT|Z|[+-]\d\d:?\d\d)(\s+UTC)?$", re.ASCII)


class Times:
    """Reads the times of one column. `form` is a strptime format or `unix`; None: what is unmistakable.

    `zone` is that of times that carry none; None takes UTC and warns.
    """

    def __init__(
        self, warnings: Counter[str], *, form: str | None = None, zone: tzinfo | None = None
    ) -> None:
        self._warnings, self._form, self._zone = warnings, form, zone

    def read(self, name: str, value: str | float | date) -> datetime:
        """The moment in UTC. Raises ChannelError(permanent=True) naming the column and the value."""
        try:
            moment = self._moment(value)
            if moment.tzinfo is None:
                if self._zone is None:
                    self._warnings[NO_ZONE] += 1
                moment = moment.replace(tzinfo=self._zone or UTC)
            moment = moment.astimezone(UTC)
        except (ValueError, OverflowError):
            reject(f"{name} is {str(value)[:40]!r}, {self._wanted()}.")
        if moment.year not in YEARS:
            reject(f"{name} is {str(value)[:40]!r}, not in the years {YEARS[0]} to {YEARS[-1]}.")
        return moment

    def _moment(self, value: str | float | date) -> datetime:
        if isinstance(value, datetime):
            return value
        if isinstance(value, date):
            self._warnings[NO_CLOCK] += 1
            return datetime(value.year, value.month, value.day)
        text = str(value).strip()
        if self._form == UNIX:
            return _since_1970(text)
        if self._form:
            return datetime.strptime(text, self._form)
        if _NUMBER.fullmatch(text):
            return _since_1970(text)
        if "A" <= text[:1] <= "Z":
            return parsedate_to_datetime(text) if _MAIL.fullmatch(text) else _surely(twitter_time(text))
        if _ISO_DAY.fullmatch(text):
            self._warnings[NO_CLOCK] += 1
        return datetime.fromisoformat(_SPACED_ZONE.sub(_joined, text))

    def _wanted(self) -> str:
        if self._form:
            return f"not a time as {self._form!r} says"
        return "not a time that can be read without doubt; name its time_format in a mapping"


def zone_of(name: str) -> tzinfo:
    """A zone by its name. Raises ChannelError(permanent=True) where there is none."""
    try:
        return UTC if name.upper() == "UTC" else ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        reject(f"There is no time zone {name[:80]!r}; zones are called like Europe/Berlin or UTC.")


def revision_of(edited_at: datetime | None) -> int:
    """A number that grows with each edit, for networks that tell when but not the how manieth."""
    return min(int(edited_at.timestamp()), MAX_NUMBER) if edited_at else 0


def twitter_time(text: str) -> datetime | None:
    """`Tue Oct 31 22:10:47 +0000 2017`, by hand because strptime follows the locale and is slow.

    None for text of another form. Raises ValueError or OverflowError for a time that does not exist.
    """
    found = _TWITTER.fullmatch(text)
    if found is None or found[1] not in _MONTHS:
        return None
    month, day, hour, minute, second, sign, hours, minutes, year = found.groups()
    zone: tzinfo = UTC
    if (hours, minutes) != ("00", "00"):
        zone = timezone(timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if sign == "-" else 1))
    local = datetime(
        int(year), _MONTHS.index(month) + 1, int(day), int(hour), int(minute), int(second), tzinfo=zone
    )
    return local if zone is UTC else local.astimezone(UTC)


def _since_1970(text: str) -> datetime:
    number = float(text)
    scale = 1 if number < 1e11 else 1_000 if number < 1e14 else 1_000_000
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=round(number * 1_000_000 / scale))


def _surely(moment: datetime | None) -> datetime:
    if moment is None:
        raise ValueError("not a time")
    return moment


def _joined(found: re.Match[str]) -> str:
    return found[1].replace("UTC", "Z").replace("GMT", "Z")
