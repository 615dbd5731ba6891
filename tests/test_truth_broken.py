"""The drill can fail: builds broken on purpose are caught by it. A file of its own, so that both cores drill."""

from __future__ import annotations

import pytest

from tests.drill.day import live_through

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(transactional_db, request):
    return request.getfixturevalue("cast")


def test_the_drill_catches_a_sender_that_forgets_what_it_began(cast):
    outcome = live_through(cast, posts=150, kills=2, broken="forgetful_sender")
    assert outcome.answered_twice


def test_the_drill_catches_a_listener_that_trusts_webhooks(cast):
    outcome = live_through(cast, posts=150, kills=0, broken="deaf_sweep")
    assert outcome.lost
