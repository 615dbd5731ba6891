"""How well names are found in other spellings, and what that costs: `python bench/tolerance.py --data ../shared/data`.

Misspellings of 200 names in real posts and real posts that name none (`hearout/listening/tolerance/trial.py`
says how they are made); hashtags as people cut them; words around names that mean two things; then time
per post with 100, 1,000 and 10,000 names on one core, processor time, against measuring each word and name by
rapidfuzz. `--quick`: fewer. `--misses`: shows what was missed and what was found in error.
"""

from __future__ import annotations

import bz2
import csv
import random
import re
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from measure import QUICK, print_goal, print_head, print_line, print_machine
from rapidfuzz import process
from rapidfuzz.distance import OSA

from hearout.listening.tolerance import Contexts, Entry, Tolerant
from hearout.listening.tolerance.dictionary import LANGUAGES, known_words
from hearout.listening.tolerance.entries import words_of
from hearout.listening.tolerance.trial import (
    SOURCES,
    Outcome,
    cut_right,
    entries,
    labelled_tags,
    real_posts,
    tried,
)
from hearout.listening.words import BETWEEN, TOKEN

POSTS = 10_000 if QUICK else 50_000
SIZES = (100, 1_000) if QUICK else (100, 1_000, 10_000)
RUNS = 3
GOAL = 15.0
HALVES = {0: "even half, settings chosen by it", 1: "odd half, held out", None: "both together"}
TAG_FILES = ("our_dataset/train", "our_dataset/dev", "our_dataset/test", "bansal_dataset/bansal")
AMBIGUOUS = ("united", "american", "apple", "spirit")

ONSETS, VOWELS = "b br c cl d f g gr h k l m n p pl qu r s st t tr v w z", "a e i o u ai ee ou"

Row = tuple[list[list[str]], list[str]]
"""A post's rows of words, and its tags."""


def quality(data: Path) -> None:
    tolerant = Tolerant(entries())
    head = " ".join(f"{source:>18}" for source in SOURCES)
    print(f"\n{'200 names':34} {head} {'found':>7} {'right':>7} {'wrong':>6} {'posts':>7} {'words':>6}")
    for half, title in HALVES.items():
        outcome = tried(tolerant, data, half, POSTS)
        shares = " ".join(
            f"{outcome.found[one]:>6} of {outcome.tried[one]:>4} {outcome.found[one] / outcome.tried[one]:.3f}"
            for one in SOURCES
        )
        print(
            f"{title:34} {shares} {outcome.recall:>7.4f} {outcome.precision:>7.4f} {len(outcome.wrong):>6}"
            f" {outcome.posts:>7,} {outcome.words.total():>6}"
        )
        if half == 1:
            print_goal("95 of 100 found", f"{outcome.recall:.1%}", outcome.recall >= 0.95)
            print_goal("98 of 100 right", f"{outcome.precision:.1%}", outcome.precision >= 0.98)
        elif "--misses" in sys.argv and half == 0:
            show(outcome)


def show(outcome: Outcome) -> None:
    for key, words, text in outcome.wrong:
        print(f"   wrong  {key}: {words!r} in {text[:80]!r}")
    for one in outcome.missed:
        print(f"   missed {one.entry.text}: {one.written!r} ({one.source})")


def tags(data: Path) -> None:
    print(f"\n{'hashtags cut as people cut them':34} {'right':>7} {'of':>6}")
    for name in TAG_FILES:
        rows = labelled_tags(data, f"{name}_corrected.tsv")
        right = cut_right(rows)
        print(f"{name:34} {right / len(rows):>7.3f} {len(rows):>6,}")


def contexts(data: Path) -> None:
    """Airlines' customers (and Apple's, as they name it to airlines) against tweets with the same word."""
    print(f"\n{'words around a name':34} clicks of each side  told rightly  below 0.1: others    ours")
    csv.field_size_limit(10_000_000)
    with bz2.open(data / "airline_dialogs/airlines_raw.csv.bz2", "rt", errors="replace") as lines:
        first = [re.sub(r"</?cust__|__cust>|__\w+__", " ", row[2]) for row in csv.reader(lines)]
    ours, others = ([words_of(text) for text in texts] for texts in (first, real_posts(data, 10**6)))
    for name in AMBIGUOUS:
        sides = [[words for words in side if name in words] for side in (others, ours)]
        for clicks in (3, 5, 10, 20):
            right, away, lost = _clicked(name, sides, clicks)
            print(f"{name:34} {clicks:>19} {right:>13.3f} {away:>18.3f} {lost:>7.3f}")


def _clicked(
    name: str, sides: Sequence[Sequence[tuple[str, ...]]], clicks: int
) -> tuple[float, float, float]:
    """Over 20 draws: told rightly (mean of the two sides), and what got less than 0.1 of others and of ours."""
    right, below = 0.0, [0.0, 0.0]
    for seed in range(20):
        learned = Contexts()
        drawn = [random.Random(seed).sample(side, len(side)) for side in sides]
        for us, side in enumerate(drawn):
            for words in side[:clicks]:
                learned.learn(name, words, bool(us))
        for us, side in enumerate(drawn):
            said = [learned.says(name, words) or 0.5 for words in side[clicks : clicks + 200]]
            right += sum((one > 0.5) == bool(us) for one in said) / len(said) / 40
            below[us] += sum(one < 0.1 for one in said) / len(said) / 20
    return right, below[0], below[1]


def many_names(size: int) -> list[Entry]:
    """Invented names, rarer words, and pairs of both; a quarter are hashtags."""
    pick = random.Random(3)
    onsets, vowels = ONSETS.split(), VOWELS.split()
    dictionary = known_words(LANGUAGES, ())
    rare = sorted(
        w for w, zipf in dictionary.items() if 2.5 <= zipf < 4 and w.isascii() and 4 <= len(w) <= 10
    )

    def coined() -> str:
        parts = (pick.choice(onsets) + pick.choice(vowels) for _ in range(pick.randint(2, 4)))
        return "".join(parts) + pick.choice(["", "n", "r", "x", "l"])

    makers: list[Callable[[], str]] = [
        coined,
        coined,
        lambda: pick.choice(rare),
        lambda: coined() + " " + pick.choice(rare),
        lambda: pick.choice(rare) + " " + pick.choice(rare),
    ]
    names: dict[str, None] = {}
    while len(names) < size:
        names[pick.choice(makers)()] = None
    return [Entry(at, "hashtag" if at % 4 == 0 else "name", name) for at, name in enumerate(names)]


def rows_of(text: str) -> Row:
    rows: list[list[str]] = []
    tagged, end = [], -1
    for token in TOKEN.finditer(text):
        if token.lastgroup == "tag":
            tagged.append(token["tag"].lower())
        elif token.lastgroup == "word":
            if end < 0 or not BETWEEN.fullmatch(text, end, token.start()):
                rows.append([])
            rows[-1].append(token[0].lower())
        end = token.end() if token.lastgroup == "word" else -1
    return rows, tagged


def passed(tolerant: Tolerant, posts: Sequence[Row]) -> float:
    """Microseconds a post."""
    start = time.process_time()
    for rows, tagged in posts:
        for row in rows:
            tolerant.of_words(row)
        for tag in tagged:
            tolerant.of_token(tag, "hashtag")
    return (time.process_time() - start) / len(posts) * 1e6


def scanned(names: Sequence[str], posts: Sequence[Row]) -> float:
    """Every word measured against every name, what anybody would write first; microseconds a post."""
    start = time.process_time()
    for rows, tagged in posts:
        for word in {word for row in rows for word in row} | set(tagged):
            process.extract(word, names, scorer=OSA.distance, score_cutoff=1 if len(word) < 8 else 2, limit=3)
    return (time.process_time() - start) / len(posts) * 1e6


def speed(data: Path) -> None:
    posts = [rows_of(text) for text in real_posts(data, POSTS)]
    words = sum(len(row) for rows, _ in posts for row in rows) / len(posts)
    print(
        f"\nposts of {words:.1f} words and {sum(len(t) for _, t in posts) / len(posts):.2f} tags, microseconds each"
    )
    print_head("names", "us a post")
    for size in SIZES:
        named = many_names(size)
        compact = ["".join(words_of(entry.text)) for entry in named]
        reference = [scanned(compact, posts[at : at + 20]) for at in range(0, 20 * RUNS, 20)]
        print_line(size, "rapidfuzz, every word and name", reference, reference, 1)
        tolerants = [Tolerant(named) for _ in range(RUNS)]
        half = len(posts) // 2
        print_line(
            size,
            "first half, no word seen before",
            [passed(one, posts[:half]) for one in tolerants],
            reference,
            1,
        )
        running = [passed(one, posts[half:]) for one in tolerants]
        print_line(size, "second half, its posts are new", running, reference, 1)
        again = [passed(one, posts) for one in tolerants]
        print_line(size, "all posts again", again, reference, 1)
    usual = statistics.median(again)
    print_goal(f"{GOAL:.0f} us a post, words seen before, {SIZES[-1]:,} names", f"{usual:.1f}", usual <= GOAL)


def main() -> None:
    if "--data" not in sys.argv:
        print("bench/tolerance.py needs real posts: --data ../shared/data")
        return
    data = Path(sys.argv[sys.argv.index("--data") + 1])
    print_machine()
    quality(data)
    tags(data)
    contexts(data)
    speed(data)


if __name__ == "__main__":
    main()
