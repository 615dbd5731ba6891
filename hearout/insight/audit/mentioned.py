"""How openings mention brands, beyond an @handle in their text: on the brand's page, to its account, by name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial

import ibis
from ibis.expr.types import BooleanValue, Table

from hearout.channels.base import IncomingPost
from hearout.insight.audit.brands import Brands
from hearout.insight.audit.crew import Result, count_of, crew, parts
from hearout.insight.audit.known import Known, small_table
from hearout.insight.engine import Engine, Row
from hearout.insight.facts import STRENGTH, is_start
from hearout.listening.matching import Matcher
from hearout.listening.words import key_of, words_of

MENTIONS = {
    "post_id": "int64", "brand_id": "int64", "handle_id": "int64", "how": "string", "own_page": "boolean",
}  # fmt: skip

Word = tuple[int, str, str]
"""Brand, kind and text, as a `Matcher` takes them."""


def mentions(engine: Engine, posts: Table, known: Known, brands: Brands | None) -> Table:
    """One row an opening and brand, the strongest, as listening does it for live posts."""
    starts = posts.filter(is_start(posts))
    found = list(_of_network(starts, known)) if "page_id" in posts.columns else []
    if words := _words(known, brands):
        found.append(_by_name(engine, starts, words))
    if not found:
        return small_table([], MENTIONS)
    return engine.keep("mentions", _strongest(ibis.union(*found) if len(found) > 1 else found[0]))


def _of_network(starts: Table, known: Known) -> Iterator[Table]:
    """What the network says: the page, the account written to, the handles that it found in the text."""
    handles = known.handles.select(
        "brand_id", h_network="network", own_id="id", lowered=known.handles.handle.lower()
    )
    writers = known.writers.join(handles, known.writers.handle_id == handles.own_id)
    named = starts.filter(starts.mentions.notnull())
    named = named.select("id", "network", name=named.mentions.split(" ").unnest())
    named = named.join(handles, [named.network == handles.h_network, named.name == handles.lowered])
    yield _direct(named, own_page=False)
    for column, own_page in (("page_id", True), ("recipient_id", False)):
        at = starts if own_page else starts.filter(starts.private)
        at = at.filter(at[column].notnull()).select("id", "network", there=column)
        at = at.join(writers, [at.network == writers.w_network, at.there == writers.writer])
        yield _direct(at, own_page=own_page)


def _direct(found: Table, *, own_page: bool) -> Table:
    return found.select(
        "brand_id",
        post_id=found.id,
        handle_id=found.own_id,
        how=ibis.literal("direct"),
        own_page=ibis.literal(own_page),
    ).select(*MENTIONS)


def _words(known: Known, brands: Brands | None) -> list[Word]:
    return [
        (known.ids[brand.name.lower()], kind, text)
        for brand in brands or ()
        for kind, texts in (("name", brand.names), ("product", brand.products), ("hashtag", brand.hashtags))
        for text in texts
    ]


def _by_name(engine: Engine, starts: Table, words: Sequence[Word]) -> Table:
    texts = engine.keep("texts", starts.filter(_may_name(starts, words)).select("id", "text"))
    count = count_of(engine, texts)
    read = []
    with crew(count) as do:
        for rows in parts(engine, texts, count):
            read.append(engine.keep("named", small_table(do(partial(_match, words), rows), MENTIONS)))
    return ibis.union(*read) if len(read) > 1 else read[0] if read else small_table([], MENTIONS)


def _may_name(starts: Table, words: Sequence[Word]) -> BooleanValue:
    """Whether it is worth a closer look: an engine can tell this fast, but not all that counts as the same word."""
    lowered = starts.text.lower()
    may = starts.text.re_search(r"[^\x01-\x7f]")
    if any(kind == "hashtag" for _, kind, _ in words) or words:
        may = may | starts.text.contains("#")
    firsts = {key_of(words_of(text)[0]) for _, kind, text in words if kind != "hashtag" and words_of(text)}
    for first in sorted(word for word in firsts if word.isascii()):
        may = may | lowered.contains(first)
    return may


def _match(words: Sequence[Word], rows: Sequence[Row]) -> list[Result]:
    matcher = Matcher([], words)
    at = datetime(2000, 1, 1, tzinfo=UTC)
    found: list[Result] = []
    for row in rows:
        post = IncomingPost("", "", at, None, row["text"], mentions=())
        found += [(row["id"], one.brand_id, None, one.how, False) for one in matcher.match(post)]
    return found


def _strongest(found: Table) -> Table:
    order = [found.how.cases(*STRENGTH.items(), else_=4), found.handle_id.fill_null(2**62)]
    one = [found.post_id, found.brand_id]
    found = found.mutate(
        place=ibis.row_number().over(group_by=one, order_by=order),
        page=ibis.ifelse(found.own_page, 1, 0).max().over(group_by=one),
    )
    return found.filter(found.place == 0).mutate(own_page=found.page == 1).select(*MENTIONS)
