"""`hearout audit`: what an archive of posts, or the live database, says of how brands answer."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from hearout.cli.audit_summary import summary
from hearout.cli.ground import TroubleError, err, ground, leave, name_settings, out, set_up, time_of

if TYPE_CHECKING:
    from hearout.insight.audit.brands import Brands
    from hearout.insight.audit.document import Audit
    from hearout.insight.audit.loading import Inputs
    from hearout.insight.engine import Engine

Json = dict[str, Any]
Tell = Callable[[str, float], None]
STDOUT = Path("-")

READING = 0.7
"""The share of the progress bar that loading takes."""

KEEP = "Keep the rejected rows, each with its reason: --rejects FILE"

GARBAGE = 200_000
"""Objects made before Python looks for garbage: an audit makes many, hardly any in circles, and looking is slow."""

STEPS = 13
"""How many times an audit says what it does; for the bar only."""

Paths = Annotated[
    list[str] | None,
    typer.Argument(help="Files, folders or patterns; .gz, .bz2 and .zst too.", show_default=False),
]
Format = Annotated[
    str, typer.Option(help="twcs, hearout, x, bluesky, mastodon, csv or parquet; found out when left out.")
]
Mapping = Annotated[
    Path | None, typer.Option(help="A TOML file that says which column is what, for csv and parquet.")
]
Zone = Annotated[str, typer.Option(help="The zone of times that name none, such as Europe/Berlin; else UTC.")]
BrandsFile = Annotated[
    Path | None, typer.Option("--brands", help="A brands.toml: names, products, hashtags and handles.")
]
Live = Annotated[bool, typer.Option("--live", help="Audit the database instead of files.")]
Of = Annotated[str, typer.Option(help="With --live: live, an imported archive's name, or all.")]
Since = Annotated[str, typer.Option(help="Only openings from this date or time on (UTC).")]
Until = Annotated[str, typer.Option(help="Only openings before this date or time (UTC).")]
NoTone = Annotated[
    bool, typer.Option("--no-tone", help="Read no texts: much faster, without figures that rest on tone.")
]
EngineName = Annotated[str, typer.Option("--engine", help="duckdb, or spark for archives past one machine.")]
Master = Annotated[str, typer.Option(help="With --engine spark: the cluster's master URL.")]
Name = Annotated[str, typer.Option(help="What to call the audit in its report.")]
Rejects = Annotated[Path | None, typer.Option(help="Write the rows that are no posts here, with the reason.")]


def audit(
    paths: Paths = None,
    format: Format = "",
    mapping: Mapping = None,
    zone: Zone = "",
    brands: BrandsFile = None,
    live: Live = False,
    of: Of = "",
    since: Since = "",
    until: Until = "",
    no_tone: NoTone = False,
    engine: EngineName = "duckdb",
    master: Master = "local[*]",
    name: Name = "",
    json_: Annotated[
        Path | None, typer.Option("--json", help="Write the document; - for standard output.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option(help="Write the report, one page that needs nothing else.")
    ] = None,
    pdf: Annotated[
        Path | None, typer.Option(help="Write the report as PDF (pip install 'hearout\\[pdf]').")
    ] = None,
    csv: Annotated[Path | None, typer.Option(help="Write every figure as a sheet.")] = None,
    parquet: Annotated[Path | None, typer.Option(help="Write every figure as Parquet.")] = None,
    rejects: Rejects = None,
) -> None:
    """Grade how brands answer their customers, by the studies' own methods.

    Reads an archive of posts, yours or a public one, or with --live the database.

    Example:  hearout audit tweets.csv --html report.html
    Example:  hearout audit '2026-*.jsonl.gz' --brands brands.toml --json - | jq .all.grade
    Example:  hearout audit --live --since 2026-03-01 --pdf march.pdf
    """
    files = {"json": json_, "html": html, "pdf": pdf, "csv": csv, "parquet": parquet}
    wanted = {kind: path for kind, path in files.items() if path is not None}
    _check(paths, live, of, wanted, rejects, brands, mapping)
    start, end = time_of(since, "--since"), time_of(until, "--until")
    if live:
        with ground():
            found = _live(of, start, end, name)
            _deliver(found.as_json(), wanted)
        return
    gc.set_threshold(GARBAGE)
    if no_tone:
        name_settings()
    else:
        set_up()
    with _trouble():
        from hearout.insight.audit.loading import Inputs

        known = _brands(brands)
        usable, useless = _usable(paths or [], format or None, mapping, zone or None)
        inputs = Inputs(usable, format or None, mapping, zone or None, known, not no_tone, rejects)
        with _engine(engine, master) as running:
            found = _of_files(running, inputs, useless, start, end, name)
    _deliver(found.as_json(), wanted, f"Rejected rows: {rejects}" if rejects else KEEP)
    leave()


def _usable(
    patterns: Sequence[str], format: str | None, mapping: Path | None, zone: str | None
) -> tuple[list[Path], list[str]]:
    """The files that can be read, and what is wrong with the others. Raises ChannelError when there are none."""
    from hearout.channels.archive.paths import archive_paths
    from hearout.channels.archive.reading import open_archive
    from hearout.channels.base import ChannelError

    usable, useless = [], []
    paths = archive_paths(patterns)
    for path in paths:
        try:
            open_archive(path, format, mapping, zone=zone).close()
            usable.append(path)
        except ChannelError as error:
            if len(paths) == 1:
                raise
            useless.append(f"{path.name} was left out: {error}")
    if not usable:
        raise TroubleError(escape("None of the files can be read. " + " ".join(useless)))
    return usable, useless


def _of_files(
    engine: Engine,
    inputs: Inputs,
    useless: Sequence[str],
    start: datetime | None,
    end: datetime | None,
    name: str,
) -> Audit:
    from hearout.insight.audit.auditing import AuditOptions, audit
    from hearout.insight.audit.loading import ARCHIVE, load

    with _bar() as tell:
        loaded = load(engine, inputs, lambda what, share: tell(what, share * READING))
        loaded.counts.warnings.update(useless)
        options = AuditOptions(
            scope=loaded.scope(start, end),
            archive_id=ARCHIVE,
            name=name or inputs.paths[0].name.partition(".")[0],
            inputs=[path.name for path in inputs.paths],
            tone=inputs.tone,
            brands=inputs.brands,
        )
        return audit(engine, loaded.tables, loaded.counts, options=options, tell=_steps(tell, READING))


def _live(of: str, start: datetime | None, end: datetime | None, name: str) -> Audit:
    from hearout.insight.audit.living import live_audit
    from hearout.insight.scope import LIVE, Scope, ScopeError

    with _bar() as tell:
        try:
            scope = Scope(of or LIVE, since=start, until=end)
            return live_audit(scope, name=name or of or "Live", tell=_steps(tell, 0.0))
        except ScopeError as error:
            raise TroubleError(escape(str(error))) from error


def _check(
    paths: list[str] | None,
    live: bool,
    of: str,
    wanted: dict[str, Path],
    rejects: Path | None,
    *inputs: Path | None,
) -> None:
    """What can be known to fail is said before the work, not after it."""
    if live and paths:
        raise TroubleError("Give files or --live, not both.")
    if of and not live:
        raise TroubleError("--of chooses what of the database to audit, so it needs --live.")
    if not live and not paths:
        raise TroubleError("Give a file, such as hearout audit tweets.csv, or --live for the database.")
    for path in inputs:
        if path is not None and not path.is_file():
            raise TroubleError(escape(f"There is no file {path}."))
    for kind, path in wanted.items():
        if path != STDOUT or kind != "json":
            _check_writable(path)
    if rejects:
        _check_writable(rejects)


def _check_writable(path: Path) -> None:
    if path == STDOUT:
        raise TroubleError("Only --json can be written to standard output.")
    if path.is_dir():
        raise TroubleError(escape(f"{path} is a folder; name a file."))
    if not path.absolute().parent.is_dir():
        raise TroubleError(escape(f"There is no folder {path.absolute().parent} to write {path.name} to."))


def _brands(path: Path | None) -> Brands | None:
    from hearout.insight.audit.brands import read_brands

    return read_brands(path) if path else None


@contextmanager
def _engine(name: str, master: str) -> Iterator[Engine]:
    if name == "duckdb":
        from hearout.insight.duck import DuckEngine

        with DuckEngine() as engine:
            yield engine
    elif name == "spark":
        from hearout.insight.spark import SparkEngine, SparkError

        try:
            with SparkEngine(master) as spark:
                yield spark
        except SparkError as error:
            raise TroubleError(escape(str(error))) from error
    else:
        raise TroubleError(escape(f"There is no engine {name!r}. Choose duckdb or spark."))


@contextmanager
def _trouble() -> Iterator[None]:
    """What goes wrong with files and engines, in one sentence."""
    from hearout.channels.base import ChannelError
    from hearout.insight.audit.brands import BrandsError
    from hearout.insight.duck import DuckError

    try:
        yield
    except (ChannelError, BrandsError, DuckError) as error:
        raise TroubleError(escape(str(error))) from error


@contextmanager
def _bar() -> Iterator[Tell]:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("starting", total=1.0)
        yield lambda what, share: bar.update(task, description=what, completed=share)


def _steps(tell: Tell, start: float) -> Callable[[str], None]:
    """Moves the bar one step at each thing that an audit says it does."""
    done = 0

    def step(what: str) -> None:
        nonlocal done
        tell(what, start + (1 - start) * min(1.0, done / STEPS))
        done += 1

    return step


def _deliver(document: Json, wanted: dict[str, Path], about_rejected: str = "") -> None:
    """The files, and the summary unless standard output is for a program."""
    from hearout.insight.audit.exporting import as_csv, as_json, write_parquet

    quiet = wanted.get("json") == STDOUT
    for kind, path in wanted.items():
        try:
            if path == STDOUT:
                typer.echo(as_json(document), nl=False)
            elif kind == "json":
                path.write_text(as_json(document), "utf-8")
            elif kind == "csv":
                path.write_text(as_csv(document), "utf-8-sig", errors="replace", newline="")
            elif kind == "parquet":
                write_parquet(document, path)
            else:
                _report(kind, path, document)
        except OSError as error:
            raise TroubleError(escape(f"{path} cannot be written: {error.strerror or error}.")) from error
    console = err if quiet else out
    summary(document, console)
    if about_rejected and document["archive"]["rejected"]:
        console.print(about_rejected, highlight=False, markup=False, soft_wrap=True)
    for path in wanted.values():
        if path != STDOUT:
            console.print(f"Written: {path}", highlight=False, markup=False, soft_wrap=True)


def _report(kind: str, path: Path, document: Json) -> None:
    set_up()  # for the templates
    from hearout.desk.audit.report import PdfError, html_report, pdf_report

    if kind == "html":
        path.write_text(html_report(document), "utf-8", errors="replace")
        return
    try:
        path.write_bytes(pdf_report(document))
    except PdfError as error:
        raise TroubleError(escape(str(error))) from error
