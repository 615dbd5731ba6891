"""How fast the trained reader is: `python bench/understanding.py --data ../shared/data`.

All labels together, in batches of 100, one core, against scikit-learn's TF-IDF of words and characters
with logistic regression (one label) on the same posts in the same run. Posts are TweetEval's sentiment
test tweets where `--data` is given, else composed from our own templates. *Cold*: every word is new to
the reader. *Running*: it has read other tweets before (the training parts of TweetEval's other sets), as a
process has that has run for a while. Processor time, so that others on a shared machine do not count.
`--quick`: fewer. Needs scikit-learn.
Then the accurate tier, on fewer posts.
"""

from __future__ import annotations

import os

# before NumPy is loaded: the threads it would start spin, and processor time would count them
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import resource
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from measure import QUICK, print_goal, print_head, print_line, print_machine
from reading import posts

from hearout.understanding.accurate.model import AccurateModel
from hearout.understanding.accurate.reader import MODEL as NETWORK
from hearout.understanding.accurate.reader import AccurateReader
from hearout.understanding.fast.model import FastModel
from hearout.understanding.fast.reader import MODEL, FastReader
from hearout.understanding.rules import RulesReader

SIZES, RUNS = ((1_000,), 3) if QUICK else ((1_000, 10_000), 5)
BATCH, GOAL = 100, 8_000
ACCURATE_GOAL, ACCURATE_SIZE = 120, 200 if QUICK else 1_000

OTHER_SETS = ("emotion", "irony", "offensive")


def tweets(name: str, part: str) -> list[str]:
    """The tweets of a part of a TweetEval set; none without `--data`."""
    if "--data" not in sys.argv:
        return []
    folder = Path(sys.argv[sys.argv.index("--data") + 1]) / "tweeteval/datasets"
    return (folder / name / f"{part}_text.txt").read_text("utf-8").split("\n")


def texts_of(size: int) -> list[str]:
    """So many tweets of the public test set, or posts from templates."""
    return tweets("sentiment", "test")[:size] or posts(size)


def baseline(texts: Sequence[str]) -> Callable[[Sequence[str]], object]:
    """TF-IDF and logistic regression; the labels do not matter to its speed."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline, make_union

    words = TfidfVectorizer(ngram_range=(1, 2), min_df=2)
    characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=3)
    model: Any = make_pipeline(make_union(words, characters), LogisticRegression(max_iter=10, tol=0.1))
    model.fit(texts, [len(text) % 3 for text in texts])
    predict: Callable[[Sequence[str]], object] = model.predict
    return predict


def rate(read: Callable[[Sequence[str]], object], texts: list[str], batch: int = BATCH) -> float:
    """Posts per second of processor time."""
    start = time.process_time()
    for i in range(0, len(texts), batch):
        read(texts[i : i + batch])
    return len(texts) / (time.process_time() - start)


def experienced(texts: Sequence[str]) -> FastReader:
    """A reader of its own that has read these texts."""
    reader = FastReader(FastModel.load(MODEL))
    reader.read(texts)
    return reader


def load_time() -> float:
    """Milliseconds of processor time to load the model."""
    start = time.process_time()
    FastModel.load(MODEL)
    return (time.process_time() - start) * 1_000


def accurate() -> None:
    """The accurate tier: one core, whatever the size of the batch, for it reads post by post."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.process_time()
    reader = AccurateReader(AccurateModel.load(NETWORK))
    loaded = (time.process_time() - begun) * 1_000
    texts = texts_of(ACCURATE_SIZE)
    rates = [rate(reader.read, texts) for _ in range(RUNS)]
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print_line(len(texts), "accurate-1, all labels", rates)
    print_line("", "accurate-1, loading, ms", [loaded], digits=1)
    size = (NETWORK.stat().st_size + NETWORK.with_suffix(".json").stat().st_size) / 1e6
    print(f"accurate-1: files {size:.1f} MB, memory grown by {grown:.0f} MB while loading and reading")
    middle = statistics.median(rates)
    print_goal(f"{ACCURATE_GOAL} posts/s, accurate-1, all labels", f"{middle:,.0f}", middle >= ACCURATE_GOAL)


def main() -> None:
    print_machine()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    loads = [load_time() for _ in range(RUNS)]
    others = [tweet for name in OTHER_SETS for tweet in tweets(name, "train")] or texts_of(SIZES[-1])
    FastReader().read(others)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"batches of {BATCH}, {RUNS} runs each, processor time of one core")
    print_head("posts", "posts/s")
    for size in SIZES:
        texts = texts_of(size)
        predict = baseline(texts)
        floor = [rate(predict, texts) for _ in range(RUNS)]
        print_line(size, "reference: TF-IDF, one label", floor)
        print_line(size, "rules-1", [rate(RulesReader().read, texts) for _ in range(RUNS)], floor)
        cold = [rate(FastReader(FastModel.load(MODEL)).read, texts) for _ in range(RUNS)]
        print_line(size, "fast-2, all labels, cold", cold, floor)
        running = [rate(experienced(others).read, texts) for _ in range(RUNS)]
        print_line(size, "fast-2, all labels, running", running, floor)
        reader = experienced(texts)
        single = [rate(reader.read, texts[:500], 1) for _ in range(RUNS)]
        print_line(size, "fast-2, one post at a time", single)
    print_line("", "loading, ms", loads, digits=1)
    print(f"file {MODEL.stat().st_size / 1e6:.1f} MB")
    print(f"memory grown by {grown:.0f} MB while loading and reading {len(others):,} other posts")
    middle = statistics.median(running)
    print_goal(f"{GOAL:,} posts/s, all labels, batches of {BATCH}", f"{middle:,.0f}", middle >= GOAL)
    accurate()


if __name__ == "__main__":
    main()
