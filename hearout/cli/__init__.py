"""`hearout`: every command, one module each. This file only routes."""

from __future__ import annotations

import os
import sys

import typer
from rich.console import Console

from hearout.cli import (
    audit,
    deadletter,
    doctor,
    exporting,
    ground,
    importing,
    listen,
    match,
    metric,
    migrate,
    probe,
    read,
    serve,
    simulate,
    train,
    trends,
    understanding,
    up,
    users,
    work,
)
from hearout.cli.ground import TroubleError

app = typer.Typer(
    name="hearout",
    help="Self-hosted social customer care. Begin with: [bold]hearout up[/bold]",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("up")(up.up)
app.command("serve")(serve.serve)
app.command("work")(work.work)
app.command("listen")(listen.listen)
app.command("simulate")(simulate.simulate)
app.command("read")(read.read)
app.command("match")(match.match)
app.command("import")(importing.import_)
app.command("export")(exporting.export)
app.add_typer(metric.app, name="metric")
app.add_typer(trends.app, name="trends")
app.command("train")(train.train)
app.add_typer(understanding.understanding_app, name="understanding")
app.command("audit")(audit.audit)
app.add_typer(probe.app, name="probe")
app.command("doctor")(doctor.doctor)
app.command("migrate")(migrate.migrate)
app.add_typer(users.app, name="user")
app.add_typer(deadletter.app, name="deadletter")


def main() -> None:
    """The entry point. Troubles that a person can mend are one sentence, not a traceback."""
    # the reader's matrices are small: more threads only wait for each other, at three times the processor time
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    ground.alone = True
    try:
        app()
    except TroubleError as trouble:
        Console(stderr=True).print(f"[bold red]hearout:[/] {trouble}", highlight=False, soft_wrap=True)
        sys.exit(trouble.code)
    except BrokenPipeError:
        sys.exit(141)
