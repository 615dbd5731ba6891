"""The public sets on which readers are judged, each by the measure that its field uses, on texts nobody learnt from.

Test parts are the official ones. The two sets without one are halved by row: the word lists were tuned on odd
rows, so even rows count. Nothing of `complaints` was ever learnt from, and its domains are sources of their own.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hearout.understanding.evaluate import precision_recall_f1
from hearout.understanding.reading import Emotion, Kind, Reader, Reading
from hearout.understanding.training import sets
from hearout.understanding.training.sets import SENTIMENTS, XLM_LANGUAGES, Labelled

POINTS = [step / 20 for step in range(-40, 41)]
EMOTION_OF_FOUR = {
    Emotion.ANGER: "anger", Emotion.FRUSTRATION: "anger", Emotion.DISGUST: "anger", Emotion.JOY: "joy",
    Emotion.GRATITUDE: "joy", Emotion.DISTRESS: "sadness", Emotion.NONE: "optimism",
}  # fmt: skip
"""For readers without a head for TweetEval's four emotions. No emotion counts as optimism."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a reader said of each text, in the set's words; how sure it was; what it did not abstain from."""

    labels: list[str]
    sure: list[float] | None = None
    kept: list[bool] | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """Some labelled texts that are judged together: a whole set, a language of it, or a domain."""

    name: str
    texts: Labelled
    measure: str


@dataclass(frozen=True, slots=True)
class PublicSet:
    """A set: its parts, how a reader's answer is put into its words, its classes, and what others reached.

    `over` are the classes that the measure is averaged over. `goals` are ours, by tier; `learnt` names the
    training part of `sets.load` from which a baseline learns (`as_label` turns what it says into these classes).
    """

    name: str
    title: str
    classes: tuple[str, ...]
    over: tuple[str, ...]
    parts: Callable[[Path], Iterator[Part]]
    said: Callable[[Reader, Sequence[str]], Said]
    learnt: str
    goals: Mapping[str, float]
    published: str
    as_label: Mapping[str, str] = field(default_factory=dict)
    tuned: Callable[[Reader, Path], Said | None] = lambda _reader, _data: None
    """What the reader says at the operating point that suits this measure, if it has another at the desk."""
    asked: str = ""
    """The one class that the set's people were asked about. Then confidence is judged on what is read as it: of
    everything else they say that it is not this class, and the reader how sure it is of one of four others."""


def _said(label: str, word: Callable[[Reading], str]) -> Callable[[Reader, Sequence[str]], Said]:
    def said(reader: Reader, texts: Sequence[str]) -> Said:
        readings = reader.read(texts)
        known = all(label in reading.confidence for reading in readings)
        return Said(
            [word(reading) for reading in readings],
            [reading.confidence[label] for reading in readings] if known else None,
            [label not in reading.abstained for reading in readings] if known else None,
        )

    return said


def _four_emotions(reader: Reader, texts: Sequence[str]) -> Said:
    """By the head that knows the four, where the reader has it."""
    named = getattr(reader, "named", None)
    if named is None:
        return _said("emotion", lambda reading: EMOTION_OF_FOUR[reading.emotion])(reader, texts)
    told = named(texts, "emotion4")
    return Said([name for name, _ in told], [sure for _, sure in told])


def _tweeteval(name: str, classes: tuple[str, ...], measure: str) -> Callable[[Path], Iterator[Part]]:
    def parts(data: Path) -> Iterator[Part]:
        yield Part("", sets.tweeteval(data / "tweeteval/datasets" / name, "test", classes), measure)

    return parts


def _ironic_for_f1(reader: Reader, data: Path) -> Said | None:
    """At the point of the best F1 of irony on the validation part, which calls far more posts ironic than a desk
    could bear."""
    logits, folder = getattr(reader, "logits", None), data / "tweeteval/datasets/irony"
    if logits is None or not (folder / "val_text.txt").exists():
        return None
    names = ("not", "ironic")
    held, test = (sets.tweeteval(folder, part, names) for part in ("val", "test"))
    told = logits(held.texts, "irony")
    margins = (told[:, 1] - told[:, 0]).tolist()
    truth = [label == "ironic" for label in held.labels]
    point = max(POINTS, key=lambda at: precision_recall_f1(truth, [margin > at for margin in margins])[2])
    told = logits(test.texts, "irony")
    return Said([names[int(margin > point)] for margin in (told[:, 1] - told[:, 0]).tolist()])


def _xlm(data: Path) -> Iterator[Part]:
    for language, code in XLM_LANGUAGES.items():
        yield Part(code, sets.xlm(data, language, "test"), "macro F1")


def _complaints(data: Path) -> Iterator[Part]:
    with (data / "complaints_acl19/complaints-data.csv").open(
        encoding="utf-8", errors="surrogateescape", newline=""
    ) as file:
        every = [row for row in csv.reader(file) if len(row) >= 4]
    rows = every[::2]
    yield Part("", Labelled([row[1] for row in rows], [row[2] for row in rows]), "macro F1")
    yield Part("all rows", Labelled([row[1] for row in every], [row[2] for row in every]), "macro F1")
    for domain in dict.fromkeys(row[3] for row in rows):
        some = [row for row in rows if row[3] == domain]
        measure = "accuracy" if len({row[2] for row in some}) == 1 else "macro F1"
        yield Part(domain, Labelled([row[1] for row in some], [row[2] for row in some]), measure)


def _acts(data: Path) -> Iterator[Part]:
    part = sets.tweet_acts(data, test=True)
    yield Part("", Labelled(part.texts, ["QUE" if x == "QUE" else "rest" for x in part.labels]), "F1")


SETS = (
    PublicSet(
        "tweeteval-sentiment", "TweetEval sentiment", SENTIMENTS, SENTIMENTS,
        _tweeteval("sentiment", SENTIMENTS, "macro recall"),
        _said("sentiment", lambda reading: reading.sentiment.value), "sentiment",
        {"fast": 0.64, "accurate": 0.69}, "frozen MiniLM 0.631, RoBERTa-base 0.713, TimeLMs 0.737",
    ),
    PublicSet(
        "tweeteval-emotion", "TweetEval emotion", sets.EMOTIONS4, sets.EMOTIONS4,
        _tweeteval("emotion", sets.EMOTIONS4, "macro F1"), _four_emotions, "emotion4",
        {"fast": 0.68, "accurate": 0.75}, "RoBERTa-base 0.761, TimeLMs 0.802",
    ),
    PublicSet(
        "tweeteval-offensive", "TweetEval offensive", ("not", "offensive"), ("not", "offensive"),
        _tweeteval("offensive", ("not", "offensive"), "macro F1"),
        _said("offensive", lambda reading: "offensive" if reading.offensive else "not"), "offensive",
        {"fast": 0.74, "accurate": 0.78}, "RoBERTa-base 0.795",
    ),
    PublicSet(
        "tweeteval-irony", "TweetEval irony", ("not", "ironic"), ("ironic",),
        _tweeteval("irony", ("not", "ironic"), "F1"),
        _said("sarcasm", lambda reading: "ironic" if reading.sarcasm else "not"), "irony",
        {"fast": 0.64, "accurate": 0.66}, "RoBERTa-base 0.597, BERTweet 0.821", tuned=_ironic_for_f1,
    ),
    PublicSet(
        "xlm-t", "XLM-T sentiment", SENTIMENTS, SENTIMENTS, _xlm,
        _said("sentiment", lambda reading: reading.sentiment.value), "xl",
        {"fast": 0.52, "accurate": 0.60}, "fastText 0.510, XLM-Twitter 0.694",
    ),
    PublicSet(
        "complaints", "complaints (ACL 2019)", ("0", "1"), ("0", "1"), _complaints,
        _said("kind", lambda reading: "1" if reading.kind is Kind.COMPLAINT else "0"), "sentiment",
        {"fast": 0.72, "accurate": 0.80}, "0.79 to 0.87, trained on it",
        {"negative": "1", "neutral": "0", "positive": "0"}, asked="1",
    ),
    PublicSet(
        "tweet-acts", "tweet acts, question", ("QUE", "rest"), ("QUE",), _acts,
        _said("kind", lambda reading: "QUE" if reading.kind is Kind.QUESTION else "rest"), "act",
        {"fast": 0.68, "accurate": 0.78}, "",
        {name: "QUE" if name == "QUE" else "rest" for name in sets.ACTS}, asked="QUE",
    ),
)  # fmt: skip
"""In the order in which they are shown."""
