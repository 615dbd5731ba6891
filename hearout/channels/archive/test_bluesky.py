"""Jetstream of Bluesky: posts, edits and deletions from the events of a stream."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hearout.channels.archive.bluesky import NO_HANDLE
from hearout.channels.archive.conftest import Reader
from hearout.channels.base import IncomingAuthor

MIRA, CARE = "did:plc:mira000000000000000000aa", "did:plc:care000000000000000000aa"
POSTS = "app.bsky.feed.post"
NINE = datetime(2026, 11, 21, 9, 14, 3, tzinfo=UTC)


def key_made_at(moment: datetime) -> str:
    number = round(moment.timestamp() * 1e6) << 10 | 17
    return "".join(
        "234567abcdefghijklmnopqrstuvwxyz"[number >> 5 * place & 31] for place in range(12, -1, -1)
    )


KEY, NEXT_KEY = key_made_at(NINE), key_made_at(NINE.replace(minute=20))
COMPLAINT = {
    "$type": POSTS,
    "createdAt": "2026-11-21T09:14:03.120Z",
    "langs": ["en"],
    "text": "¡Ay! @tidewing.example my bag has been gone for 3 days",
    "facets": [
        {
            "index": {"byteStart": 6, "byteEnd": 23},
            "features": [{"$type": "app.bsky.richtext.facet#mention", "did": CARE}],
        }
    ],
}
ANSWER = {
    "$type": POSTS,
    "createdAt": "2026-11-21T09:20:00Z",
    "text": "Sorry Mira! May I have the number of your bag?",
    "reply": {
        "root": {"cid": "bafyroot", "uri": f"at://{MIRA}/{POSTS}/{KEY}"},
        "parent": {"cid": "bafyroot", "uri": f"at://{MIRA}/{POSTS}/{KEY}"},
    },
}


def event(did: str, key: str, record: Any, at: datetime = NINE, operation: str = "create") -> dict[str, Any]:
    commit = {"rev": "r", "operation": operation, "collection": POSTS, "rkey": key, "cid": "bafy"}
    if record is not None:
        commit["record"] = record
    return {"did": did, "time_us": round(at.timestamp() * 1e6), "kind": "commit", "commit": commit}


def identity(did: str, handle: str) -> dict[str, Any]:
    told = {"did": did, "handle": handle, "seq": 1409752997, "time": "2026-11-21T00:00:00Z"}
    return {"did": did, "time_us": 1, "kind": "identity", "identity": told}


def test_a_commit_of_a_post_is_a_post_and_a_reply_names_its_parent(read: Reader) -> None:
    told = read([event(MIRA, KEY, COMPLAINT), event(CARE, NEXT_KEY, ANSWER)])
    complaint, answer = told.posts
    assert (told.format, told.rejected) == ("bluesky", [])
    assert (complaint.network, complaint.external_id) == ("bluesky", f"at://{MIRA}/{POSTS}/{KEY}")
    assert (complaint.text, complaint.language) == (COMPLAINT["text"], "en")
    assert answer.parent_id == complaint.external_id
    assert complaint.by_brand is None


def test_handles_come_from_identity_events_and_dids_stand_for_those_untold(read: Reader) -> None:
    told = read(
        [identity(MIRA, "mira-k.example"), event(MIRA, KEY, COMPLAINT), event(CARE, NEXT_KEY, ANSWER)]
    )
    assert [post.author for post in told.posts] == [
        IncomingAuthor(MIRA, "mira-k.example"),
        IncomingAuthor(CARE, CARE),
    ]
    assert told.warnings == {NO_HANDLE: 1}


def test_mentions_are_told_by_handle_and_by_did(read: Reader) -> None:
    assert read([event(MIRA, KEY, COMPLAINT)]).posts[0].mentions == ("tidewing.example", CARE)
    renamed = read([identity(CARE, "tidewing-care.example"), event(MIRA, KEY, COMPLAINT)])
    assert renamed.posts[0].mentions == ("tidewing-care.example", CARE)
    wrong = COMPLAINT | {
        "facets": [{"index": {"byteStart": 900, "byteEnd": 7}, **COMPLAINT["facets"][0]}, 7, {}]
    }  # type: ignore[dict-item]
    assert read([event(MIRA, KEY, wrong)]).posts[0].mentions == ("tidewing.example", CARE)


@pytest.mark.parametrize(
    ("stated", "posted_at"),
    [
        ("2026-11-21T09:14:00Z", datetime(2026, 11, 21, 9, 14, tzinfo=UTC)),
        ("2026-11-21T10:14:00+01:00", datetime(2026, 11, 21, 9, 14, tzinfo=UTC)),
        ("2026-11-21T09:14:00.5", datetime(2026, 11, 21, 9, 14, 0, 500_000, tzinfo=UTC)),
        ("2026-11-21T11:00:00Z", NINE),
        ("0001-01-01T00:00:00Z", NINE),
        ("yesterday", NINE),
        (7, NINE),
    ],
)
def test_a_time_that_the_author_states_counts_unless_it_is_later_or_nonsense(
    read: Reader, stated: Any, posted_at: datetime
) -> None:
    (post,) = read([event(MIRA, KEY, COMPLAINT | {"createdAt": stated})]).posts
    assert post.posted_at == posted_at


def test_edits_and_deletions_are_told_as_such(read: Reader) -> None:
    later = datetime(2026, 11, 22, 9, tzinfo=UTC)
    edit = event(MIRA, KEY, COMPLAINT | {"text": "4 days now"}, later, "update")
    deletion = event(MIRA, KEY, None, later, "delete")
    first, edited, deleted = read([event(MIRA, KEY, COMPLAINT), edit, deletion]).posts
    assert first.external_id == edited.external_id == deleted.external_id
    assert (edited.posted_at, edited.edited_at, edited.text) == (first.posted_at, later, "4 days now")
    assert edited.revision > first.revision == 0
    assert deleted.deleted_at == later
    # an event of a deletion has no record; but its key holds the microsecond in which it was made
    assert deleted.posted_at == NINE
    assert read([event(MIRA, "self", None, later, "delete")]).posts[0].posted_at == later


def test_other_events_are_no_posts_and_no_fault(read: Reader) -> None:
    like = event(MIRA, KEY, {"$type": "app.bsky.feed.like"})
    like["commit"]["collection"] = "app.bsky.feed.like"
    account = {"did": MIRA, "time_us": 1, "kind": "account", "account": {"active": True, "did": MIRA}}
    told = read([account, like, event(MIRA, KEY, COMPLAINT)])
    assert (len(told.posts), told.rejected) == (1, [])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"did": 7}, "did is a number"),
        ({"time_us": "now"}, "time_us is not a number"),
        ({"time_us": 2**62}, "time_us is not a number"),
        ({"commit": {"collection": POSTS, "operation": "create"}}, "rkey is missing"),
        ({"commit": {"collection": POSTS, "operation": "create", "rkey": "k"}}, "no record"),
        ({"commit": {"collection": POSTS, "operation": "sing", "rkey": "k"}}, "neither create"),
        (
            {"commit": {"collection": POSTS, "operation": "create", "rkey": "k" * 500, "record": {}}},
            "characters",
        ),
    ],
)
def test_an_event_that_is_wrong_is_rejected_with_the_cause(
    read: Reader, change: dict[str, Any], reason: str
) -> None:
    told = read([event(MIRA, KEY, COMPLAINT), event(MIRA, KEY, COMPLAINT) | change, event(CARE, KEY, ANSWER)])
    assert len(told.posts) == 2
    ((line, cause),) = told.reasons
    assert line == 2
    assert reason in cause


def test_records_of_the_real_network_are_read(read: Reader, shared_data: Path) -> None:
    folder = (
        shared_data / "api_payloads" / "atproto" / "tests" / "test_atproto_client" / "models" / "test_data"
    )
    if not folder.is_dir():
        pytest.skip("no captured records of Bluesky")
    captured = [
        json.loads((folder / f"{name}_record.json").read_text()) for name in ("post", "extended_post")
    ]
    events = [
        event(one["uri"].split("/")[2], one["uri"].rpartition("/")[2], one["value"], at=NINE)
        for one in captured
    ]
    told = read(events)
    assert [post.external_id for post in told.posts] == [one["uri"] for one in captured]
    assert [post.posted_at.isoformat() for post in told.posts] == [
        "2024-02-22T19:58:13.903293+00:00",
        "2023-07-21T01:33:51.481951+00:00",
    ]
