from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from hearout.desk import spoken


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"), (59.9, "59 s"), (60, "1 min"), (3599, "59 min"), (3600, "1 h"), (3900, "1 h 05"),
        (86_400, "1 d"), (100_000, "1 d 3 h"), (900_000, "10 d"), (-90, "1 min"),
    ],
)  # fmt: skip
def test_a_duration_is_said_in_two_units_at_most(seconds, words):
    assert spoken.duration(seconds) == words


def test_an_age_under_a_minute_is_now():
    assert spoken.age(timedelta(seconds=42)) == "now"
    assert spoken.age(timedelta(minutes=42)) == "42 min"


def test_a_moment_leaves_out_what_goes_without_saying():
    now = datetime(2026, 3, 2, 18, 0)
    assert spoken.moment(datetime(2026, 3, 2, 14, 3), now) == "14:03"
    assert spoken.moment(datetime(2026, 2, 27, 14, 3), now) == "Fri 27 Feb, 14:03"
    assert spoken.moment(datetime(2025, 2, 7, 14, 3), now) == "7 Feb 2025, 14:03"


def test_addresses_become_links_that_vouch_for_nothing():
    html = spoken.linked("see https://a.example/x?y=1&z=2, or http://b.example.")
    assert html == (
        'see <a href="https://a.example/x?y=1&amp;z=2" rel="noopener nofollow ugc" target="_blank">'
        "https://a.example/x?y=1&amp;z=2</a>, or "
        '<a href="http://b.example" rel="noopener nofollow ugc" target="_blank">http://b.example</a>.'
    )


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)", "data:text/html,<script>alert(1)</script>", "<script>alert(1)</script>",
        "JaVaScRiPt:alert(1)//http", "ftp://a.example", "&lt;img&gt;",
    ],
)  # fmt: skip
def test_nothing_but_web_addresses_becomes_markup(text):
    assert "<" not in spoken.linked(text)


def test_an_address_cannot_break_out_of_its_attribute():
    html = spoken.linked('https://a.example/"onmouseover="alert(1)')
    assert html.startswith('<a href="https://a.example/" rel=')
    assert "&quot;onmouseover" in html


def test_deciding_words_are_marked_and_still_escaped():
    html = spoken.linked("You LOST my <bag> at https://lost.example", ["lost", "<bag>"])
    assert "You <mark>LOST</mark> my <mark>&lt;bag&gt;</mark> at <a" in html
    assert "https://<mark>" not in html


def test_an_empty_deciding_word_marks_nothing():
    assert spoken.linked("abc", [""]) == "abc"
