"""What is asked of the texts while they pass by, so that few of them need be kept."""

from __future__ import annotations

import ibis
from ibis.expr.types import BooleanValue, Table

from hearout.channels.archive.reading import SPOILT
from hearout.insight import texts

SPOILS = ("Ã", "Â", "â€", "â‚¬", "ðŸ", "\ufffd")
"""One of them is in every spoilt text: an engine finds these faster than the expression."""


def looked_into(rows: Table, *, texts_of_customers: bool) -> Table:
    """The rows with the columns of `texts.OF_TEXT`, and `text` only where it is needed later.

    That is where a second name may count, and with `texts_of_customers` in everything that no brand wrote.
    """
    start = ~rows.by_brand.fill_null(False) & rows.parent_key.isnull()
    ours = rows.by_brand.fill_null(True)
    rows = rows.mutate(
        first_name=ibis.ifelse(start, texts.first_name(rows.text), ""),
        names_more=ibis.ifelse(start, texts.names_more(rows.text), False),
        asks=ibis.ifelse(start, texts.asks(rows.text), False),
        invites=ibis.ifelse(ours, texts.invites(rows.text), False),
    )
    needed = rows.names_more | texts.composite(rows.first_name)
    if texts_of_customers:
        needed = needed | ~rows.by_brand.fill_null(False)
    return rows.mutate(text=ibis.ifelse(needed, rows.text, ""))


def spoilt(rows: Table) -> BooleanValue:
    """Whether the text was decoded wrongly before."""
    may = ibis.or_(*(rows.text.contains(sign) for sign in SPOILS))
    return ibis.ifelse(may, rows.text.re_search(SPOILT.pattern), False)
