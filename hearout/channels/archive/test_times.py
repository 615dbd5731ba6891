"""Times as archives write them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from hearout.channels.archive.times import NO_CLOCK, NO_ZONE, Times
from hearout.channels.base import ChannelError

MOMENT = datetime(2026, 11, 21, 9, 14, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21T09:14:03Z",
        "2026-11-21T10:14:03+01:00",
        "2026-11-21 09:14:03+00:00",
        "2026-11-21 10:14:03 +0100",
        "2026-11-21 09:14:03 UTC",
        "2026-11-21 09:14:03 +0000 UTC",
        "20261121T091403Z",
        " 2026-11-21T09:14:03.000000Z ",
        "Sat Nov 21 09:14:03 +0000 2026",
        "Sat Nov 21 10:14:03 +0100 2026",
        "Sat, 21 Nov 2026 09:14:03 GMT",
        "Sat, 21 Nov 2026 10:14:03 +0100",
        "1795252443",
        "1795252443.0",
        "1795252443000",
        "1795252443000000",
    ],
)
def test_unmistakable_times_need_no_format(text: str) -> None:
    warnings: Counter[str] = Counter()
    assert Times(warnings).read("time", text) == MOMENT
    assert not warnings


@pytest.mark.parametrize(
    "text",
    ["21/11/2026", "11/21/2026 9:14 AM", "21.11.2026 09:14", "46347.38", "soon", "", "Sat Nox 21 09:14:03 +0000 2026",
     "2026-02-30", "Sat, 99 Nov 2026 09:14:03 GMT", "\0", "9999999999999999", "1" * 400, "nan", "٢٠٢٦-١١-٢١"],
)  # fmt: skip
def test_times_that_could_be_mistaken_or_are_none_are_refused(text: str) -> None:
    with pytest.raises(ChannelError, match=r"^time is '.*', not ") as caught:
        Times(Counter()).read("time", text)
    assert caught.value.permanent


def test_a_format_is_kept_to() -> None:
    times = Times(Counter(), form="%d/%m/%Y %H:%M", zone=ZoneInfo("Europe/Oslo"))
    assert times.read("time", "21/11/2026 10:14") == MOMENT.replace(second=0)
    with pytest.raises(ChannelError, match="not a time as '%d/%m/%Y %H:%M' says"):
        times.read("time", "2026-11-21T09:14:03Z")
    assert Times(Counter(), form="unix").read("time", "1795252443") == MOMENT


def test_what_a_time_lacks_is_counted() -> None:
    warnings: Counter[str] = Counter()
    times = Times(warnings)
    assert times.read("time", "2026-11-21 09:14:03") == MOMENT
    times.read("time", "2026-11-21")
    assert warnings == {NO_ZONE: 2, NO_CLOCK: 1}
