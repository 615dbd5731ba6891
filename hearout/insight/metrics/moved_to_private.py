"""The share of answered openings in which the brand invites to a private channel.

Moved to private = answered openings with at least one post of the brand that speaks of a private or
direct message, "DM" or "PM", or of writing to it privately / answered openings. It is read from the
brand's words, in English, German, French, Spanish, Italian, Portuguese and Dutch; an invitation by a button alone is
not seen.

Interval: Wilson, 95 %.
"""

from __future__ import annotations

from collections.abc import Sequence

from ibis.expr.types import Table

from hearout.insight.facts import Facts
from hearout.insight.results import Result, Row, count_by, share
from hearout.insight.threads import marked, said_by_brand

UNITS = {"share": "share"}

INVITATION = (
    r"(^|[^a-z0-9])(dms?|pms?|mp|direct messages?|private messages?|privately|private chat|message us|inbox us|"
    r"direktnachricht(en)?|privatnachricht(en)?|private nachricht(en)?|messages? priv(é|e)s?|en priv(é|e)|"
    r"mensajes? (directos?|privados?)|por privado|mensage[mn]s? (diretas?|privadas?)|messaggi[oi]? (privat|dirett)[oi]|"
    r"priv(é|e)bericht(en)?)([^a-z0-9]|$)"
)


def measure(facts: Facts, by: Sequence[str]) -> Table:
    said = said_by_brand(facts)
    invited = said.filter(said.text.lower().re_search(INVITATION)).select("opening_id")
    answered = marked(facts.openings.filter(facts.openings.answered), invited, "invited")
    return count_by(answered, by, moved_to_private=answered.invited)


def result(rows: Sequence[Row]) -> Result:
    return share(rows, "moved_to_private", of="openings_answered")
