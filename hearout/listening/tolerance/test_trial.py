"""What tolerance must reach on real data: the halves that nothing was chosen by."""

from __future__ import annotations

from pathlib import Path

import pytest

from hearout.listening.tolerance import Tolerant
from hearout.listening.tolerance.trial import Outcome, cut_right, entries, labelled_tags, tried

ODD = 1


@pytest.fixture(scope="module")
def outcome(shared_data: Path) -> Outcome:
    return tried(Tolerant(entries()), shared_data, ODD)


def test_there_are_200_names() -> None:
    assert len({entry.key for entry in entries()}) == 200


def test_95_of_100_misspellings_are_found(outcome: Outcome) -> None:
    assert outcome.tried.total() > 2_000
    assert outcome.recall >= 0.95
    assert all(outcome.found[source] >= 0.95 * tried for source, tried in outcome.tried.items())


def test_98_of_100_found_are_right(outcome: Outcome) -> None:
    assert outcome.posts > 20_000
    assert outcome.precision >= 0.98


def test_few_misspellings_are_words_of_their_own(outcome: Outcome) -> None:
    assert outcome.words.total() <= 0.04 * outcome.tried.total()


def test_hashtags_are_cut_as_people_cut_them(shared_data: Path) -> None:
    rows = labelled_tags(shared_data, "our_dataset/test_corrected.tsv")[::3]
    assert len(rows) > 3_000
    assert cut_right(rows) >= 0.84 * len(rows)
