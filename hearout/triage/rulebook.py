"""The rules of all brands, compiled, and kept until one of them changes."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

from hearout.lib.claiming import Cursor
from hearout.triage.conditions import ConditionError
from hearout.triage.models import Rule
from hearout.triage.ruling import CompiledRule, compiled

log = logging.getLogger(__name__)

Rulebook = dict[int, list[CompiledRule]]

_kept: tuple[str, Rulebook] = ("", {})


def rulebook(cursor: Cursor) -> Rulebook:
    """The active rules by brand id, in their order. One small query tells whether they have changed."""
    global _kept
    cursor.execute("SELECT coalesce(md5(string_agg(r::text, ',' ORDER BY id)), '-') FROM triage_rule r")
    fingerprint = str(cursor.fetchall()[0][0])
    if _kept[0] != fingerprint:
        book: Rulebook = {}
        for rule in Rule.objects.filter(active=True).order_by("brand_id", "position", "id"):
            book.setdefault(rule.brand_id, []).extend(usable([rule]))
        _kept = (fingerprint, book)
    return _kept[1]


def compiled_in_order(rules: Iterable[Rule]) -> list[CompiledRule]:
    """The active ones among these rules, saved or not, in their order. Raises ConditionError."""
    ordered = sorted(rules, key=lambda rule: (rule.position, rule.pk or 2**62))
    return [compiled(rule) for rule in ordered if rule.active]


def usable(rules: Iterable[Rule]) -> Sequence[CompiledRule]:
    """The rules whose conditions are right; one that is not is left out and logged, and stops nothing."""
    found = []
    for rule in rules:
        try:
            found.append(compiled(rule))
        except ConditionError as error:
            log.error("rule %s (%s) is left out: %s", rule.pk, rule.name, error)
    return found
