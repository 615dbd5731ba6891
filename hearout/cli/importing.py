"""`hearout import`"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from hearout.cli.ground import TroubleError, err, ground, out, stop_event

if TYPE_CHECKING:
    from hearout.listening.models import Archive


def import_(
    paths: Annotated[
        list[str],
        typer.Argument(help="Files, folders or patterns. Packed ones (gzip, bzip2, Zstandard) are unpacked."),
    ],
    format: Annotated[
        str,
        typer.Option(help="twcs, hearout, x, bluesky, mastodon, csv or parquet; found out when left out."),
    ] = "",
    mapping: Annotated[
        Path | None, typer.Option(help="A TOML file that says what the columns of a table hold.")
    ] = None,
    zone: Annotated[str, typer.Option(help="Zone of times that carry none; UTC when left out.")] = "",
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
    Example:  hearout import statuses/ --zone Europe/Berlin
    Example:  hearout import day.jsonl --replay 60
    """
    from hearout.channels.archive.paths import archive_paths
    from hearout.channels.base import ChannelError

    try:
        files = archive_paths(paths)
        with ground():
            reports = [
                _one(path, format or None, mapping, zone or None, name or None, replay) for path in files
            ]
    except ChannelError as error:
        raise TroubleError(error.message) from error
    if as_json:
        print(json.dumps(reports, indent=1))
        return
    for report in reports:
        _print(report)


def _one(
    path: Path,
    format: str | None,
    mapping: Path | None,
    zone: str | None,
    name: str | None,
    replay: float | None,
) -> dict[str, Any]:
    from hearout.listening.importing import import_archive

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
            mapping=mapping,
            zone=zone,
            name=name,
            replay=replay,
            on_progress=lambda done, total, posts: bar.update(task, completed=done, total=total),
            stop=stop.is_set if stop else lambda: False,
        )
        bar.update(task, description="reading the posts")
        _read_all(report.archive)
    return {
        "archive": report.archive.name,
        "posts": report.posts,
        "duplicates": report.duplicates,
        "failed": report.failed,
        "rejected_rows": report.rejected_count,
        "warnings": report.warnings,
        "rejected": [{"line": line, "reason": reason} for line, reason in report.rejected],
    }


def _read_all(archive: Archive) -> None:
    from hearout import pipeline
    from hearout.listening.models import Mention

    pipeline.run_until_idle(pipeline.choose(outside=False))
    # workers that run beside us may hold the last of it
    undecided = Mention.objects.filter(post__archive=archive, due_at__isnull=False)
    while undecided.exists():
        time.sleep(0.05)
        pipeline.run_until_idle(pipeline.choose(outside=False))


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
    for warning, count in report["warnings"].items():
        out.print(f"{count:,} {warning}.", highlight=False, markup=False)
    out.print("Figures: hearout metric first-response")
