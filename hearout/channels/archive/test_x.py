"""Responses of the X API v2, in every shape in which people keep them."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hearout.channels.archive.conftest import Reader, read_both_ways
from hearout.channels.archive.x import ANSWERED, NO_HANDLE, REPOSTS, TIME_OF_ID
from hearout.channels.base import IncomingAuthor

MIRA = {"id": "103", "name": "Mira K.", "username": "mira_k", "public_metrics": {"followers_count": 212}}
CARE = {"id": "100", "name": "Tidewing Care", "username": "tidewingcare"}
COMPLAINT: dict[str, Any] = {
    "id": "1991810000000000001",
    "text": "@tidewing my bag &amp; my patience have been gone for 3 days",
    "author_id": "103",
    "created_at": "2026-11-21T09:14:03.000Z",
    "lang": "en",
    "entities": {"mentions": [{"start": 0, "end": 9, "username": "tidewing"}]},
    "edit_history_tweet_ids": ["1991810000000000001"],
}
ANSWER: dict[str, Any] = {
    "id": "1991810000000000002",
    "text": "@mira_k Sorry Mira! May I have the number of your bag?",
    "author_id": "100",
    "created_at": "2026-11-21T09:20:00.000Z",
    "lang": "und",
    "in_reply_to_user_id": "103",
    "referenced_tweets": [{"type": "replied_to", "id": "1991810000000000001"}],
}
REPOST = {
    **COMPLAINT,
    "id": "1991810000000000003",
    "text": "RT @mira_k: @tidewing my bag",
    "referenced_tweets": [{"type": "retweeted", "id": COMPLAINT["id"]}],
}
PAGE = {"data": [COMPLAINT, ANSWER], "includes": {"users": [MIRA, CARE]}, "meta": {"result_count": 2}}


def without(tweet: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in tweet.items() if name not in names}


def test_a_response_tells_its_tweets_with_their_authors(read: Reader) -> None:
    told = read([PAGE])
    complaint, answer = told.posts
    assert (told.format, told.rejected, told.warnings) == ("x", [], {})
    assert complaint.author == IncomingAuthor("103", "mira_k", "Mira K.", 212)
    assert complaint.text == "@tidewing my bag & my patience have been gone for 3 days"
    assert complaint.posted_at == datetime(2026, 11, 21, 9, 14, 3, tzinfo=UTC)
    assert (complaint.network, complaint.language, complaint.mentions) == ("twitter", "en", ("tidewing",))
    assert answer.parent_id == complaint.external_id
    assert (answer.language, answer.mentions) == (None, None)
    assert {post.by_brand for post in told.posts} == {None}


def test_every_way_to_keep_responses_tells_the_same(read: Reader) -> None:
    wanted = read([PAGE]).posts
    users = {"users": [MIRA, CARE]}
    stream = [
        {"data": one, "includes": users, "matching_rules": [{"tag": "tidewing"}]} for one in PAGE["data"]
    ]
    single = [{**one, "includes": users} for one in PAGE["data"]]
    flattened = [
        {**COMPLAINT, "author": MIRA},
        {
            **ANSWER,
            "author": CARE,
            "referenced_tweets": [{**COMPLAINT, "type": "replied_to", "author": MIRA}],
        },
    ]
    assert read(stream).posts == wanted
    assert read(single, "x").posts == wanted
    assert read(flattened).posts[:2] == wanted
    assert read(json.dumps(PAGE, indent=2)).posts == wanted
    assert read(json.dumps([PAGE])).posts == wanted


def test_a_customers_post_that_is_only_included_is_told_once_and_counted(read: Reader) -> None:
    page = {"data": [ANSWER], "includes": {"users": [MIRA, CARE], "tweets": [COMPLAINT]}}
    again = {"data": [{**ANSWER, "id": "1991810000000000009"}], "includes": page["includes"]}
    told = read([page, again])
    assert [post.external_id[-1] for post in told.posts] == ["2", "1", "9"]
    assert told.warnings == {ANSWERED: 1}
    whole = {"data": [COMPLAINT, ANSWER], "includes": {**PAGE["includes"], "tweets": [COMPLAINT]}}
    assert len(read([whole]).posts) == 2


def test_an_included_post_that_nobody_answers_is_not_told(read: Reader) -> None:
    quote = {**ANSWER, "referenced_tweets": [{"type": "quoted", "id": COMPLAINT["id"]}]}
    told = read([{"data": [quote], "includes": {"users": [CARE], "tweets": [COMPLAINT]}}])
    assert [(post.external_id, post.parent_id) for post in told.posts] == [(ANSWER["id"], None)]


def test_reposts_are_left_out_and_counted(read: Reader) -> None:
    told = read([{**PAGE, "data": [COMPLAINT, REPOST]}])
    assert [post.external_id for post in told.posts] == [COMPLAINT["id"]]
    assert told.warnings == {REPOSTS: 1}


def test_the_whole_of_a_long_post_is_read(read: Reader) -> None:
    long = {**COMPLAINT, "note_tweet": {"text": "@tidewing " + "my bag is gone, " * 40}}
    (post,) = read([{**PAGE, "data": [long]}]).posts
    assert len(post.text) == 650


def test_what_was_not_asked_for_is_made_up_for_or_named(read: Reader) -> None:
    # id and time of a post that the API's documentation shows
    old = {**without(COMPLAINT, "created_at"), "id": "1261326399320715264"}
    told = read([{"data": [old]}])
    assert told.posts[0].posted_at.isoformat(timespec="seconds") == "2020-05-15T16:03:42+00:00"
    assert told.posts[0].author == IncomingAuthor("103", "103")
    assert told.warnings == {TIME_OF_ID: 1, NO_HANDLE: 1}
    told = read([{**PAGE, "data": [without(COMPLAINT, "author_id"), {**old, "id": "20"}]}])
    assert told.posts == []
    assert [reason for _, reason in told.reasons] == [
        "The tweet has no author_id; ask the API for it with tweet.fields=author_id.",
        "The tweet has no created_at; ask the API for it with tweet.fields=created_at.",
    ]


def test_empty_pages_are_no_fault_and_errors_are(read: Reader) -> None:
    empty = {"meta": {"result_count": 0}}
    told = read([empty, PAGE, {"title": "Unauthorized", "status": 401}, {"spam": 1}, 7, PAGE | {"data": []}])
    assert len(told.posts) == 2
    assert [line for line, _ in told.reasons] == [3, 4, 5]
    assert "error: Unauthorized" in told.reasons[0][1]


def test_one_bad_tweet_costs_itself_only_and_is_kept_alone(read: Reader) -> None:
    bad = {**COMPLAINT, "id": 7}
    told = read([{**PAGE, "data": [bad, ANSWER, {"id": "8"}]}])
    assert [post.external_id for post in told.posts] == [ANSWER["id"]]
    assert told.reasons == [
        (1, "The tweet: id is a number, not text."),
        (1, "The tweet has no text, so it is none."),
    ]
    assert told.rejected[1].raw == b'{"id": "8"}'


def test_a_response_longer_than_a_line_of_other_formats_is_read(read: Reader) -> None:
    tweets = [copy.copy(COMPLAINT) | {"id": str(10**18 + one), "padding": "x" * 4_000} for one in range(500)]
    assert len(read([{**PAGE, "data": tweets}]).posts) == 500


def test_answers_of_the_real_api_are_read(shared_data: Path) -> None:
    folder = shared_data / "api_payloads" / "python_twitter" / "testdata" / "apis"
    if not folder.is_dir():
        pytest.skip("no captured payloads of the X API")
    told = read_both_ways(folder / "searches" / "search_tweets_query.json")
    assert (told.format, len(told.posts), told.rejected) == ("x", 6, [])
    first = told.posts[0]
    assert (first.external_id, first.parent_id) == ("1276035977375477760", "1275653067283759104")
    assert first.mentions == ("snowman",)
    assert {post.author.handle for post in told.posts if post.author} > {"happycamper"}
    told = read_both_ways(folder / "searches" / "search_tweets_for_nyc.json")
    assert (len(told.posts), told.warnings[REPOSTS]) == (3, 7)
    told = read_both_ways(folder / "timeline" / "timeline_mentions.json")
    assert {row.kind for row in told.rejected} == {
        "The tweet has no author_id; ask the API for it with tweet.fields=author_id."
    }
