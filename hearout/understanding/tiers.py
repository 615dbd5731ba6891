"""The fast reader reads everything; the accurate one reads again what is unsure or matters, within a budget."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, islice, repeat
from math import ceil
from threading import Lock

from hearout.understanding.language import UNKNOWN
from hearout.understanding.reading import Kind, Reader, Reading, Urgency

AUTO = "auto"
DECISIVE = ("kind", "sentiment")
"""The labels whose doubt makes a post worth a second reading."""
UNSURE = 0.6
"""Confidence of a decisive label below which a post is unsure even though nothing was abstained from."""
SAVED = 30.0
"""Seconds for which an unused budget of time is kept: a quiet night is no licence for a busy morning."""
TOGETHER = 8
"""Posts that the accurate reader reads between two looks at the clock."""
LANGUAGES = frozenset(("en", "de", "es", "pt", "it", "fr", "hi", "ar", UNKNOWN))
"""Languages in which the accurate reader can know better."""

Matters = Callable[[Reading], bool]


def matters_most(read: Reading) -> bool:
    """A complaint, or anything urgent: what a wrong reading costs most."""
    return read.kind is Kind.COMPLAINT or read.urgency is Urgency.HIGH


class AutoReader:
    """Two readers in one. `name` is `auto`; the `reader` of each reading says who read it.

    `share` (0..1) is the share of all posts that may be read again. It holds over time, and for a batch
    rounded up: posts that come one by one have their share too. `budget` is the share of one core's time
    (0..1) that the accurate reader may take; it may run over by the time of a few posts, which is then
    owed. With both, both hold; with neither, nothing is read again.

    Safe to share between threads. Raises ValueError for a share or budget outside 0..1.
    """

    name = AUTO

    def __init__(
        self, fast: Reader, accurate: Reader, share: float | None = None, matters: Matters = matters_most, *,
        budget: float | None = None, clock: Callable[[], float] = time.monotonic,
        worked: Callable[[], float] = time.thread_time,
    ) -> None:  # fmt: skip
        """`clock` tells seconds as they pass, `worked` those the calling thread has computed."""
        for value in (share, budget):
            if value is not None and not 0 <= value <= 1:
                raise ValueError(f"a share of posts or of a core is between 0 and 1, not {value}")
        self.fast, self.accurate, self.matters, self.budget = fast, accurate, matters, budget
        self.share = share if share is not None else 1.0 if budget is not None else 0.0
        self._clock, self._worked = clock, worked
        self._posts, self._seconds, self._looked = 0.0, 0.0, clock()
        self._lock = Lock()

    def read(self, texts: Sequence[str], languages: Iterable[str | None] = ()) -> list[Reading]:
        """One reading a text, in order. Never raises for any str. `languages` are the codes of those texts whose
        language is known, in the same order."""
        known = list(islice(chain(languages, repeat(None)), len(texts)))
        readings = _told(self.fast, texts, known)
        worthy = self._worthy(readings)
        allowed = self._taken(len(texts), len(worthy))
        done = 0
        while done < allowed and self._has_time():
            chosen = worthy[done : min(done + TOGETHER, allowed)]
            begun = self._worked()
            again = _told(self.accurate, [texts[i] for i in chosen], [known[i] for i in chosen])
            with self._lock:
                self._seconds -= self._worked() - begun
            for i, read in zip(chosen, again, strict=True):
                readings[i] = read
            done += len(chosen)
        with self._lock:
            self._posts += allowed - done
        return readings

    def _worthy(self, readings: Sequence[Reading]) -> list[int]:
        """The places of posts worth a second reading: those abstained from, then the least sure, then what
        matters, the less sure first."""
        ranked = []
        for i, read in enumerate(readings):
            if read.language not in LANGUAGES:
                continue
            sure = min(read.confidence.get(label, 0.0) for label in DECISIVE)
            abstains = any(label in read.abstained for label in DECISIVE)
            if abstains or sure < UNSURE:
                ranked.append((0 if abstains else 1, sure, i))
            elif self.matters(read):
                ranked.append((2, sure, i))
        return [i for _, _, i in sorted(ranked)]

    def _taken(self, posts: int, wanted: int) -> int:
        """Of so many posts that came in, how many may be read again; taken from what is left of the share."""
        most = self.share * posts
        with self._lock:
            self._posts = min(self._posts, 1.0) + most
            taken = min(int(self._posts + 1e-9), ceil(most - 1e-9), wanted)
            self._posts -= taken
        return taken

    def _has_time(self) -> bool:
        if self.budget is None:
            return True
        with self._lock:
            now = self._clock()
            self._seconds = min(self._seconds + self.budget * (now - self._looked), self.budget * SAVED)
            self._looked = now
            return self._seconds > 0


def _told(reader: Reader, texts: Sequence[str], languages: list[str | None]) -> list[Reading]:
    """One reading a text by a reader that is told the languages known, if it listens to that."""
    if any(languages) and "languages" in inspect.signature(reader.read).parameters:
        return list(reader.read(texts, languages=languages))  # type: ignore[call-arg]
    return list(reader.read(texts))
