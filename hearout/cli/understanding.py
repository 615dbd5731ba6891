"""`hearout understanding`: how well posts are read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hearout.cli.ground import TroubleError, err
from hearout.cli.tier import SHARE, Tier, tier_reader, trained_reader
from hearout.cli.understanding_report import learn, report

if TYPE_CHECKING:
    from hearout.understanding.judging import Judged
    from hearout.understanding.reading import Reader

understanding_app = typer.Typer(
    help="How well posts are read, on public sets and on yours.", no_args_is_help=True
)
app = understanding_app


class SetName(StrEnum):
    """The sets by which readers are judged."""

    SENTIMENT = "tweeteval-sentiment"
    EMOTION = "tweeteval-emotion"
    OFFENSIVE = "tweeteval-offensive"
    IRONY = "tweeteval-irony"
    XLM_T = "xlm-t"
    COMPLAINTS = "complaints"
    TWEET_ACTS = "tweet-acts"
    ALL = "all"


@understanding_app.callback()
def group() -> None:
    """How well posts are read, on public sets and on yours."""


understanding_app.command("report")(report)
understanding_app.command("learn")(learn)


@understanding_app.command()
def evaluate(
    set_: Annotated[SetName, typer.Option("--set", help="Which set.")],
    tier: Annotated[Tier, typer.Option(help="Which reader.")] = Tier.FAST,
    share: Annotated[
        float, typer.Option(min=0, max=1, help="With auto: of the posts, how many are read twice.")
    ] = SHARE,
    model: Annotated[
        Path | None, typer.Option(help="A folder that `hearout train` wrote; left out: what Hearout ships.")
    ] = None,
    data: Annotated[Path, typer.Option(help="The folder with the public sets.")] = Path("../shared/data"),
    quick: Annotated[
        bool, typer.Option("--quick", help="Without the baseline that must be trained.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For other programs.")] = False,
    table: Annotated[
        Path | None, typer.Option(help="Write the table as Markdown into this file as well.")
    ] = None,
) -> None:
    """Judge a reader on public test sets, each by the field's own measure, with baselines in the same run.

    The lexicon is word lists with negation (rules-1); TF-IDF is scikit-learn's, words and characters, with logistic
    regression, learnt from the same texts. ECE is the expected calibration error, in ten bins. XLM-T is shown by
    language, complaints by domain.

    Example:  hearout understanding evaluate --set tweeteval-sentiment

    Example:  hearout understanding evaluate --set all --tier fast --table figures.md

    Example:  hearout understanding evaluate --set complaints --quick --json | jq '.[0].value'
    """
    reader = trained_reader(tier, model) if model else tier_reader(tier, share)
    rows: list[Judged] = []
    for row in _judged(set_, reader, tier, data, quick):
        if not as_json:
            print(
                *([] if rows else [_line(_headings(reader.name)) + "\n"]),
                _line(_cells(row)),
                sep="",
                flush=True,
            )
        rows.append(row)
    if as_json:
        print(json.dumps([{"reader": reader.name, **asdict(row)} for row in rows], indent=1))
    if table:
        command = f"hearout understanding evaluate --set {set_} --tier {tier}" + (" --quick" if quick else "")
        _write(table, _markdown(rows, reader.name, command))


def _judged(name: SetName, reader: Reader, tier: Tier, data: Path, quick: bool) -> Iterator[Judged]:
    from hearout.understanding.judging import Baselines, judge
    from hearout.understanding.public_sets import SETS

    if not data.is_dir():
        raise TroubleError(
            f"There is no folder {data}. The public sets are no part of Hearout: name the folder with --data."
        )
    with err.status("gathering what the baseline learns from") as status:
        baselines = None if quick else Baselines.of(data)
        if baselines is None and not quick:
            err.print("Without TF-IDF: it needs scikit-learn (pip install 'hearout[training]') and all sets.")
        for one in SETS:
            if name not in (SetName.ALL, one.name):
                continue
            status.update(one.name)
            try:
                yield from judge(one, reader, tier, data, baselines)
            except FileNotFoundError as missing:
                if name is not SetName.ALL:
                    raise TroubleError(
                        f"The set {one.name} is not in {data}: {missing.filename} is missing."
                    ) from None
                err.print(f"{one.name} is left out: {missing.filename} is missing.", highlight=False)


WIDTHS = (-36, -14, 7, 7, 11, 16, 9, 8, 7, 7, 7)
"""Of the columns on a terminal; below 0: to the left."""


def _headings(reader: str) -> list[str]:
    return ["set", "measure", "n", "goal", reader, "95 %", "lexicon", "TF-IDF", "ECE", "kept", "right"]


def _cells(row: Judged) -> list[str]:
    interval = f"{row.low:.3f} to {row.high:.3f}" if row.low is not None else ""
    before = [
        f"{row.set} {row.part}".strip(),
        row.measure,
        f"{row.n:,}",
        _figure(row.goal),
        _figure(row.value),
    ]
    return [*before, interval, *map(_figure, (row.lexicon, row.tfidf, row.ece, row.kept, row.right))]


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _line(cells: list[str]) -> str:
    return "".join(
        cell.ljust(-width) if width < 0 else cell.rjust(width)
        for cell, width in zip(cells, WIDTHS, strict=True)
    ).rstrip()


def _markdown(rows: list[Judged], reader: str, command: str) -> str:
    """The table for a page, with what others reached."""
    headings = [*_headings(reader), "others"]
    lines = [
        f"# How well {reader} reads the public sets",
        "",
        f"Written by `{command}`. What the columns say: [understanding](understanding.md#how-well).",
        "",
        "| " + " | ".join(headings) + " |",
        "|---|---" + "|---:" * (len(headings) - 3) + "|---|",
    ]
    lines += ["| " + " | ".join([*_cells(row), row.published]) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise TroubleError(f"{path} cannot be written: {error.strerror}.") from error
