"""`/healthz`: the process lives. `/readyz`: it can work, with the figures an operator watches."""

from __future__ import annotations

from typing import Any

from hearout.api.http import Send, answer
from hearout.api.threads import in_thread

PATHS = ("/healthz", "/readyz")

QUEUES = ("listening_received", "listening_mention", "triage_verdict")


def readiness() -> tuple[bool, dict[str, Any]]:
    """Whether the database answers and is migrated; how many seconds the oldest waiting row is old."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        return False, {"error": f"{len(missing)} migrations are missing: run `hearout migrate`"}
    lags: dict[str, float] = {}
    with connection.cursor() as cursor:
        for table in QUEUES:
            cursor.execute(
                f"SELECT coalesce(extract(epoch FROM now() - min(due_at)), 0)::float FROM {table} "  # noqa: S608
                "WHERE due_at IS NOT NULL"
            )
            lags[table] = round(max(0.0, cursor.fetchone()[0]), 1)
    return True, {"ok": True, "lag_seconds": lags}


async def health(path: str, send: Send) -> None:
    if path == "/healthz":
        return await answer(send, 200, {"ok": True})
    try:
        ready, facts = await in_thread(readiness)
    except Exception as error:
        ready, facts = False, {"error": f"the database does not answer ({type(error).__name__})"}
    return await answer(send, 200 if ready else 503, facts)
