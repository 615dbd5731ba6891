"""Queries are written, revised, compared, taken back, switched off and carried in files."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from hearout.journal.models import Entry
from hearout.listening.models import Query, QueryVersion
from hearout.listening.query.errors import QueryError
from hearout.listening.query.toml import QueriesError
from hearout.listening.revising import (
    RevisingError,
    TakenIn,
    Wording,
    current,
    current_versions,
    go_back,
    revise,
    switch,
    take_in,
    toml_of,
    write,
)

CARE = Wording('"tidewing care" OR #tidewingcare NOT surfboard', ("en",), ("simulator",), 1)


@pytest.fixture
def query(cast: Any) -> Query:
    return write(cast.brand, "Care", CARE, by=cast.ada)


def test_what_is_written_is_the_first_version_with_one_entry(query: Query, cast: Any) -> None:
    assert Wording.of(current(query)) == CARE
    assert (query.version, current(query).by) == (1, cast.ada)
    entry = Entry.objects.get(noun="query")
    assert (entry.noun_id, entry.actor_id, entry.facts["did"]) == (query.pk, cast.ada.pk, "added")


def test_a_change_is_a_new_version_and_the_same_again_is_none(query: Query, cast: Any) -> None:
    revise(query, Wording("tidewing"), by=cast.ada, why="too narrow")
    assert [one.number for one in query.versions.all()] == [2, 1]
    assert current(query).note == "too narrow"
    assert Entry.objects.filter(noun="query").latest("id").facts["changes"]["tolerance"] == ["1", "2"]
    revise(query, Wording("tidewing"), by=cast.ada)
    assert query.version == 2


def test_what_cannot_be_read_is_never_saved(query: Query, cast: Any) -> None:
    for wrong in ("(tidewing", "NOT surfboard", ""):
        with pytest.raises(QueryError), transaction.atomic():
            revise(query, Wording(wrong), by=cast.ada)
    assert QueryVersion.objects.count() == 1


def test_going_back_asks_again_what_was_asked_and_keeps_the_past(query: Query, cast: Any) -> None:
    revise(query, Wording("tidewing"), by=cast.ada)
    go_back(query, 1, by=cast.ada)
    assert (query.version, Wording.of(current(query))) == (3, CARE)
    with pytest.raises(RevisingError):
        go_back(query, 9, by=cast.ada)


def test_a_query_that_is_switched_off_is_kept_and_says_who(query: Query, cast: Any) -> None:
    switch(query, on=False, by=cast.ada)
    assert (query.listens, query.off_by) == (False, cast.ada)
    assert current_versions(cast.brand, listening=True) == []
    switch(query, on=True, by=cast.ada)
    assert [one for one, _ in current_versions(cast.brand, listening=True)] == [query]


def test_two_queries_of_a_brand_have_different_names(query: Query, cast: Any) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        write(cast.brand, "CARE", CARE, by=cast.ada)
    assert write(cast.other_brand, "Care", CARE, by=cast.ada).pk


def test_queries_go_out_as_toml_and_come_in_again(query: Query, cast: Any) -> None:
    write(cast.brand, "Flights", Wording("tidewing NEAR/3 flight"), by=cast.ada)
    text = toml_of(cast.brand)
    assert take_in(cast.brand, text, by=cast.ada) == TakenIn(0, 0, 2)
    assert QueryVersion.objects.count() == 2
    told = take_in(cast.brand, text.replace("NEAR/3", "NEAR/5").replace("'Care'", "'More'"), by=cast.ada)
    assert (told.new, told.changed, told.same) == (0, 1, 1)


def test_a_file_of_another_brand_or_with_an_error_changes_nothing(cast: Any) -> None:
    good = '[[query]]\nname = "One"\nexpression = "tidewing"\n'
    with pytest.raises(QueriesError, match="character"):
        take_in(cast.brand, good + '[[query]]\nname = "Two"\nexpression = "(tidewing"\n', by=cast.ada)
    with pytest.raises(RevisingError, match="Orchard"):
        take_in(cast.brand, good + 'brand = "Orchard Rail"\n', by=cast.ada)
    assert not Query.objects.exists()
