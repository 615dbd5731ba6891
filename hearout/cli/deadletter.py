"""`hearout deadletter`"""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.table import Table

from hearout.cli.ground import ground, out

app = typer.Typer(
    help="Payloads and posts that could not be worked on, each with its cause.", no_args_is_help=True
)


@app.command("list")
def list_(
    limit: Annotated[int, typer.Option(min=1, help="How many, newest first.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="For other programs.")] = False,
) -> None:
    """Show dead letters and why they died.

    Example:  hearout deadletter list --json | jq '.[].fault'
    """
    with ground():
        from hearout.listening.dead_letters import dead_letters

        letters = dead_letters(limit)
    rows = [
        {"table": x.table, "id": x.id, "died": x.dead_at.isoformat(), "tries": x.tries, "fault": x.fault}
        for x in letters
    ]
    if as_json:
        print(json.dumps(rows, indent=1))
        return
    table = Table("where", "id", "died (UTC)", "tries", "cause")
    for row in rows:
        table.add_row(
            str(row["table"]), str(row["id"]), str(row["died"])[:19], str(row["tries"]), str(row["fault"])
        )
    out.print(table if rows else "No dead letters.")


@app.command()
def retry(
    ids: Annotated[list[int] | None, typer.Argument(help="Which; all when left out.")] = None,
) -> None:
    """Send dead letters through again, after a mend.

    Example:  hearout deadletter retry 17 18
    """
    with ground():
        from hearout.listening import dead_letters

        count = dead_letters.retry(ids or None)
    out.print(f"{count} sent through again. The workers take them up by themselves.")
