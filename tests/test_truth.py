"""A whole day with everything failing at 10 % and workers killed: nothing lost, nothing doubled, nobody answered twice.

`HEAROUT_FULL=1` runs it at full size: 5,000 posts and 20 kills.
"""

from __future__ import annotations

import os

import pytest

from tests.drill.day import live_through

FULL = os.environ.get("HEAROUT_FULL") == "1"
POSTS, KILLS = (5_000, 20) if FULL else (250, 4)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(transactional_db, request):
    return request.getfixturevalue("cast")


def test_a_day_of_faults_and_kills_loses_nothing_and_answers_nobody_twice(cast):
    outcome = live_through(cast, posts=POSTS, kills=KILLS)
    print(
        f"\n{outcome.posted} posts, {outcome.sent} answers seen, {outcome.kills} kills, {outcome.webhooks} webhooks"
    )
    assert outcome.posted >= POSTS // 3
    assert outcome.sent >= outcome.posted // 10
    assert outcome.webhooks > 0
    assert outcome.kills == KILLS
    assert outcome.lost == []
    assert outcome.doubled == []
    assert outcome.answered_twice == []
    assert outcome.unfinished == []
