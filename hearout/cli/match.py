"""`hearout match`"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from dataclasses import replace
from itertools import repeat
from pathlib import Path
from typing import Annotated

import typer

from hearout.cli.ground import TroubleError, err
from hearout.cli.match_lines import line_of, post_of
from hearout.cli.read import Count, opened, write
from hearout.cli.read_lines import LineError, dumped, fault, lines_as_they_come
from hearout.listening.engine import Compiled, compile
from hearout.listening.query.text import Text
from hearout.listening.query.toml import QueriesError, Query, read_queries

SHOWN = 10
"""Faulty lines told on standard error; the rest are only counted."""


def match(
    queries: Annotated[
        Path, typer.Option("--queries", help="TOML: [[query]] with name and expression.", show_default=False)
    ],
    path: Annotated[str, typer.Argument(help="A file of JSON Lines; - or nothing for standard input.")] = "-",
    tolerance: Annotated[
        bool | None,
        typer.Option(
            "--tolerance/--no-tolerance",
            help="For all queries: also misspelt names and tags, or none. Left out: as each query says.",
            show_default=False,
        ),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="End with status 1 if any line failed.")] = False,
) -> None:
    """Say which queries match which posts, and by which words.

    Takes JSON Lines {"id", "text"} with "author", "network", "language", "place" and "created_at" where you
    know them, and gives one line {"id", "matches": [{"query", "directness", "words", "distance"}]} for each, in
    order and as they come. Needs no database. A line that cannot be read is answered by {"id", "line", "error"}
    and told on standard error; the status is 1 only if all lines failed.

    Example:  hearout match --queries brand.toml posts.jsonl | jq -c 'select(.matches != [])'

    Example:  tail -f posts.jsonl | hearout match --queries brand.toml
    """
    found = _queries(queries, tolerance)
    compiled, names = compile(found), [query.name for query in found]
    gc.freeze()  # the queries stay: collections need not look at them
    count = Count()
    with opened(path) as descriptor:
        for lines in lines_as_they_come(descriptor):
            write(b"".join(_answers(compiled, names, lines, count)))
    count.end(strict)


def _queries(path: Path, tolerance: bool | None) -> list[Query]:
    try:
        found = read_queries(path)
    except QueriesError as error:
        raise TroubleError(str(error)) from error
    if not found:
        raise TroubleError(f"{path} has no queries; each begins with [[query]].")
    return found if tolerance is None else [replace(query, tolerance=tolerance) for query in found]


def _answers(
    compiled: Compiled, names: list[str], lines: list[bytes | None], count: Count
) -> Iterator[bytes]:
    posts: list[Text] = []
    faults: dict[int, bytes] = {}
    for place, line in enumerate(lines):
        count.lines += 1
        try:
            posts.append(post_of(line))
        except LineError as error:
            faults[place] = _faulty(error, count)
    answers = map(line_of, [post.id for post in posts], compiled.match(posts), repeat(names))
    if not faults:
        return answers
    return (faults[place] if place in faults else next(answers) for place in range(len(lines)))


def _faulty(error: LineError, count: Count) -> bytes:
    count.failed += 1
    if count.failed <= SHOWN:
        err.print(f"line {count.lines:,}: {error}", highlight=False, markup=False)
    return dumped(fault(error, count.lines))
