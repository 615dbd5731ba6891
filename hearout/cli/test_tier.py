"""Which reader `--tier` means, with the accurate tier and without it."""

from __future__ import annotations

from pathlib import Path

import pytest

from hearout.cli import tier
from hearout.cli.ground import TroubleError
from hearout.cli.tier import Tier, read_in, tier_reader
from hearout.understanding.reading import Reader
from hearout.understanding.tiers import AutoReader


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation without the accurate tier."""
    monkeypatch.setattr(tier, "find_spec", lambda name: None)


def test_without_the_accurate_tier_the_fast_one_reads(alone) -> None:
    assert tier_reader(None).name == tier_reader(Tier.FAST).name
    assert tier_reader(Tier.FAST).name.startswith("fast-")
    assert tier_reader(Tier.RULES).name.startswith("rules-")


@pytest.mark.parametrize("wanted", [Tier.ACCURATE, Tier.AUTO])
def test_whoever_asks_for_it_is_told_that_it_is_not_there(alone, wanted: Tier) -> None:
    with pytest.raises(TroubleError, match=f"^--tier {wanted}: .* not installed here.* or take --tier fast"):
        tier_reader(wanted)


@pytest.mark.parametrize("wanted", [Tier.ACCURATE, Tier.AUTO])
@pytest.mark.parametrize("there", [[], ["accurate-1.onnx"], ["accurate-1.json"]])
def test_a_model_whose_file_is_absent_is_said_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, wanted: Tier, there: list[str]
) -> None:
    for name in there:
        (tmp_path / name).touch()
    monkeypatch.setattr(tier, "find_spec", lambda name: name)
    monkeypatch.setattr(tier, "files", lambda package: tmp_path)
    with pytest.raises(
        TroubleError, match=r"file accurate-1\.\w+ is not in .*Install Hearout again, or take"
    ):
        tier_reader(wanted)
    assert tier_reader(None).name.startswith("fast-")


@pytest.mark.parametrize("fault", [ImportError("broken"), OSError("cut off"), ValueError("no network")])
def test_a_model_that_cannot_be_loaded_is_said_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    known = tier.readers.reader

    def reader(name: str) -> Reader:
        if name.startswith("accurate"):
            raise fault
        return known(name)

    monkeypatch.setattr(tier, "_lacking", lambda: "")
    monkeypatch.setattr(tier.readers, "reader", reader)
    with pytest.raises(TroubleError, match=f"cannot be loaded: {fault}"):
        tier_reader(Tier.ACCURATE)
    with pytest.raises(TroubleError, match=f"cannot be loaded: {fault}"):
        read_in(tier_reader(Tier.AUTO, share=1.0), ["not again, my bag is lost!!"], [None])


@pytest.mark.parametrize(
    ("asked", "share", "budget"),
    [({}, 0.1, None), ({"share": 0.3}, 0.3, None), ({"budget": 0.5}, 1.0, 0.5),
     ({"share": 0.2, "budget": 0.5}, 0.2, 0.5)],
)  # fmt: skip
def test_auto_keeps_to_the_share_and_the_processor_time_that_are_asked(
    monkeypatch: pytest.MonkeyPatch, asked: dict[str, float], share: float, budget: float | None
) -> None:
    monkeypatch.setattr(tier, "_lacking", lambda: "")
    reader = tier_reader(Tier.AUTO, **asked)
    assert isinstance(reader, AutoReader)
    assert (reader.share, reader.budget) == (share, budget)


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
