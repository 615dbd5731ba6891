"""Posts that were nearly heard, for a person to look through: what is one letter too far, or left out by a query.

They show what tolerance and exclusions cost, which figures alone do not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rapidfuzz import process
from rapidfuzz.distance import OSA

from hearout.listening.engine.compiled import compile
from hearout.listening.models import Mention, Post, Watchword
from hearout.listening.query.errors import QueryError
from hearout.listening.query.toml import Query as Asked
from hearout.listening.query.tree import And, Node, Not, Or, Where, all_of, any_of
from hearout.listening.revising import Wording, current_versions
from hearout.listening.tolerance.entries import allowed
from hearout.listening.trying import Stored, stored
from hearout.listening.words import TOKEN, key_of, words_of
from hearout.people.models import Brand

MOST_POSTS = 10_000
MOST = 40
A_TERM = 8
"""Near misses of one name or query: the list is for many kinds, not for one over and over."""
SHORTEST = 5
"""Letters of a name that is looked for further away; shorter ones are near to everything."""


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A post that nothing found. `why` is the sentence a person reads; `distance` in edits, 0 for queries."""

    post: Stored
    term: str
    words: str
    why: str
    distance: int = 0


def near_misses(brand: Brand, now: datetime, days: int = 7) -> list[NearMiss]:
    """The nearest of the newest unheard posts, at most 40."""
    posts = [
        post
        for some in stored(brand, now - timedelta(days=days), unheard=True, most=MOST_POSTS)
        for post in some
    ]
    if not posts:
        return []
    found = [*_by_names(brand, posts), *_by_queries(brand, posts)]
    once: dict[int, NearMiss] = {}
    for one in sorted(found, key=lambda near: (near.distance, -near.post.id)):
        once.setdefault(one.post.id, one)
    return list(once.values())[:MOST]


def _by_names(brand: Brand, posts: Sequence[Stored]) -> Iterable[NearMiss]:
    """Words that are a letter further from a name than is allowed."""
    written: dict[str, list[tuple[Stored, str]]] = {}
    for post in posts:
        for token in TOKEN.finditer(post.text):
            if token.lastgroup in ("word", "tag"):
                word = token[token.lastgroup]
                written.setdefault(key_of(word), []).append((post, token[0]))
    vocabulary = [word for word in written if len(word) >= SHORTEST - 1]
    for name in Watchword.objects.filter(brand=brand).exclude(kind="link"):
        compact = "".join(words_of(name.text))
        if len(compact) < SHORTEST:
            continue
        most = allowed(compact) + 1
        near = process.extract(compact, vocabulary, scorer=OSA.distance, score_cutoff=most, limit=A_TERM)
        for word, distance, _ in near:
            post, said = written[word][0]
            if compact in "".join(words_of(post.text)):
                continue
            yield NearMiss(post, name.text, said, _why(said, name.text, int(distance), most), int(distance))


def _why(written: str, name: str, distance: int, most: int) -> str:
    letters = "letter" if distance == 1 else "letters"
    but = "one more than a name of its length bears" if distance == most else "but was taken for another word"
    return f"“{written}” is {distance} {letters} from “{name}”, {but}"


def _by_queries(brand: Brand, posts: Sequence[Stored]) -> Iterable[NearMiss]:
    """Posts that a query would find but for what it leaves out, or for the language or network it asks for."""
    asked = []
    for query, version in current_versions(brand, listening=True):
        try:
            whole = Wording.of(version).asked(query.name)
        except QueryError:
            continue
        loose = loosened(whole.condition)
        if loose is not None and loose != whole.condition:
            asked.append(Asked(query.name, version.expression, loose, tolerance=whole.tolerance))
    if not asked:
        return
    shown: dict[int, int] = {}
    matches = compile(asked).match([post.seen() for post in posts])
    for post, found in zip(posts, matches, strict=True):
        for match in found:
            shown[match.query] = shown.get(match.query, 0) + 1
            if shown[match.query] <= A_TERM:
                name = asked[match.query].name
                why = f"the query “{name}” leaves it out, by a word after NOT or by language, network, author or place"
                yield NearMiss(post, name, ", ".join(match.words), why)


def loosened(node: Node) -> Node | None:
    """A query without what narrows it: no NOT, no conditions on the post itself. None where nothing is left."""
    if isinstance(node, Not | Where):
        return None
    if isinstance(node, And | Or):
        parts = [part for one in node.parts if (part := loosened(one)) is not None]
        if not parts:
            return None
        return all_of(parts) if isinstance(node, And) else any_of(parts)
    return node


def take_up(brand: Brand, post_id: int, term: str) -> Mention | None:
    """Make a near miss a mention, for people to judge; None where there is no such post to take up."""
    return Mention.objects.filter(post=post_id, brand=brand).first() or _made(brand, post_id, term)


def _made(brand: Brand, post_id: int, term: str) -> Mention | None:
    post = Post.objects.filter(pk=post_id, archive=None, private=False, handle=None).first()
    if post is None:
        return None
    return Mention.objects.create(
        post=post, brand=brand, how=Mention.How.INDIRECT, words=[term] if term else []
    )
