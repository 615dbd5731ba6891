"""The journal is append-only and knows its verbs."""

import pytest
from django.db import DatabaseError, transaction

from hearout.journal.models import Entry
from hearout.journal.writing import note, note_many


def test_an_entry_says_who_did_what(cast):
    entry = note("case.noted", brand_id=cast.brand.pk, noun="case", noun_id=7, by=cast.ana.pk, words=3)
    assert (entry.actor_id, entry.noun_id, entry.facts) == (cast.ana.pk, 7, {"words": 3})


def test_an_unknown_verb_is_refused(cast):
    with pytest.raises(ValueError, match=r"journal/verbs\.py"):
        note("case.vanished", brand_id=cast.brand.pk, noun="case", noun_id=7)


def test_many_entries_are_one_statement(cast, django_assert_num_queries):
    with django_assert_num_queries(1):
        note_many("case.opened", "case", [(cast.brand.pk, number) for number in range(50)])
    assert Entry.objects.filter(verb="case.opened").count() == 50


def test_many_entries_have_facts_of_their_own(cast):
    rows = [(cast.brand.pk, number) for number in range(3)]
    note_many("case.assigned", "case", rows, [{"to": 5}, {}, {"to": 7, "why": 'a "quoted" \\ name'}])
    facts = dict(Entry.objects.values_list("noun_id", "facts"))
    assert facts == {0: {"to": 5}, 1: {}, 2: {"to": 7, "why": 'a "quoted" \\ name'}}


@pytest.mark.parametrize("change", ["update", "delete"])
def test_the_database_refuses_to_change_the_past(cast, change):
    note("case.noted", brand_id=cast.brand.pk, noun="case", noun_id=7)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        getattr(Entry.objects.all(), change)(**({"verb": "case.tagged"} if change == "update" else {}))
