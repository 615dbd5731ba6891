"""Queries find posts as they come in, say whose they are, and stop when they are switched off."""

from __future__ import annotations

from typing import Any

import pytest

from hearout.listening.asked import sought
from hearout.listening.models import Mention, MentionHit, QueryVersion, Received, Watchword
from hearout.listening.revising import Wording, revise, switch, write
from hearout.people.models import Brand


def heard(network: Any, external_id: str, text: str, **more: Any) -> Mention | None:
    network.told(network.post(external_id, text, **more))
    assert not Received.objects.exclude(fault="").values_list("fault", flat=True)
    return Mention.objects.filter(post__external_id=external_id).first()


def test_a_query_finds_posts_and_says_by_what(network: Any) -> None:
    query = write(network.cast.brand, "Sky", Wording('"blue plane" NEAR/3 late OR #bluesky'), by=None)
    mention = heard(network, "1", "My blue plane is LATE.")
    assert mention is not None
    assert (mention.how, mention.words) == ("indirect", ["LATE", "blue plane"])
    hits = MentionHit.objects.filter(mention=mention).order_by("term")
    assert [(hit.query_id, hit.route, hit.term) for hit in hits] == [
        (query.pk, "name", "blue plane"),
        (query.pk, "name", "late"),
    ]
    tagged = heard(network, "2", "Wow #BlueSky")
    assert tagged is not None
    assert (tagged.how, tagged.hits.get().term) == ("hashtag", "#bluesky")


def test_a_query_is_heard_as_it_was_last_revised_and_not_at_all_when_off(network: Any) -> None:
    query = write(network.cast.brand, "Sky", Wording("zeppelin"), by=None)
    assert heard(network, "1", "a zeppelin")
    revise(query, Wording("airship"), by=network.cast.ada)
    assert not heard(network, "2", "a zeppelin")
    assert heard(network, "3", "an airship")
    switch(query, on=False, by=network.cast.ada)
    assert not heard(network, "4", "an airship")


def test_languages_and_networks_narrow_a_query(network: Any) -> None:
    write(network.cast.brand, "Sky", Wording("zeppelin", languages=("de",)), by=None)
    write(network.cast.brand, "Sea", Wording("ferry", networks=("elsewhere",)), by=None)
    assert not heard(network, "1", "zeppelin, ferry", language="en")
    assert heard(network, "2", "zeppelin", language="de")


def test_a_query_without_words_finds_by_its_author(network: Any) -> None:
    write(network.cast.brand, "Rival", Wording("author:@rival_air"), by=None)
    mention = heard(network, "1", "Fly with us!", author="rival_air")
    assert mention is not None
    assert mention.words == []
    assert mention.hits.count() == 1


def test_a_query_that_can_no_longer_be_read_holds_nothing_up(network: Any) -> None:
    query = write(network.cast.brand, "Sky", Wording("zeppelin"), by=None)
    QueryVersion.objects.filter(query=query).update(expression="(((")
    assert heard(network, "1", "@tidewing a zeppelin")


def test_the_brands_own_posts_and_those_of_others_are_told_apart(network: Any) -> None:
    write(network.cast.brand, "Sky", Wording("zeppelin"), by=None)
    mention = heard(network, "1", "Our zeppelin!", author="tidewing")
    assert mention is not None
    assert (mention.how, mention.hits.count()) == ("ours", 0)


def test_links_to_our_web_address_are_heard(network: Any) -> None:
    Watchword.objects.create(brand=network.cast.brand, kind="link", text="tidewing.com")
    for number, text in enumerate(("see https://help.tidewing.com/bags?x=1", "TIDEWING.com/go is down")):
        mention = heard(network, str(number), text)
        assert mention is not None
        assert ("link", "tidewing.com") in set(mention.hits.values_list("route", "term"))
    assert not heard(network, "9", "https://nottidewing.com/ and https://example/?u=tidewing.com")


def test_hostile_texts_pass(network: Any) -> None:
    write(network.cast.brand, "Sky", Wording("zeppelin NEAR/2 blue NOT red"), by=None)
    for number, text in enumerate(
        ("\u202e" * 500, "zeppelin\n\nblue\r\x85\u2028", "\ufeff#" * 999, "ﷺ" * 3000)
    ):
        heard(network, f"h{number}", text)


@pytest.mark.parametrize(
    ("text", "how", "variant", "distance"),
    [
        ("my tidewimg flight", "indirect", "misspelt", 1),
        ("Tide wing lost my bag", "indirect", "split", 1),
        ("T1dewing lost my bag", "indirect", "look-alike", 1),
        ("two Tidewings at the gate", "indirect", "plural", 0),
        ("#tidewingcare where is my bag", "hashtag", "joined", 0),
    ],
)
def test_watchwords_are_heard_as_people_write_them_and_each_hit_says_how(
    network: Any, text: str, how: str, variant: str, distance: int
) -> None:
    mention = heard(network, "1", text)
    assert mention is not None
    assert mention.how == how
    assert (variant, distance) in set(mention.hits.values_list("variant", "distance"))


def test_the_name_of_another_brand_is_never_taken_for_a_misspelt_one(network: Any) -> None:
    Brand.objects.create(slug="tidewind", name="Tidewind", served=False)
    assert not heard(network, "1", "my Tidewind flight")
    assert heard(network, "2", "my Tydewing flight")


def test_networks_are_asked_for_watchwords_and_the_rarest_words_of_queries(cast: Any) -> None:
    write(cast.brand, "Delta", Wording("delta (flight OR airport) NOT river"), by=None)
    switch(write(cast.brand, "Off", Wording("zeppelin"), by=None), on=False, by=cast.ada)
    write(cast.brand, "Rival", Wording("author:@rival_air"), by=None)
    assert sought(cast.brand) == ["Tidewing", "Tidewing Go", "tidewing", "delta"]
