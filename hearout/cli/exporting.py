"""`hearout export`"""

from __future__ import annotations

import gzip
import io
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import IO, Annotated, cast

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from hearout.cli.ground import TroubleError, err, ground
from hearout.insight.scope import ALL, LIVE, Scope, ScopeError
from hearout.understanding.own_numbers import MaskError, OwnNumbers, own_numbers


def export(
    path: Annotated[
        str, typer.Argument(help="The file to write, packed when it ends in .gz; - for the terminal.")
    ],
    of: Annotated[str, typer.Option(help="live, the name of an archive, or all.")] = LIVE,
    brand: Annotated[
        list[str] | None, typer.Option(help="Only the threads that mention this brand (may be given twice).")
    ] = None,
    format: Annotated[str, typer.Option(help="jsonl or csv; left out: by the file's name.")] = "",
    mask: Annotated[
        bool,
        typer.Option(
            "--mask", help="Hide cards, accounts, mail, phones, passports and addresses in the texts."
        ),
    ] = False,
    order_number: Annotated[
        list[str] | None,
        typer.Option(
            help="With --mask: hide these numbers too, beside those that the brands of the live desk named in "
            "Settings, Reading; # a digit, ? a letter, * either (more than once)."
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace the file when it is there already.")
    ] = False,
) -> None:
    """Write posts to a file that only you can read: Hearout's JSON Lines, or CSV for a sheet.

    Example:  hearout export posts.jsonl.gz
    Example:  hearout export - --of tweets --format csv | head

    Example:  hearout export posts.jsonl --mask --order-number 'TW-######'
    """
    own = _own(order_number or [], mask)
    format = format or ("csv" if path.removesuffix(".gz").endswith(".csv") else "jsonl")
    if format not in ("jsonl", "csv"):
        raise TroubleError(f"There is no format {format!r}. Choose jsonl or csv.")
    if path != "-" and Path(path).exists() and not force:
        raise TroubleError(f"{path} is there already. Give --force to replace it.")
    with ground():
        from hearout.insight.exporting import chosen_posts, jsonl, masked, sheet, told
        from hearout.insight.scope import archive_id

        if mask and of in (LIVE, ALL):
            own = _with_brands(order_number or [])

        try:
            scope = Scope(of, tuple(brand or ()))
            posts = chosen_posts(scope, archive_id(scope))
        except ScopeError as error:
            raise TroubleError(str(error)) from error
        total = posts.count()
        # closed before the database is, also when whoever reads the other end of a pipe has enough
        with closing(told(posts)) as source, _opened(path) as file:
            posts_out = masked(source, own) if mask else source
            _write(file, (jsonl if format == "jsonl" else sheet)(posts_out), total)
    err.print(f"{total:,} posts.", highlight=False)


def _own(masks: list[str], mask: bool) -> OwnNumbers | None:
    if masks and not mask:
        raise TroubleError("--order-number says what to hide: give --mask as well.")
    try:
        return own_numbers(masks)
    except MaskError as error:
        raise TroubleError(f"--order-number: {error}") from error


def _with_brands(masks: list[str]) -> OwnNumbers | None:
    """The masks given and those of all brands: a thread may speak to two of them."""
    from hearout.triage.own_numbers import masks_of_all

    return own_numbers([*masks, *masks_of_all()], most=None)


def _write(file: IO[str], lines: Iterable[str], total: int) -> None:
    columns = (TextColumn("writing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("writing", total=total)
        for count, line in enumerate(lines, 1):
            file.write(line)
            if count % 1_000 == 0:
                bar.update(task, completed=count)


@contextmanager
def _opened(path: str) -> Iterator[IO[str]]:
    """The file for writing. It appears under its name only when all is written, readable by its owner alone."""
    if path == "-":
        text = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="")
        yield text
        text.flush()
        text.detach()
        return
    partly = Path(f"{path}.part")
    try:
        descriptor = os.open(partly, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError as error:
        raise TroubleError(f"{path} cannot be written: {error.strerror}.") from error
    try:
        with ExitStack() as stack:
            raw: IO[bytes] = stack.enter_context(os.fdopen(descriptor, "wb"))
            if path.endswith(".gz"):
                raw = cast("IO[bytes]", stack.enter_context(gzip.GzipFile("", "wb", fileobj=raw)))
            yield stack.enter_context(io.TextIOWrapper(raw, encoding="utf-8", newline=""))
        partly.replace(path)
    finally:
        partly.unlink(missing_ok=True)
