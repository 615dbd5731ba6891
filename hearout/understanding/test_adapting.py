"""What a brand teaches changes the posts it is about, and no others."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pytest

from hearout.understanding.adaptation import CLASSES, Adaptation, AdaptedReader, named, value_of
from hearout.understanding.adapting import MOST_TURNED, Judged, Learnt, adapt
from hearout.understanding.reading import Emotion, Kind, Reading, Sentiment, Urgency

FLUFFED = [
    "@tidewing {a} {b} fluffed again", "you {a} fluffed {b} my seat", "fluffed {b} at the {a} gate",
    "the {a} crew fluffed it {b}", "so {a}: {b} fluffed",
]  # fmt: skip
PLAIN = [
    "flying {a} with @tidewing {b}", "my {a} bag came {b}", "the {a} lounge was {b}", "{a} boarding {b} now",
    "{b} cancelled my {a} flight", "{a} refund {b} please",
]  # fmt: skip
FILLING = [
    "today",
    "soon",
    "red",
    "early",
    "lisbon",
    "twice",
    "window",
    "aisle",
    "morning",
    "late",
    "family",
    "kids",
    "porto",
    "work",
    "old",
    "new",
]


class Words:
    """A reader by one word a kind: `cancelled` complains, `please` asks, all else is other."""

    name = "words-1"

    def read(self, texts: Sequence[str]) -> list[Reading]:
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> Reading:
        kind, sure = Kind.OTHER, 0.7
        for word, found in (("cancelled", Kind.COMPLAINT), ("please", Kind.QUESTION)):
            if word in text:
                kind, sure = found, 0.9
        confidence = {"kind": sure, "sentiment": 0.6, "emotion": 0.6, "urgency": 0.6, "needs_answer": 0.8}
        return Reading(
            "en", kind, Sentiment.NEUTRAL, Emotion.NONE, Urgency.NORMAL, kind is not Kind.OTHER,
            confidence=confidence, reader=self.name, reasons={"kind": ["first"]},
        )  # fmt: skip


def texts(patterns: Sequence[str], n: int, seed: int) -> list[str]:
    chance = random.Random(seed)
    made = [
        chance.choice(patterns).format(a=" ".join(chance.sample(FILLING, 2)), b=" ".join(chance.sample(FILLING, 2)))
        for _ in range(n)
    ]  # fmt: skip
    return list(dict.fromkeys(made))


def judged(patterns: Sequence[str], n: int, seed: int, kind: str = "", sampled: bool = False) -> list[Judged]:
    """Posts that people called `kind`; as they were read when it is left out."""
    made = texts(patterns, n, seed)
    read = Words().read(made)
    return [
        Judged(text, {"kind": kind or str(one.kind)}, sampled) for text, one in zip(made, read, strict=True)
    ]


def taught(
    more: Sequence[Judged] = (), more_held: Sequence[Judged] = (), *, sampled: bool = True, **how: object
) -> Learnt:
    return adapt(
        Words(),
        [*judged(FLUFFED, 40, 1, "complaint"), *judged(PLAIN, 20, 2), *more],
        [*judged(FLUFFED, 20, 3, "complaint"), *judged(PLAIN, 20, 4, sampled=sampled), *more_held],
        others=texts(PLAIN, 300, 5),
        others_held_out=texts(PLAIN, 150, 6),
        name="words-1+tidewing.1",
        **how,  # type: ignore[arg-type]
    )


def reads(learnt: Learnt, made: Sequence[str]) -> list[Reading]:
    assert learnt.adaptation is not None, learnt.lessons["kind"].why_not
    return AdaptedReader(Words(), learnt.adaptation).read(made)


def test_a_brands_own_word_is_read_as_the_brand_means_it() -> None:
    new = texts(FLUFFED, 30, 9)
    found = reads(taught(), new)
    assert {one.kind for one in Words().read(new)} == {Kind.OTHER}
    assert [one.kind for one in found].count(Kind.COMPLAINT) >= 28
    assert {one.reader for one in found} == {"words-1+tidewing.1"}
    assert all("fluffed" in one.reasons["kind"] for one in found if one.kind is Kind.COMPLAINT)
    assert all(len(one.reasons["kind"]) == len(one.weights["kind"]) for one in found)


def test_a_complaint_that_was_learnt_wants_an_answer() -> None:
    found = reads(taught(), ["you fluffed"])[0]
    assert (found.kind, found.needs_answer) == (Kind.COMPLAINT, True)
    assert found.confidence["needs_answer"] == found.confidence["kind"]


def test_posts_without_a_learnt_word_are_read_as_before() -> None:
    plain = ["zzz qqq xyzzy", "", "   ", "@x"]
    for before, after in zip(Words().read(plain), reads(taught(), plain), strict=True):
        assert (after.kind, after.confidence, after.reasons) == (
            before.kind,
            before.confidence,
            before.reasons,
        )


def test_nothing_is_learnt_from_a_few() -> None:
    few = adapt(Words(), judged(FLUFFED, 12, 1, "praise"), judged(PLAIN, 10, 2), name="x")
    assert few.adaptation is None
    assert "of the 20 corrected posts" in few.lessons["kind"].why_not


def test_ten_false_corrections_do_not_turn_other_posts() -> None:
    false = judged([PLAIN[4]], 10, 21, "praise")
    assert {one.labels["kind"] for one in false} == {"praise"}
    learnt = taught(false[:7], false[7:], sampled=False)
    complaints = texts([PLAIN[4]], 60, 22)
    assert {one.kind for one in reads(learnt, complaints)} == {Kind.COMPLAINT}
    other = texts(PLAIN, 200, 23)
    turned = [a.kind is not b.kind for a, b in zip(Words().read(other), reads(learnt, other), strict=True)]
    assert sum(turned) <= MOST_TURNED * len(other)


def test_posts_drawn_by_chance_show_what_corrections_chosen_by_error_hide() -> None:
    made = judged(["seat {a} {b}"], 110, 1, "complaint")
    drawn = judged(["seat {a} {b}"], 12, 2, sampled=True)
    learnt = adapt(Words(), made[:60], [*made[60:], *drawn], name="x")
    lesson = learnt.lessons["kind"]
    assert lesson.before is not None
    assert lesson.after is not None
    assert lesson.after.log_loss < lesson.before.log_loss
    assert learnt.adaptation is None
    assert "held out by chance" in lesson.why_not


def test_a_hundred_copies_of_one_text_count_once() -> None:
    copies = [Judged("cancelled window seat", {"kind": "praise"})] * 100
    learnt = taught(copies)
    assert learnt.lessons["kind"].judged == taught([copies[0]]).lessons["kind"].judged
    assert reads(learnt, ["cancelled window seat early"])[0].kind is Kind.COMPLAINT


def test_what_is_worse_on_the_posts_held_out_is_not_taken_up() -> None:
    learnt = adapt(
        Words(),
        judged(FLUFFED, 40, 1, "complaint"),
        judged(FLUFFED, 30, 3, "praise"),
        others=texts(PLAIN, 200, 5),
        name="x",
    )
    lesson = learnt.lessons["kind"]
    assert learnt.adaptation is None
    assert "worse than the bare reader on the posts held out" in lesson.why_not
    assert lesson.before is not None
    assert lesson.after is not None
    assert lesson.after.log_loss > lesson.before.log_loss


def test_what_would_turn_too_many_posts_is_not_taken_up() -> None:
    made = judged(["seat {a} {b}"], 60, 1, "complaint")
    learnt = adapt(
        Words(), made[:40], made[40:], others_held_out=texts(["seat {a} {b}", *PLAIN], 200, 3), name="x"
    )
    assert learnt.adaptation is None
    assert "of the posts nobody corrected" in learnt.lessons["kind"].why_not
    drawn = judged(["seat {a} {b}"], 12, 5, "complaint", sampled=True)
    borne_out = adapt(
        Words(), made[:40], [*made[40:], *drawn], others_held_out=texts(["seat {a} {b}"], 50, 3), name="x"
    )
    assert borne_out.lessons["kind"].turned > MOST_TURNED
    assert borne_out.adaptation is not None


def test_a_version_is_compared_with_the_one_in_use() -> None:
    first = taught()
    again = taught(reads_now=first.adaptation)
    assert again.adaptation is not None
    held = again.lessons["kind"]
    assert held.before is not None
    assert held.after is not None
    assert held.after == first.lessons["kind"].after
    assert (held.before.right, held.before.macro_f1) == (held.after.right, held.after.macro_f1)


def test_the_same_posts_give_the_same_bytes_and_they_come_back_whole() -> None:
    one, two = taught().adaptation, taught().adaptation
    assert one is not None
    assert two is not None
    data = one.to_bytes()
    assert data == two.to_bytes()
    back = Adaptation.from_bytes(data, one.base, one.name)
    made = texts(FLUFFED + PLAIN, 50, 8)
    assert AdaptedReader(Words(), back).read(made) == AdaptedReader(Words(), one).read(made)


@pytest.mark.parametrize("data", [b"", b"no zip", b"PK\x05\x06" + bytes(18)])
def test_arrays_that_are_none_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="no learnt weights"):
        Adaptation.from_bytes(data, "words-1", "x")


def test_weights_that_do_not_fit_are_refused() -> None:
    keys = np.array([1, 2], dtype=np.uint32)
    for table in (np.zeros((2, 3), dtype=np.float32), np.full((2, 5), np.nan, dtype=np.float32)):
        with pytest.raises(ValueError, match="do not fit"):
            Adaptation("words-1", "x", keys, {"kind": table})


def test_readings_of_another_reader_are_left_alone() -> None:
    adaptation = taught().adaptation
    assert adaptation is not None
    other = Reading(
        "en", Kind.OTHER, Sentiment.NEUTRAL, Emotion.NONE, Urgency.NORMAL, False, reader="accurate-1"
    )
    assert adaptation.read_again(["you fluffed"], [other]) == [other]


@pytest.mark.parametrize(
    "text",
    ["\0", "\ud800\udfff fluffed \ud83d", "fluffed " * 20_000, "f" * 100_000, "\u202efluffed\u202c", "😡" * 3000, ""],
)  # fmt: skip
def test_poisoned_texts_are_read_and_learnt_from_without_an_error(text: str) -> None:
    learnt = taught([Judged(text, {"kind": "complaint"})], [Judged(text, {"kind": "complaint"})])
    assert len(reads(learnt, [text])) == 1


def test_a_label_the_reader_abstained_from_is_given_once_it_is_sure() -> None:
    adaptation = taught().adaptation
    assert adaptation is not None
    unsure = Reading(
        "en", Kind.OTHER, Sentiment.NEUTRAL, Emotion.NONE, Urgency.NORMAL, False,
        confidence={"kind": 0.4}, abstained=("kind", "emotion"), reader="words-1",
    )  # fmt: skip
    found = adaptation.read_again(["they fluffed it"], [unsure])[0]
    assert found.kind is Kind.COMPLAINT
    assert found.abstained == ("emotion",)


def test_a_name_fits_a_verdict_and_keeps_its_number() -> None:
    assert named("fast-2", "tidewing", 3) == "fast-2+tidewing.3"
    long = named("fast-2", "s" * 80, 12)
    assert len(long) == 40
    assert long.endswith(".12")


def test_classes_name_what_a_reading_says() -> None:
    reading = Words().read(["please"])[0]
    assert all(value_of(reading, label) in classes for label, classes in CLASSES.items())
