"""The log of what really happened, from which a test decides whether anything was lost or sent twice."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from simulator.moments import iso
from simulator.posts import Account, Post

Line = dict[str, Any]


class Truth:
    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self.events: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()

    def add(self, line: Line) -> None:
        self.lines.append(json.dumps(line, separators=(",", ":")).encode() + b"\n")
        self.events[line["event"]] += 1
        if line["fault"]:
            self.faults[line["fault"]] += 1


def told(event: str, at: int, author: Account | None = None, post: Post | None = None, **more: Any) -> Line:
    """A truth line: `author` did it, `post` is what it was done to; missing things are null."""
    line: Line = {
        "event": event,
        "at": iso(at),
        "id": post.id if post else None,
        "author": author.handle if author else None,
        "brand": author.brand if author else False,
        "text": post.text if post else None,
        "in_reply_to": post.parent.id if post and post.parent else None,
        "persona": post.persona if post else None,
        "kind": post.kind if post else None,
        "concerns_brand": post.concerns_brand if post else False,
        "wants_answer": post.wants_answer if post else False,
        "key": post.key if post else None,
        "fault": None,
        "feeds": [account.handle for account in post.feeds] if post else [],
    }
    return line | more


def summary(truth: Truth, posts: Iterable[Post]) -> dict[str, Any]:
    """Counts, what the brand has not answered, and what it answered twice.

    `unanswered` and `answered_twice` hold post ids in the order of writing; nothing deleted is unanswered.
    """
    everything = list(posts)
    customers = [post for post in everything if not post.author.brand]
    wanting = [post for post in customers if post.wants_answer]
    answers = _Answers(everything)
    return {
        "events": dict(truth.events),
        "faults": dict(truth.faults),
        "posts": len(everything),
        "by_kind": dict(Counter(post.kind for post in customers)),
        "by_persona": dict(Counter(post.persona or "unknown" for post in customers)),
        "concerns_brand": sum(post.concerns_brand for post in customers),
        "wants_answer": len(wanting),
        "unanswered": [post.id for post in wanting if not post.deleted and not answers.after(post)],
        "answered_twice": answers.twice(),
        "answered_by_several": answers.by_several(),
    }


class _Answers:
    """What brand accounts wrote, found by the post and by the thread they wrote under."""

    def __init__(self, everything: list[Post]) -> None:
        self._place = {post.id: place for place, post in enumerate(everything)}
        self._last: dict[str, int] = {}
        self._by_post: dict[str, list[Post]] = defaultdict(list)
        self._talks: dict[str, list[Post]] = defaultdict(list)
        self._spoken: dict[tuple[str, str], list[int]] = defaultdict(list)
        for post in everything:
            self._note(post)

    def _note(self, post: Post) -> None:
        place = self._place[post.id]
        if post.conversation is not None:
            self._talks[post.conversation].append(post)
        if not post.author.brand:
            self._spoken[post.author.id, post.conversation or post.root.id].append(place)
        elif not post.automatic:
            reader = post.recipient.id if post.recipient else post.root.id
            self._last[post.conversation or post.root.id] = self._last[reader] = place
            if post.parent is not None and not post.parent.author.brand:
                self._by_post[post.parent.id].append(post)

    def after(self, post: Post) -> bool:
        """Has a brand account written in the thread, or to the author in private, since `post`?"""
        place = self._place[post.id]
        return any(
            self._last.get(key, -1) > place for key in (post.conversation or post.root.id, post.author.id)
        )

    def twice(self) -> list[Line]:
        found = [line for replies in self._by_post.values() for line in self._twice_in_public(replies)]
        for talk in self._talks.values():
            found += self._twice_in_private(talk)
        return sorted(found, key=lambda line: self._place[line["replies"][0]])

    def by_several(self) -> list[Line]:
        """Posts answered by more than one brand account: legitimate between brands, not within one."""
        return [
            {"id": post_id, "by": sorted({reply.author.handle for reply in replies})}
            for post_id, replies in self._by_post.items()
            if len({reply.author.id for reply in replies}) > 1
        ]

    def _twice_in_public(self, replies: list[Post]) -> list[Line]:
        found = []
        for brand in {reply.author.id: reply.author for reply in replies}.values():
            mine = [reply for reply in replies if reply.author is brand]
            for place, reply in enumerate(mine[1:], 1):
                earlier = [one for one in mine[:place] if not _withdrawn(one, reply)]
                same = [one for one in earlier if _sent(one) == _sent(reply)]
                if same:
                    found.append(_double(same[-1], reply, reply.parent, "same text"))
                elif earlier and not self._spoke_between(earlier[-1], reply):
                    found.append(_double(earlier[-1], reply, reply.parent, "before the author spoke again"))
        return found

    def _spoke_between(self, first: Post, second: Post) -> bool:
        assert second.parent is not None
        spoken = self._spoken[second.parent.author.id, second.root.id]
        return any(self._place[first.id] < place < self._place[second.id] for place in spoken)

    def _twice_in_private(self, talk: list[Post]) -> list[Line]:
        """A message names no message it answers, so every message of the customer is good for one answer. A
        brand that begins a conversation may write several messages, but not the same one twice."""
        found: list[Line] = []
        anchor: Post | None = None
        owed = 0
        since: list[Post] = []
        for post in talk:
            if not post.author.brand:
                anchor, owed, since = post, owed + 1, []
            elif not post.automatic:
                earlier = [one for one in since if one.author is post.author and not _withdrawn(one, post)]
                same = [one for one in earlier if _sent(one) == _sent(post)]
                if same:
                    found.append(_double(same[-1], post, anchor, "same text"))
                elif earlier and anchor is not None and owed == 0:
                    found.append(_double(earlier[-1], post, anchor, "before the author spoke again"))
                owed = max(owed - 1, 0)
                since.append(post)
        return found


def _sent(post: Post) -> str:
    return post.revisions[0].text


def _withdrawn(first: Post, second: Post) -> bool:
    """Taken back before the next was written, with other words: a correction, not a double."""
    return first.deleted and first.revisions[-1].at <= second.created and _sent(first) != _sent(second)


def _double(first: Post, second: Post, answered: Post | None, reason: str) -> Line:
    customer = answered.author.handle if answered else second.recipient.handle if second.recipient else None
    post_id = answered.id if answered else None
    return {
        "id": post_id,
        "author": customer,
        "by": second.author.handle,
        "replies": [first.id, second.id],
        "reason": reason,
    }
