"""From a reading and the brand's rules to a verdict. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hearout.triage.conditions import Condition, Facts, compile_conditions
from hearout.triage.models import Priority, Rule
from hearout.triage.wanting import EVEN, THRESHOLD, aside, chance
from hearout.understanding.reading import Kind, Urgency

SURE = 0.6
"""In an archive, a reading that wants no answer is not believed below this confidence. It is the same
for everybody, so that figures can be compared; what a desk does follows from its brand's costs."""

OUR_OWN = "our own post"
DELETED = "deleted on the network"
NOT_ABOUT_US = "not about us"
ARCHIVED = "archive: read only"
THANKS = "a thank-you"
NOTHING_WANTED = "wants no answer"


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule ready to be asked. An outcome of None (or "") is no opinion."""

    name: str
    applies: Condition
    needs_answer: bool | None = None
    team_id: int | None = None
    priority: int | None = None
    set_aside: str = ""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What to do with a post, and the sentence that says why. `unsure`: the reading could not tell."""

    needs_answer: bool
    because: str
    priority: int = Priority.NORMAL
    team_id: int | None = None
    set_aside: str = ""
    unsure: bool = False


def compiled(rule: Rule) -> CompiledRule:
    """Raises ConditionError when its conditions are wrong."""
    return CompiledRule(
        name=rule.name,
        applies=compile_conditions(rule.conditions),
        needs_answer=rule.needs_answer,
        team_id=rule.team_id,
        priority=rule.priority,
        set_aside=rule.set_aside,
    )


def rule_on(
    facts: Facts,
    sure: float,
    rules: Sequence[CompiledRule],
    threshold: float = THRESHOLD,
    doubted: bool = False,
) -> Ruling:
    """The ruling: each outcome by the first rule that names it, and by the reading where none does.

    `sure` is the reading's confidence in `facts.needs_answer`, `threshold` the chance from which on a person
    looks, `doubted` says that the reader abstained from a label that decides. Whether to answer is one
    outcome: a rule that sets aside and a rule that wants an answer compete for it.
    """
    answer = priority = team = None
    for rule in rules:
        wants = rule.needs_answer is not None or bool(rule.set_aside)
        undecided = (
            (answer is None and wants)
            or (priority is None and rule.priority is not None)
            or (team is None and rule.team_id is not None)
        )
        if not undecided or not rule.applies(facts):
            continue
        if answer is None and wants:
            answer = rule
        if priority is None:
            priority = rule.priority
        if team is None:
            team = rule.team_id
    if answer is None:
        return _by_reading(facts, sure, threshold, doubted, priority, team)
    rank = _priority(facts) if priority is None else priority
    because = f"the rule “{answer.name}”"
    if answer.set_aside or answer.needs_answer is False:
        return Ruling(False, because, rank, team, answer.set_aside or NOTHING_WANTED)
    return Ruling(True, because, rank, team)


def _by_reading(
    facts: Facts, sure: float, threshold: float, doubted: bool, named: int | None, team: int | None
) -> Ruling:
    priority = _priority(facts) if named is None else named
    wanted = chance(facts, sure)
    looks = wanted >= threshold
    if facts.needs_answer and looks and wanted >= EVEN and not doubted:
        return Ruling(True, f"the reading: needs an answer ({_percent(sure)})", priority, team)
    if looks:
        why = "what it says" if doubted else "whether an answer is wanted"
        return _doubtful(facts, f"{why} (chance {_percent(wanted)})", named, team)
    if doubted and not facts.thanks and not aside(facts):
        return _doubtful(facts, "what it says, and it is said to us", named, team)
    why = THANKS if facts.thanks else NOTHING_WANTED
    because = f"the reading: {why} ({_percent(sure)})"
    if doubted:
        because = f"unsure: what it says, but an answer is hardly wanted (chance {_percent(wanted)})"
    return Ruling(False, because, priority, team, why, doubted)


def _doubtful(facts: Facts, why: str, named: int | None, team: int | None) -> Ruling:
    """A person looks. That nothing is urgent was concluded from that nothing is wanted, which is in doubt."""
    priority = max(_priority(facts), Priority.NORMAL) if named is None else named
    return Ruling(True, f"unsure: {why}", priority, team, unsure=True)


def _percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %")


def _priority(facts: Facts) -> int:
    if facts.urgency == Urgency.HIGH:
        return Priority.HIGH
    if facts.kind == Kind.PRAISE or facts.urgency == Urgency.LOW:
        return Priority.LOW
    return Priority.NORMAL
