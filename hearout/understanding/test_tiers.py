"""What the tier `auto` promises: who reads what again, in which order, and never more than the budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from hearout.understanding.reading import Emotion, Kind, Reading, Sentiment, Urgency
from hearout.understanding.tiers import SAVED, TOGETHER, AutoReader

PLAIN = Reading(
    "en", Kind.OTHER, Sentiment.NEUTRAL, Emotion.NONE, Urgency.NORMAL, False,
    confidence={"kind": 0.9, "sentiment": 0.9}, reader="fast",
)  # fmt: skip


def unsure(sure: float, *abstained: str) -> Reading:
    return replace(PLAIN, confidence={"kind": sure, "sentiment": 0.95}, abstained=abstained)


SAID = {
    "sure": PLAIN,
    "abstains": unsure(0.45, "kind"),
    "abstains more": unsure(0.3, "kind"),
    "doubts": unsure(0.55),
    "complains": replace(PLAIN, kind=Kind.COMPLAINT),
    "hurries": replace(PLAIN, urgency=Urgency.HIGH, confidence={"kind": 0.8, "sentiment": 0.9}),
    "irony": replace(PLAIN, abstained=("sarcasm",)),
    "swahili": replace(PLAIN, language="sw", abstained=("kind", "sentiment")),
}


class Stub:
    """Says of each text what `SAID` holds, under its own name, and remembers what it was asked."""

    def __init__(self, name: str, seconds: float = 0.0) -> None:
        self.name, self.seconds, self.worked, self.asked = name, seconds, 0.0, list[str]()

    def read(self, texts: Sequence[str]) -> list[Reading]:
        self.asked += texts
        self.worked += self.seconds * len(texts)
        return [replace(SAID[text], reader=self.name) for text in texts]


def auto(share: float | None) -> tuple[AutoReader, Stub]:
    accurate = Stub("accurate")
    return AutoReader(Stub("fast"), accurate, share), accurate


def test_what_is_unsure_is_read_again_and_each_reading_says_by_whom() -> None:
    reader, _ = auto(1.0)
    read = reader.read(["sure", "abstains", "irony", "doubts"])
    assert [one.reader for one in read] == ["fast", "accurate", "fast", "accurate"]
    assert reader.name == "auto"


def test_the_unsure_come_first_then_what_matters() -> None:
    reader, accurate = auto(1.0)
    reader.read(["complains", "doubts", "sure", "hurries", "abstains", "abstains more"])
    assert accurate.asked == ["abstains more", "abstains", "doubts", "hurries", "complains"]


def test_no_more_of_a_batch_is_read_again_than_its_share() -> None:
    reader, accurate = auto(0.2)
    for _ in range(3):
        reader.read(["abstains"] * 10)
    assert len(accurate.asked) == 6


def test_posts_that_come_one_by_one_have_their_share_too() -> None:
    reader, accurate = auto(0.25)
    read = [reader.read(["abstains"])[0].reader for _ in range(12)]
    assert read == ["fast", "fast", "fast", "accurate"] * 3
    assert len(accurate.asked) == 3


def test_a_quiet_time_saves_up_one_post_at_most() -> None:
    reader, accurate = auto(0.5)
    for _ in range(100):
        reader.read(["sure"])
    reader.read(["abstains"] * 4)
    assert len(accurate.asked) <= 3


def test_without_a_share_nothing_is_read_again() -> None:
    for share in (None, 0.0):
        reader, accurate = auto(share)
        assert [one.reader for one in reader.read(["abstains", "complains"])] == ["fast", "fast"]
        assert accurate.asked == []


def test_a_language_that_the_accurate_reader_never_learnt_costs_no_time() -> None:
    reader, accurate = auto(1.0)
    assert reader.read(["swahili"])[0].reader == "fast"
    assert accurate.asked == []


def test_what_matters_is_the_callers_to_say() -> None:
    accurate = Stub("accurate")
    reader = AutoReader(Stub("fast"), accurate, 1.0, lambda read: read.kind is Kind.OTHER)
    reader.read(["complains", "sure"])
    assert accurate.asked == ["sure"]


def timed(budget: float, seconds: float) -> tuple[AutoReader, Stub, list[float]]:
    now, accurate = [0.0], Stub("accurate", seconds)
    reader = AutoReader(
        Stub("fast"), accurate, budget=budget, clock=lambda: now[0], worked=lambda: accurate.worked
    )
    return reader, accurate, now


def test_the_accurate_reader_takes_no_more_of_a_core_than_its_budget() -> None:
    reader, accurate, now = timed(budget=0.1, seconds=0.01)
    for second in range(1, 101):
        now[0] = float(second)
        reader.read(["abstains"] * 50)
    assert accurate.worked == pytest.approx(0.1 * 100, abs=0.01 * TOGETHER)


def test_what_was_overspent_is_owed() -> None:
    reader, accurate, now = timed(budget=0.1, seconds=1.0)
    now[0] = 1.0
    reader.read(["abstains"])
    now[0] = 5.0
    reader.read(["abstains"])
    assert len(accurate.asked) == 1
    now[0] = 11.0
    reader.read(["abstains"])
    assert len(accurate.asked) == 2


def test_a_long_silence_is_no_licence_for_a_long_burst() -> None:
    reader, accurate, now = timed(budget=0.1, seconds=0.01)
    now[0] = 86_400.0
    reader.read(["abstains"] * 100_000)
    assert accurate.worked <= 0.1 * SAVED + 0.01 * TOGETHER


def test_a_share_and_a_budget_hold_together() -> None:
    accurate = Stub("accurate", 0.001)
    reader = AutoReader(Stub("fast"), accurate, 0.1, budget=1.0, clock=iter(range(10**6)).__next__)
    reader.read(["abstains"] * 100)
    assert len(accurate.asked) == 10


def test_a_share_beyond_all_posts_is_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        AutoReader(Stub("fast"), Stub("accurate"), 1.5)
    with pytest.raises(ValueError, match="between 0 and 1"):
        AutoReader(Stub("fast"), Stub("accurate"), budget=-0.1)


def test_nothing_to_read_is_no_error() -> None:
    assert auto(1.0)[0].read([]) == []


def test_a_known_language_is_told_to_a_reader_that_listens() -> None:
    class Listening(Stub):
        told: tuple[str | None, ...] = ()

        def read(self, texts: Sequence[str], languages: Sequence[str | None] = ()) -> list[Reading]:
            self.told += tuple(languages)
            return super().read(texts)

    fast, accurate = Listening("fast"), Listening("accurate")
    AutoReader(fast, accurate, 1.0).read(["sure", "abstains", "doubts"], languages=["de", "fr"])
    assert fast.told == ("de", "fr", None)
    assert accurate.told == ("fr", None)
