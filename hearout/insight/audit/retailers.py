"""The tests of 25 retailers, with your figures: adoption, share answered and time by kind of post, and what else."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hearout.insight.audit import published
from hearout.insight.audit.cells import (
    Cell,
    Json,
    empty,
    line,
    mean_time,
    of_figure,
    plain,
    share,
    share_answered,
)
from hearout.insight.audit.findings import Findings
from hearout.insight.engine import Row

NETWORKS = {"twitter": "Twitter", "facebook": "Facebook"}
NAMED = {"direct": ("direct",), "indirect": ("indirect", "hashtag")}
"""Indirect is without an @: by name, product or hashtag."""

COLUMNS = [*NETWORKS.values(), "All networks"]


def retailers(findings: Findings) -> list[Json]:
    kinds = [
        (tone, directness, place)
        for tone in ("question", "complaint", "praise")
        for directness, place in (
            ("", ""),
            ("direct", ""),
            ("indirect", ""),
            ("", "own page"),
            ("", "elsewhere"),
        )
    ]
    return [
        {"title": "On which networks brands answer", "columns": COLUMNS, "rows": [_adoption(findings)]},
        {
            "title": "Share answered",
            "columns": COLUMNS,
            "rows": [_answered(findings, kind) for kind in kinds],
        },
        {
            "title": "Average time to the answer",
            "columns": COLUMNS,
            "rows": [_time(findings, kind) for kind in kinds],
        },
        {"title": "What else they did", "columns": COLUMNS, "rows": _what_else(findings)},
    ]


def _adoption(findings: Findings) -> Json:
    brands = {brand["slug"] for brand in findings.brands}
    on = {
        network: {row["brand"] for row in findings.found[1] if row["network"] == network}
        for network in NETWORKS
    }
    yours = [share(len(on[network] & brands), len(brands)) for network in NETWORKS]
    return line(
        "Brands that speak there",
        [plain(published.ADOPTION[network], "share", published.RETAILERS_TESTED) for network in NETWORKS]
        + [None],
        [*yours, None],
    )


def _answered(findings: Findings, kind: tuple[str, str, str]) -> Json:
    said = published.RETAILERS_ANSWERED.get(kind, {})
    return line(
        _in_words(kind),
        [plain(said.get(network), "share") for network in NETWORKS] + [None],
        [_of_kind(findings, kind, network, share_answered) for network in (*NETWORKS, "")],
    )


def _time(findings: Findings, kind: tuple[str, str, str]) -> Json:
    said = published.RETAILERS_TIME.get(kind, {})
    return line(
        _in_words(kind),
        [plain(said.get(network), "seconds") for network in NETWORKS] + [None],
        [_of_kind(findings, kind, network, mean_time) for network in (*NETWORKS, "")],
    )


def _what_else(findings: Findings) -> list[Json]:
    parts = [[brand["by"]["directness"].get(how) for how in NAMED["indirect"]] for brand in findings.brands]
    named = [[figures for figures in several if figures] for several in parts if any(several)]
    answering = sum(any(figures["answered"] for figures in several) for several in named)
    yours = (
        plain(answering, "count", len(named))
        if named
        else empty("count", "No indirect mentions in this audit.")
    )
    follows = empty("count", "Posts do not show who follows whom; probes do.")
    moved = findings.whole["moved_to_private"]
    return [
        line(
            "Brands answering an indirect mention",
            [plain(published.ANSWERED_INDIRECT, "count", published.RETAILERS_TESTED), None, None],
            [None, None, yours],
        ),
        line(
            "Brands that followed the customer back",
            [plain(published.FOLLOWED_BACK, "count", published.RETAILERS_TESTED), None, None],
            [None, None, follows],
        ),
        line(
            "Answered openings invited to a private channel",
            [None, None, None],
            [None, None, of_figure(findings.whole, "moved_to_private", moved)],
        ),
    ]


def _of_kind(
    findings: Findings, kind: tuple[str, str, str], network: str, make: Callable[[Sequence[Row]], Cell]
) -> Cell:
    unit = "share" if make is share_answered else "seconds"
    if not findings.tone:
        return empty(unit, "Texts were not read (--no-tone).")
    tone, directness, place = kind
    here = [row for row in findings.crossed if not network or row["network"] == network]
    if not here:
        return empty(unit, f"No openings on {NETWORKS.get(network, 'any network')} in this audit.")
    rows = [
        row
        for row in here
        if row["tone"] == tone
        and (not directness or row["directness"] in NAMED[directness])
        and (not place or row["place"] == place)
    ]
    return make(rows) if rows else empty(unit, "No such openings in this audit.")


def _in_words(kind: tuple[str, str, str]) -> str:
    tone, directness, place = kind
    names = {"question": "Question", "complaint": "Negative", "praise": "Positive"}
    return ", ".join([names[tone], *(part for part in (directness, place) if part)])
