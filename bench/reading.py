"""How fast posts are read: `python bench/reading.py`.

Reference, in the same run: splitting each post at blanks and looking the words up in sets, which
is the least any reading by words must do. Texts are composed from our own templates with a seed.
Prints for each size: n of runs, median posts/s, spread (the slowest and fastest run), and the
ratio to the reference. `--quick`: fewer.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence

from measure import QUICK, print_head, print_line, print_machine

from hearout.understanding.lexicon import lexicon, stop_words
from hearout.understanding.readers import reader

SIZES, RUNS = ((200, 2_000), 3) if QUICK else ((200, 2_000, 20_000), 9)
BATCH, SEED = 200, 7
OPENINGS = (
    "@tidewing",
    "Hi @tidewingcare,",
    "Hey @tidewing",
    "Flying Tidewing:",
    "@tidewing again,",
    "",
)
MIDDLES = (
    "my flight TW{n} from Porto to Riga was cancelled and nobody at the desk could tell us anything",
    "where is my bag? It has been {n} hours and your phone line just plays music",
    "what time does check-in open for TW{n} and can I bring a guitar as hand luggage?",
    "the crew on TW{n} were so kind to my kids, best flight we had in years",
    "¿a qué hora abre la facturación del vuelo TW{n}? Gracias",
    "mein Koffer ist seit {n} Stunden weg und niemand antwortet",
    "just saw flight {n} over the harbour on my way to work, what a view",
    "thanks for the quick reply, all sorted now",
    "love how you charge me {n} euros for a seat that is broken, great job",
)
ENDINGS = ("😡", "!!!", "Please help.", "❤️", "https://example.com/p/{n}", "#tidewing", "Any news?", "")


def posts(count: int) -> list[str]:
    """So many posts of about 100 characters, the same for the same count."""
    dice = random.Random(SEED)
    parts = ((dice.choice(OPENINGS), dice.choice(MIDDLES), dice.choice(ENDINGS)) for _ in range(count))
    return [" ".join(part).format(n=dice.randrange(2, 900)).strip() for part in parts]


def reference(texts: Sequence[str]) -> list[tuple[int, int]]:
    """Per post: known words and stop words, by `str.split` and set look-ups."""
    known, stops = _KNOWN, _STOPS
    counts = []
    for text in texts:
        words = text.lower().split()
        counts.append((sum(word in known for word in words), sum(word in stops for word in words)))
    return counts


_KNOWN, _STOPS = frozenset(lexicon("en")), stop_words("en")


def rates(read: Callable[[Sequence[str]], object], texts: list[str]) -> list[float]:
    """Posts per second of processor time, one core, batch by batch: a figure a run.

    Processor time, so that others on a shared machine do not count against either side.
    """
    found = []
    for _ in range(RUNS):
        start = time.process_time()
        for i in range(0, len(texts), BATCH):
            read(texts[i : i + BATCH])
        found.append(len(texts) / (time.process_time() - start))
    return found


def main() -> None:
    print_machine()
    read = reader("rules-1").read
    read(posts(BATCH))  # loads the word lists
    print(f"batches of {BATCH}, {RUNS} runs each, processor time of one core")
    print_head("posts", "posts/s")
    for size in SIZES:
        texts = posts(size)
        floor, ours = rates(reference, texts), rates(read, texts)
        print_line(size, "reference: split and sets", floor)
        print_line(size, "rules-1", ours, floor)


if __name__ == "__main__":
    main()
