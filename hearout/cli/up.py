"""`hearout up`"""

from __future__ import annotations

import os
import socket
import sys
import time
import urllib.request
from collections.abc import Callable
from datetime import datetime
from typing import Annotated

import typer
from rich.markup import escape
from rich.panel import Panel

from hearout.cli import demo
from hearout.cli.children import Children
from hearout.cli.ground import TroubleError, ground, out, stop_event
from hearout.lib.home import home

COLOURS = {
    "desk": "cyan",
    "workers": "green",
    "networks": "magenta",
    "simulator": "yellow",
    "hearout": "bold",
}


def up(
    port: Annotated[int, typer.Option(help="Port of the desk; the next free one when taken.")] = 8000,
    with_demo: Annotated[
        bool,
        typer.Option(
            "--demo/--no-demo", help="On an empty installation: a demo airline and a simulated network."
        ),
    ] = True,
    speed: Annotated[float, typer.Option(min=1, max=10_000, help="How fast the demo's customers live.")] = 1,
) -> None:
    """Start everything: the database, the desk, the workers, and on a new installation a demo.

    Keeps running with one log until Ctrl-C, and brings back what dies. Data is kept in HEAROUT_HOME.

    Example:  hearout up
    Example:  hearout up --no-demo --port 8080
    """
    began = time.monotonic()
    stop = stop_event()
    with ground():
        login = demo.prepare() if with_demo else demo.existing()
        _publish()
        port = free_port(port)
        children = Children(_say)
        try:
            _start(children, port, login, speed, stop.is_set)
            _welcome(port, login, time.monotonic() - began)
            _keep(children, stop.wait)
        finally:
            _say("hearout", "stopping")
            children.stop()


def _start(
    children: Children, port: int, login: demo.Login | None, speed: float, stopped: Callable[[], bool]
) -> None:
    me = [sys.executable, "-m", "hearout.cli"]
    if login:
        network = free_port(login.network_port)
        children.start("simulator", demo.simulator_command(network, speed))
        _await(f"http://127.0.0.1:{network}/control/health", "the simulated network", stopped)
    children.start("desk", [*me, "serve", "--port", str(port)])
    if login:
        demo.connect(login, network, port)
    children.start("workers", [*me, "work", "--inside"])
    children.start("networks", [*me, "work", "--outside"])
    _await(f"http://127.0.0.1:{port}/readyz", "the desk", stopped)


def _keep(children: Children, wait: Callable[[float], bool]) -> None:
    """Until told to stop: bring back children that died, and the embedded server if somebody killed it."""
    from hearout.lib.postgres import database_running

    while not wait(1.0):
        children.watch()
        with database_running():
            pass


def _await(url: str, what: str, stopped: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not stopped():
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310
                return
        except OSError:
            time.sleep(0.1)
    if not stopped():
        raise TroubleError(
            f"{what} did not come up within {seconds:.0f} s; its log is above. Try: hearout doctor"
        )


def free_port(wanted: int) -> int:
    """`wanted`, or the first free one of the 50 after it. Raises TroubleError."""
    for port in range(wanted, wanted + 50):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise TroubleError(
        f"No port is free between {wanted} and {wanted + 49}. Choose another: hearout up --port 9000"
    )


def _publish() -> None:
    from hearout.cli.serve import publish_static

    publish_static()


def _welcome(port: int, login: demo.Login | None, seconds: float) -> None:
    lines = [f"Desk      [bold]http://127.0.0.1:{port}/[/]"]
    if login:
        lines += [
            f"Sign in   [bold]{login.email}[/]   password [bold]{login.password}[/]",
            f"          the admin; same password: {', '.join(login.others)}",
        ]
    else:
        lines.append("Sign in   add yourself: hearout user add you@example.com --role admin")
    lines += [f"Data      {home()}", f"Ready after {seconds:.1f} s. Ctrl-C stops everything."]
    out.print(Panel("\n".join(lines), title="Hearout is up", expand=False), highlight=False, soft_wrap=True)


def _say(name: str, line: str) -> None:
    colour = COLOURS.get(name, "white")
    stamp = "" if line[:2].isdigit() and line[2:3] == ":" else datetime.now().strftime("%H:%M:%S ")
    out.print(f"[{colour}]{name:>9}[/] {escape(stamp + line)}", highlight=False, soft_wrap=True)


if os.name != "posix":  # the embedded server and its locks need it
    raise SystemExit("Hearout runs on Linux and macOS.")
