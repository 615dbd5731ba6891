"""`hearout simulate`"""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from hearout.lib.home import home


def simulate(
    port: Annotated[int, typer.Option(help="Port of the simulated network.")] = 8099,
    posts_per_day: Annotated[int, typer.Option(help="How busy the customers are.")] = 600,
    speed: Annotated[float, typer.Option(min=1, max=10_000, help="How fast their day runs.")] = 1,
    backfill: Annotated[float, typer.Option(help="Hours of history to begin with.")] = 0,
    seed: Annotated[int, typer.Option(help="The same seed tells the same day.")] = 7,
) -> None:
    """Run the simulated network alone: accounts, posts, faults on demand, a log of the truth.

    Example:  hearout simulate --speed 60 --posts-per-day 2000
    """
    arguments = [
        "-m", "simulator", "--port", str(port), "--data", str(home() / "simulator"),
        "--backfill", str(backfill), "--posts-per-day", str(posts_per_day), "--speed", str(speed), "--seed", str(seed),
    ]  # fmt: skip
    os.execv(sys.executable, [sys.executable, *arguments])  # noqa: S606
