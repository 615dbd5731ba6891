"""How workers rest: longer and longer while nothing is due, and attentive again once woken."""

from __future__ import annotations

import pytest

from hearout import pipeline
from hearout.pipeline import Stage, rest_by_the_door, run_forever


def rests(answers: list[bool], work: list[int]) -> list[float]:
    """How long a worker would rest; `answers`: whether each rest is ended by waking, `work`: rows a round."""
    taken: list[float] = []

    def rest(seconds: float) -> bool:
        taken.append(seconds)
        return answers[len(taken) - 1]

    stage = Stage("hear", lambda limit, now: work.pop(0) if work else 0, "Post")
    run_forever((stage,), lambda: len(taken) == len(answers), pause=0.2, rest=rest)
    return taken


def test_a_worker_with_nothing_to_do_rests_longer_and_longer_up_to_the_pause() -> None:
    assert rests([False] * 7, []) == [0.01, 0.02, 0.04, 0.08, 0.16, 0.2, 0.2]


def test_a_worker_that_was_woken_looks_again_soon_even_when_another_took_the_work() -> None:
    assert rests([False] * 6 + [True, False, False], [])[-3:] == [0.2, 0.01, 0.02]


def test_a_worker_that_found_work_looks_again_soon() -> None:
    assert rests([False] * 8, [0, 0, 0, 5])[2:5] == [0.04, 0.01, 0.02]


@pytest.mark.django_db(transaction=True)
def test_a_worker_rests_at_the_door_of_its_own_connection_and_without_one_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from django.db import connection

    assert not rest_by_the_door(0.001)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify('hearout_work', '')")
    assert rest_by_the_door(30)
    slept: list[float] = []
    monkeypatch.setattr(pipeline.time, "sleep", slept.append)
    connection.connection.close()
    assert not rest_by_the_door(7)
    assert slept == [7]
    assert not rest_by_the_door(0.001)
