"""A case that is not about us: closing it says so of its posts, opening it again takes that back."""

from __future__ import annotations

from typing import Any

import pytest

from hearout.cases.models import Case, Closure
from hearout.listening.models import Mention
from hearout.listening.relevance import judge, standing
from hearout.triage.deciding import decide
from hearout.triage.models import Verdict


@pytest.fixture
def case(town: Any, cast: Any) -> Case:
    made: Case = town.case(cast.mira)
    Mention.objects.create(post=made.opening, brand=cast.brand, how="indirect", due_at=None)
    return made


def said() -> str | None:
    return standing([Mention.objects.get().pk]).get(Mention.objects.get().pk)


def test_closing_a_case_as_not_about_us_says_so_of_its_posts_and_reopening_takes_it_back(
    case: Case, cast: Any
) -> None:
    case.close(by=cast.ana, reason=Closure.Reason.NOT_US)
    assert said() == "not_us"
    case.reopen(by=cast.ana)
    assert said() is None


def test_any_other_reason_says_nothing_of_the_posts(case: Case, cast: Any) -> None:
    case.close(by=cast.ana, reason=Closure.Reason.SOLVED)
    case.reopen(by=cast.ana)
    assert said() is None


def test_what_is_not_about_us_is_set_aside_and_comes_back_with_one_click(case: Case, cast: Any) -> None:
    judge(case.mentions(), says="not_us", by=cast.ana)
    decide(300, cast.monday)
    verdict = Verdict.objects.get()
    assert (verdict.needs_answer, verdict.set_aside) == (False, "not about us")
    assert verdict.because == "a person said: not about us"
    judge(case.mentions(), says="us", by=cast.ana)
    decide(300, cast.monday)
    verdict.refresh_from_db()
    assert verdict.set_aside != "not about us"


def test_a_chance_by_words_alone_is_told_with_the_verdict(case: Case, cast: Any) -> None:
    case.mentions().update(chance=0.04, due_at=cast.monday)
    decide(300, cast.monday)
    assert Verdict.objects.get().because == "the words around the name: about us with a chance of 4 %"
