"""The public sets a model learns from, and the guard that keeps every test text out of them.

Only sets whose licence allows it: SemEval 2017 task 4A (MIT), TweetEval emotion, irony and offensive
(released without restrictions), GoEmotions and XLM-T (Apache-2.0), tweet acts (BSD-2).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

SENTIMENTS = ("negative", "neutral", "positive")
EMOTIONS4 = ("anger", "joy", "optimism", "sadness")
ACTS = ("EXP", "STM", "QUE", "SUG", "OTH", "THT", "REQ")
XLM_LANGUAGES = {
    "english": "en", "german": "de", "spanish": "es", "portuguese": "pt", "italian": "it", "french": "fr",
    "hindi": "hi", "arabic": "ar",
}  # fmt: skip
GO_GROUPS = {
    "anger": "anger", "annoyance": "annoyance disappointment disapproval", "disgust": "disgust",
    "fear": "fear nervousness", "sadness": "sadness grief remorse embarrassment",
    "joy": "joy excitement relief pride", "love": "love caring desire", "amusement": "amusement",
    "gratitude": "gratitude", "admiration": "admiration approval", "optimism": "optimism",
    "curiosity": "curiosity confusion", "surprise": "surprise realization", "neutral": "neutral",
}  # fmt: skip
"""GoEmotions' 28 labels in 14 groups that a linear model can tell apart."""
FEELING_OF_GROUP = {
    "anger": "anger", "annoyance": "frustration", "disgust": "disgust", "fear": "distress",
    "sadness": "distress", "joy": "joy", "love": "joy", "amusement": "joy", "gratitude": "gratitude",
    "admiration": "joy", "optimism": "joy", "curiosity": "none", "surprise": "none", "neutral": "none",
}  # fmt: skip
"""The groups in the words of `reading.Emotion`."""

ANSWERS = ("no", "yes")
KINDS_FILE = Path(__file__).parent / "kinds.tsv"

_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_NOISE = re.compile(r"https?://\S*|\\u\w{4}|^rt @\w+:?|@\w+")


@dataclass(frozen=True, slots=True)
class Labelled:
    """Texts with one label each, and where each comes from if the set has several sources."""

    texts: list[str]
    labels: list[str]
    sources: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.texts)

    def without(self, keys: set[str]) -> Labelled:
        """Without the texts whose `key_of` is among `keys`, and without repetitions."""
        seen, kept = set(keys), []
        for place, key in enumerate(map(key_of, self.texts)):
            if key not in seen:
                seen.add(key)
                kept.append(place)
        return self.at(kept)

    def at(self, places: Sequence[int]) -> Labelled:
        """Only the texts at these places."""
        texts, labels = [self.texts[i] for i in places], [self.labels[i] for i in places]
        return Labelled(texts, labels, [self.sources[i] for i in places] if self.sources else [])


def key_of(text: str) -> str:
    """What stays the same between copies and retweets of a text: its letters and digits."""
    return re.sub(r"\W+", " ", _NOISE.sub("", text.lower())).strip()


def unescaped(text: str) -> str:
    """SemEval and tweet acts write some characters as `\\u2019`; halves of pairs become one character."""
    text = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def tweeteval(folder: Path, part: str, names: Sequence[str]) -> Labelled:
    texts = (folder / f"{part}_text.txt").read_text("utf-8").rstrip("\n").split("\n")
    labels = (folder / f"{part}_labels.txt").read_text("utf-8").split()
    return Labelled(texts, [names[int(label)] for label in labels])


def semeval(data: Path) -> Labelled:
    """All years' files but 2017's test. Each file is a source: other weeks, other topics."""
    texts, labels, sources = [], [], []
    for path in sorted((data / "semeval2017_task4a/dataset/train").glob("*.txt")):
        for line in path.read_text("utf-8").split("\n"):
            cells = line.split("\t")
            if len(cells) >= 3 and cells[1] in SENTIMENTS:
                texts.append(unescaped(cells[2]))
                labels.append(cells[1])
                sources.append(path.stem)
    return Labelled(texts, labels, sources)


def goemotions(data: Path, part: str) -> Labelled:
    """The comments whose labels fall in one group of `GO_GROUPS`."""
    folder = data / "goemotions/data/original"
    group_of = {name: group for group, names in GO_GROUPS.items() for name in names.split()}
    names = (folder / "labels.txt").read_text("utf-8").split()
    texts, labels = [], []
    for line in (folder / f"{part}.tsv").read_text("utf-8").rstrip("\n").split("\n"):
        text, numbers, _ = line.split("\t")
        groups = {group_of[names[int(number)]] for number in numbers.split(",")}
        if len(groups) == 1:
            texts.append(text)
            labels.append(groups.pop())
    return Labelled(texts, labels)


def tweet_acts(data: Path, *, test: bool) -> Labelled:
    """Even rows are the test, odd rows for training, as in `evaluate.py`."""
    path = data / "tweet_acts_tac/Dataset/TWEET_DATA.csv"
    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        rows = list(csv.reader(file))[0 if test else 1 :: 2]
    return Labelled([unescaped(row[0]) for row in rows], [row[1].strip() for row in rows])


def complaints(data: Path) -> tuple[Labelled, Labelled]:
    """To evaluate only, never to learn from (no licence): its even rows, and all of them; "1" complains."""
    path = data / "complaints_acl19/complaints-data.csv"
    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        rows = list(csv.reader(file))
    even = rows[::2]
    return (
        Labelled([row[1] for row in even], [row[2] for row in even]),
        Labelled([row[1] for row in rows], [row[2] for row in rows]),
    )


def xlm(data: Path, language: str, part: str) -> Labelled:
    return tweeteval(data / "xlm_t/data/sentiment" / language, part, SENTIMENTS)


def test_keys(data: Path) -> set[str]:
    """The keys of every text that is a test somewhere: none may be learnt from, whatever set it is in.

    The two sets that serve to evaluate only (complaints, TWCS) are kept out by never being read here.
    """
    held: list[Iterable[str]] = [
        tweeteval(data / "tweeteval/datasets" / name, "test", ("0", "1", "2", "3")).texts
        for name in ("sentiment", "emotion", "irony", "offensive")
    ]
    held += [xlm(data, language, "test").texts for language in XLM_LANGUAGES]
    held += [tweet_acts(data, test=True).texts, goemotions(data, "test").texts]
    return {key_of(text) for texts in held for text in texts}


@dataclass(frozen=True, slots=True)
class Sets:
    """What is learnt from (`train`) and what operating points and confidence are set on (`held`)."""

    train: dict[str, Labelled]
    held: dict[str, Labelled]


def load(data: Path) -> Sets:
    """All sets of `data`, held-out texts out of the training parts, tests out of both."""
    folder, tests = data / "tweeteval/datasets", test_keys(data)
    binary = {"irony": ("not", "ironic"), "offensive": ("not", "offensive")}
    held = {name: tweeteval(folder / name, "val", classes) for name, classes in binary.items()}
    held["emotion4"] = tweeteval(folder / "emotion", "val", EMOTIONS4)
    held["sentiment"] = tweeteval(folder / "sentiment", "val", SENTIMENTS)
    held["feeling"] = goemotions(data, "dev")
    foreign = [language for language in XLM_LANGUAGES if language != "english"]
    held |= {f"xl_{XLM_LANGUAGES[language]}": xlm(data, language, "val") for language in foreign}
    acts, held["act"] = _every_sixth(tweet_acts(data, test=False).without(tests))
    held = {name: part.without(tests) for name, part in held.items()}
    kept = tests | {key_of(text) for part in held.values() for text in part.texts}
    train = {name: tweeteval(folder / name, "train", classes) for name, classes in binary.items()}
    train["emotion4"] = tweeteval(folder / "emotion", "train", EMOTIONS4)
    train["sentiment"] = semeval(data)
    train["feeling"] = goemotions(data, "train")
    train |= {f"xl_{XLM_LANGUAGES[language]}": xlm(data, language, "train") for language in foreign}
    train["act"] = acts
    train = {name: part.without(kept) for name, part in train.items()}
    judged = {one.digest: one for one in judgements()}
    return Sets(train | _judged(train, judged), held | _judged(held, judged))


@dataclass(frozen=True, slots=True)
class Judgement:
    """What we ourselves said of a text of one of the sets, which is known by its digest alone."""

    digest: str
    kind: str
    answer: str


def judgements(path: Path = KINDS_FILE) -> list[Judgement]:
    """The kinds of some thousand texts and whether a care team should answer them, see docs/model-card.md."""
    rows = [line.split("\t") for line in path.read_text("utf-8").splitlines() if not line.startswith("#")]
    return [Judgement(digest, kind, answer) for digest, kind, answer in rows]


def digest_of(text: str) -> str:
    return sha256(key_of(text).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _judged(parts: dict[str, Labelled], judged: dict[str, Judgement]) -> dict[str, Labelled]:
    """The texts of these parts that have a judgement: their kinds, and whether they want an answer."""
    found = {
        text: judged[key]
        for part in parts.values()
        for text in part.texts
        if (key := digest_of(text)) in judged
    }
    texts = list(found)
    return {
        "kind": Labelled(texts, [found[text].kind for text in texts]),
        "answer": Labelled(texts, [found[text].answer for text in texts]),
    }


def _every_sixth(part: Labelled) -> tuple[Labelled, Labelled]:
    """Five sixths and one sixth, for a set without a validation part."""
    return part.at([i for i in range(len(part)) if i % 6]), part.at(range(0, len(part), 6))
