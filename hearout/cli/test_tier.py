"""Which reader `--tier` means, with the accurate tier and without it."""

from __future__ import annotations

import pytest

from hearout.cli import tier
from hearout.cli.ground import TroubleError
from hearout.cli.tier import Tier, read_in, tier_reader


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation without the accurate tier."""
    monkeypatch.setattr(tier, "accurate_can_run", lambda: False)


def test_without_the_accurate_tier_the_fast_one_reads(alone) -> None:
    assert tier_reader(None).name == tier_reader(Tier.FAST).name
    assert tier_reader(Tier.FAST).name.startswith("fast-")
    assert tier_reader(Tier.RULES).name.startswith("rules-")


@pytest.mark.parametrize("wanted", [Tier.ACCURATE, Tier.AUTO])
def test_whoever_asks_for_it_is_told_that_it_is_not_there(alone, wanted: Tier) -> None:
    with pytest.raises(TroubleError, match="not installed here"):
        tier_reader(wanted)


def test_a_reader_that_listens_is_told_the_languages_and_another_is_not() -> None:
    class Deaf:
        name = "deaf"

        def read(self, texts):
            return [("deaf", text) for text in texts]

    class Listening:
        name = "listening"

        def read(self, texts, languages=()):
            return list(zip(texts, languages, strict=True))

    assert read_in(Deaf(), ["a"], ["de"]) == [("deaf", "a")]
    assert read_in(Deaf(), ["a"], [None]) == [("deaf", "a")]
    assert read_in(Listening(), ["a", "b"], ["de", None]) == [("a", "de"), ("b", None)]


@pytest.mark.skipif(not tier.accurate_can_run(), reason="the accurate tier is not installed")
@pytest.mark.parametrize("wanted", [Tier.ACCURATE, Tier.AUTO])
def test_the_costly_tiers_read_in_the_language_that_is_known(wanted: Tier) -> None:
    reader = tier_reader(wanted, share=0.5)
    alone, helped = read_in(reader, ["genial", "genial"], [None, "es"])
    assert (alone.language, helped.language) == ("und", "es")
    assert helped.sentiment == "positive"
