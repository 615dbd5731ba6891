"""What is kept of a firehose, and what is let go."""

from __future__ import annotations

import pytest

from hearout.channels.archive.jsonl import dump_post
from hearout.channels.base import IncomingPost
from hearout.channels.payload import encode
from hearout.listening.streams.packets import Packet
from hearout.listening.streams.sieve import Sieve


def body(post: IncomingPost) -> bytes:
    return encode(dump_post(post)).body


def packet(*posts: IncomingPost | bytes, channel: str = "archive") -> Packet:
    return Packet(channel, None, tuple(one if isinstance(one, bytes) else body(one) for one in posts))


def kept(sieve: Sieve, *packets: Packet) -> list[bytes]:
    return [body for packet in sieve(packets) for body in packet.bodies]


def test_what_names_a_brand_is_kept_and_the_rest_of_the_world_let_go(network) -> None:
    ours = [
        network.post("1", "@tidewing where is my bag?"),
        network.post("2", "flying Tidewing Go tomorrow"),
        network.post("3", "never again #TideWing"),
        network.post("4", "no word of anybody", author="tidewing"),
    ]
    noise = [network.post("5", "coffee first"), network.post("6", "tide and wing"), network.post("7", "")]
    found = Sieve()([packet(noise[0], *ours[:2]), packet(*noise[1:]), packet(*ours[2:])])
    assert [one.bodies for one in found] == [tuple(map(body, ours[:2])), tuple(map(body, ours[2:]))]


def test_what_cannot_be_read_is_kept_for_the_dead_letters(network) -> None:
    broken = [b"", b"\xff\x00", b"{}", b"[" * 50_000, b'{"text": "\\ud800"}']
    assert kept(Sieve(), packet(*broken)) == broken
    assert kept(Sieve(), packet(b"x", channel="of another version")) == [b"x"]


def test_edits_and_deletions_of_posts_that_we_hold_are_kept(network) -> None:
    network.told(network.post("1", "@tidewing help"))
    later = [network.post("1", "never mind", revision=1), network.deletion("1")]
    strangers = [network.post("2", "typo mended", revision=1), network.deletion("2")]
    assert kept(Sieve(), packet(*strangers, *later)) == [body(one) for one in later]


def test_answers_to_posts_that_we_hold_are_kept_even_before_these_are_heard(network) -> None:
    sieve = Sieve()
    opening = network.post("1", "@tidewing help")
    answer = network.post("2", "same here", author="tom_on_tour", parent_id="1")
    further = network.post("3", "and here", author="priya_sky", parent_id="2")
    other = network.post("4", "same here", parent_id="elsewhere")
    assert kept(sieve, packet(opening, other, answer)) == [body(opening), body(answer)]
    assert kept(sieve, packet(further)) == [body(further)]
    network.told(opening)
    assert kept(Sieve(), packet(further, answer)) == [body(answer)]


def test_posts_of_archives_keep_nothing_alive(network, cast) -> None:
    from hearout.listening.models import Archive, Post

    network.told(network.post("1", "@tidewing help"))
    Post.objects.update(archive=Archive.objects.create(name="old", path="old.csv"))
    assert kept(Sieve(), packet(network.deletion("1"))) == []


def test_a_brand_that_changes_its_names_is_listened_for_at_once(network, cast) -> None:
    from hearout.listening.models import Watchword

    sieve, post = Sieve(), network.post("1", "TideMiles are worthless")
    assert kept(sieve, packet(post)) == []
    Watchword.objects.create(brand=cast.brand, kind="product", text="TideMiles")
    assert kept(sieve, packet(post)) == [body(post)]


def test_one_payload_that_breaks_the_matching_holds_nothing_up(network, monkeypatch) -> None:
    from hearout.listening.matching import Matcher

    right = Matcher.match_all

    def match_all(self, posts):
        if any(post.text == "poison" for post, _ in posts):
            raise RecursionError
        return right(self, posts)

    monkeypatch.setattr(Matcher, "match_all", match_all)
    posts = [network.post("1", "poison"), network.post("2", "noise"), network.post("3", "@tidewing")]
    assert kept(Sieve(), packet(*posts)) == [body(posts[0]), body(posts[2])]


@pytest.mark.parametrize("count", [0, 1])
def test_nothing_told_is_nothing_kept(network, count) -> None:
    assert Sieve()([packet()] * count) == []
