"""How well tolerance does: misspellings of 200 names in real posts, and real posts that name none of them.

Misspellings come three ways: patterns of the Birkbeck corpus (how one letter became another between which
neighbours), patterns of tweets' normalisation pairs, and edits at random. The even names and posts are
for choosing settings, the odd ones for measuring.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path

from rapidfuzz.distance import OSA

from hearout.listening.tolerance.dictionary import LANGUAGES, known_words
from hearout.listening.tolerance.entries import Entry, allowed, words_of
from hearout.listening.tolerance.segmentation import segment
from hearout.listening.tolerance.tolerant import Tolerant
from hearout.listening.tolerance.trial_names import BRANDS, TAGS
from hearout.listening.words import BETWEEN, TOKEN

SOURCES = ("birkbeck", "tweets", "generated", "spaces")
TIGHT = ("-", "'", "’")
LETTERS = "abcdefghijklmnopqrstuvwxyz"

Pattern = tuple[str, str, str]
"""What was written before, what should have been written, and what was; "^" is the beginning."""


@dataclass(frozen=True, slots=True)
class Misspelling:
    """A name as somebody might write it: within its allowed distance, and not as it is."""

    entry: Entry
    written: str
    source: str


@dataclass(slots=True)
class Outcome:
    """`missed` were not found; `wrong` are (name, words, post) found in posts that name nothing."""

    tried: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)
    missed: list[Misspelling] = field(default_factory=list)
    wrong: list[tuple[object, str, str]] = field(default_factory=list)
    posts: int = 0

    @property
    def recall(self) -> float:
        """Found of those misspellings that are no words of a dictionary."""
        return self.found.total() / max(1, self.tried.total())

    @property
    def precision(self) -> float:
        """Of all that was found: each misspelling stands in one post, the wrong ones in all other posts."""
        return self.found.total() / max(1, self.found.total() + len(self.wrong))


def entries() -> list[Entry]:
    """The 200: names, then hashtags."""
    return [Entry(name, "name", name) for name in BRANDS] + [Entry("#" + tag, "hashtag", tag) for tag in TAGS]


def spans(tolerant: Tolerant, text: str) -> Iterator[tuple[object, int, str]]:
    """What a text names, with distance and words; as an engine would ask."""
    run: list[tuple[str, int, int]] = []
    for token in TOKEN.finditer(text):
        if token.lastgroup == "tag":
            for found in tolerant.of_token(token["tag"], "hashtag"):
                yield found.key, found.distance, token[0]
        if run and (token.lastgroup != "word" or not BETWEEN.fullmatch(text, run[-1][2], token.start())):
            yield from _of_run(tolerant, run, text)
            run = []
        if token.lastgroup == "word":
            run.append((token[0], token.start(), token.end()))
    yield from _of_run(tolerant, run, text)


def _of_run(
    tolerant: Tolerant, run: Sequence[tuple[str, int, int]], text: str
) -> Iterator[tuple[object, int, str]]:
    tight = [i for i in range(1, len(run)) if text[run[i - 1][2] : run[i][1]] in TIGHT]
    for hit in tolerant.of_words([word for word, _, _ in run], tight):
        yield hit.key, hit.distance, text[run[hit.start][1] : run[hit.stop - 1][2]]


def real_posts(data: Path, most: int = 50_000) -> list[str]:
    """Different tweets of SemEval 2017 and TweetEval, always the same ones."""
    texts: dict[str, None] = {}
    for path in sorted((data / "semeval2017_task4a/dataset").glob("t*/*.txt")):
        for line in path.read_text("utf-8", "replace").split("\n"):
            if text := line.rstrip('\t"\r').rpartition("\t")[2].strip('" '):
                texts.setdefault(text)
    for path in sorted((data / "tweeteval/datasets").glob("*/*_text.txt")):
        texts.update(dict.fromkeys(filter(None, path.read_text("utf-8").split("\n"))))
    return random.Random(5).sample(sorted(texts), min(most, len(texts)))


def patterns(pairs: Sequence[tuple[str, str]]) -> Counter[Pattern]:
    """The single edits that make these misspellings of these words, with how often each was seen."""
    found: Counter[Pattern] = Counter()
    for word, written in pairs:
        if OSA.distance(word, written, score_cutoff=1) != 1:
            continue
        start = next((i for i, (a, b) in enumerate(zip(word, written, strict=False)) if a != b), len(written))
        start = min(start, len(word))
        tail = 0
        while tail < min(len(word), len(written)) - start and word[-1 - tail] == written[-1 - tail]:
            tail += 1
        before = word[start - 1] if start else "^"
        found[before, word[start : len(word) - tail], written[start : len(written) - tail]] += 1
    return found


def birkbeck_pairs(data: Path) -> list[tuple[str, str]]:
    """(word, misspelling) of the Birkbeck corpus."""
    pairs, word = [], ""
    for line in (data / "birkbeck_spelling/DataSets/missp.dat").read_text("utf-8", "replace").split("\n"):
        if line.startswith("$"):
            word = line[1:].lower()
        elif line:
            pairs.append((word, line.lower()))
    return [(a, b) for a, b in pairs if a.isalpha() and b.isalpha()]


def tweet_pairs(data: Path) -> list[tuple[str, str]]:
    """(word, as tweeted) of the normalisation dictionary and of the normalised tweets of W-NUT 2015."""
    pairs = []
    for line in (data / "emnlp_lexnorm_dict/emnlp_dict.txt").read_text("utf-8", "replace").split("\n"):
        written, _, word = line.partition("\t")
        pairs.append((word.strip(), written.strip()))
    path = data / "wnut2015_lexnorm/x/lexnorm2015/train_data.json"
    for tweet in json.loads(path.read_text("utf-8")):
        pairs += [(a, b.lower()) for a, b in zip(tweet["output"], tweet["input"], strict=True)]
    return [(a, b) for a, b in pairs if a != b and a.isalpha() and b.isalpha()]


class Misspeller:
    """Makes misspellings of names, always the same ones."""

    def __init__(self, data: Path, seed: int = 5) -> None:
        self._random = random.Random(seed)
        self._patterns = {"birkbeck": patterns(birkbeck_pairs(data)), "tweets": patterns(tweet_pairs(data))}
        self._kept: dict[tuple[str, str], tuple[list[tuple[int, str, str]], list[int]]] = {}

    def of(self, entry: Entry, source: str, tries: int = 60) -> list[str]:
        """Up to 8 different ways to write this name: within its allowed distance, and not as it is."""
        words = words_of(entry.text)
        compact = "".join(words)
        most = allowed(compact)
        found: dict[str, None] = {}
        for _ in range(tries if most else 0):
            edits = self._random.choice(range(1, most + 1))
            written = " ".join(words)
            for _ in range(edits):
                written = self._edited(written, source)
            if entry.kind == "hashtag":
                written = written.replace(" ", "").replace("-", "")
            if written != " ".join(words) and OSA.distance(written, " ".join(words)) <= most:
                found.setdefault(written)
            if len(found) == 8:
                break
        return list(found)

    def _edited(self, written: str, source: str) -> str:
        if source == "generated":
            return self._at_random(written)
        if source == "spaces":
            return self._respaced(written)
        fitting, counts = self._fitting(written, source)
        if not fitting:
            return written
        place, old, new = self._random.choices(fitting, cum_weights=counts)[0]
        return written[:place] + new + written[place + len(old) :]

    def _fitting(self, written: str, source: str) -> tuple[list[tuple[int, str, str]], list[int]]:
        """Where patterns fit, and how often they were seen, added up."""
        kept = self._kept.get((written, source))
        if kept is None:
            fitting, counts = [], []
            for (before, old, new), count in self._patterns[source].items():
                for place in _places(written, before, old):
                    fitting.append((place, old, new))
                    counts.append(count)
            kept = self._kept[written, source] = (fitting, list(accumulate(counts)))
        return kept

    def _at_random(self, written: str) -> str:
        """One letter added, left out, doubled, replaced or swapped with the next."""
        place = self._random.choice([i for i, letter in enumerate(written) if letter != " "])
        letter = self._random.choice(LETTERS)
        rest = written[place + 1 :]
        return written[:place] + self._random.choice(
            [
                letter + written[place] + rest,
                rest,
                written[place] * 2 + rest,
                letter + rest,
                (rest[0] + written[place] + rest[1:]) if rest[:1].strip() else letter + rest,
            ]
        )

    def _respaced(self, written: str) -> str:
        """A space or hyphen left out, or added."""
        gaps = [found.start() for found in re.finditer(" ", written)]
        if gaps and self._random.random() < 0.7:
            place = self._random.choice(gaps)
            return written[:place] + written[place + 1 :]
        places = [i for i in range(2, len(written) - 1) if " " not in written[i - 1 : i + 1]]
        if not places:
            return written
        place = self._random.choice(places)
        return written[:place] + self._random.choice(" -") + written[place:]


def _places(written: str, before: str, old: str) -> Iterator[int]:
    if before == "^":
        if written.startswith(old):
            yield 0
        return
    place = written.find(before + old)
    while place >= 0:
        yield place + 1
        place = written.find(before + old, place + 1)


def tried(tolerant: Tolerant, data: Path, half: int | None, posts: int = 50_000) -> Outcome:
    """One half of names' misspellings, each put into a post, and of posts; None: all of both."""
    every = entries()
    chosen = every if half is None else every[half::2]
    texts = real_posts(data, posts)
    texts = texts if half is None else texts[half::2]
    outcome = Outcome()
    free = [text for text, named in zip(texts, _exactly_named(every, texts), strict=True) if not named]
    outcome.posts = len(free)
    keys = {entry.key for entry in chosen}
    for text in free:
        outcome.wrong += [(key, words, text) for key, _, words in spans(tolerant, text) if key in keys]
    misspeller, pick = Misspeller(data), random.Random(7)
    dictionary = known_words(LANGUAGES, ())
    names = {"".join(words_of(entry.text)) for entry in every}
    for entry in chosen:
        for source in SOURCES:
            for written in misspeller.of(entry, source):
                one = Misspelling(entry, written, source)
                joined = "".join(words_of(written))
                if written in dictionary or joined in names - {"".join(words_of(entry.text))}:
                    outcome.words[source] += 1
                    continue
                _try(tolerant, one, pick.choice(free), outcome)
    return outcome


def _try(tolerant: Tolerant, one: Misspelling, post: str, outcome: Outcome) -> None:
    sign = "#" if one.entry.kind == "hashtag" else ""
    text = f"{post} , {sign}{one.written} , {post}"
    outcome.tried[one.source] += 1
    if any(key == one.entry.key for key, _, _ in spans(tolerant, text)):
        outcome.found[one.source] += 1
    else:
        outcome.missed.append(one)


def _exactly_named(every: Sequence[Entry], texts: Sequence[str]) -> list[bool]:
    """Whether a text has one of the names as it is, with other spaces, in the plural, or within a tag."""
    names = sorted({words_of(entry.text) for entry in every}, key=len, reverse=True)
    spaced = "|".join(r"[\W_]{0,3}".join(words) for words in names)
    joined = "|".join("".join(words) for words in names)
    named = re.compile(rf"(?<![^\W_])(?:{spaced})(?:['’]?e?s)?(?![^\W_])|#\w*(?:{joined})")
    return [bool(named.search(text.casefold())) for text in texts]


def labelled_tags(data: Path, name: str) -> list[tuple[str, set[str]]]:
    """(hashtag, how people cut it) of one file of the labelled set; apostrophes and case do not count."""
    rows = []
    for line in (data / "hashtag_segmentation/data" / name).read_text("utf-8", "replace").split("\n"):
        _, _, tagged = line.rstrip("\r").partition("\t")
        tag, *cuts = tagged.split("\t")
        if cuts:
            rows.append((tag, {re.sub(r"'| _(?= )", "", cut.lower()) for cut in cuts}))
    return rows


def cut_right(rows: Sequence[tuple[str, set[str]]]) -> int:
    """How many tags `segment` cuts as one of the people did."""
    return sum(" ".join(segment(tag)) in cuts for tag, cuts in rows)
