"""Statuses as Mastodon's API gives them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hearout.channels.archive.conftest import Reader
from hearout.channels.archive.mastodon import plain_text
from hearout.channels.archive.x import REPOSTS
from hearout.channels.base import IncomingAuthor, Visibility

MIRA = {
    "id": "109",
    "username": "mira_k",
    "acct": "mira_k@home.example",
    "display_name": "Mira K.",
    "followers_count": 212,
}
CARE = {"id": "7", "username": "tidewing", "acct": "tidewing", "display_name": "Tidewing"}
COMPLAINT: dict[str, Any] = {
    "id": "115580000000000001",
    "created_at": "2026-11-21T09:14:03.120Z",
    "in_reply_to_id": None,
    "spoiler_text": "",
    "visibility": "public",
    "language": "en",
    "uri": "https://home.example/users/mira_k/statuses/1",
    "url": "https://home.example/@mira_k/1",
    "edited_at": None,
    "content": '<p><span class="h-card"><a href="https://care.example/@tidewing" class="u-url mention">@<span>'
    "tidewing</span></a></span> my bag &amp; patience<br>are gone</p><p>3 days!</p>",
    "reblog": None,
    "account": MIRA,
    "mentions": [
        {"id": "7", "username": "tidewing", "url": "https://care.example/@tidewing", "acct": "tidewing"}
    ],
}
ANSWER = COMPLAINT | {
    "id": "115580000000000002",
    "created_at": "2026-11-21T09:20:00.000Z",
    "in_reply_to_id": COMPLAINT["id"],
    "visibility": "unlisted",
    "content": "<p>Sorry Mira!</p>",
    "account": CARE,
    "mentions": [],
}


def test_a_status_becomes_a_post(read: Reader) -> None:
    told = read([COMPLAINT, ANSWER])
    complaint, answer = told.posts
    assert (told.format, told.rejected, told.warnings) == ("mastodon", [], {})
    assert (complaint.network, complaint.external_id) == ("mastodon", "115580000000000001")
    assert complaint.author == IncomingAuthor("109", "mira_k@home.example", "Mira K.", 212)
    assert complaint.text == "@tidewing my bag & patience\nare gone\n\n3 days!"
    assert (complaint.mentions, complaint.language) == (("tidewing",), "en")
    assert complaint.url == "https://home.example/@mira_k/1"
    assert answer.parent_id == complaint.external_id
    assert answer.visibility is Visibility.PUBLIC


def test_every_way_to_keep_statuses_tells_the_same(read: Reader) -> None:
    wanted = read([COMPLAINT, ANSWER]).posts
    assert read(json.dumps([COMPLAINT, ANSWER])).posts == wanted
    assert read(json.dumps([COMPLAINT, ANSWER], indent=4)).posts == wanted
    assert read([{"ancestors": [COMPLAINT], "descendants": [ANSWER]}]).posts == wanted
    follow = {"id": "1", "type": "follow", "account": MIRA}
    mentions = [
        {"id": str(n), "type": "mention", "account": MIRA, "status": one}
        for n, one in enumerate([COMPLAINT, ANSWER])
    ]
    assert read([*mentions, follow], "mastodon").posts == wanted


def test_what_not_everybody_may_see_is_private(read: Reader) -> None:
    posts = read([COMPLAINT | {"visibility": word} for word in ("private", "direct", "public")]).posts
    assert [post.visibility for post in posts] == [Visibility.PRIVATE, Visibility.PRIVATE, Visibility.PUBLIC]


def test_a_boost_is_left_out_and_counted(read: Reader) -> None:
    told = read([COMPLAINT, ANSWER | {"reblog": COMPLAINT}])
    assert (len(told.posts), told.warnings) == (1, {REPOSTS: 1})


def test_a_warning_before_a_text_is_part_of_it_and_an_edit_is_dated(read: Reader) -> None:
    (post,) = read([ANSWER | {"spoiler_text": "angry", "edited_at": "2026-11-21T09:30:00Z"}]).posts
    assert post.text == "angry\n\nSorry Mira!"
    assert post.edited_at is not None
    assert post.revision > 0


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("", ""),
        ("plain", "plain"),
        ("<p>a</p>\n<p>b</p>", "a\n\nb"),
        ("<ul><li>one</li><li>two</li></ul>", "one\ntwo"),
        (
            '<a href="https://a.example/b"><span class="invisible">https://</span>a.example/b</a>',
            "https://a.example/b",
        ),
        ("1 &lt; 2 &#8364; &nosuch; &", "1 < 2 € &nosuch; &"),
        ("&#0;&#xD800;", "\ufffd\ufffd"),
        ("<p>never <b>closed", "never closed"),
        ("a < b and <3", "a < b and <3"),
    ],
)
def test_html_becomes_what_a_reader_sees(content: str, text: str) -> None:
    assert plain_text(content) == text


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"account": 7}, "account is a number"),
        ({"id": 7}, "id is a number"),
        ({"created_at": "2026-11-21T09:14:03"}, "no time zone"),
        ({"content": "a\0b"}, "NUL"),
        ({"content": "x" * 200_000}, "200,000 characters"),
        ({"account": {"id": "1"}}, "username is missing"),
    ],
)
def test_a_status_that_is_wrong_is_rejected_with_the_cause(
    read: Reader, change: dict[str, Any], reason: str
) -> None:
    told = read([COMPLAINT, COMPLAINT | change, ANSWER])
    assert len(told.posts) == 2
    ((line, cause),) = told.reasons
    assert line == 2
    assert reason in cause
