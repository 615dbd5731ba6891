"""`hearout migrate`"""

from __future__ import annotations

from hearout.cli.ground import bring_up_to_date, ground, out


def migrate() -> None:
    """Bring the database's tables up to date. Safe to repeat; `up` and `serve` do it by themselves.

    Example:  hearout migrate
    """
    with ground(migrated=False):
        out.print("Tables brought up to date." if bring_up_to_date() else "The tables are up to date.")
