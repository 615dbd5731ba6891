"""Cases are found by words, by people and by number."""

import pytest
from django.db import connection
from django.utils.timezone import now

from hearout.cases.models import Case
from hearout.cases.opening import open_cases
from hearout.cases.search import SAID, WROTE, search


@pytest.fixture
def three(town, cast):
    town.says(cast.mira, 0, "My bag is lost in Lisbon")
    town.says(cast.tom, 1, "Bag drop at Porto?")
    town.says(cast.priya, 2, "100% lovely crew")
    open_cases(300, now())


def found(words):
    return sorted(case.customer.name for case in search(Case.objects.select_related("customer"), words))


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("bag", ["Mira K.", "Tom"]),
        ("BAG lisbon", ["Mira K."]),
        ('"bag drop"', ["Tom"]),
        ("bag -lost", ["Tom"]),
        ("@mira", ["Mira K."]),
        ("Priya", ["Priya"]),
        ("priya_s", ["Priya"]),
        ("ira", []),
        ("%", []),
        ("_", []),
        ("", ["Mira K.", "Priya", "Tom"]),
        ("\0", ["Mira K.", "Priya", "Tom"]),
        ("\ud800 '; DROP TABLE x --", []),
        ('"((( & | !:* \\', []),
        ("9" * 18, []),
        ("x" * 100_000, []),
    ],
)
def test_what_is_searched_is_found(three, words, names):
    assert found(words) == names


def test_a_number_is_a_case(three):
    case = Case.objects.first()
    for words in (str(case.pk), f"#{case.pk}"):
        assert case in search(Case.objects.all(), words)


def test_a_search_stays_behind_the_door(three, cast):
    from hearout.cases.doors import cases_for

    assert search(cases_for(cast.ana), "bag").count() == 2
    assert search(cases_for(cast.stranger), "bag").count() == 0


@pytest.mark.parametrize(
    ("sql", "params", "indexes"),
    [
        (SAID, ["bag", 10], ["post_text"]),
        (WROTE, ["mira%", "mira%"], ["author_handle_prefix", "author_name_prefix"]),
    ],
)
def test_the_indexes_are_the_ones_the_search_asks_for(db, sql, params, indexes):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
        cursor.execute(f"EXPLAIN {sql}", params)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert all(index in plan for index in indexes), plan
