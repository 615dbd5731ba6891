"""Measures a reader on public data sets: `python -m hearout.understanding.evaluate --data ../shared/data`.

Sets without official splits are halved by row number: odd rows are development (the rules were
tuned on them), even rows are the test. `--split dev` shows the development half.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from hearout.understanding.readers import NAMES, default_reader, reader
from hearout.understanding.reading import Emotion, Kind, Reader, Reading
from hearout.understanding.training.sets import SENTIMENTS, XLM_LANGUAGES

_EMOTION_CLASS = {
    Emotion.ANGER: "anger", Emotion.FRUSTRATION: "anger", Emotion.DISGUST: "anger",
    Emotion.JOY: "joy", Emotion.GRATITUDE: "joy", Emotion.DISTRESS: "sadness", Emotion.NONE: "none",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the table: what was measured on which set, n, the measure's name and value."""

    data: str
    measure: str
    n: int
    value: float


T = TypeVar("T")


def precision_recall_f1(truth: Sequence[bool], said: Sequence[bool]) -> tuple[float, float, float]:
    """Of the true class; 0 where a denominator is 0."""
    hits = sum(1 for t, s in zip(truth, said, strict=True) if t and s)
    precision = hits / sum(said) if any(said) else 0.0
    recall = hits / sum(truth) if any(truth) else 0.0
    both = precision + recall
    return precision, recall, 2 * precision * recall / both if both else 0.0


def macro(truth: Sequence[str], said: Sequence[str], classes: Sequence[str], measure: int) -> float:
    """Mean over `classes` of precision (0), recall (1) or F1 (2)."""
    each = [precision_recall_f1([t == c for t in truth], [s == c for s in said])[measure] for c in classes]
    return sum(each) / len(each)


def complaints(data: Path, reader: Reader, split: str) -> Iterator[Figure]:
    """Expert-labelled complaint or not (Preotiuc-Pietro et al., ACL 2019), brand posts and random ones."""
    rows = _half(_csv(data / "complaints_acl19/complaints-data.csv"), split)
    readings = reader.read([row[1] for row in rows])
    truth, said = [row[2] == "1" for row in rows], [r.kind is Kind.COMPLAINT for r in readings]
    yield from _binary("complaints_acl19", "complaint", truth, said)
    wants = [r.needs_answer for t, r in zip(truth, readings, strict=True) if t]
    yield Figure("complaints_acl19", "complaints that need an answer", len(wants), sum(wants) / len(wants))
    random = [r.needs_answer for row, r in zip(rows, readings, strict=True) if row[3].startswith("random")]
    yield Figure(
        "complaints_acl19", "random posts that need none", len(random), 1 - sum(random) / len(random)
    )


def questions(data: Path, reader: Reader, split: str) -> Iterator[Figure]:
    """Speech acts of tweets (Saha et al., IJCNN 2019): QUE against the rest."""
    rows = _half(_csv(data / "tweet_acts_tac/Dataset/TWEET_DATA.csv"), split)
    readings = reader.read([row[0] for row in rows])
    truth, said = [row[1].strip() == "QUE" for row in rows], [r.kind is Kind.QUESTION for r in readings]
    yield from _binary("tweet_acts_tac", "question", truth, said)
    own = [i for i, row in enumerate(rows) if not row[0].startswith("RT @")]  # the rules set retweets aside
    yield from _binary(
        "tweet_acts_tac, no retweets", "question", [truth[i] for i in own], [said[i] for i in own]
    )


def sentiment(data: Path, reader: Reader, split: str) -> Iterator[Figure]:
    """SemEval 2017 task 4A: macro recall, the task's own measure; its train files are development."""
    name = "semeval2017 train" if split == "dev" else "semeval2017 test"
    folder = data / "semeval2017_task4a/dataset" / ("train" if split == "dev" else "test")
    if not folder.is_dir():
        raise FileNotFoundError(2, "absent", str(folder))
    rows = []
    for path in sorted(folder.glob("*.txt")):
        lines = path.read_text("utf-8").split("\n")
        rows += [line.split("\t") for line in lines if line.count("\t") >= 2]
    yield _sentiments(name, [row[1] for row in rows], reader.read([row[2] for row in rows]))
    part = "val" if split == "dev" else "test"
    texts, labels = _tweeteval(data / "tweeteval/datasets/sentiment", part)
    truth, readings = [SENTIMENTS[int(i)] for i in labels], reader.read(texts)
    yield _sentiments("tweeteval sentiment", truth, readings)
    for name, low, high in (("below 0.65", 0.0, 0.65), ("0.65 to 0.8", 0.65, 0.8), ("from 0.8", 0.8, 1.1)):
        pairs = zip(truth, readings, strict=True)
        right = [t == r.sentiment for t, r in pairs if low <= r.confidence["sentiment"] < high]
        share = sum(right) / max(1, len(right))
        yield Figure("tweeteval sentiment", f"right at confidence {name}", len(right), share)


def emotion(data: Path, reader: Reader, split: str) -> Iterator[Figure]:
    """TweetEval emotion without `optimism`, which we do not have; frustration and disgust count as anger."""
    texts, labels = _tweeteval(data / "tweeteval/datasets/emotion", "train" if split == "dev" else "test")
    pairs = [(text, label) for text, label in zip(texts, labels, strict=True) if label != "2"]
    truth = [{"0": "anger", "1": "joy", "3": "sadness"}[label] for _, label in pairs]
    said = [_EMOTION_CLASS[r.emotion] for r in reader.read([text for text, _ in pairs])]
    classes = ("anger", "joy", "sadness")
    yield Figure("tweeteval emotion (3 classes)", "macro F1", len(pairs), macro(truth, said, classes, 2))
    kept = [(t, s) for t, s in zip(truth, said, strict=True) if s != "none"]
    right = sum(1 for t, s in kept if t == s) / len(kept)
    yield Figure("tweeteval emotion (3 classes)", "accuracy where one was named", len(kept), right)


def languages(data: Path, reader: Reader, split: str) -> Iterator[Figure]:
    """XLM-T: sentiment in eight languages, and how often the language was found."""
    for name, code in XLM_LANGUAGES.items():
        texts, labels = _tweeteval(
            data / "xlm_t/data/sentiment" / name, "train" if split == "dev" else "test"
        )
        readings = reader.read(texts)
        yield _sentiments(f"xlm_t {name}", [SENTIMENTS[int(i)] for i in labels], readings)
        found = [r.language for r in readings]
        yield Figure(f"xlm_t {name}", "language right", len(found), found.count(code) / len(found))
        wrong = sum(1 for f in found if f not in (code, "und")) / len(found)
        yield Figure(f"xlm_t {name}", "language wrong (not und)", len(found), wrong)


def care_openings(data: Path, reader: Reader, split: str) -> Iterator[Figure]:
    """TWCS: customers' first posts, all answered by the brand: how many would we put up for an answer?"""
    with (data / "twcs_small/monalisa_twcs.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            r for r in csv.DictReader(file) if r["inbound"] == "True" and not r["in_response_to_tweet_id"]
        ]
    readings = reader.read([row["text"] for row in _half(rows, split)])
    wants = sum(1 for r in readings if r.needs_answer or r.kind is Kind.PRAISE)
    yield Figure("twcs_small openings", "need an answer, or praise", len(readings), wants / len(readings))


MEASURES: tuple[Callable[[Path, Reader, str], Iterator[Figure]], ...] = (
    complaints, questions, sentiment, emotion, languages, care_openings,
)  # fmt: skip


def evaluate(data: Path, reader: Reader, split: str = "test") -> Iterator[Figure]:
    """All figures whose data is there."""
    for measure in MEASURES:
        try:
            yield from measure(data, reader, split)
        except FileNotFoundError as missing:
            yield Figure(measure.__name__, f"no data: {missing.filename}", 0, 0.0)


def _binary(data: str, label: str, truth: list[bool], said: list[bool]) -> Iterator[Figure]:
    for name, value in zip(("precision", "recall", "F1"), precision_recall_f1(truth, said), strict=True):
        yield Figure(data, f"{label}: {name}", len(truth), value)


def _sentiments(data: str, truth: list[str], readings: Sequence[Reading]) -> Figure:
    said = [r.sentiment.value for r in readings]
    return Figure(data, "sentiment: macro recall", len(truth), macro(truth, said, SENTIMENTS, 1))


def _csv(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        return list(csv.reader(file))


def _half(rows: Sequence[T], split: str) -> Sequence[T]:
    return rows[1::2] if split == "dev" else rows[::2]


def _tweeteval(folder: Path, part: str) -> tuple[list[str], list[str]]:
    texts = (folder / f"{part}_text.txt").read_text("utf-8").rstrip("\n").split("\n")
    labels = (folder / f"{part}_labels.txt").read_text("utf-8").split()
    return texts, labels


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder with the data sets")
    parser.add_argument("--split", choices=("dev", "test"), default="test")
    parser.add_argument("--reader", choices=NAMES, default=default_reader().name)
    options = parser.parse_args()
    print(f"{'data':32}{'measure':36}{'n':>8}{'value':>9}")
    for figure in evaluate(options.data, reader(options.reader), options.split):
        print(f"{figure.data:32}{figure.measure:36}{figure.n:>8}{figure.value:>9.3f}")


if __name__ == "__main__":
    main()
