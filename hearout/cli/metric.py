"""`hearout metric`: one command a metric, made from the files in `insight/metrics/`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from hearout.cli.ground import TroubleError, err, ground, out, time_of
from hearout.insight.catalogue import definition, metric_names
from hearout.insight.scope import ALL, LIVE, Scope, ScopeError

if TYPE_CHECKING:
    from hearout.insight.figures import Figure
    from hearout.insight.results import Result

app = typer.Typer(
    help="Figures, each with its definition, what was counted, and how sure it is.", no_args_is_help=True
)

Of = Annotated[
    str, typer.Option("--of", help="live, an archive's name, or all; left out: the latest archive.")
]
By = Annotated[
    list[str] | None,
    typer.Option("--by", help="Split by brand, tone, topic, handle, ...; may be given twice."),
]
Brands = Annotated[
    list[str] | None, typer.Option("--brand", help="Only openings to this brand; may be given twice.")
]
Since = Annotated[str, typer.Option(help="Only openings from this date or time on (UTC).")]
Until = Annotated[str, typer.Option(help="Only openings before this date or time (UTC).")]
Wanting = Annotated[
    bool, typer.Option("--wanting-answer", help="Only openings that the verdict says want an answer.")
]
AsJson = Annotated[bool, typer.Option("--json", help="For other programs; times in seconds.")]


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Say which figures there are.

    Example:  hearout metric list
    """
    lines = {name: definition(name).splitlines()[0] for name in metric_names()}
    if as_json:
        print(json.dumps([{"metric": name, "definition": line} for name, line in lines.items()], indent=1))
        return
    table = Table("metric", "what it says", box=None)
    for name, line in lines.items():
        table.add_row(f"[bold]{name}[/]", line)
    out.print(table)
    out.print("\nThe whole definition: hearout metric first-response --help", highlight=False)


def _command(name: str) -> Callable[..., None]:
    def command(
        of: Of = "",
        by: By = None,
        brand: Brands = None,
        since: Since = "",
        until: Until = "",
        wanting_answer: Wanting = False,
        as_json: AsJson = False,
    ) -> None:
        start, end = time_of(since, "--since"), time_of(until, "--until")
        with ground():
            from hearout.insight.figures import figure

            try:
                scope = Scope(of or _latest(), tuple(brand or ()), start, end, wanting_answer)
                found = figure(name, scope=scope, by=by)
            except ScopeError as error:
                raise TroubleError(str(error)) from error
        if as_json:
            print(json.dumps(found.as_json(), indent=1, ensure_ascii=False))
        else:
            _print(found)

    command.__doc__ = (
        f"{_paragraphs(definition(name))}\n\nExample:  hearout metric {name} --by tone\n\n"
        f"Example:  hearout metric {name} --of live --since 2026-03-01 --json | jq .value"
    )
    return command


def _paragraphs(text: str) -> str:
    """Each paragraph as one line, for the terminal to break."""
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


for _name in metric_names():
    app.command(_name, short_help=definition(_name).splitlines()[0])(_command(_name))


def _latest() -> str:
    """The archive that was imported last, or what is live when there is none; said aloud, for it was not asked for."""
    from hearout.listening.models import Archive

    latest = Archive.objects.order_by("-imported_at", "-pk").first()
    found = latest.name if latest else LIVE
    what = f"the latest archive, {found}" if latest else "what is live"
    err.print(
        f"Of {what}. Choose another with --of live, --of ARCHIVE or --of all.", style="dim", highlight=False
    )
    return found


def _print(found: Figure) -> None:
    out.print(f"[bold]{found.metric}[/]  {escape(_scope_in_words(found.scope))}\n", highlight=False)
    out.print(_paragraphs(found.definition), style="dim", markup=False, highlight=False)
    out.print()
    counts = {**found.numerator, **found.denominator}
    out.print("Counted: " + ", ".join(f"{_words(k)} {v:,}" for k, v in counts.items()) + ".", highlight=False)
    left_out = {reason: count for reason, count in found.exclusions.items() if count}
    told = ", ".join(f"{_words(reason)} {count:,}" for reason, count in left_out.items())
    out.print(f"Left out or ignored: {told or 'nothing'}.\n", highlight=False)
    out.print(_parts(found) if found.by else _whole(found))
    if not found.n:
        out.print("\nThere is nothing to say this of. Choose another scope with --of.", highlight=False)


def _whole(found: Figure) -> Table:
    table = Table("", "value", "interval, 95 %")
    table.add_row("n", f"[bold]{found.n:,}[/]", "")
    for name, unit in found.units.items():
        table.add_row(
            _words(name), f"[bold]{in_words(found.value.get(name), unit)}[/]", _interval(found, name, unit)
        )
    return table


def _parts(found: Figure) -> Table:
    dimensions = list(found.by[0].group or {})
    table = Table()
    for dimension in dimensions:
        table.add_column(dimension, no_wrap=True)
    table.add_column("n", justify="right")
    for name in found.units:
        table.add_column(_words(name), justify="right")
    for part in found.by:
        keys = [escape(str(value)) for value in (part.group or {}).values()]
        table.add_row(*keys, f"{part.n:,}", *_cells(found.units, part))
    whole = ["all"] + [""] * (len(dimensions) - 1)
    table.add_row(*whole, f"{found.n:,}", *_cells(found.units, found), style="bold")
    return table


ROOM_FOR_INTERVALS = 120


def _cells(units: dict[str, str], found: Figure | Result) -> list[str]:
    cells = []
    # a narrow terminal has no room for both; --json always has them
    roomy = out.width >= ROOM_FOR_INTERVALS or len(units) <= 2
    for name, unit in units.items():
        within = _interval(found, name, unit) if roomy else ""
        cells.append(in_words(found.value.get(name), unit) + (f"\n[dim]{within}[/]" if within else ""))
    return cells


def _interval(found: Figure | Result, name: str, unit: str) -> str:
    low, high = found.intervals.get(name, (None, None))
    if not found.n or (low is None and high is None):
        return ""
    return f"{in_words(low, unit)} to {in_words(high, unit)}"


def in_words(value: float | str | None, unit: str) -> str:
    """A value as a person says it: 13 min 33 s, 72.1 %, 0.71."""
    if value is None or isinstance(value, str):
        return value or "unknown"
    if unit == "share":
        return f"{100 * value:.1f} %"
    return _duration(value) if unit == "seconds" else f"{value:.2f}"


def _duration(seconds: float) -> str:
    """The two largest units that matter."""
    if seconds < 0:
        return f"-{_duration(-seconds)}"
    whole = round(seconds)
    parts = ((whole // 86400, "d"), (whole // 3600 % 24, "h"), (whole // 60 % 60, "min"), (whole % 60, "s"))
    first = next((place for place, (count, _) in enumerate(parts) if count), len(parts) - 1)
    return " ".join(f"{count} {unit}" for count, unit in parts[first : first + 2] if count) or "0 s"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _scope_in_words(scope: Scope) -> str:
    words = {LIVE: "of what is live", ALL: "of everything"}.get(
        scope.archive, f"of the archive {scope.archive}"
    )
    if scope.brands:
        words += f", to {' and '.join(scope.brands)}"
    if scope.since:
        words += f", since {scope.since:%Y-%m-%d %H:%M}"
    if scope.until:
        words += f", until {scope.until:%Y-%m-%d %H:%M}"
    return words + (", only openings that want an answer" if scope.wanting_answer else "")
