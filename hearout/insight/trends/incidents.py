"""Incidents: one story behind many posts and cases. A supervisor opens, notes, links and closes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django.utils.timezone import now

from hearout.cases.models import Case
from hearout.insight.trends.models import Alarm, Incident, IncidentNote
from hearout.journal.writing import note
from hearout.lib.clean import clean_text
from hearout.lib.doorbell import ring
from hearout.people.models import User

LONGEST_NAME, LONGEST_NOTE, LONGEST_OUTCOME = 120, 4_000, 300


class IncidentError(Exception):
    """What cannot be done, with a sentence for the person who tried."""


def open_incident(alarm: Alarm, *, by: User, name: str) -> Incident:
    """An incident of an alarm, those beside it, their posts, and the open cases to which these belong."""
    name = " ".join(clean_text(name, LONGEST_NAME).split())
    if not name:
        raise IncidentError("Give the incident a name by which the desk will know it.")
    with transaction.atomic():
        event = Alarm.objects.select_for_update().get(pk=alarm.event_id or alarm.pk)
        if event.incident_id:
            raise IncidentError("There is an incident of this alarm already.")
        made = Incident.objects.create(brand=event.brand, name=name, opened_by=by)
        alarms = [event, *event.beside.all()]
        Alarm.objects.filter(pk__in=[one.pk for one in alarms]).update(
            incident=made, false_at=None, false_by=None
        )
        made.posts.add(*(pk for one in alarms for pk in one.posts.values_list("pk", flat=True)))
        made.cases.add(*_cases_of(made))
        _note("incident.opened", made, by, alarm=event.pk, cases=made.cases.count())
    return made


def write_note(incident: Incident, *, by: User, text: str) -> IncidentNote:
    text = clean_text(text, LONGEST_NOTE).strip()
    if not text:
        raise IncidentError("A note needs a word.")
    with transaction.atomic():
        made = IncidentNote.objects.create(incident=incident, by=by, text=text)
        _note("incident.noted", incident, by)
    return made


def link_cases(incident: Incident, case_ids: Iterable[int], *, by: User) -> int:
    """Put cases of the same brand to it; returns how many were new. Raises IncidentError for others."""
    with _changing(incident):
        wanted = set(case_ids)
        found = set(Case.objects.filter(brand=incident.brand_id, pk__in=wanted).values_list("pk", flat=True))
        if missing := sorted(wanted - found):
            raise IncidentError(f"There is no case {missing[0]} at {incident.brand}.")
        fresh = found - set(incident.cases.values_list("pk", flat=True))
        incident.cases.add(*fresh)
        if fresh:
            _note("incident.linked", incident, by, cases=sorted(fresh))
    return len(fresh)


def link_cases_of_posts(incident: Incident, *, by: User) -> int:
    """Put the cases to it that its posts have come to belong to since; returns how many were new."""
    return link_cases(incident, (case.pk for case in _cases_of(incident)), by=by)


def unlink_case(incident: Incident, case_id: int, *, by: User) -> None:
    with _changing(incident):
        if incident.cases.filter(pk=case_id).exists():
            incident.cases.remove(case_id)
            _note("incident.unlinked", incident, by, cases=[case_id])


def close(incident: Incident, *, by: User, outcome: str) -> None:
    """It is over, and `outcome` says how. Its cases stay as they are."""
    outcome = " ".join(clean_text(outcome, LONGEST_OUTCOME).split())
    if not outcome:
        raise IncidentError("Say how it ended: the next person to read this was not there.")
    with _changing(incident):
        incident.closed_at, incident.closed_by, incident.outcome = now(), by, outcome
        incident.save(update_fields=["closed_at", "closed_by", "outcome"])
        _note("incident.closed", incident, by)


@contextmanager
def _changing(incident: Incident) -> Iterator[None]:
    with transaction.atomic():
        closed = Incident.objects.select_for_update().get(pk=incident.pk).closed_at
        if closed:
            raise IncidentError("This incident is closed.")
        yield


def _cases_of(incident: Incident) -> list[Case]:
    mine = Case.objects.filter(brand=incident.brand_id, closure=None)
    return list(mine.filter(posts__post__in=incident.posts.all()).distinct())


def _note(verb: str, incident: Incident, by: User, **facts: object) -> None:
    note(verb, brand_id=incident.brand_id, noun="incident", noun_id=incident.pk, by=by.pk, **facts)
    with connection.cursor() as cursor:
        ring(cursor, [f"brand:{incident.brand_id}"])
