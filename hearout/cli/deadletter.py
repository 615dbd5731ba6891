"""`hearout deadletter`"""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.table import Table

from hearout.cli.ground import TroubleError, ground, out

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

        letters = dead_letters(limit, _queues())
    rows = [
        {"queue": x.queue, "id": x.id, "died": x.dead_at.isoformat(), "tries": x.tries, "fault": x.fault}
        for x in letters
    ]
    if as_json:
        print(json.dumps(rows, indent=1))
        return
    table = Table("where", "id", "died (UTC)", "tries", "cause")
    for row in rows:
        table.add_row(
            str(row["queue"]), str(row["id"]), str(row["died"])[:19], str(row["tries"]), str(row["fault"])
        )
    out.print(table if rows else "No dead letters.")


@app.command()
def retry(
    ids: Annotated[list[int] | None, typer.Argument(help="Which; all when left out.")] = None,
    queue: Annotated[str, typer.Option(help="Only this queue, as `list` names it; needed with ids.")] = "",
) -> None:
    """Send dead letters through again, after a mend.

    Example:  hearout deadletter retry
    Example:  hearout deadletter retry 17 18 --queue listening_received
    """
    with ground():
        from hearout.listening import dead_letters

        queues = _queues()
        if queue and queue not in queues:
            raise TroubleError(f"There is no queue {queue!r}. Choose one of: {', '.join(queues)}.")
        if ids and not queue:
            raise TroubleError(f"Say which queue the ids are of: --queue {' | '.join(queues)}.")
        count = sum(dead_letters.retry(ids or None, name) for name in ([queue] if queue else queues))
    out.print(f"{count} sent through again. The workers take them up by themselves.")


def _queues() -> tuple[str, ...]:
    from hearout.listening.dead_letters import QUEUES
    from hearout.triage.deciding import TABLE
    from hearout.triage.models import Verdict

    return tuple(dict.fromkeys((*QUEUES, TABLE, Verdict._meta.db_table)))
