"""How mentions were found is kept with them, and what people say of them counts."""

from __future__ import annotations

from typing import Any

import pytest

from hearout.journal.models import Entry
from hearout.listening.models import Mention, MentionHit, Watchword
from hearout.listening.relevance import is_not_us, judge, standing
from hearout.listening.revising import Wording, write


def hits(external_id: str) -> set[tuple[str, str, str]]:
    found = MentionHit.objects.filter(mention__post__external_id=external_id)
    return set(found.values_list("route", "term", "words"))


def test_each_way_in_which_a_post_was_found_is_kept(network: Any) -> None:
    network.told(network.post("1", "@tidewing where is my bag? #Tidewing, TIDEWING!"))
    assert hits("1") == {
        ("tag", "@tidewing", "@tidewing"),
        ("hashtag", "Tidewing", "#Tidewing"),
        ("hashtag", "tidewing", "#Tidewing"),
        ("name", "Tidewing", "TIDEWING"),
    }


def test_an_answer_to_a_post_of_ours_is_found_by_its_thread(network: Any) -> None:
    network.told(
        network.post("1", "Hello", author="tidewing"), network.post("2", "Hm.", parent_id="1", minutes=1)
    )
    assert hits("2") == {("reply", "@tidewing", "")}
    assert hits("1") == set()


def test_a_way_told_twice_is_kept_once_and_an_edit_adds_its_own(network: Any) -> None:
    network.told(network.post("1", "@tidewing hm"))
    network.told(network.post("1", "@tidewing hm"))
    network.told(network.post("1", "@tidewing hm, Tidewing Go", revision=1, minutes=1))
    kept = MentionHit.objects.values_list("route", "term").order_by("id")
    assert sorted(kept) == [("name", "Tidewing"), ("name", "Tidewing Go"), ("tag", "@tidewing")]


def test_what_looked_for_and_found_are_cut_where_hostile(network: Any) -> None:
    network.told(network.post("1", "#tidewing" + " #tidewing\u0301" * 3 + "@tidewing" * 400))
    assert Mention.objects.get(post__external_id="1").hits.exists()


RIVERS = ("the nile delta floods", "silt of the river delta", "birds of the danube delta", "delta of a river")
FLIGHTS = ("my delta flight is late", "delta lost my bag", "delta crew was kind", "boarding my delta flight")


def taught(network: Any) -> None:
    """People have said of eight posts whether `delta` is an airline here."""
    Watchword.objects.create(brand=network.cast.brand, kind="name", text="Delta")
    for number, text in enumerate((*RIVERS, *FLIGHTS)):
        network.told(network.post(f"taught {number}", text))
    for text in (*RIVERS, *FLIGHTS):
        says = "us" if text in FLIGHTS else "not_us"
        assert judge(mentions(post__text=text), says=says, by=network.cast.ana) == 1


def mentions(**which: Any) -> Any:
    return Mention.objects.filter(**which)


def chance(external_id: str) -> float | None:
    return Mention.objects.get(post__external_id=external_id).chance


def test_words_around_a_name_tell_whether_it_is_us_once_people_have_taught_them(network: Any) -> None:
    Watchword.objects.create(brand=network.cast.brand, kind="link", text="tidewing.com")
    taught(network)
    network.told(
        network.post("river", "silt and birds of the river delta"),
        network.post("flight", "is my delta flight boarding"),
        network.post("tagged", "@tidewing silt and birds of the river delta"),
        network.post("unknown", "Tidewing"),
        network.post("linked", "silt and birds of the river delta https://tidewing.com/x"),
    )
    assert is_not_us(chance("river"))
    flown = chance("flight")
    assert flown is not None
    assert flown > 0.9
    assert chance("tagged") is None
    assert chance("linked") is None
    assert chance("unknown") is None


def test_what_a_person_said_outlives_an_edit(network: Any) -> None:
    network.told(network.post("1", "Tidewing turbines"))
    judge(mentions(), says="not_us", by=network.cast.ana)
    network.told(network.post("1", "Tidewing turbines, Tidewing Go", revision=1, minutes=1))
    assert chance("1") == 0.0


def test_the_latest_word_counts_and_is_taken_back(network: Any) -> None:
    network.told(network.post("1", "Tidewing"))
    for says, stands in (("us", "us"), ("not_us", "not_us"), ("unsaid", None)):
        assert judge(mentions(), says=says, by=network.cast.ben) == 1
        assert standing([Mention.objects.get().pk]).get(Mention.objects.get().pk) == stands
    assert judge(mentions(), says="unsaid", by=network.cast.ben) == 0
    assert chance("1") is None
    entries = Entry.objects.filter(verb="mention.judged", actor_id=network.cast.ben.pk).order_by("id")
    assert [entry.facts for entry in entries] == [{"says": "us"}, {"says": "not_us"}, {"says": "unsaid"}]


def test_only_known_words_can_be_said(network: Any) -> None:
    with pytest.raises(ValueError, match="perhaps"):
        judge(mentions(), says="perhaps", by=network.cast.ana)


def test_a_few_clicks_set_nothing_aside(network: Any) -> None:
    Watchword.objects.create(brand=network.cast.brand, kind="name", text="Delta")
    network.told(*(network.post(f"t{n}", text) for n, text in enumerate((*RIVERS[:2], *FLIGHTS[:2]))))
    for text in (*RIVERS[:2], *FLIGHTS[:2]):
        judge(mentions(post__text=text), says="us" if text in FLIGHTS else "not_us", by=network.cast.ana)
    network.told(network.post("river", "the nile delta floods"))
    assert chance("river") is None


def test_a_query_learns_for_itself_and_once_from_each_post(network: Any) -> None:
    write(
        network.cast.brand,
        "Delta",
        Wording("delta (river OR nile OR danube OR flight OR bag OR #tidesky)"),
        by=None,
    )
    for number, text in enumerate((*RIVERS, *FLIGHTS)):
        network.told(network.post(f"t{number}", text))
    for text in (*RIVERS[:3], *FLIGHTS[:2]):
        judge(mentions(post__text=text), says="us" if text in FLIGHTS else "not_us", by=network.cast.ana)
    network.told(network.post("river", "birds of the delta, river silt"))
    assert chance("river") is None
    judge(mentions(post__text=FLIGHTS[3]), says="us", by=network.cast.ana)
    network.told(network.post("again", "birds of the delta, river silt"))
    assert is_not_us(chance("again"))
    network.told(network.post("tagged", "birds of the delta, river silt #tidesky"))
    assert chance("tagged") is None
