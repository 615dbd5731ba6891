"""Names found in tokens as people write them, each with its distance; what is another word stays one.

What a token names depends on all entries together: the nearest name wins, and a token that is itself a
name, a known brand or a word of a dictionary is never taken for another.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from operator import concat
from typing import NamedTuple

from hearout.listening.tolerance.dictionary import LANGUAGES, known_words
from hearout.listening.tolerance.entries import (
    Entry,
    Found,
    Hit,
    Kind,
    Name,
    Variant,
    name_of,
    plain,
    words_of,
)
from hearout.listening.tolerance.lookalikes import drawn, unstretched
from hearout.listening.tolerance.neighbours import Near, Neighbours
from hearout.listening.tolerance.phrases import Opening, Phrases
from hearout.listening.tolerance.tags import Tags

LONGEST = 64
"""Longer tokens name nothing."""

MOST_WORDS = 8
"""Words of a text that are looked at for one name."""

KEPT = 200_000
"""Tokens whose answers are kept; most tokens of real posts come again."""

_SEEN_BY: dict[Kind, tuple[Kind, ...]] = {
    "name": ("name",),
    "hashtag": ("hashtag", "name"),
    "handle": ("handle",),
}


class Told(NamedTuple):
    """What a word has to do with names: what it names by itself, the words of names of several that may follow
    it, and those that it may be itself as a further one."""

    keys: frozenset[object]
    further: frozenset[str]
    follows: frozenset[str]


class _Seen(NamedTuple):
    found: tuple[Found, ...]
    opening: Opening


_NOTHING = Opening("", False, frozenset(), ())


class Tolerant:
    """Finds these entries. `known`: further names that are not ours, never to be taken for one of them.

    `languages`: whose words count as words. Building reads dictionaries once a process (about a second).
    """

    def __init__(
        self, entries: Iterable[Entry], known: Iterable[str] = (), languages: Sequence[str] = LANGUAGES
    ) -> None:
        names = [name for entry in entries if (name := name_of(entry))]
        self._known = {"".join(words_of(name)) for name in known} - {""}
        self._dictionary = known_words(languages, [name.compact for name in names])
        self._at: dict[Kind, dict[str, list[Name]]] = {"name": {}, "hashtag": {}, "handle": {}}
        for name in names:
            for kind, seen in _SEEN_BY.items():
                if name.kind in seen:
                    self._at[kind].setdefault(name.compact, []).append(name)
        most = Phrases.words(name for name in names if name.kind == "name")
        for name in names:
            most[name.compact] = max(most.get(name.compact, 0), name.most)
        self._neighbours = Neighbours(most)
        self._rivals = Neighbours({word: min(2, max(1, len(word) // 4)) for word in self._known})
        self._drawn: dict[str, list[str]] = {}
        for compact in {name.compact for name in names if name.most}:
            self._drawn.setdefault(drawn(compact), []).append(compact)
        self._tags = Tags([name for name in names if name.kind != "handle"], self._dictionary)
        self._phrases = Phrases([name for name in names if name.kind == "name"], self._dictionary, self._near)
        stems = {*self._at["name"], *self._phrases.spelt}
        self._spelt = {stem + ending for stem in stems for ending in ("", "s", "es")} | self._phrases.prefixes
        self._kept: dict[Kind, dict[str, tuple[Found, ...]]] = {"name": {}, "hashtag": {}, "handle": {}}
        self._nearby: dict[str, Near] = {}
        self._word: dict[str, str] = {}
        self._seen: dict[str, _Seen] = {}
        self._loud: set[str] = set()

    def of_token(self, token: str, kind: Kind) -> tuple[Found, ...]:
        """What one word, tag or handle of a text names, as written or folded; without # and @.

        A name's own spelling gives distance 0, "exact". Tags as written show their words by capitals.
        """
        kept = self._kept[kind]
        found = kept.get(token)
        if found is None:
            if len(kept) >= KEPT:
                kept.clear()
            found = kept[token] = self._of_token(token, kind)
        return found

    def of_words(self, tokens: Sequence[str], tight: Collection[int] = ()) -> list[Hit]:
        """The names among words that follow each other in a text with little between them, by place; also
        names of several words, and those joined or split.

        `tight`: places of words that only a hyphen or an apostrophe parts from the word before: `del-ta`
        is one word, `can on` are two.
        """
        try:
            words = [self._word[token] for token in tokens]
        except KeyError:
            self._read_all(tokens)
            words = [self._word[token] for token in tokens]
        # nearly all rows of words name nothing: these lines are the inner loop of all tolerance
        if self._loud.isdisjoint(words) and self._phrases.prefixes.isdisjoint(map(concat, words, words[1:])):
            return []
        best: dict[tuple[object, int], Hit] = {}
        before: Opening | None = None
        for place, seen in enumerate(map(self._seen.get, words)):
            if before and self._phrases.goes_on(before, words[place], seen.opening if seen else _NOTHING):
                row = [_compact(one) for one in words[place - 1 : place - 1 + MOST_WORDS]]
                for hit in self._phrases.at(row, place - 1, tight):
                    _keep(best, hit)
            before = None
            if seen:
                for key, distance, variant in seen.found:
                    _keep(best, Hit(key, place, place + 1, distance, variant))
                before = seen.opening
        return sorted(best.values(), key=lambda hit: (hit.start, hit.distance, hit.stop))

    @property
    def spaced(self) -> Collection[str]:
        """The letters of names that are also found with spaces elsewhere."""
        return self._phrases.spaced

    def telling(self, tokens: Iterable[str]) -> dict[str, Told]:
        """What these folded words of a text have to do with names; most have nothing and are left out.

        A name in `spaced` may have any words as its pieces. Quick for many at once.
        """
        found: dict[str, Told] = {}
        for token in self._read_all(tokens):
            seen = self._seen.get(self._word[token])
            if seen and (seen.found or seen.opening.further or seen.opening.follows):
                keys = frozenset(one.key for one in seen.found)
                found[token] = Told(keys, seen.opening.further, frozenset(seen.opening.follows))
        return found

    def naming(self, tokens: Iterable[str], kind: Kind) -> set[str]:
        """Those of these folded tags or handles that may name something, in whatever capitals; quick for many."""
        at = self._at[kind]
        compacts = {token: _compact(token) for token in tokens}
        unsure = [one for one in compacts.values() if one and one not in at and one not in self._dictionary]
        near = self._perhaps_near(unsure)
        found = set()
        for token, compact in compacts.items():
            likely = compact in near or compact in at or (kind == "hashtag" and compact.endswith("s"))
            if (kind == "hashtag" and self._tags.may_name(token)) or (likely and self.of_token(token, kind)):
                found.add(token)
        return found

    def _read_all(self, tokens: Iterable[str]) -> list[str]:
        """Fold and note these words of a text; gives all but those that surely have nothing to do with names."""
        self._forget()
        noted: list[str] = []
        unsure: dict[str, str] = {}
        for token in tokens:
            word = self._word.get(token)
            if word is None:
                word = _folded(token)
                # words of a dictionary that no name has are told first: they are most of all
                if word in self._spelt or not (word in self._dictionary or word.isdigit()):
                    unsure[token] = word
                else:
                    self._word[token] = word
            elif word in self._seen:
                noted.append(token)
        near = self._perhaps_near([word for word in unsure.values() if word.isalnum()])
        for token, word in unsure.items():
            if word in near or word in self._spelt or not word.isalnum():
                self._learn(word)
                noted.append(token)
            self._word[token] = word  # last, for other threads share it
        return noted

    def _perhaps_near(self, words: Sequence[str]) -> set[str]:
        """Those of these folded words that may be a name with edits, in the widest sense."""
        if not words:
            return set()
        words = list(dict.fromkeys(words))
        near = self._neighbours.near_all(words)
        self._keep_near({word: near.get(word, ()) for word in words})
        found = set(near)
        together = "\n".join(words)
        for word, seen in zip(words, drawn(together).split("\n"), strict=True):
            if seen in self._drawn:
                found.add(word)
        if unstretched(together):
            found.update(word for word in words if unstretched(word))
        return found

    def _learn(self, word: str) -> None:
        """Note what a folded word of a text may name, if anything."""
        if word in self._seen:
            return
        found, opening = self._of_token(word, "name"), self._phrases.opening(_compact(word))
        if found or opening:
            self._seen[word] = _Seen(found, opening or _NOTHING._replace(word=_compact(word)))
            if found or (opening and opening.further):
                self._loud.add(word)

    def _forget(self) -> None:
        """Other people's words must not fill the memory."""
        if len(self._word) >= KEPT:
            self._word.clear()
            self._seen.clear()
            self._loud.clear()

    def _near(self, word: str) -> Near:
        """Names and their words within their distance of a word; nothing for one that is another word."""
        if word in self._dictionary or word in self._known or word.isdigit():
            return ()
        near = self._nearby.get(word)
        if near is None:
            near = self._neighbours.near(word)
            self._keep_near({word: near})
        return near

    def _keep_near(self, near: Mapping[str, Near]) -> None:
        if len(self._nearby) >= KEPT:
            self._nearby.clear()
        self._nearby.update(near)

    def _of_token(self, token: str, kind: Kind) -> tuple[Found, ...]:
        compact = _compact(token)
        if not compact:
            return ()
        if compact in self._at[kind]:
            return self._exactly(compact, token, kind)
        if compact in self._known:
            return ()
        found = self._inflected(compact, token, kind)
        if not found and compact not in self._dictionary:
            found = self._nearly(compact, kind)
        if not found and kind == "hashtag":
            found = self._tags.within(token)
        return found

    def _exactly(self, compact: str, written: str, kind: Kind) -> tuple[Found, ...]:
        found = []
        for name in self._at[kind][compact]:
            if kind == "hashtag" or len(name.words) == 1 or "_" in written:
                joined = len(name.words) > 1
                found.append(Found(name.key, 0, "joined" if joined else "exact"))
            elif name.most:
                found.append(Found(name.key, 1, "joined"))
        return tuple(found)

    def _inflected(self, compact: str, written: str, kind: Kind) -> tuple[Found, ...]:
        """Plurals, and possessives where the token still has its apostrophe: of no distance."""
        if kind == "handle":
            return ()
        for ending in ("es", "s"):
            stem = compact.removesuffix(ending)
            if stem == compact or stem not in self._at[kind]:
                continue
            variant: Variant = "possessive" if "'" in written or "’" in written else "plural"
            return tuple(
                Found(name.key, 0, variant)
                for name in self._at[kind][stem]
                if name.most and (variant == "possessive" or name.coined or compact not in self._dictionary)
            )
        return ()

    def _nearly(self, compact: str, kind: Kind) -> tuple[Found, ...]:
        """The nearest names, unless a known other is as near."""
        near = {other: distance for other, distance in self._near(compact) if other in self._at[kind]}
        variants: dict[str, Variant] = {}
        for other in self._drawn.get(drawn(compact), ()):
            near[other], variants[other] = 1, "look-alike"
        short = unstretched(compact)
        for other in short:
            if other in self._at[kind]:
                near[other], variants[other] = 1, "stretched"
        if not near:
            return ()
        nearest = min(near.values())
        if any(distance <= nearest for _, distance in self._rivals.near(compact)):
            return ()
        if not variants and any(word in self._dictionary for word in short):
            return ()
        found = []
        for other, distance in sorted(near.items()):
            variant = variants.get(other) or _variant(compact, other)
            for name in self._at[kind].get(other, ()) if distance == nearest else ():
                edits = distance + (kind == "name" and len(name.words) > 1)  # its missing space is one
                if edits <= name.most:
                    found.append(Found(name.key, edits, variant))
        return tuple(found)


def _folded(token: str) -> str:
    if len(token) > LONGEST:
        return ""
    return token.lower() if token.isascii() and token.isalnum() else plain(token)


def _compact(token: str) -> str:
    """The token's letters and digits, folded; "" for one that is too long to name anything."""
    if len(token) > LONGEST:
        return ""
    if token.isascii() and token.isalnum():
        return token.lower()
    return "".join(words_of(token))


def _variant(token: str, name: str) -> Variant:
    return "swapped" if sorted(token) == sorted(name) else "misspelt"


def _keep(best: dict[tuple[object, int], Hit], hit: Hit) -> None:
    before = best.get((hit.key, hit.start))
    if before is None or (hit.distance, -hit.stop) < (before.distance, -before.stop):
        best[hit.key, hit.start] = hit
