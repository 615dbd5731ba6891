"""`hearout understanding report` and `learn`: how well posts are read at this installation, and its lessons."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from hearout.cli.ground import TroubleError, ground, out

if TYPE_CHECKING:
    from hearout.people.models import Brand
    from hearout.triage.learning.report import Report, Share

BrandOption = Annotated[str, typer.Option("--brand", help="Only this brand, by its slug.")]


def report(
    brand: BrandOption = "",
    weeks: Annotated[int, typer.Option(min=1, max=520, help="How many whole weeks to look back.")] = 13,
    as_json: Annotated[bool, typer.Option("--json", help="For other programs.")] = False,
) -> None:
    """Say how often posts are read right here: by label and class, with intervals, calibration and drift.

    Precision, recall and calibration are of posts that were drawn by chance and checked by a person (at the desk,
    under Understanding). What agents corrected on their own is counted apart: it was chosen because it was wrong.

    Example:  hearout understanding report

    Example:  hearout understanding report --brand tidewing --json | jq '.[0].labels[0].right'
    """
    with ground():
        from hearout.triage.learning.report import report_on

        found = [report_on(one, now=datetime.now(UTC), weeks=weeks) for one in _brands(brand)]
    if as_json:
        print(json.dumps([one.as_json() for one in found], indent=1, ensure_ascii=False))
        return
    for one in found:
        _print(one)


def learn(brand: BrandOption = "") -> None:
    """Give the reader its lesson now, instead of at night: learn from corrections, read with it if it is no worse.

    Example:  hearout understanding learn --brand tidewing
    """
    with ground():
        from django.db import transaction

        from hearout.triage.learning.nightly import learn as lesson

        for one in _brands(brand):
            with transaction.atomic():
                told = lesson(one, now=datetime.now(UTC))[1]
            out.print(f"[bold]{escape(one.name)}[/]: {escape(told)}.", highlight=False, soft_wrap=True)


def _brands(slug: str) -> list[Brand]:
    from hearout.people.models import Brand

    known = list(Brand.objects.filter(served=True))
    found = [one for one in known if one.slug == slug] if slug else known
    if not found:
        names = ", ".join(one.slug for one in known) or "none yet"
        raise TroubleError(
            f"There is no brand {slug!r}. There are: {names}." if slug else "There is no brand yet."
        )
    return found


def _print(found: Report) -> None:
    out.print(
        f"[bold]{escape(found.brand)}[/]  since {found.since:%Y-%m-%d}: {found.checked} posts drawn by chance and "
        f"checked, {found.skipped} that nobody could tell, {found.waiting} to be checked",
        highlight=False,
    )
    if not found.checked:
        out.print("Nobody has checked a post yet: at the desk, under Understanding, ten are drawn each week.")
    for label in found.labels:
        if label.right.n:
            error = f", calibration error {label.error:.3f}" if label.error is not None else ""
            out.print(
                f"\n[bold]{label.label.replace('_', ' ')}[/]: right {_said(label.right)}{error}",
                highlight=False,
            )
            table = Table("class", "precision", "recall", box=None)
            for one in label.classes:
                table.add_row(escape(one.name), _said(one.precision), _said(one.recall))
            out.print(table)
    if len(found.readers) > 1:
        told = "; ".join(f"{one.name} {_said(one.right)}" for one in found.readers)
        out.print(f"\nKind, by who read it: {escape(told)}", highlight=False)
    if found.corrected:
        out.print("\nCorrected by agents, chosen because it was wrong:")
        for fact in found.corrected[:12]:
            name = fact.label.replace("_", " ")
            out.print(f"  {fact.n:>4}  {name}: {fact.read_as} was {fact.corrected_to}", highlight=False)
    _print_weeks(found)


def _print_weeks(found: Report) -> None:
    if found.weeks:
        table = Table(
            "week of",
            "posts",
            "complaint",
            "question",
            "request",
            "praise",
            "unsure",
            "confidence",
            "kind right",
        )
        for week in found.weeks:
            kinds = [
                f"{week.kinds.get(name, 0) / week.posts:.0%}"
                for name in ("complaint", "question", "request", "praise")
            ]
            sure = "–" if week.confidence is None else f"{week.confidence:.2f}"
            right = f"{week.right.k} of {week.right.n}" if week.right.n else "–"
            table.add_row(
                str(week.week), f"{week.posts:,}", *kinds, f"{week.unsure.share or 0:.0%}", sure, right
            )
        out.print()
        out.print(table)
    for sentence in found.stands_out:
        out.print(f"[yellow]![/] {escape(sentence)}.", highlight=False)


def _said(one: Share) -> str:
    if one.share is None:
        return "–"
    return f"{one.share:.1%} ({one.k} of {one.n}; {one.low:.1%} to {one.high:.1%})"
