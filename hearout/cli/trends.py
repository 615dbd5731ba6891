"""`hearout trends`: what stands out in a series of counts."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TextIO

import typer
from rich.table import Table

from hearout.cli.ground import TroubleError, err, out

app = typer.Typer(
    help="Trends: what is talked about more than it should be, with a stated number of false alarms a week.",
    no_args_is_help=True,
)

FalseAlarms = Annotated[
    float, typer.Option("--false-alarms", min=1e-4, help="How many false alarms a week are accepted.")
]


@app.command("detect")
def detect(
    path: Annotated[str, typer.Argument(metavar="FILE.csv", help="timestamp,value; - for standard input.")],
    false_alarms: FalseAlarms = 1.0,
    bucket: Annotated[
        float | None, typer.Option(min=1, help="Seconds of a bucket; left out: as the first lines are apart.")
    ] = None,
) -> None:
    """Say of each count what was expected and how rare it is: timestamp,value,expected,score,alarm.

    Each line is judged by what came before it alone. A score of 0.5 comes once a week by itself, one of 0.9 once in
    nine weeks, which is s / (1 - s); what has been told is not told again within the day unless it grows.

    Example:  hearout trends detect counts.csv > alarms.csv

    Example:  hearout trends detect counts.csv --false-alarms 0.2 | grep ',1$'
    """
    from hearout.insight.trends.series_file import COLUMNS, SeriesError, detected, points, row_of

    with _opened(path) as lines:
        write = csv.writer(sys.stdout, lineterminator="\n")
        write.writerow(COLUMNS)
        count = alarms = 0
        try:
            for point, said in detected(points(lines), seconds=bucket, false_alarms=false_alarms):
                write.writerow(row_of(point, said))
                count, alarms = count + 1, alarms + said.alarm
                if path == "-":
                    sys.stdout.flush()
        except (SeriesError, UnicodeDecodeError) as error:
            sys.stdout.flush()
            raise TroubleError(f"{path}: {error}.") from error
    err.print(f"{alarms:,} alarms in {count:,} lines.", style="dim", highlight=False)


@app.command("score")
def score(
    folder: Annotated[Path, typer.Argument(help="NAB's folder, with data/ and labels/.")],
    false_alarms: FalseAlarms = 1.0,
) -> None:
    """Score the detector on labelled series as NAB does (standard profile, one threshold, 0 to 100).

    Besides the threshold that is best over all series it tells two that have not seen the labels: of each series
    the one best for the others, and the setting itself.

    Example:  hearout trends score ../shared/data/nab
    """
    from hearout.insight.trends.nab import best, left_out, read_nab, scored, together
    from hearout.insight.trends.series_file import detected

    try:
        series = read_nab(folder)
    except (OSError, ValueError, KeyError) as error:
        raise TroubleError(f"{folder} holds no labelled series: {error}.") from error
    if not series:
        raise TroubleError(f"{folder} holds no labelled series.")
    said = {one.name: [told for _, told in detected(one.points, false_alarms=false_alarms)] for one in series}
    scores = {name: [told.score for told in lines] for name, lines in said.items()}
    alarms = {name: [float(told.alarm) for told in lines] for name, lines in said.items()}
    whole, apart = best(series, scores), left_out(series, scores)
    table = Table("series", "windows", "found", "false", "score", "left out", "as set", box=None)
    for one, (name, other) in zip(series, apart, strict=True):
        own, as_set = scored([one], scores, whole.threshold), scored([one], alarms, 1.0)
        table.add_row(
            name, str(own.windows), str(own.found), str(own.false),
            *(f"{figure.score:.1f}" for figure in (own, other, as_set)),
        )  # fmt: skip
    out.print(table)
    as_set = scored(series, alarms, 1.0)
    out.print(
        f"\n{whole.score:.1f} of 100 with one threshold ({whole.threshold:.3f}): {whole.found} of {whole.windows} "
        f"windows, {whole.false} false detections\n{together([one for _, one in apart]):.1f} with each series left "
        f"out when the threshold is chosen\n{as_set.score:.1f} as set, at {false_alarms:g} false alarms a week: "
        f"{as_set.found} windows, {as_set.false} false detections",
        highlight=False,
    )


@contextmanager
def _opened(path: str) -> Iterator[TextIO]:
    if path == "-":
        yield sys.stdin
        return
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as lines:
            yield lines
    except OSError as error:
        raise TroubleError(f"{path} cannot be read: {error.strerror}.") from error
