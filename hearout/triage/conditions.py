"""Conditions of rules: small trees over an allow-list of fields, checked once and compiled to a function.

A tree is `{}` (always true), `{"all": [...]}`, `{"any": [...]}`, `{"not": {...}}`, or a test such as
`{"field": "kind", "is": "complaint"}`, `{"field": "how", "in": ["direct", "hashtag"]}`,
`{"field": "topics", "is": "Delivery"}`, `{"field": "followers", "at_least": 1000}` or
`{"field": "text", "has": ["refund"]}`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from operator import itemgetter
from typing import Any, NoReturn

from hearout.understanding.reading import Emotion, Kind, Sentiment, Urgency
from hearout.understanding.topics import NAMES as TOPICS

MOST_DEEP = 8
MOST_TESTS = 100
MOST_VALUES = 200
MOST_LETTERS = 120

Condition = Callable[["Facts"], bool]


class ConditionError(ValueError):
    """A tree is wrong. The message says what, where, and what is allowed."""


@dataclass(slots=True)
class Facts:
    """What a rule may ask about one mention. `role` is that of the handle addressed, or "".

    `confidence` is the reading's confidence in the kind, 0..1.
    """

    text: str
    kind: str
    sentiment: str
    emotion: str
    urgency: str
    language: str
    needs_answer: bool
    thanks: bool
    confidence: float
    how: str
    network: str = ""
    role: str = ""
    own_page: bool = False
    private: bool = False
    followers: int = 0
    topics: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """A field that conditions may name: the operators it takes and its values, where they are known.

    `more`: there may be others, of a brand's own. `many`: a mention may have several at once.
    """

    label: str
    operators: tuple[str, ...]
    values: tuple[str, ...] = ()
    more: bool = False
    many: bool = False


def _choice(label: str, values: type[StrEnum] | Sequence[str]) -> Field:
    return Field(label, ("is", "in"), tuple(str(value) for value in values))


def _flag(label: str) -> Field:
    return Field(label, ("is",), ("true", "false"))


FIELDS: Mapping[str, Field] = {
    "kind": _choice("Kind", Kind),
    "sentiment": _choice("Sentiment", Sentiment),
    "emotion": _choice("Emotion", Emotion),
    "urgency": _choice("Urgency", Urgency),
    "how": _choice("How it concerns us", ("direct", "indirect", "hashtag")),
    "role": _choice("Handle addressed", ("main", "care", "watched")),
    "topics": Field("Topic", ("is", "in"), TOPICS, more=True, many=True),
    "language": Field("Language", ("is", "in")),
    "network": Field("Network", ("is", "in")),
    "own_page": _flag("On our page"),
    "private": _flag("Private message"),
    "needs_answer": _flag("Seems to want an answer"),
    "thanks": _flag("Only a thank-you"),
    "text": Field("Words in the text", ("has",)),
    "followers": Field("Followers", ("at_least",)),
    "confidence": Field("Confidence (0 to 1)", ("at_least",)),
}
OPERATORS = ("is", "in", "has", "at_least")
BRANCHES = ("all", "any", "not")


def check(tree: Any) -> None:
    """Raises ConditionError where `compile_conditions` would."""
    compile_conditions(tree)


def compile_conditions(tree: Any) -> Condition:
    """The tree as a function of facts. Raises ConditionError."""
    return _Compiler().node(tree, 1)


class _Compiler:
    def __init__(self) -> None:
        self._tests = 0

    def node(self, tree: Any, depth: int) -> Condition:
        self._tests += 1
        if depth > MOST_DEEP:
            _wrong(f"The conditions are nested more than {MOST_DEEP} deep; use fewer levels.")
        if self._tests > MOST_TESTS:
            _wrong(f"There are more than {MOST_TESTS} conditions in one rule; split it into several rules.")
        if not isinstance(tree, Mapping):
            _wrong(
                f"A condition is an object such as {{'field': 'kind', 'is': 'complaint'}}, not {_short(tree)}."
            )
        if not tree:
            return _always
        if "field" in tree:
            return _test(tree)
        if len(tree) != 1:
            _wrong(f"A condition has one of {_names(BRANCHES)}, or a field; this one has {_names(tree)}.")
        return self._branch(*next(iter(tree.items())), depth)

    def _branch(self, name: Any, below: Any, depth: int) -> Condition:
        if name == "not":
            inner = self.node(below, depth + 1)
            return lambda facts: not inner(facts)
        if name not in BRANCHES:
            _wrong(f"{_short(name)} is not a condition; there are {_names(BRANCHES)} and field.")
        if not isinstance(below, list) or not below:
            _wrong(f"{name!r} needs a list of at least one condition.")
        compiled = [(_searches(part), self.node(part, depth + 1)) for part in below]
        parts = [condition for _, condition in sorted(compiled, key=itemgetter(0))]
        if len(parts) == 1:
            return parts[0]
        return _all(parts) if name == "all" else _any(parts)


def _searches(tree: Any) -> bool:
    """Whether a test looks through the text, which costs more than all others together: it is asked last."""
    return isinstance(tree, Mapping) and "has" in tree


def _all(parts: Sequence[Condition]) -> Condition:
    def test(facts: Facts) -> bool:
        for part in parts:  # noqa: SIM110 - a generator costs more than most conditions
            if not part(facts):
                return False
        return True

    return test


def _any(parts: Sequence[Condition]) -> Condition:
    def test(facts: Facts) -> bool:
        for part in parts:  # noqa: SIM110
            if part(facts):
                return True
        return False

    return test


def _always(_: Facts) -> bool:
    return True


def _test(tree: Mapping[Any, Any]) -> Condition:
    name = tree["field"]
    field = FIELDS.get(name) if isinstance(name, str) else None
    if field is None:
        _wrong(f"There is no field {_short(name)}; there are {_names(FIELDS)}.")
    operators = [key for key in tree if key != "field"]
    if len(operators) != 1 or operators[0] not in field.operators:
        _wrong(f"The field {name!r} takes {_names(field.operators)}; this condition has {_names(operators)}.")
    operator = operators[0]
    value = tree[operator]
    if operator == "is":
        return _is(name, field, value)
    if operator == "in":
        return _in(name, field, value)
    if operator == "has":
        return _has(name, value)
    return _at_least(name, value)


def _is(name: str, field: Field, value: Any) -> Condition:
    if field.values == ("true", "false"):
        if not isinstance(value, bool):
            _wrong(f"The field {name!r} is true or false, not {_short(value)}.")
    else:
        value = _allowed(name, field, value)
        if field.many:
            return lambda facts: value in getattr(facts, name)
    return lambda facts: getattr(facts, name) == value


def _in(name: str, field: Field, values: Any) -> Condition:
    if not isinstance(values, list) or not 0 < len(values) <= MOST_VALUES:
        _wrong(f"'in' needs a list of 1 to {MOST_VALUES} values for {name!r}.")
    allowed = frozenset(_allowed(name, field, value) for value in values)
    if field.many:
        return lambda facts: not allowed.isdisjoint(getattr(facts, name))
    return lambda facts: getattr(facts, name) in allowed


def _allowed(name: str, field: Field, value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= MOST_LETTERS:
        _wrong(f"The field {name!r} is compared with text, not with {_short(value)}.")
    if field.values and not field.more and value not in field.values:
        _wrong(f"The field {name!r} is one of {_names(field.values)}, not {_short(value)}.")
    return value


def _has(name: str, words: Any) -> Condition:
    if not isinstance(words, list) or not 0 < len(words) <= MOST_VALUES:
        _wrong(f"'has' needs a list of 1 to {MOST_VALUES} words.")
    for word in words:
        if not isinstance(word, str) or not word.strip() or len(word) > MOST_LETTERS:
            _wrong(f"'has' needs words of 1 to {MOST_LETTERS} letters, not {_short(word)}.")
    # Escaped words of a fixed number: nothing here repeats, so no text makes the search slow.
    choice = "|".join(
        r"\s+".join(map(re.escape, word.split())) for word in sorted(words, key=len, reverse=True)
    )
    search = re.compile(rf"(?<!\w)(?:{choice})(?!\w)", re.IGNORECASE).search
    return lambda facts: search(getattr(facts, name)) is not None


def _at_least(name: str, least: Any) -> Condition:
    if isinstance(least, bool) or not isinstance(least, int | float) or not 0 <= least < 2**62:
        _wrong(f"'at_least' needs a number from 0 up for {name!r}, not {_short(least)}.")
    return lambda facts: getattr(facts, name) >= least


def _names(names: Any) -> str:
    return ", ".join(_short(name) for name in names) or "nothing"


def _short(value: Any) -> str:
    return (
        repr(value)[:60]
        if isinstance(value, str | int | float | bool | None)
        else f"a {type(value).__name__}"
    )


def _wrong(message: str) -> NoReturn:
    raise ConditionError(message)
