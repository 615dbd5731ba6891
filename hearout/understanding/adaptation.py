"""What one installation taught a reader: weights of words, added to what the reader thought of each label.

An adaptation stands on top of any reader and knows only its readings, so that a new reader needs no new code.
A post with none of the learnt words is read exactly as before. Words are kept as hashes, never as text; the
arrays are plain NumPy, read without pickle. `adapting.py` makes one.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from zipfile import BadZipFile
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from hearout.understanding.reading import Emotion, Kind, Reader, Reading, Sentiment, Urgency
from hearout.understanding.tokens import Tokens, tokenise

Floats = NDArray[np.float32]
CLASSES: dict[str, tuple[str, ...]] = {
    "kind": tuple(map(str, Kind)),
    "needs_answer": ("no", "yes"),
    "sentiment": tuple(map(str, Sentiment)),
    "emotion": tuple(map(str, Emotion)),
    "urgency": tuple(map(str, Urgency)),
}
"""The labels that can be learnt, and their classes in the order of the weights' columns."""
LIMIT = 5.0
"""Log-odds that the words of one post may add to a class, however many of them there are."""
SURE_AGAIN, UNSURE_BELOW = 0.7, 0.5
"""A label the reader abstained from is given again from the first on; a changed one is unsure below the second."""
ASKS = frozenset((Kind.COMPLAINT, Kind.QUESTION, Kind.REQUEST))
SHOWN, LEARNT_SHOWN = 4, 2
CACHED_WORDS = 65_536
NAME_LENGTH = 40
_WORD = crc32(b"w ")


def word_hash(word: str) -> int:
    return crc32(word.encode("utf-8", "replace"), _WORD)


def learnable(word: str) -> bool:
    """Words and emojis; a number or a punctuation mark is no brand's own."""
    return word[0].isalpha() or word[0] > "\u2600"


def value_of(reading: Reading, label: str) -> str:
    value = getattr(reading, label)
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def odds_of(readings: Sequence[Reading], label: str) -> Floats:
    """Log-odds [posts, classes] of a label as readings tell them."""
    classes = CLASSES[label]
    places = {name: place for place, name in enumerate(classes)}
    said = [places[value_of(reading, label)] for reading in readings]
    sure = [reading.confidence.get(label, 0.0) for reading in readings]
    return odds_told(np.array(said, dtype=np.int64), np.array(sure, dtype=np.float32), len(classes))


def odds_told(said: NDArray[np.int64], sure: Floats, classes: int) -> Floats:
    """Log-odds [posts, classes] of which only the class that was said and its confidence are known: it stays
    the likeliest, and the rest is shared among the others."""
    share = np.clip(sure, 1.02 / classes, 0.98)
    odds = np.repeat(np.log((1 - share) / (classes - 1))[:, None], classes, axis=1)
    odds[np.arange(len(said)), said] = np.log(share)
    return odds


def softmax(odds: Floats) -> Floats:
    raised = np.exp(odds - odds.max(axis=-1, keepdims=True))
    shares: Floats = raised / raised.sum(axis=-1, keepdims=True)
    return shares


class Adaptation:
    """Hashes of words (sorted) and for each label learnt their weights [words, classes].

    `base` names the reader whose readings it was learnt on, `name` the two together. Safe to share between
    threads.
    """

    def __init__(self, base: str, name: str, keys: NDArray[np.uint32], weights: Mapping[str, Floats]) -> None:
        for label, table in weights.items():
            if table.shape != (len(keys), len(CLASSES[label])) or not np.isfinite(table).all():
                raise ValueError(f"the weights of {label} do not fit its classes")
        self.base, self.name = base, name[:NAME_LENGTH]
        self.keys, self.weights = keys, dict(weights)
        self._places = {int(key): place for place, key in enumerate(keys)}
        self._known: dict[str, int] = {}

    def read_again(self, texts: Sequence[str], readings: Sequence[Reading]) -> list[Reading]:
        """The readings of these texts as they are with what was learnt. Those of other readers than `base`
        are left alone: they were not what people corrected. Never raises for any str."""
        again = list(readings)
        hits: list[_Hit] = []
        for place, (text, reading) in enumerate(zip(texts, readings, strict=True)):
            if reading.reader == self.base:
                tokens = tokenise(text)
                if found := self._found(tokens):
                    hits.append(_Hit(place, tokens, found, reading))
                else:
                    again[place] = replace(reading, reader=self.name)
        if hits:
            self._weigh(hits)
        for hit in hits:
            again[hit.place] = hit.settled(self.name)
        return again

    def _weigh(self, hits: Sequence[_Hit]) -> None:
        """Give each hit what its words add to each label, all posts in one go."""
        rows = np.fromiter((row for hit in hits for row in hit.found), np.int64)
        ends = np.cumsum([len(hit.found) for hit in hits])
        starts = np.append(0, ends[:-1])
        for label, table in self.weights.items():
            added = table[rows]
            shift = np.clip(np.add.reduceat(added, starts), -LIMIT, LIMIT)
            shares = softmax(odds_of([hit.reading for hit in hits], label) + shift)
            best = shares.argmax(axis=1)
            sure = shares[np.arange(len(hits)), best].tolist()
            moved = np.abs(shift).max(axis=1).tolist()
            spoke = (added - added.mean(axis=1, keepdims=True))[
                np.arange(len(rows)), np.repeat(best, ends - starts)
            ]
            for n, hit in enumerate(hits):
                if moved[n]:
                    words = spoke[starts[n] : ends[n]].tolist()
                    hit.take(label, CLASSES[label][best[n]], round(sure[n], 3), words)

    def _found(self, tokens: Tokens) -> dict[int, int]:
        """The learnt words of a text: their rows, and where each stands first."""
        found: dict[int, int] = {}
        known = self._known
        for place, word in enumerate(tokens.words):
            row = known.get(word)
            if row is None:
                if len(known) >= CACHED_WORDS:
                    known.clear()
                row = known[word] = self._places.get(word_hash(word), -1) if learnable(word) else -1
            if row >= 0:
                found.setdefault(row, place)
        return found

    def to_bytes(self) -> bytes:
        """NumPy's npz; the same arrays give the same bytes."""
        file = io.BytesIO()
        np.savez_compressed(file, keys=self.keys, **self.weights)  # type: ignore[arg-type]
        return file.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes, base: str, name: str) -> Adaptation:
        """Raises ValueError for anything but what `to_bytes` gave."""
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
                held = dict(arrays)
            keys = held.pop("keys").astype(np.uint32)
        except (BadZipFile, KeyError, OSError, EOFError, AttributeError, TypeError, ValueError) as error:
            raise ValueError("these are no learnt weights") from error
        return cls(base, name, keys, held)


class _Hit:
    """A post with learnt words in it (`found`: row to place in the text), and what becomes of its reading."""

    def __init__(self, place: int, tokens: Tokens, found: dict[int, int], reading: Reading) -> None:
        self.place, self.tokens, self.found, self.reading = place, tokens, found, reading
        self.changes: dict[str, Any] = {}
        self.confidence, self.abstained = dict(reading.confidence), list(reading.abstained)
        self.reasons, self.weights = dict(reading.reasons), dict(reading.weights)

    def take(self, label: str, said: str, sure: float, added: Sequence[float]) -> None:
        """The label reads `said` now; `added` is what each word found speaks for that."""
        changed = said != value_of(self.reading, label)
        self.confidence[label] = sure
        _settle(self.abstained, label, sure, changed)
        why = _strongest(self.tokens, self.found, added)
        if changed:
            self.changes[label] = _valued(label, said)
            self.reasons[label], self.weights[label] = [word for word, _ in why], [value for _, value in why]
        else:
            _put_first(self.reasons, self.weights, label, why)

    def settled(self, name: str) -> Reading:
        _follow(self.changes, self.reading, self.confidence, self.abstained)
        return replace(
            self.reading, reader=name, confidence=self.confidence, abstained=tuple(self.abstained),
            reasons=self.reasons, weights=self.weights, **self.changes,
        )  # fmt: skip


class AdaptedReader:
    """A reader with what was learnt here on top: itself a reader."""

    def __init__(self, base: Reader, adaptation: Adaptation) -> None:
        self.base, self.adaptation = base, adaptation
        self.name = adaptation.name

    def read(self, texts: Sequence[str]) -> list[Reading]:
        return self.adaptation.read_again(texts, self.base.read(texts))


def named(base: str, slug: str, number: int) -> str:
    """`fast-2+tidewing.3`, the brand's part cut where the whole would not fit a verdict."""
    tail = f".{number}"
    return f"{base}+{slug}"[: NAME_LENGTH - len(tail)] + tail


def _settle(abstained: list[str], label: str, sure: float, changed: bool) -> None:
    if label in abstained and sure >= SURE_AGAIN:
        abstained.remove(label)
    elif label not in abstained and changed and sure < UNSURE_BELOW:
        abstained.append(label)


def _follow(
    changes: dict[str, Any], reading: Reading, confidence: dict[str, float], abstained: list[str]
) -> None:
    """A post that turns out to ask for something is no mere thanks, and wants an answer as surely as it asks."""
    if changes.get("kind") in ASKS:
        changes["thanks"] = False
        if not changes.get("needs_answer", reading.needs_answer):
            changes["needs_answer"] = True
            confidence["needs_answer"] = confidence["kind"]
            _settle(abstained, "needs_answer", confidence["kind"], True)


def _valued(label: str, said: str) -> Any:
    if label == "needs_answer":
        return said == "yes"
    enums = {"kind": Kind, "sentiment": Sentiment, "emotion": Emotion, "urgency": Urgency}
    return enums[label](said)


def _strongest(tokens: Tokens, found: Mapping[int, int], added: Sequence[float]) -> list[tuple[str, float]]:
    told = sorted(zip(found.values(), added, strict=True), key=lambda one: (-one[1], one[0]))
    return [(tokens.raw[place][:80], round(value, 3)) for place, value in told[:LEARNT_SHOWN] if value > 0.05]


def _put_first(
    reasons: dict[str, Sequence[str]],
    weights: dict[str, Sequence[float]],
    label: str,
    why: Iterable[tuple[str, float]],
) -> None:
    """The learnt words before those that the reader gave; a word is shown once."""
    old = list(reasons.get(label, ()))
    values = [*weights.get(label, ()), *[0.0] * len(old)][: len(old)]
    learnt = dict(why)
    rest = [(word, value) for word, value in zip(old, values, strict=True) if word not in learnt]
    both = [*learnt.items(), *rest][:SHOWN]
    reasons[label] = [word for word, _ in both]
    if weights.get(label) or learnt:
        weights[label] = [value for _, value in both]
