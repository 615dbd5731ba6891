"""Charts stand in a strict page: no scripts, no styles, and names are only text."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest

from hearout.insight.charts import DRAWN, KEPT, Chart, by_name, themed_and_safe, volume, waits_chart
from hearout.insight.live import HourCount
from hearout.insight.results import Waits

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
HOSTILE = (
    "<script>alert(1)</script>",
    "</text></svg><img src=x onerror=alert(1)>",
    "'+alert(1)+'\"]};//",
    "\u202egnp.exe\u2028\x00\x0b\x1b\ufffe\ud800",
    "&lt;b&gt; ${1} #{1}",
)


def charts() -> list[Chart]:
    hours = [HourCount(MONDAY + timedelta(hours=place), place % 5, place % 3) for place in range(24)]
    waits = Waits([10, 400, 90_000, 10_000_000], [5, 6])
    names = [(name, place) for place, name in enumerate(HOSTILE)]
    return [volume(hours), waits_chart(waits), by_name(names, title=HOSTILE[1]), waits_chart(Waits([], []))]


def parsed(chart: Chart) -> ElementTree.Element:
    return ElementTree.fromstring(chart.svg)  # noqa: S314  ours


def test_a_chart_holds_nothing_but_what_draws() -> None:
    for chart in charts():
        root = parsed(chart)
        inside = [element for child in root for element in child.iter()]
        assert {element.tag for element in inside} <= {*DRAWN, "title", "desc"}
        assert {name for element in inside for name in element.attrib} <= {*KEPT, "id"}
        assert not re.search(r"style=|<style|<script|href|\bon[a-z]+=", re.sub(r">[^<]*<", "><", chart.svg))


def test_a_chart_has_a_title_and_a_description_for_those_who_hear_it() -> None:
    chart = charts()[1]
    root = parsed(chart)
    told = {element.attrib["id"]: element.text for element in root if element.tag in ("title", "desc")}
    assert root.attrib["role"] == "img"
    assert [told[name] for name in root.attrib["aria-labelledby"].split()] == [
        "First response",
        "4 of 6 openings were answered.",
    ]


def test_hostile_names_are_drawn_as_text() -> None:
    chart = charts()[2]
    drawn = [element.text for element in parsed(chart).iter("text")]
    assert "'+alert(1)+'\"]};//" in drawn
    assert any(text.startswith("<script>") for text in drawn)
    assert "gnp.exe �" in drawn
    assert len(chart.rows) == len(HOSTILE)


def test_colours_are_those_of_the_page() -> None:
    for chart in charts():
        painted = set(re.findall(r'(?:fill|stroke)="([^"]*)"', chart.svg))
        assert all(colour.startswith(("var(--", "none", "transparent")) for colour in painted), painted


def test_the_table_beside_a_chart_has_its_numbers() -> None:
    counts = dict(charts()[1].rows)
    assert counts["≤ 5 min"] == "1"
    assert counts["≤ 15 min"] == "1"
    assert counts["≤ 7 days"] == "1"
    assert counts["> 7 days"] == "1"
    assert counts["not answered"] == "2"


def test_hours_are_told_on_the_clock_of_their_zone() -> None:
    zone = datetime(2026, 3, 2, 9, tzinfo=UTC).astimezone(ZoneInfo("Asia/Kolkata"))
    chart = volume([HourCount(zone, 1, 0), HourCount(zone + timedelta(hours=1), 2, 2)])
    assert chart.rows[0] == ("Mon 02 Mar 14:30", "1", "0")


@pytest.mark.parametrize(
    "bad", ["<script>x</script>", '<a href="javascript:x"><text>y</text></a>', "<style>*{}</style>"]
)
def test_whatever_does_not_draw_is_dropped(bad: str) -> None:
    raw = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1" onload="x">{bad}<g style="x" onclick="y"/></svg>'
    safe = themed_and_safe(raw, "n", "t", "d")
    assert "script" not in safe
    assert "style" not in safe
    assert "href" not in safe
    assert "onclick" not in safe
    assert "onload" not in safe
