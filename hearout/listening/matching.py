"""Which brands a post concerns, how, and by which words.

Handles, threads and watchwords as they are written are found here, post by post. Queries, and watchwords as
people misspell them, are asked of many posts at once (`asked`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from hearout.channels.base import IncomingPost, Visibility
from hearout.lib.claiming import Cursor
from hearout.listening.asked import Asked, known, listening, misspelt
from hearout.listening.found import Hit, MentionFound, Reason
from hearout.listening.words import TOKEN, Names, handle_keys, key_of

STRENGTH = {"ours": 0, "direct": 1, "hashtag": 2, "indirect": 3}
"""A brand has one mention of a post: the strongest. Keys are the values of `Mention.How`."""

MOST_WORDS = 20
MOST_HITS = 20


@dataclass(frozen=True, slots=True)
class OurHandle:
    """A handle of a brand, as far as matching needs it. `external_id` is "" where it is not known yet."""

    id: int
    brand_id: int
    network: str
    name: str
    external_id: str = ""


class Matcher:
    """Knows the handles and names of brands. `watchwords` are (brand id, kind, text), `asked` their queries."""

    def __init__(
        self,
        handles: Iterable[OurHandle],
        watchwords: Iterable[tuple[int, str, str]] = (),
        asked: Asked | None = None,
    ) -> None:
        self._asked = asked or Asked(())
        self.by_id: dict[int, OurHandle] = {}
        self._by_name: dict[tuple[str, str], OurHandle] = {}
        self._by_external_id: dict[tuple[str, str], OurHandle] = {}
        for handle in handles:
            self.add(handle)
        words = list(watchwords)
        self._words = [(brand_id, text) for brand_id, _, text in words]
        self._tags: dict[str, list[int]] = {}
        self._hosts: dict[str, list[int]] = {}
        names = []
        for place, (_, kind, text) in enumerate(words):
            tag = key_of("".join(text.split()).lstrip("#＃"))
            if kind == "link":
                self._hosts.setdefault(host_of(text), []).append(place)
                continue
            if tag:
                self._tags.setdefault(tag, []).append(place)
            if kind != "hashtag":
                names.append((text, place))
        self._names = Names(names)

    def add(self, handle: OurHandle) -> None:
        self.by_id[handle.id] = handle
        self._by_name[handle.network, key_of(handle.name)] = handle
        if handle.external_id:
            self._by_external_id[handle.network, handle.external_id] = handle

    def author_handle(self, post: IncomingPost) -> OurHandle | None:
        """Our handle that wrote the post. A name counts only while the handle's external id is unknown."""
        if post.author is None or post.by_brand is False:
            return None
        if known := self._by_external_id.get((post.network, post.author.external_id)):
            return known
        named = self._by_name.get((post.network, key_of(post.author.handle)))
        return named if named and not named.external_id else None

    def page_handle(self, post: IncomingPost) -> OurHandle | None:
        """Our handle on whose page the post was written."""
        return self._by_external_id.get((post.network, post.page_id)) if post.page_id else None

    def match(self, post: IncomingPost, parent: OurHandle | None = None) -> list[MentionFound]:
        """One mention for each brand the post concerns. `parent`: our handle that wrote the post it answers."""
        return self.match_all([(post, parent)])[0]

    def match_all(self, posts: Sequence[tuple[IncomingPost, OurHandle | None]]) -> list[list[MentionFound]]:
        """As `match`, of many posts: much cheaper by the hundred."""
        asked = self._asked.match([post for post, _ in posts])
        return [self._found(post, parent, more) for (post, parent), more in zip(posts, asked, strict=True)]

    def _found(
        self, post: IncomingPost, parent: OurHandle | None, more: Sequence[Reason]
    ) -> list[MentionFound]:
        page = self.page_handle(post)
        found: dict[int, tuple[int, str, int | None]] = {}
        hits: dict[int, list[Hit]] = {}
        for brand_id, how, handle_id, hit in chain(self._reasons(post, parent, page), more):
            strength = STRENGTH[how]
            if brand_id not in found or strength < found[brand_id][0]:
                found[brand_id] = (strength, how, handle_id)
            noted = hits.setdefault(brand_id, [])
            if hit and hit not in noted and len(noted) < MOST_HITS:
                noted.append(hit)
        own = page.brand_id if page else None
        return [
            MentionFound(
                brand_id, how, handle_id, brand_id == own, _words_of(hits[brand_id]), tuple(hits[brand_id])
            )
            for brand_id, (_, how, handle_id) in found.items()
        ]

    def _reasons(
        self, post: IncomingPost, parent: OurHandle | None, page: OurHandle | None
    ) -> Iterator[Reason]:
        if author := self.author_handle(post):
            yield author.brand_id, "ours", author.id, None
        if page:
            yield page.brand_id, "direct", page.id, None
        if parent:
            yield parent.brand_id, "direct", parent.id, _reply_to(parent)
        if post.visibility is Visibility.PRIVATE and post.recipient_id:
            to = self._by_external_id.get((post.network, post.recipient_id))
            if to:
                yield to.brand_id, "direct", to.id, None
        for name in post.mentions or ():
            if ours := self._by_name.get((post.network, key_of(name.lstrip("@")))):
                yield _tagged(ours)
        yield from self._in_text(post.network, post.text, read_handles=post.mentions is None)

    def _in_text(self, network: str, text: str, *, read_handles: bool) -> Iterator[Reason]:
        if (
            text.isascii()
            and "#" not in text
            and not (read_handles and "@" in text)
            and not (self._hosts and "." in text)
            and self._names.absent(text)
        ):
            return
        by_first, tags = self._names.by_first, self._tags
        for token in TOKEN.finditer(text):
            kind = token.lastgroup
            if kind == "word":
                word = token[0]
                # most tokens are plain words of no name: this line is the inner loop of all listening
                for further, place in by_first.get(word.lower() if word.isascii() else key_of(word), ()):
                    end = Names.reaches(text, token.end(), further)
                    if end >= 0:
                        yield self._named_so(place, "name", text[token.start() : end])
            elif kind == "tag":
                for place in tags.get(key_of(token["tag"]), ()):
                    yield self._named_so(place, "hashtag", token[0])
            elif kind == "handle" and read_handles:
                if ours := self._named(network, token["handle"]):
                    yield _tagged(ours)
            elif kind == "domain" or kind == "url":
                for place in self._names.dotted(token[0]) if kind == "domain" else ():
                    yield self._named_so(place, "link", token[0])
                for place in self._linked(token[0]) if self._hosts else ():
                    yield self._named_so(place, "link", token[0])
        for found, place in self._names.unspaced(text):
            yield self._named_so(place, "name", found)

    def _named_so(self, place: int, route: str, written: str) -> Reason:
        brand_id, term = self._words[place]
        return brand_id, "hashtag" if route == "hashtag" else "indirect", None, Hit(route, term, written)

    def _linked(self, written: str) -> Iterator[int]:
        """Whose web address this is, or lies under: `help.tidewing.com` is at `tidewing.com`."""
        host = host_of(written)
        while "." in host:
            yield from self._hosts.get(host, ())
            host = host.partition(".")[2]

    def _named(self, network: str, written: str) -> OurHandle | None:
        for key in handle_keys(written):
            if ours := self._by_name.get((network, key)):
                return ours
        return None


def host_of(written: str) -> str:
    """The host of a web address, however much of it is written."""
    rest = written.lower().partition("://")[2] or written.lower()
    return re.split(r"[/?#:]", rest, maxsplit=1)[0].removeprefix("www.").strip(".")


def answering(handle: OurHandle) -> MentionFound:
    """The mention of a post that turns out to answer one of ours."""
    return MentionFound(handle.brand_id, "direct", handle.id, hits=(_reply_to(handle),))


def _reply_to(handle: OurHandle) -> Hit:
    return Hit("reply", f"@{handle.name}")


def _tagged(handle: OurHandle) -> Reason:
    return handle.brand_id, "direct", handle.id, Hit("tag", f"@{handle.name}", f"@{handle.name}")


def _words_of(hits: Sequence[Hit]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(hit.words for hit in hits if hit.words))[:MOST_WORDS]


def merged(mentions: Sequence[MentionFound]) -> MentionFound:
    """One mention out of several of the same brand, whatever their order: the strongest, with all words."""
    best = min(mentions, key=lambda one: (STRENGTH[one.how], one.handle_id is None, one.handle_id or 0))
    words = sorted({word for one in mentions for word in one.words})[:MOST_WORDS]
    own_page, hits = any(one.own_page for one in mentions), best.hits
    if len(mentions) > 1:
        hits = tuple(dict.fromkeys(hit for one in mentions for hit in one.hits))[:MOST_HITS]
    chances = [one.chance for one in mentions if one.chance is not None]
    chance = max(chances) if len(chances) == len(mentions) else None
    return MentionFound(best.brand_id, best.how, best.handle_id, own_page, tuple(words), hits, chance)


_FINGERPRINT = """
SELECT md5(concat_ws('/',
    (SELECT string_agg(concat_ws(' ', b.id, b.served, b.name), ',' ORDER BY b.id) FROM people_brand b),
    (SELECT string_agg(h::text, ',' ORDER BY h.id) FROM listening_handle h),
    (SELECT string_agg(w::text, ',' ORDER BY w.id) FROM listening_watchword w),
    (SELECT string_agg(concat_ws(' ', q.id, q.version, q.off_at), ',' ORDER BY q.id) FROM listening_query q)))
"""
_LIVE_HANDLES = """
SELECT h.id, h.brand_id, h.network, h.handle, h.external_id
FROM listening_handle h JOIN people_brand b ON b.id = h.brand_id
WHERE b.served OR h.role = 'watched' ORDER BY h.id
"""
_ALL_HANDLES = "SELECT id, brand_id, network, handle, external_id FROM listening_handle ORDER BY id"
_WATCHWORDS = "SELECT brand_id, kind, text FROM listening_watchword ORDER BY id"

_kept: dict[bool, tuple[str, Matcher]] = {}


def matcher(cursor: Cursor, *, archive: bool) -> Matcher:
    """The matcher for live posts, or for those of archives, where every known handle counts and only handles.

    Built anew when handles, watchwords, queries or brands have changed, which one small query tells.
    """
    cursor.execute(_FINGERPRINT)
    fingerprint = str(cursor.fetchall()[0][0])
    kept = _kept.get(archive)
    if kept and kept[0] == fingerprint:
        return kept[1]
    if archive:
        built = Matcher(_handles(cursor, _ALL_HANDLES))
    else:
        words = _words(cursor)
        asked = Asked([*listening(cursor), *misspelt(words)], known(cursor, words))
        built = Matcher(_handles(cursor, _LIVE_HANDLES), words, asked)
    _kept[archive] = (fingerprint, built)
    return built


def _handles(cursor: Cursor, sql: str) -> list[OurHandle]:
    cursor.execute(sql)
    return [OurHandle(*row) for row in cursor.fetchall()]


def _words(cursor: Cursor) -> list[tuple[int, str, str]]:
    cursor.execute(_WATCHWORDS)
    return [tuple(row) for row in cursor.fetchall()]
