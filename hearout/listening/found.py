"""What listening finds: that a post concerns a brand, how, and by which words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


class Hit(NamedTuple):
    """One way in which a post was found: see `queries.MentionHit`, whose values these are."""

    route: str
    term: str
    words: str = ""
    distance: int = 0
    variant: str = ""
    query_id: int | None = None


@dataclass(frozen=True, slots=True)
class MentionFound:
    """A post concerns this brand. `words` are the matching words as written (handles as ours), each once.

    `hits`: the ways in which it was found, as far as there are words or a thread to tell of. `chance` that it
    is us, as in `models.Mention`.
    """

    brand_id: int
    how: str
    handle_id: int | None = None
    own_page: bool = False
    words: tuple[str, ...] = ()
    hits: tuple[Hit, ...] = field(default=(), compare=False)
    chance: float | None = field(default=None, compare=False)


Reason = tuple[int, str, int | None, Hit | None]
"""Brand, how, handle, and the way in which it was found where that is one of the routes."""
