"""`hearout read`"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from hearout.cli.ground import TroubleError, err
from hearout.cli.read_lines import Asked, LineError, answer, asked, dumped, fault, lines_as_they_come
from hearout.cli.tier import SHARE, Tier, read_in, tier_reader
from hearout.understanding.reading import Reader

BATCH = 100


def read(
    path: Annotated[str, typer.Argument(help="A file of JSON Lines; - or nothing for standard input.")] = "-",
    tier: Annotated[
        Tier | None,
        typer.Option(
            help="How much a reading may cost; left out: auto where the accurate tier is installed, else fast.",
            show_default=False,
        ),
    ] = None,
    budget: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            help="With auto: of one core's time, how much the accurate tier may take.",
            show_default=False,
        ),
    ] = None,
    share: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            help="With auto: of the posts, how many the accurate tier may read.",
            show_default=f"{SHARE}; all with --budget",
        ),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="End with status 1 if any line failed.")] = False,
) -> None:
    """Say what posts say: language, kind, sentiment, emotion, urgency, whether each wants an answer, and why.

    Takes JSON Lines {"id", "text"} with "language" where you know it, and gives one line for each, in order and
    as they come. Needs no database. A line that cannot be read is answered by {"id", "line", "error"}, counted on
    standard error; the status is 1 only if all lines failed.

    Example:  echo '{"id": 1, "text": "@tidewing where is my bag?"}' | hearout read

    Example:  hearout read posts.jsonl --tier fast | jq -c 'select(.needs_answer) | [.id, .kind]'

    Example:  tail -f posts.jsonl | hearout read | jq .urgency
    """
    with opened(path) as descriptor:
        reader = tier_reader(tier, share, budget)
        count = Count()
        with _progress(count) as told:
            for lines in lines_as_they_come(descriptor):
                for first in range(0, len(lines), BATCH):
                    write(b"".join(_answers(reader, lines[first : first + BATCH], count)))
                    told()
    count.end(strict)


class Count:
    """Lines taken, and those among them that were no posts."""

    lines = 0
    failed = 0

    def end(self, strict: bool) -> None:
        """Say how many lines could not be read. Raises Exit(1) when none could, or any and that is asked."""
        if self.failed:
            err.print(f"{self.failed:,} of {self.lines:,} lines could not be read.", highlight=False)
        if self.failed and (strict or self.failed == self.lines):
            raise typer.Exit(1)


def _answers(reader: Reader, lines: list[bytes | None], count: Count) -> Iterator[bytes]:
    found: list[Asked | dict[str, object]] = []
    for line in lines:
        count.lines += 1
        try:
            found.append(asked(line))
        except LineError as error:
            count.failed += 1
            found.append(fault(error, count.lines))
    posts = [one for one in found if isinstance(one, Asked)]
    readings = iter(read_in(reader, [post.text for post in posts], [post.language for post in posts]))
    for one in found:
        yield dumped(answer(one, next(readings)) if isinstance(one, Asked) else one)


@contextmanager
def opened(path: str) -> Iterator[int]:
    if path == "-":
        if not sys.stdin:
            raise TroubleError("Standard input is closed. Name a file, or pipe posts in.")
        if sys.stdin.isatty():
            err.print(
                'One post a line, as in {"id": 1, "text": "..."}; Ctrl-D ends.', style="dim", markup=False
            )
        yield sys.stdin.fileno()
        return
    try:
        descriptor = os.open(Path(path), os.O_RDONLY)
    except OSError as error:
        raise TroubleError(f"{path} cannot be read: {error.strerror}.") from error
    try:
        if Path(path).is_dir():
            raise TroubleError(f"{path} is a folder. Name a file, or pipe: cat {path}/*.jsonl | hearout read")
        yield descriptor
    finally:
        os.close(descriptor)


def write(data: bytes) -> None:
    """Past Python's buffers, so that an answer is out at once and nothing is left when the other end closes."""
    if not sys.stdout:
        raise TroubleError("Standard output is closed: there is nowhere to write to.")
    left = memoryview(data)
    try:
        while left:
            left = left[os.write(sys.stdout.fileno(), left) :]
    except BrokenPipeError:
        raise
    except OSError as error:
        raise TroubleError(f"The answers cannot be written: {error.strerror}.") from error


@contextmanager
def _progress(count: Count) -> Iterator[Callable[[], None]]:
    """A counter for whoever watches a terminal while the answers go elsewhere."""
    if not sys.stderr.isatty() or sys.stdout.isatty():
        yield lambda: None
        return
    columns = (SpinnerColumn(), TextColumn("{task.completed:,} posts read"), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda: bar.update(task, completed=count.lines)
