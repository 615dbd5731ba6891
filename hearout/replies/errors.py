"""Why a reply does not go out, in words for the person who wrote it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hearout.listening.models import Post


class ReplyError(Exception):
    """The message is a sentence that the person can act on."""


@dataclass(frozen=True)
class Objection:
    """One thing a guard found. `final`: it cannot be sent like this, whoever insists."""

    code: str
    sentence: str
    final: bool = False


class ObjectedError(ReplyError):
    """Guards object. With `sure=True` those that are not final are overruled."""

    def __init__(self, objections: Sequence[Objection]) -> None:
        super().__init__(" ".join(objection.sentence for objection in objections))
        self.objections = list(objections)


class ThreadChangedError(ReplyError):
    """Somebody wrote since the author read the thread. `new` are their posts, `version` is the thread's now."""

    def __init__(self, new: Sequence[Post], version: int) -> None:
        count = len(new)
        what = "A new post has" if count == 1 else f"{count} new posts have" if count else "The thread has"
        super().__init__(f"{what} {'come' if count else 'changed'} since you read it. Look, then send again.")
        self.new = list(new)
        self.version = version
