"""How mentions were found is kept with them, and what people say of them counts."""

from __future__ import annotations

from typing import Any

from hearout.listening.models import Mention, MentionHit


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
