"""Cuts a query into lexemes: words, phrases, tags, handles, conditions, brackets and keywords."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from hearout.listening.query.errors import QueryError
from hearout.listening.query.phrases import LETTER, MOST_WORDS, complaint, words_in
from hearout.listening.query.tree import At, Leaf, Tag, Term, Where

QUOTES = {'"': '"', "“": '”“"', "„": '“”"', "«": "»", "»": "«", "”": "”"}
"""What closes each opening quote."""

FIELDS = {
    "lang": "language",
    "language": "language",
    "network": "network",
    "author": "author",
    "from": "author",
    "place": "place",
}
KEYWORDS = ("AND", "OR", "NOT")
FARTHEST = 100
"""Words between the two sides of a NEAR, at most."""

_RUN = re.compile(r"[^\s()\"“”„«»]+")
_FIELD = re.compile(r"([^\W\d_]+):")
_NEAR = re.compile(r"NEAR(?:/(.*))?", re.DOTALL)
_NUMBER = re.compile(r"[0-9]+")
_OR = re.compile(r"OR(?!\S)")
_TAG = re.compile(rf"{LETTER}++")
_HANDLE = re.compile(rf"{LETTER}++(?:[.\-]{LETTER}++)*+(?:@[\w.\-]++)?")
_WITHIN = re.compile(r"[\-‐‑–'’&+/._]*")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")
NETWORK = re.compile(r"[a-z0-9][a-z0-9_.\-]*")
_INSTEAD = {
    ",": ("a comma joins nothing", "OR between words, or a phrase in quotes"),
    ";": ("a semicolon joins nothing", "OR between words, or a phrase in quotes"),
    "|": ("| is not understood", "OR"),
    "&": ("& is not understood", "AND"),
    "!": ("! is not understood", "NOT"),
    "'": ("a phrase is not quoted like this", 'double quotes "…"'),
}


@dataclass(frozen=True, slots=True)
class Lexeme:
    """`kind` is leaf, where, (, ), AND, OR, NOT, -, NEAR or end. `bare`: written without quotes or signs."""

    kind: str
    start: int
    end: int
    leaf: Leaf | None = None
    where: Where | None = None
    within: int = 0
    bare: bool = False


def scan(query: str) -> list[Lexeme]:
    """The lexemes of a query, the last of them `end`."""
    lexemes: list[Lexeme] = []
    at = _skip(query, 0)
    while at < len(query):
        lexemes.append(_next(query, at))
        at = _skip(query, lexemes[-1].end)
    return [*lexemes, Lexeme("end", len(query), len(query))]


def _skip(query: str, at: int) -> int:
    while at < len(query) and query[at].isspace():
        at += 1
    return at


def _next(query: str, at: int) -> Lexeme:
    sign = query[at]
    if sign in "()":
        return Lexeme(sign, at, at + 1)
    if sign == "-":
        if at + 1 == len(query) or query[at + 1].isspace():
            raise QueryError("a lone - says nothing", at, "a word directly after it")
        return Lexeme("-", at, at + 1)
    if sign == "=":
        return _exact(query, at)
    if sign in QUOTES:
        return _quoted(query, at)
    if sign in "#＃":
        return _named(query, at, _TAG, Tag)
    if sign in "@＠":
        return _named(query, at, _HANDLE, At)
    return _bare(query, at)


def _exact(query: str, at: int) -> Lexeme:
    if at + 1 == len(query) or query[at + 1].isspace() or query[at + 1] in "()=-":
        raise QueryError(
            "= stands for nothing here", at, "a word, a phrase, a #tag or a @handle directly after it"
        )
    found = _next(query, at + 1)
    if found.leaf is None:
        raise QueryError("= cannot stand before this", at, "a word, a phrase, a #tag or a @handle after it")
    return replace(found, start=at, leaf=replace(found.leaf, exact=True), bare=False)


def _quoted(query: str, at: int) -> Lexeme:
    text, end = _between_quotes(query, at)
    words = list(words_in(text))
    if not words:
        raise QueryError("there is no word between these quotes", at + 1, "a word")
    return Lexeme("leaf", at, end, leaf=_term(words, at + 1))


def _between_quotes(query: str, at: int) -> tuple[str, int]:
    closing = QUOTES[query[at]]
    end = next((place for place in range(at + 1, len(query)) if query[place] in closing), -1)
    if end < 0:
        raise QueryError("this quote is never closed", at, f"a closing {closing[0]}")
    return query[at + 1 : end], end + 1


def _term(words: list[tuple[str, int]], at: int) -> Term:
    if len(words) > MOST_WORDS:
        raise QueryError("this phrase is too long", at + words[MOST_WORDS][1], f"at most {MOST_WORDS} words")
    for word, start in words:
        _check(word, at + start)
    return Term(tuple(word for word, _ in words))


def _check(word: str, at: int) -> None:
    if wrong := complaint(word):
        raise QueryError(wrong[0], at, wrong[1])


def _named(query: str, at: int, pattern: re.Pattern[str], kind: type[Tag] | type[At]) -> Lexeme:
    named = pattern.match(query, at + 1)
    what = "tag" if kind is Tag else "handle"
    if named is None:
        raise QueryError(f"{query[at]} without a name", at + 1, f"the name of a {what} directly after it")
    _ends(query, named.end(), f"the {what}")
    _check(named[0], at + 1)
    return Lexeme("leaf", at, named.end(), leaf=kind(named[0]))


def _ends(query: str, at: int, what: str) -> None:
    run = _RUN.match(query, at)
    if run:
        raise _misplaced(query, at, f"cannot stand in {what}")


def _misplaced(query: str, at: int, otherwise: str) -> QueryError:
    sign = query[at]
    message, expected = _INSTEAD.get(sign, (f"{sign!r} {otherwise}", "a space, or a phrase in quotes"))
    return QueryError(message, at, expected)


def _bare(query: str, at: int) -> Lexeme:
    run = _RUN.match(query, at)
    assert run is not None
    text, end = run[0], run.end()
    if text in KEYWORDS:
        return Lexeme(text, at, end)
    if near := _NEAR.fullmatch(text):
        return _near(near, at, end)
    if field := _FIELD.match(text):
        return _where(query, field[1], at, at + field.end())
    words, place = list(words_in(text)), 0
    for word, start in words:
        gap = _WITHIN.match(text, place)
        if place and gap and gap.end() < start:
            raise _misplaced(query, at + gap.end(), "cannot stand in a word")
        if not place and start:
            raise _misplaced(query, at, "cannot begin a word")
        place = start + len(word.rstrip(".,;:!"))
    # what ends a sentence may end the query's last word too
    rest = text[place:].rstrip(".!+")
    if not words or rest:
        raise _misplaced(query, at + place, "is no word")
    return Lexeme("leaf", at, end, leaf=_term(words, at), bare=True)


def _near(near: re.Match[str], at: int, end: int) -> Lexeme:
    if not near[1] or not _NUMBER.fullmatch(near[1]):
        place = at + near.start(1) if near[1] else end
        raise QueryError(
            "NEAR does not say how near", place, "how many words may stand between, as in NEAR/5"
        )
    if len(near[1]) > 3 or int(near[1]) > FARTHEST:
        raise QueryError(
            f"{near[1][:9]} words are not near", at + near.start(1), f"a number from 0 to {FARTHEST}"
        )
    return Lexeme("NEAR", at, end, within=int(near[1]))


def _where(query: str, name: str, at: int, after: int) -> Lexeme:
    if name not in FIELDS:
        known = ", ".join(f"{field}:" for field in FIELDS)
        raise QueryError(f"there is no condition “{name}:”", at, f"one of {known} or the text in quotes")
    place = _skip(query, after)
    if place < len(query) and query[place] == "(":
        values, end = _several(query, FIELDS[name], place)
    else:
        value, end = _value(query, FIELDS[name], place)
        values = (value,)
    return Lexeme("where", at, end, where=Where(FIELDS[name], values))


def _several(query: str, field: str, opened: int) -> tuple[tuple[str, ...], int]:
    values: list[str] = []
    at = opened + 1
    while True:
        value, at = _value(query, field, _skip(query, at))
        values.append(value)
        at = _skip(query, at)
        if query[at : at + 1] == ")":
            return tuple(values), at + 1
        if at == len(query):
            raise QueryError("this bracket is never closed", opened, ")")
        if not _OR.match(query, at):
            raise QueryError("this does not follow a value", at, "OR or )")
        at += 2


def _value(query: str, field: str, at: int) -> tuple[str, int]:
    if at < len(query) and query[at] in QUOTES:
        text, end = _between_quotes(query, at)
        at += 1
    elif (run := _RUN.match(query, at)) and run[0] not in KEYWORDS:
        text, end = run[0], run.end()
    else:
        raise QueryError(f"{field} of what?", at, _EXPECTED[field])
    value = _normal(field, text)
    if not value:
        raise QueryError(f"“{text}” is no {field}", at, _EXPECTED[field])
    if field == "place":
        _term(list(words_in(text)), at)
    if field == "author":
        _check(value, at)
    return value, end


_EXPECTED = {
    "language": "a code such as de or pt-br",
    "network": "a network's name such as bluesky",
    "author": "a handle such as @mira_k",
    "place": 'a place such as Berlin or "New York"',
}


def _normal(field: str, text: str) -> str:
    """The value as the tree keeps it; "" where it is none."""
    if field == "place":
        return " ".join(word for word, _ in words_in(text))
    if field == "author":
        name = text[1:] if text[:1] in ("@", "＠") else text
        return name if _HANDLE.fullmatch(name) else ""
    value = text.lower().replace("_", "-") if field == "language" else text.lower()
    return value if (LANGUAGE if field == "language" else NETWORK).fullmatch(value) else ""
