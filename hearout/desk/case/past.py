"""What happened to a case, from the journal, as sentences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hearout.cases.models import Case, Closure
from hearout.desk.case.around import Kit
from hearout.journal.models import Entry
from hearout.triage.models import Priority

MOST = 60
SAID = {
    "case.opened": "opened the case",
    "case.reopened": "opened the case again",
    "case.assigned": "gave the case to {to}",
    "case.claimed": "took the case",
    "case.released": "gave the case back",
    "case.noted": "wrote a note",
    "case.tagged": "put on the tag {tag}",
    "case.untagged": "took off the tag {tag}",
    "case.prioritised": "set the priority to {after}",
    "case.snoozed": "snoozed the case",
    "case.woken": "woke the case",
    "case.closed": "resolved the case: {reason}",
    "case.merged": "merged another case into this one",
    "case.moved": "moved the case to @{care}, and away from @{main}",
    "case.moved_back": "took the move to @{care} back",
    "case.split": "split posts off",
    "clock.warned": "warned that a promise is at risk",
    "clock.breached": "announced a broken promise",
    "reply.drafted": "began a reply",
    "reply.approved": "approved a reply",
    "reply.queued": "released a reply",
    "reply.undone": "took a reply back",
    "reply.stopped": "stopped a reply: the thread had changed",
    "reply.seen": "saw the reply on the network",
    "reply.failed": "could not send a reply",
    "reply.parked": "parked a reply",
    "reply.discarded": "threw a reply away",
    "probe.revealed": "told that this was a test by a mystery shopper",
}


@dataclass(frozen=True)
class Happened:
    at: datetime
    who: str
    did: str


def past_of(case: Case, kit: Kit) -> list[Happened]:
    """Newest first, at most 60."""
    entries = Entry.objects.filter(noun="case", noun_id=case.pk).order_by("-id")[:MOST]
    return [Happened(entry.at, kit.name_of(entry.actor_id), _did(entry, kit)) for entry in entries]


def _did(entry: Entry, kit: Kit) -> str:
    facts = entry.facts
    to = facts.get("to")
    words = {
        "to": kit.name_of(to) if isinstance(to, int) else facts.get("team") or "the team",
        "tag": facts.get("tag") or facts.get("name") or "",
        "after": dict(Priority.choices).get(facts.get("after", -1), "another"),
        "care": facts.get("care") or "care",
        "main": facts.get("main") or "main",
        "reason": dict(Closure.Reason.choices).get(facts.get("reason", ""), "done"),
    }
    return SAID.get(entry.verb, entry.verb.partition(".")[2]).format(**words)
