"""How fast posts are matched: `python bench/listening.py --data ../shared/data`.

On one core, in processor time, so that others on a shared machine do not count. Posts are the texts of public
sets where `--data` is given (tweets, Reddit comments, customers' posts), each once; else they are composed from
our own templates. Queries are made from words, pairs of words, tags and handles that few of these posts have,
as names of brands are, so that about one post in twelve matches one of 10,000.

*Plain* queries are a word, a phrase, a tag or a handle. In the same run the same strings are looked for by a
Python `re` alternation and by pyahocorasick with boundaries checked in Python (words and phrases only as they
are written, no links left out: less than the engine does), and one word at a time by rapidfuzz within two edits.
*Boolean* queries are a name, its tag or its handle with context words, exclusions and a language, with tolerance
on. Then `hearout match` as a process, from JSON Lines to JSON Lines. Last, every query is held against posts
by the engine and by the slow reference, and what differs is counted. `--quick`: fewer.
"""

from __future__ import annotations

import csv
import json
import os
import random
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import ahocorasick
from measure import QUICK, print_goal, print_head, print_line, print_machine
from rapidfuzz import process
from rapidfuzz.distance import OSA
from reading import posts as templates

from hearout.listening.engine import Compiled, compile
from hearout.listening.query.parser import parse
from hearout.listening.query.reference import directness, found, words
from hearout.listening.query.text import Text, seen
from hearout.listening.query.toml import Query, written

SIZES = (100, 1_000) if QUICK else (100, 1_000, 10_000)
POSTS, RUNS, BATCH = (4_000, 2, 1_000) if QUICK else (100_000, 5, 1_000)
GOALS = {1_000: 400_000, 10_000: 250_000}
BOOLEAN_GOAL, LINES_GOAL = 40_000, 60_000
RARE = 40
"""Posts that a word of a query is in at most."""
CONTEXT = (
    "delay late refund bag flight order broken help love thanks cancel service price wait".split()  # noqa: SIM905
)
Match = Callable[[Sequence[str]], object]


def real_posts(folder: Path) -> list[str]:
    """The texts of public sets, each once, shuffled."""
    texts: list[str] = []
    for path in sorted(folder.glob("tweeteval/datasets/**/*_text.txt")):
        texts += path.read_text("utf-8").split("\n")
    for path in sorted(folder.glob("xlm_t/data/sentiment/[a-z]*/*_text.txt")):
        texts += path.read_text("utf-8").split("\n")
    for path in sorted(folder.glob("goemotions/data/original/*.tsv")):
        texts += [line.partition("\t")[0] for line in path.read_text("utf-8").split("\n")]
    for path in sorted(folder.glob("semeval2017_task4a/dataset/t*/*.txt")):
        texts += [line.split("\t")[2] for line in path.read_text("utf-8").split("\n") if line.count("\t") > 1]
    with (folder / "twcs_small/monalisa_twcs.csv").open(encoding="utf-8", newline="") as file:
        texts += [row["text"] or "" for row in csv.DictReader(file)]
    found = sorted({text for text in texts if text.strip()})
    random.Random(5).shuffle(found)
    return found


class Names:
    """Words, tags and handles that few posts have."""

    def __init__(self, texts: Sequence[str]) -> None:
        counts = Counter(word for text in texts for word in set(re.findall(r"[#@]?\w+", text.lower())))
        few = sorted(word for word, count in counts.items() if count <= RARE and word.isascii())
        self.words = [word for word in few if word.isalpha() and len(word) > 3]
        self.tags = [word for word in few if word[0] == "#" and word[1:].isalnum() and len(word) > 4]
        self.handles = [word for word in few if word[0] == "@" and len(word) > 4]

    def plain(self, count: int) -> list[str]:
        """Half words, a fifth each phrases of two words and tags, a tenth handles."""
        dice = random.Random(1)
        pick = dice.choice
        kinds = [
            *[lambda: pick(self.words)] * 5,
            *[lambda: f"{pick(self.words)} {pick(self.words)}"] * 2,
            *[lambda: pick(self.tags or self.words)] * 2,
            lambda: pick(self.handles or self.words),
        ]
        return [kinds[number % 10]() for number in range(count)]

    def boolean(self, count: int) -> list[str]:
        """A name with its tag or handle; near or with words of context; without others; in a language."""
        dice = random.Random(2)
        queries = []
        for number in range(count):
            first, second = dice.choice(self.words), dice.choice(self.words)
            name = f'"{first} {second}"' if number % 3 == 0 else first
            joined = f"{first}{second}" if number % 3 == 0 else first
            one, two, three, four = dice.sample(CONTEXT, 4)
            queries.append(
                (
                    f"{name} OR #{joined}care NOT ({three} OR {four})",
                    f"({name} OR @{joined}) AND ({one} OR {two} OR {three} OR {four})",
                    f"{name} lang:en NOT {three}",
                    f"{name} NEAR/6 ({one} OR {two} OR {three})",
                )[number % 4]
            )
        return queries


def query(number: int, expression: str, tolerance: bool) -> Query:
    return Query(f"q{number}", expression, parse(expression), tolerance=tolerance)


def quoted(name: str) -> str:
    return f'"{name}"' if " " in name else name


def alternation(names: Sequence[str]) -> Match:
    either = "|".join(map(re.escape, sorted(names, reverse=True)))
    pattern = re.compile(rf"(?<!\w)(?:{either})(?!\w)", re.IGNORECASE)
    return lambda texts: [pattern.findall(text) for text in texts]


def automaton(names: Sequence[str]) -> Match:
    built = ahocorasick.Automaton()
    for name in names:
        built.add_word(name, len(name))
    built.make_automaton()

    def bounded(text: str, first: int, end: int) -> bool:
        return not (first and text[first - 1].isalnum()) and not text[end : end + 1].isalnum()

    def match(texts: Sequence[str]) -> object:
        return [
            [(end, size) for end, size in built.iter(text) if bounded(text, end - size + 1, end + 1)]
            for text in map(str.lower, texts)
        ]

    return match


def fuzzy(names: Sequence[str]) -> Match:
    singles = [name for name in names if " " not in name]

    def match(texts: Sequence[str]) -> object:
        return [
            process.extract(word, singles, scorer=OSA.distance, score_cutoff=2)
            for text in texts
            for word in text.lower().split()
        ]

    return match


def rates(match: Callable[[Any], object], texts: Sequence[object], runs: int = RUNS) -> list[float]:
    """Posts per second of processor time, in batches."""
    found = []
    for _ in range(runs):
        start = time.process_time()
        for first in range(0, len(texts), BATCH):
            match(texts[first : first + BATCH])
        found.append(len(texts) / (time.process_time() - start))
    return found


def timed_compile(queries: Sequence[Query]) -> tuple[Compiled, float]:
    start = time.process_time()
    compiled = compile(queries)
    return compiled, time.process_time() - start


def plain(texts: list[str], names: Names) -> None:
    posts = [Text(number, text) for number, text in enumerate(texts)]
    for size in SIZES:
        strings = names.plain(size)
        compiled, seconds = timed_compile([query(n, quoted(one), False) for n, one in enumerate(strings)])
        matched = sum(map(bool, compiled.match(posts))) / len(posts)
        print(
            f"         {size:,} plain queries, compiled in {seconds:.2f} s; {matched:.1%} of the posts match"
        )
        by_re = rates(alternation(strings), texts[: max(200, 200_000 // size)], 2)
        print_line(size, "reference: Python re", by_re)
        print_line(
            size, "pyahocorasick, boundaries in Python", rates(automaton(strings), texts[:20_000]), by_re
        )
        print_line(size, "rapidfuzz, two edits", rates(fuzzy(strings), texts[:50], 2), by_re)
        ours = rates(compiled.match, posts)
        print_line(size, "engine", ours, by_re)
        if size in GOALS:
            print_goal(
                f"{GOALS[size]:,} posts/s at {size:,}",
                f"{statistics.median(ours):,.0f}",
                statistics.median(ours) >= GOALS[size],
            )


def boolean(texts: list[str], names: Names) -> None:
    """Tolerance remembers words: the first posts are dear, what counts are new posts after others."""
    languages = ("en", "", "de")
    posts = [Text(n, text, language=languages[n % 3]) for n, text in enumerate(texts)]
    half = len(posts) // 2
    for size in SIZES:
        compiled, seconds = timed_compile([query(n, e, True) for n, e in enumerate(names.boolean(size))])
        first = rates(compiled.match, posts[:half], 1)
        step = half // RUNS
        ours = [
            rate for n in range(RUNS) for rate in rates(compiled.match, posts[half + n * step :][:step], 1)
        ]
        matched = sum(map(bool, compiled.match(posts[half:]))) / (len(posts) - half)
        print(
            f"         {size:,} boolean queries, compiled in {seconds:.2f} s; {matched:.1%} of the posts match"
        )
        print_line(size, f"engine, tolerance, first {half:,} posts", first)
        print_line(size, "engine, tolerance, new posts after", ours, first)
        if size == max(GOALS):
            print_goal(
                f"{BOOLEAN_GOAL:,} posts/s",
                f"{statistics.median(ours):,.0f}",
                statistics.median(ours) >= BOOLEAN_GOAL,
            )


def lines(texts: list[str], names: Names) -> None:
    """`hearout match` on one core; what it takes to start is measured apart and taken off."""
    rows = "".join(
        json.dumps({"id": n, "text": text, "language": "en"}) + "\n" for n, text in enumerate(texts)
    )
    with tempfile.TemporaryDirectory() as folder:
        posts, nothing, toml = (Path(folder) / name for name in ("posts.jsonl", "nothing", "queries.toml"))
        posts.write_text(rows, "utf-8")
        nothing.touch()
        for size in SIZES:
            plain = [query(n, quoted(one), False) for n, one in enumerate(names.plain(size))]
            rest = [query(n, one, True) for n, one in enumerate(names.boolean(size))]
            for what, queries in (("plain", plain), ("boolean, tolerance", rest)):
                toml.write_text(written(queries), "utf-8")
                start = min(_seconds(toml, nothing) for _ in range(2))
                ours = [len(texts) / (_seconds(toml, posts) - start) for _ in range(min(RUNS, 3))]
                print_line(size, f"hearout match, {what}", ours)
                if size == max(SIZES) and what == "plain":
                    print_goal(
                        f"{LINES_GOAL:,} lines/s",
                        f"{statistics.median(ours):,.0f}",
                        statistics.median(ours) >= LINES_GOAL,
                    )


def _seconds(toml: Path, posts: Path) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "hearout.cli", "match", "--queries", str(toml), str(posts)]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def compare(texts: list[str], names: Names) -> None:
    """What only the engine, or only the slow reference, finds. Tolerance off: the reference has none."""
    count = 100 if QUICK else 500
    expressions = [
        *map(quoted, names.plain(count)),
        *names.boolean(count),
        *CONTEXT,
        "th* -the",
        "*ing NEAR/3 f?r",
    ]
    queries = [query(n, expression, False) for n, expression in enumerate(expressions)]
    posts = [Text(n, text, language="en") for n, text in enumerate(texts[: 200 if QUICK else 1_000])]
    only_ours = only_reference = pairs = 0
    for post, matches in zip(posts, compile(queries).match(posts), strict=True):
        view = seen(post.text)
        ours = {(one.query, one.directness, one.words) for one in matches}
        theirs = {
            (number, directness(hits), words(hits))
            for number, one in enumerate(queries)
            if (hits := found(one.condition, post, view)) is not None
        }
        pairs += len(theirs)
        only_ours += len(ours - theirs)
        only_reference += len(theirs - ours)
    print(
        f"{len(queries):,} queries on {len(posts):,} posts: {pairs:,} matches, directness and words compared"
    )
    print_goal(
        "no match that only one of them finds",
        f"{only_ours} and {only_reference}",
        not only_ours + only_reference,
    )


def goal(what: str, least: int, measured: Sequence[float]) -> None:
    middle = statistics.median(measured)
    print_goal(f"{least:,} {what}", f"{middle:,.0f}", middle >= least)


def main() -> None:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    print_machine()
    given = sys.argv[sys.argv.index("--data") + 1] if "--data" in sys.argv else ""
    every = real_posts(Path(given)) if given else templates(POSTS)
    names, texts = Names(every), every[:POSTS]
    average = sum(map(len, texts)) / len(texts)
    ascii_share = sum(map(str.isascii, texts)) / len(texts)
    print(f"{len(texts):,} posts of {average:.0f} characters, {ascii_share:.0%} of them ASCII; one core")
    print_head("queries", "posts/s")
    plain(texts, names)
    boolean(texts, names)
    lines(texts, names)
    compare(texts, names)


if __name__ == "__main__":
    main()
