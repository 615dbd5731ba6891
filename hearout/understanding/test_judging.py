"""A reader is judged by the field's own measures, checked against scikit-learn's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hearout.understanding.judging import Baselines, judge
from hearout.understanding.public_sets import SETS
from hearout.understanding.reading import Emotion, Kind, Reading, Sentiment, Urgency
from hearout.understanding.training.sets import XLM_LANGUAGES, Labelled

BY_NAME = {one.name: one for one in SETS}
SENTIMENT_OF = {"bad": Sentiment.NEGATIVE, "good": Sentiment.POSITIVE}


class ByFirstWord:
    """Says what the first word says: bad, good, or neither; sarcasm when there is a wink. Always 0.8 sure."""

    name = "word"

    def read(self, texts: Sequence[str]) -> list[Reading]:
        return [self._read(text) for text in texts]

    def _read(self, text: str) -> Reading:
        sentiment = SENTIMENT_OF.get(text.split()[0], Sentiment.NEUTRAL)
        kind = (
            Kind.COMPLAINT
            if sentiment is Sentiment.NEGATIVE
            else Kind.QUESTION
            if "?" in text
            else Kind.OTHER
        )
        return Reading(
            "en", kind, sentiment, Emotion.NONE, Urgency.LOW, False, reader=self.name, sarcasm=";)" in text,
            confidence={"sentiment": 0.8, "kind": 0.8, "sarcasm": 0.8, "emotion": 0.8},
            abstained=("sentiment",) if "unsure" in text else (),
        )  # fmt: skip


def write(folder: Path, part: str, labelled: list[tuple[str, int]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{part}_text.txt").write_text("".join(f"{text}\n" for text, _ in labelled), "utf-8")
    (folder / f"{part}_labels.txt").write_text("".join(f"{label}\n" for _, label in labelled), "utf-8")


SENTIMENTS = (
    [("bad", 0)] * 5 + [("bad", 2)] * 2 + [("so so", 1)] * 4 + [("good", 2)] * 3 + [("good unsure", 0)] * 2
)


def test_sentiment_is_judged_by_macro_recall_with_interval_and_trust(tmp_path: Path) -> None:
    from sklearn.metrics import recall_score

    write(tmp_path / "tweeteval/datasets/sentiment", "test", SENTIMENTS)
    (row,) = judge(BY_NAME["tweeteval-sentiment"], ByFirstWord(), "fast", tmp_path, None)
    said = [{"bad": 0, "good": 2}.get(text.split()[0], 1) for text, _ in SENTIMENTS]
    assert row.value == pytest.approx(recall_score([label for _, label in SENTIMENTS], said, average="macro"))
    assert row.low < row.value < row.high
    right = 12 / 16
    assert row.ece == pytest.approx(0.8 - right)
    assert (row.kept, row.right) == (14 / 16, 12 / 14)
    assert (row.n, row.goal, row.tfidf) == (16, 0.64, None)
    assert row.lexicon is not None


def test_irony_is_judged_by_the_f1_of_irony_and_the_lexicon_knows_none(tmp_path: Path) -> None:
    from sklearn.metrics import f1_score

    posts = [("great ;)", 1)] * 3 + [("great", 1)] * 2 + [("well ;)", 0)] + [("well", 0)] * 4
    write(tmp_path / "tweeteval/datasets/irony", "test", posts)
    (row,) = judge(BY_NAME["tweeteval-irony"], ByFirstWord(), "accurate", tmp_path, None)
    assert row.value == pytest.approx(
        f1_score([label for _, label in posts], [";)" in text for text, _ in posts])
    )
    assert (row.goal, row.lexicon) == (0.66, None)


def test_a_reader_with_another_point_at_the_desk_is_shown_at_both(tmp_path: Path) -> None:
    class Shy(ByFirstWord):
        """Calls nothing ironic at the desk, but a wink moves it a little."""

        def read(self, texts: Sequence[str]) -> list[Reading]:
            return [replace(reading, sarcasm=False) for reading in super().read(texts)]

        def logits(self, texts: Sequence[str], head: str) -> np.ndarray:
            return np.array([[1.0, 0.3 if ";)" in text else 0.0] for text in texts])

    posts = [("great ;)", 1)] * 3 + [("well", 0)] * 4
    for part in ("val", "test"):
        write(tmp_path / "tweeteval/datasets/irony", part, posts)
    shipped, tuned = judge(BY_NAME["tweeteval-irony"], Shy(), "fast", tmp_path, None)
    assert (shipped.value, tuned.value, tuned.part) == (0.0, 1.0, "at the point for it")
    assert (tuned.goal, tuned.ece) == (0.64, None)


def test_languages_are_shown_one_by_one_and_then_their_mean(tmp_path: Path) -> None:
    for place, language in enumerate(XLM_LANGUAGES):
        write(tmp_path / "xlm_t/data/sentiment" / language, "test", SENTIMENTS[place % 2 :])
    rows = list(judge(BY_NAME["xlm-t"], ByFirstWord(), "fast", tmp_path, None))
    assert [row.part for row in rows] == [*XLM_LANGUAGES.values(), "mean of 8"]
    assert rows[-1].value == pytest.approx(sum(row.value for row in rows[:-1]) / 8)
    assert [row.goal for row in rows] == [None] * 8 + [0.52]


def test_complaints_count_on_even_rows_and_are_shown_by_domain(tmp_path: Path) -> None:
    folder = tmp_path / "complaints_acl19"
    folder.mkdir()
    rows = [("bad seat", 1, "cars"), ("bad odd row", 0, "cars"), ("good", 0, "cars"), ("x", 0, "cars"),
            ("good", 0, "random_tweet"), ("x", 0, "cars")]  # fmt: skip
    told = "".join(f"{n},{text},{label},{domain}\n" for n, (text, label, domain) in enumerate(rows))
    (folder / "complaints-data.csv").write_text(told, "utf-8")
    judged = {row.part: row for row in judge(BY_NAME["complaints"], ByFirstWord(), "fast", tmp_path, None)}
    assert list(judged) == ["", "all rows", "cars", "random_tweet"]
    assert [judged[part].n for part in judged] == [3, 6, 2, 1]
    assert (judged[""].value, judged["random_tweet"].measure) == (1.0, "accuracy")
    assert judged["all rows"].value < 1


def test_the_trained_baseline_learns_from_the_training_part_only(tmp_path: Path) -> None:
    write(tmp_path / "tweeteval/datasets/sentiment", "test", SENTIMENTS)
    texts = [f"{word} {n}" for n in range(6) for word in ("bad", "soso", "good")]
    train = Labelled(texts, ["negative", "neutral", "positive"] * 6)
    (row,) = judge(
        BY_NAME["tweeteval-sentiment"], ByFirstWord(), "fast", tmp_path, Baselines({"sentiment": train})
    )
    assert row.tfidf is not None
    assert 0 < row.tfidf <= 1


def test_without_the_data_nothing_is_judged(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(judge(BY_NAME["tweet-acts"], ByFirstWord(), "fast", tmp_path, None))
    assert Baselines.of(tmp_path) is None


def test_where_people_were_asked_for_one_kind_confidence_is_judged_on_what_is_read_as_it(
    tmp_path: Path,
) -> None:
    rows = ["1,bad one,1,food\n"] * 3 + ["2,bad two,0,food\n"] + ["3,fine,0,food\n", "4,so,1,food\n"] * 4
    every = [row for row in rows for _ in (0, 1)]  # even rows count
    (tmp_path / "complaints_acl19").mkdir()
    (tmp_path / "complaints_acl19/complaints-data.csv").write_text("".join(every), "utf-8")
    whole = next(judge(BY_NAME["complaints"], ByFirstWord(), "fast", tmp_path, None))
    assert whole.n == 12
    assert whole.ece == pytest.approx(0.8 - 3 / 4)
