"""Queries as TOML: one `[[query]]` each, with `name` and `expression`, and what else it may have.

[[query]]
name = "Care"
expression = '"tidewing care" OR #tidewingcare NOT surfboard'
brand = "Tidewing"            # whom it concerns
languages = ["en", "de"]      # only posts in these
networks = ["bluesky"]        # only posts on these
tolerance = 1                 # false or 0: none; 1: one edit; true or 2: by the length of the word
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from hearout.lib.clean import clean_text
from hearout.listening.query.errors import QueryError
from hearout.listening.query.parser import parse
from hearout.listening.query.scanner import LANGUAGE, NETWORK
from hearout.listening.query.tree import Node, Where, all_of

KEYS = ("name", "expression", "brand", "languages", "networks", "tolerance")

MOST_BYTES = 16 * 1024 * 1024


class QueriesError(ValueError):
    """What is wrong with a file of queries: says the file, the query and, in an expression, the character."""


@dataclass(frozen=True, slots=True)
class Query:
    """A query by name. `node` is the tree of `expression`; `tolerance` as in the file."""

    name: str
    expression: str
    node: Node
    brand: str = ""
    languages: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    tolerance: bool | int = True

    @property
    def condition(self) -> Node:
        """The whole of what a post must fulfil: the expression, the languages, the networks."""
        limits = (Where("language", self.languages), Where("network", self.networks))
        return all_of([self.node, *(limit for limit in limits if limit.values)])

    @property
    def most_edits(self) -> int:
        """Edits that the longest words allow: 0, 1 or 2."""
        return 2 if self.tolerance is True else int(self.tolerance)


def read_queries(source: Path | str, name: str = "") -> list[Query]:
    """The queries of a file (a Path) or of TOML itself (a str), in their order. Raises QueriesError.

    `name` is what messages call a text.
    """
    name = name or (str(source) if isinstance(source, Path) else "queries")
    try:
        text = _text_of(source) if isinstance(source, Path) else source
        found = tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        raise QueriesError(f"{name}: cannot be read: {error}") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise QueriesError(f"{name}: no TOML: {error}") from error
    for key in found:
        if key != "query":
            raise QueriesError(f"{name}: {_unknown(key, ('query',))}; each query begins with [[query]]")
    entries = found.get("query", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise QueriesError(f"{name}: each query begins with [[query]], in two brackets")
    return _distinct([_query(entry, f"{name}: query {n}") for n, entry in enumerate(entries, 1)], name)


def written(queries: Iterable[Query]) -> str:
    """The TOML of queries; `read_queries` reads the same ones from it."""
    return "\n".join(_written(query) for query in queries)


def _text_of(path: Path) -> str:
    if path.stat().st_size > MOST_BYTES:
        raise OSError(f"more than {MOST_BYTES // 1024 // 1024} MB")
    return path.read_text("utf-8-sig")


def _distinct(queries: list[Query], name: str) -> list[Query]:
    numbers: dict[str, int] = {}
    for number, query in enumerate(queries, 1):
        first = numbers.setdefault(query.name, number)
        if first != number:
            raise QueriesError(f"{name}: queries {first} and {number} are both called “{query.name}”")
    return queries


def _query(entry: dict[str, Any], where: str) -> Query:
    name = _string(entry, "name", where)
    where = f"{where} “{name}”"
    for key in entry:
        if key not in KEYS:
            raise QueriesError(f"{where}: {_unknown(key, KEYS)}")
    expression = _string(entry, "expression", where)
    try:
        node = parse(expression)
    except QueryError as error:
        raise QueriesError(f"{where}: expression\n{error.pointed()}") from error
    return Query(
        name,
        expression,
        node,
        _string(entry, "brand", where) if "brand" in entry else "",
        _names(entry, "languages", LANGUAGE, where, 'codes such as ["de", "pt-br"]'),
        _names(entry, "networks", NETWORK, where, 'names such as ["bluesky"]'),
        _tolerance(entry.get("tolerance", True), where),
    )


def _unknown(key: str, known: tuple[str, ...]) -> str:
    close = get_close_matches(key.lower(), known, 1)
    meant = f"; did you mean “{close[0]}”?" if close else f"; known are {', '.join(known)}"
    return f"“{key}” is not known{meant}"


def _string(entry: dict[str, Any], key: str, where: str) -> str:
    value = entry.get(key)
    if value is None:
        raise QueriesError(f"{where}: “{key}” is missing")
    if not isinstance(value, str) or not value.strip():
        raise QueriesError(f"{where}: “{key}” must be a text that is not empty")
    return value


def _names(
    entry: dict[str, Any], key: str, pattern: re.Pattern[str], where: str, expected: str
) -> tuple[str, ...]:
    values = entry.get(key, [])
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise QueriesError(f"{where}: “{key}” must be a list of {expected}")
    names = [value.lower().replace("_", "-") if key == "languages" else value.lower() for value in values]
    for name, value in zip(names, values, strict=True):
        if not pattern.fullmatch(name):
            raise QueriesError(f"{where}: “{value}” in “{key}”; expected {expected}")
    return tuple(names)


def _tolerance(value: object, where: str) -> bool | int:
    if isinstance(value, bool) or (isinstance(value, int) and value in (0, 1, 2)):
        return value
    raise QueriesError(f"{where}: “tolerance” must be true, false, 0, 1 or 2")


def _written(query: Query) -> str:
    lines = ["[[query]]", f"name = {_quoted(query.name)}", f"expression = {_quoted(query.expression)}"]
    if query.brand:
        lines.append(f"brand = {_quoted(query.brand)}")
    for key, values in (("languages", query.languages), ("networks", query.networks)):
        if values:
            lines.append(f"{key} = [{', '.join(map(_quoted, values))}]")
    if query.tolerance is not True:
        lines.append(f"tolerance = {json.dumps(query.tolerance)}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A TOML string: single quotes where they do, since expressions are full of double ones."""
    text = clean_text(text, len(text))
    if "'" not in text and text.isprintable():
        return f"'{text}'" if '"' in text or "\\" in text else f'"{text}"'
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
