"""`hearout work`"""

from __future__ import annotations

import gc
import logging
import threading
from typing import Annotated

import typer

from hearout.cli.ground import ground, stop_event

GARBAGE = 50_000
"""Objects made between two looks for garbage in circles, of which a batch leaves hardly any."""


def work(
    inside: Annotated[
        bool, typer.Option("--inside", help="Only the stages that work in the database.")
    ] = False,
    outside: Annotated[
        bool, typer.Option("--outside", help="Only the stages that talk to networks.")
    ] = False,
    once: Annotated[bool, typer.Option("--once", help="Work until nothing is left, then stop.")] = False,
) -> None:
    """Run the stages of the pipeline. Any number of workers may run side by side, and be killed.

    Example:  hearout work            all stages
    Example:  hearout work --inside   on a second machine, to hear and decide faster
    """
    stop = stop_event()
    with ground():
        from hearout import pipeline

        wanted = None if inside == outside else outside
        stages = pipeline.choose(outside=wanted)
        if once:
            pipeline.run_until_idle(stages)
            return
        _warm_up()
        logging.getLogger("hearout").info("working: %s", ", ".join(stage.name for stage in stages))
        # each network stage and the nightly lesson have a thread, for one that waits must not hold up the others
        threads = [
            threading.Thread(target=pipeline.run_forever, args=((stage,), stop.is_set), name=stage.name)
            for stage in stages
            if stage.outside or stage.apart
        ]
        for thread in threads:
            thread.start()
        if rows := tuple(stage for stage in stages if not (stage.outside or stage.apart)):
            pipeline.run_forever(rows, stop.is_set, rest=pipeline.rest_by_the_door)
        stop.wait()
        for thread in threads:
            thread.join()


def _warm_up() -> None:
    """Load what every post needs, and tell the garbage collector that it stays: it was a tenth of our time."""
    from django.db import connection

    from hearout.listening.matching import matcher
    from hearout.triage.choosing import warm
    from hearout.triage.rulebook import rulebook

    with connection.cursor() as cursor:
        matcher(cursor, archive=False)
        warm(rulebook(cursor))
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE)
