"""`hearout probe`: test posts from disclosed test accounts, to see the care as a customer does."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from hearout.cli.ground import TroubleError, err, ground, out, stop_event
from hearout.cli.metric import in_words

if TYPE_CHECKING:
    from hearout.insight.probes.models import Plan

app = typer.Typer(
    help="Mystery shopping: test posts from disclosed test accounts, blind to agents, kept out of customer figures.",
    no_args_is_help=True,
)

HEAR_SECONDS = 60.0
MOST_REST = 5.0

Name = Annotated[str, typer.Argument(help="The plan's name; left out: the latest plan.")]


@app.command("plan")
def plan_(
    file: Annotated[
        Path | None, typer.Argument(help="The plan, in TOML; left out: list the plans there are.")
    ] = None,
    others: Annotated[
        bool, typer.Option("--others", help="Also test handles that are not yours. Read the warning first.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Draw a plan of this name anew; not once a probe was sent.")
    ] = False,
    example: Annotated[bool, typer.Option("--example", help="Print a plan to begin from, and stop.")] = False,
) -> None:
    """Draw a plan: who posts what, when, to which handle. Nothing is sent before `hearout probe run`.

    Example:  hearout probe plan --example > probes.toml
    Example:  hearout probe plan probes.toml
    """
    from hearout.insight.probes.plan_file import EXAMPLE, PlanError, read_plan

    if example:
        print(EXAMPLE, end="")
        return
    try:
        wanted = read_plan(file) if file else None
        with ground():
            from hearout.insight.probes.planning import lay

            if wanted is None:
                _list()
            else:
                _print_plan(lay(wanted, others=others, replace=replace))
    except PlanError as error:
        raise TroubleError(str(error)) from error


@app.command("run")
def run(
    name: Name = "",
    once: Annotated[
        bool, typer.Option("--once", help="Send what is due now, hear the answers, and stop: for a timer.")
    ] = False,
) -> None:
    """Send the probes, each once and at its time, until the last is out. May be killed and run again.

    Example:  hearout probe run march
    Example:  hearout probe run march --once
    """
    with ground():
        from hearout.insight.probes.sending import send_due

        plan = _plan(name)
        stop = None if once else stop_event()
        heard = -HEAR_SECONDS
        while True:
            moved = send_due([plan.pk])
            if not moved and (once or time.monotonic() - heard >= HEAR_SECONDS):
                _hear(plan)
                heard = time.monotonic()
            if not moved and (once or not _waiting(plan) or (stop is not None and stop.is_set())):
                break
            if stop is not None and not moved:
                stop.wait(MOST_REST)
        _print_standing(plan)


@app.command("report")
def report(
    name: Name = "",
    interim: Annotated[
        bool, typer.Option("--interim", help="Only look: the desk is told nothing and the probes stay blind.")
    ] = False,
    early: Annotated[
        bool,
        typer.Option("--early", help="Report although probes still wait to be sent; they never will be."),
    ] = False,
    json_file: Annotated[
        str, typer.Option("--json", help="Write the report as JSON to this file, or -.")
    ] = "",
    html: Annotated[str, typer.Option("--html", help="Write the audit's report of the probes here.")] = "",
    pdf: Annotated[str, typer.Option("--pdf", help="The same as PDF; needs WeasyPrint.")] = "",
) -> None:
    """Hear the answers and report the figures. From then on the desk says which cases were probes.

    Example:  hearout probe report march --interim
    Example:  hearout probe report march --html march.html --json march.json
    """
    with ground():
        from hearout.insight.probes import reporting
        from hearout.insight.probes.sending import withdraw

        plan = _plan(name)
        waiting = _waiting(plan)
        if waiting and not interim and not early:
            raise TroubleError(
                f"{waiting} of the probes have not been sent. Run hearout probe run {plan.name}, look with --interim, "
                "or end the plan here with --early."
            )
        _hear(plan)
        if not interim:
            withdraw(plan)
            reporting.reveal(plan)
        told = reporting.report(plan)
        for file, make in ((html, _html), (pdf, _pdf), (json_file, _json)):
            if file:
                _write(file, make(told))
    if json_file != "-":
        _print_report(told)


def _plan(name: str) -> Plan:
    from hearout.insight.probes.models import Plan

    plans = Plan.objects.order_by("-made_at", "-pk")
    found = (plans.filter(name=name) if name else plans).first()
    if found is None:
        names = ", ".join(plans.values_list("name", flat=True)[:10])
        known = f" There are: {names}." if names else " Begin with: hearout probe plan --example"
        raise TroubleError(f"There is no plan {name!r}.{known}" if name else f"There is no plan.{known}")
    return found


def _waiting(plan: Plan) -> int:
    return plan.probes.filter(due_at__isnull=False).count()


def _hear(plan: Plan) -> None:
    from hearout.insight.probes.hearing import hear

    for shopper, fault in hear(plan).items():
        err.print(f"[yellow]{escape(shopper)} could not hear:[/] {escape(fault)}", highlight=False)


def _list() -> None:
    from hearout.insight.probes.models import Plan
    from hearout.insight.probes.reporting import standing

    table = Table(
        "plan", "from", "until (UTC)", "probes", "sent", "waiting", "failed", "parked", "reported", box=None
    )
    for plan in Plan.objects.order_by("-made_at", "-pk"):
        counts = standing(plan)
        reported = f"{plan.reported_at:%Y-%m-%d %H:%M}" if plan.reported_at else "no: blind"
        window = (f"{plan.starts_at:%Y-%m-%d %H:%M}", f"{plan.ends_at:%Y-%m-%d %H:%M}")
        table.add_row(plan.name, *window, *(str(counts[key]) for key in counts), reported)
    out.print(table)


def _print_plan(plan: Plan) -> None:
    table = Table("when (UTC)", "who", "to", "tone", "directness", "place", "text", box=None)
    for probe in plan.probes.select_related("target", "shopper").order_by("due_at"):
        place = "own page" if probe.own_page else "elsewhere"
        cells = (
            probe.shopper.name,
            f"@{probe.target.handle}",
            probe.tone,
            probe.directness,
            place,
            probe.text,
        )
        table.add_row(f"{probe.due_at:%a %d %b %H:%M}", *map(escape, cells))
    out.print(table)
    out.print(f"\nSeed {plan.seed}. Send them with: hearout probe run {plan.name}", highlight=False)
    foreign = sorted({f"@{one.handle}" for one in plan.targets.filter(brand__isnull=True)})
    if foreign:
        from hearout.insight.probes.planning import TERMS

        who = escape(", ".join(foreign))
        err.print(
            f"[bold yellow]Not yours: {who}.[/] {escape(TERMS.rpartition(' Then ')[0])}", highlight=False
        )


def _print_standing(plan: Plan) -> None:
    from hearout.insight.probes.reporting import standing

    counts = standing(plan)
    told = ", ".join(f"{many} {name}" for name, many in counts.items() if many)
    out.print(f"{plan.name}: {told}.", highlight=False)
    for probe in plan.probes.filter(sent_at__isnull=True).exclude(cause="").order_by("pk"):
        out.print(f"  {escape(probe.text[:60])}: {escape(probe.cause)}", highlight=False)


def _print_report(told: dict[str, Any]) -> None:
    counts = ", ".join(f"{many} {name}" for name, many in told["probes"].items() if many)
    out.print(f"[bold]{escape(told['plan']['name'])}[/]  {counts}\n", highlight=False)
    table = Table("network", "tone", "directness", "place", "n", "answered", "median", "mean", "to private")
    for row in told["cells"]:
        table.add_row(
            *(escape(str(row[key])) for key in ("network", "tone", "directness", "place")), *_figures(row)
        )
    table.add_row("all", "", "", "", *_figures(told["all"]), style="bold")
    out.print(table)
    back = told["followed_back"]
    followed = f"{in_words(back['value'], 'share')} of {back['n']}" if back["n"] else "not known"
    out.print(
        f"\nGrade {told['all']['grade'] or '-'}. Followed back: {followed}. Intervals, definitions and every probe are "
        "in the JSON (--json FILE).",
        highlight=False,
    )


def _figures(row: dict[str, Any]) -> tuple[str, ...]:
    rate, first = row["response_rate"], row["first_response_seconds"]
    answered = in_words(rate["value"], "share")
    if rate["n"]:
        answered += f" ({in_words(rate['low'], 'share')} to {in_words(rate['high'], 'share')})"
    moved = in_words(row["moved_to_private"], "share") if row["answered"] else ""
    times = (in_words(first[key], "seconds") if first["n"] else "" for key in ("median", "mean"))
    return (str(row["openings"]), answered, *times, moved)


def _json(told: dict[str, Any]) -> bytes:
    return (json.dumps(told, indent=1, ensure_ascii=False) + "\n").encode()


def _html(told: dict[str, Any]) -> bytes:
    from hearout.desk.audit.report import html_report

    return html_report(told).encode("utf-8", "replace")


def _pdf(told: dict[str, Any]) -> bytes:
    from hearout.desk.audit.report import PdfError, pdf_report

    try:
        return pdf_report(told)
    except PdfError as error:
        raise TroubleError(str(error)) from error


def _write(file: str, content: bytes) -> None:
    """To a file that only its owner can read, for it names the test accounts; - is the terminal."""
    if file == "-":
        sys.stdout.write(content.decode())
        return
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(content)
    except OSError as error:
        raise TroubleError(f"{file} cannot be written: {error.strerror}.") from error
