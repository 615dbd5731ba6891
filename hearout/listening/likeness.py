"""Whose handle or name could be taken for one of ours: copied, drawn alike, one letter off, or with "support".

Names that many people bear (short ones, and words of a language) count only where more speaks for it: handle
and name both carry it, letters of several scripts are mixed, or it promises service.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple

from hearout.lib.clean import Disguise, fold, look_alike
from hearout.listening.tolerance.dictionary import LANGUAGES, LEAST, known_words
from hearout.listening.tolerance.lookalikes import drawn
from hearout.listening.tolerance.neighbours import Neighbours
from hearout.listening.words import key_of

SHORT = 5
"""Letters below which a name is one of many, and an edit makes another name of it."""
COMMON = 3.0
"""Zipf frequency (once in a million words) from which our own name is a word that others bear as well."""
LONGEST = 100
"""Characters of a name that are looked at: ours are shorter, and theirs come from strangers."""
MOST_KEPT = 50_000

SERVICE = frozenset({
    "help", "helps", "helpdesk", "support", "care", "cares", "service", "services", "customer", "customers",
    "customercare", "client", "clients", "refund", "refunds", "claims", "official", "hilfe",
    "kundenservice", "kundendienst", "offiziell", "ayuda", "soporte", "atencion", "oficial", "aide", "sav",
    "clientele", "assistenza", "aiuto", "clienti", "ufficiale", "ajuda", "suporte", "atendimento",
    "officiel",
})  # fmt: skip
"""Words by which somebody promises to help in our name."""

_WORDS = re.compile(r"[^\W_]+")
_SECOND = frozenset({"co", "com", "org", "net", "ac", "gov", "edu"})
_DISGUISES = frozenset({Disguise.MIXED_SCRIPTS, Disguise.INVISIBLE})


class Where(StrEnum):
    HANDLE = "handle"
    NAME = "name"


class How(StrEnum):
    """In the order of how much they say."""

    COPY = "copy"
    DRAWN = "drawn"
    EDIT = "edit"
    SERVICE = "service"


class Known(NamedTuple):
    """A handle that is no impostor: ours, or one that we watch. `ours`: main or care, so that it can be copied."""

    id: int
    brand_id: int
    network: str
    handle: str
    external_id: str
    ours: bool


class Likeness(NamedTuple):
    """An account resembles `ours`, a handle (with its id) or a name of the brand, in its handle or its name."""

    brand_id: int
    handle_id: int | None
    ours: str
    where: Where
    how: How


class _Own(NamedTuple):
    brand_id: int
    handle_id: int | None
    shown: str
    key: str
    order: int


class _Found(NamedTuple):
    own: _Own
    where: Where
    how: How
    disguised: bool


class OurNames:
    """Our handles and names, and who resembles them. `names`: (brand id, handle id or None, name)."""

    def __init__(self, known: Iterable[Known], names: Iterable[tuple[int, int | None, str]] = ()) -> None:
        known = list(known)
        self._ids = {(one.network, one.external_id) for one in known if one.external_id}
        # a name is no proof once the network's id of our handle is known: it may have changed hands
        self._handles = {
            (one.network, key_of(one.handle)) for one in known if not (one.ours and one.external_id)
        }
        self._domains = tuple(f".{key_of(one.handle)}" for one in known if one.ours and "." in one.handle)
        self._others = {compact(stem(one.handle)) for one in known if not one.ours}
        told: list[tuple[int, int | None, str, str]] = [
            (one.brand_id, one.id, f"@{one.handle}", compact(stem(one.handle))) for one in known if one.ours
        ]
        told += [(brand_id, handle_id, name, compact(name)) for brand_id, handle_id, name in names]
        self._own: dict[str, dict[int, _Own]] = {}
        for order, (brand_id, handle_id, shown, key) in enumerate(told):
            if key:
                self._own.setdefault(drawn(key), {}).setdefault(
                    brand_id, _Own(brand_id, handle_id, shown, key, order)
                )
        self._near = Neighbours({key: 1 for key in self._own if len(key) >= SHORT})
        self._weak: dict[str, bool] = {}
        self._kept: dict[tuple[str, str], tuple[Likeness, ...]] = {}

    def resembled(self, network: str, external_id: str, handle: str, name: str) -> tuple[Likeness, ...]:
        """At most one likeness a brand, the one that says most. Nothing for handles of ours and watched ones."""
        handle, name = handle[:LONGEST], name[:LONGEST]
        if (network, external_id) in self._ids or (network, key_of(handle)) in self._handles:
            return ()
        if "." in handle and key_of(handle).endswith(self._domains):
            return ()  # who speaks below our domain has shown that it is theirs
        kept = self._kept.get((handle, name))
        if kept is None:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            kept = self._kept[handle, name] = self._compared(handle, name)
        return kept

    def _compared(self, handle: str, name: str) -> tuple[Likeness, ...]:
        local = stem(handle)
        found = [
            *self._alike(local, [local], Where.HANDLE),
            *self._alike(name, _WORDS.findall(name), Where.NAME),
        ]
        best: dict[int, _Found] = {}
        for one in sorted(found, key=lambda one: (list(How).index(one.how), one.where, one.own.order)):
            if self._counts(one, found):
                best.setdefault(one.own.brand_id, one)
        return tuple(
            Likeness(one.own.brand_id, one.own.handle_id, one.own.shown, one.where, one.how)
            for one in best.values()
        )

    def _counts(self, one: _Found, found: list[_Found]) -> bool:
        if one.how is How.SERVICE or one.disguised or not self._is_weak(one.own.key):
            return True
        both = {other.where for other in found if other.own.key == one.own.key and other.how is not How.EDIT}
        return len(both) > 1

    def _alike(self, text: str, words: list[str], where: Where) -> Iterator[_Found]:
        key = compact(text)
        if not key:
            return
        seen = drawn(key)
        disguised = bool(look_alike(text) & _DISGUISES)
        for own in self._own.get(seen, {}).values():
            if key == own.key and not disguised:
                yield _Found(own, where, How.COPY, False)
            elif disguised or not is_word(key):
                yield _Found(own, where, How.DRAWN, disguised)
        for own in self._serving(seen, words):
            yield _Found(own, where, How.SERVICE, disguised)
        if key not in self._others and (near := self._near.near(seen)) and not self._plain(key, words):
            for struck, _ in near:
                for own in self._own[struck].values():
                    if not self._is_weak(own.key):
                        yield _Found(own, where, How.EDIT, disguised)

    def _serving(self, seen: str, words: list[str]) -> Iterator[_Own]:
        """Those whose name is what stays without words of service."""
        rest = [word for word in map(compact, words) if word not in SERVICE]
        stays = {drawn("".join(rest))} if len(rest) < len(words) else set()
        if any(key in seen for key in self._own):
            stays.update(_without_service(seen))
        for key in stays - {seen}:
            yield from self._own.get(key, {}).values()

    @staticmethod
    def _plain(key: str, words: list[str]) -> bool:
        """Whether it is a word, or words, of its own, so that it is one letter off by chance."""
        return is_word(key) or all(is_word(compact(word)) for word in words)

    def _is_weak(self, key: str) -> bool:
        if key not in self._weak:
            self._weak[key] = len(key) < SHORT or is_word(key, COMMON)
        return self._weak[key]


def compact(text: str) -> str:
    """Letters and digits of a name in one row, folded: `Tide_Wing!` is `tidewing`."""
    return "".join(_WORDS.findall(fold(text, accents=False)))


def stem(handle: str) -> str:
    """What a handle says without its server or domain: `tidewing@sea.example`, `tidewing.bsky.social`."""
    local = handle.lstrip("@＠").partition("@")[0]
    labels = [label for label in local.split(".") if label]
    if len(labels) < 2 or len(labels[-1]) < 2:
        return local
    if [label.lower() for label in labels[-2:]] == ["bsky", "social"] and len(labels) > 2:
        return labels[-3]
    return labels[-3] if len(labels) > 2 and labels[-2].lower() in _SECOND else labels[-2]


def is_word(key: str, least: float = LEAST) -> bool:
    """Whether it is a word of some language, common first and family names among them."""
    return known_words(LANGUAGES, [key]).get(key, 0.0) >= least


_ENDS = sorted({drawn(word) for word in SERVICE}, key=len, reverse=True)


def _without_service(seen: str) -> set[str]:
    """What stays of a handle, as drawn, when words of service go from its ends: from one, and from both."""
    found: set[str] = set()
    ahead = {seen}
    for _ in range(3):
        ahead = {
            rest
            for text in ahead
            for word in _ENDS
            for rest in (text.removeprefix(word), text.removesuffix(word))
            if rest and rest != text
        }
        found |= ahead
    return found
