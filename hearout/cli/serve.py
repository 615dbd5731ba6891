"""`hearout serve`"""

from __future__ import annotations

import fcntl
from typing import Annotated

import typer

from hearout.cli.ground import ground, out
from hearout.lib.home import home


def serve(
    port: Annotated[int, typer.Option(help="Port of the desk and the webhooks.")] = 8000,
    host: Annotated[
        str, typer.Option(help="Address to listen on; put a proxy with TLS before another.")
    ] = "127.0.0.1",
    processes: Annotated[int, typer.Option(min=1, help="Server processes.")] = 1,
) -> None:
    """Serve the desk, the webhooks and the live events (without the workers: see `hearout work`).

    Example:  hearout serve --port 8000
    """
    with ground():
        publish_static()
        out.print(f"Desk at http://{host}:{port}")
        run_server(host, port, processes)


def publish_static() -> None:
    """Gather style sheets and scripts under hashed names. Two seconds the first time, less afterwards."""
    from django.core.management import call_command

    with (home() / "static.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two that start at once would trip over each other's files
        call_command("collectstatic", interactive=False, verbosity=0)


def run_server(host: str, port: int, processes: int = 1) -> None:
    """Blocks until SIGTERM or SIGINT."""
    from django.db import connections
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    connections.close_all()
    Granian(
        "hearout.asgi:make",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        workers=processes,
        backlog=2048,
        websockets=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        # live streams would keep a worker for ever; they come back by themselves
        workers_kill_timeout=5,
    ).serve()
