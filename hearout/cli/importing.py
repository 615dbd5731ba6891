"""`hearout import`"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from hearout.cli.ground import TroubleError, err, ground, out, stop_event


def import_(
    paths: Annotated[
        list[Path], typer.Argument(help="Files: TWCS CSV or Hearout's JSON Lines, plain or .gz.")
    ],
    format: Annotated[str, typer.Option(help="twcs or hearout; found out when left out.")] = "",
    name: Annotated[str, typer.Option(help="What to call the archive; the file's name when left out.")] = "",
    replay: Annotated[
        float | None, typer.Option(min=1, help="Tell the posts again from now on, this many times as fast.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The report for other programs.")] = False,
) -> None:
    """Load posts from an archive, read them, and keep them apart from the live desk.

    Rows that cannot be read are counted and kept with the reason (`hearout deadletter list`).
    Loading the same file again doubles nothing.

    Example:  hearout import tweets.csv
    Example:  hearout import day.jsonl --replay 60
    """
    missing = [path for path in paths if not path.is_file()]
    if missing:
        raise TroubleError(f"There is no file {missing[0]}.")
    with ground():
        reports = [_one(path, format or None, name or None, replay) for path in paths]
    if as_json:
        print(json.dumps(reports, indent=1))
        return
    for report in reports:
        _print(report)


def _one(path: Path, format: str | None, name: str | None, replay: float | None) -> dict[str, Any]:
    from hearout import pipeline
    from hearout.listening.importing import import_archive
    from hearout.listening.models import Mention

    stop = stop_event() if replay else None
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=err,
        transient=True,
    ) as bar:
        task = bar.add_task(f"loading {path.name}", total=path.stat().st_size)
        report = import_archive(
            path,
            format=format,
            name=name,
            replay=replay,
            on_progress=lambda done, total, posts: bar.update(task, completed=done, total=total),
            stop=stop.is_set if stop else lambda: False,
        )
        bar.update(task, description="reading the posts")
        pipeline.run_until_idle(pipeline.choose(outside=False))
        # workers that run beside us may hold the last of it
        undecided = Mention.objects.filter(post__archive=report.archive, due_at__isnull=False)
        while undecided.exists():
            time.sleep(0.05)
            pipeline.run_until_idle(pipeline.choose(outside=False))
    return {
        "archive": report.archive.name,
        "posts": report.posts,
        "duplicates": report.duplicates,
        "failed": report.failed,
        "rejected_rows": report.rejected_count,
        "rejected": [{"line": line, "reason": reason} for line, reason in report.rejected],
    }


def _print(report: dict[str, Any]) -> None:
    out.print(f"[bold]{report['posts']:,}[/] posts in archive [bold]{report['archive']}[/].", highlight=False)
    if report["duplicates"]:
        out.print(f"{report['duplicates']:,} were there already.")
    if report["failed"]:
        out.print(f"{report['failed']:,} could be read but not kept: hearout deadletter list")
    if count := report["rejected_rows"]:
        out.print(f"{count:,} rows rejected, kept as dead letters:")
        for row in report["rejected"][:10]:
            out.print(f"  line {row['line']}: {row['reason']}", highlight=False, markup=False)
        if count > 10:
            out.print(f"  ... and {count - 10:,} more: hearout deadletter list")
    out.print("Figures: hearout metric first-response")
