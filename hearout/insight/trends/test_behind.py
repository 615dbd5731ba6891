from __future__ import annotations

from hearout.insight.trends.behind import words_behind


def test_the_words_are_those_that_more_people_than_usual_wrote():
    now = [(n, f"@tidewing the App is down again, #meltdown https://x.example/{n}") for n in range(10)]
    before = [(n, "@tidewing the bag is not here again") for n in range(20)]
    assert words_behind(now, before)[:3] == ["#meltdown", "app", "down"]
    assert "the" not in words_behind(now, before)


def test_one_loud_account_does_not_speak_for_all():
    assert words_behind([(1, "buy followers")] * 50 + [(2, "hello")], []) == []


def test_no_text_breaks_it():
    odd = ["", "\u202e", "ﷺ" * 5000, "\ud800", "a" * 100_000, "#" * 1000, "1234 5678"]
    assert words_behind([(n, text) for n, text in enumerate(odd)], []) == []
