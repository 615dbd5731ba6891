"""An archive file passes the contract suite; what it cannot do is skipped by its manifest."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hearout.channels import registry
from hearout.channels.archive.channel import PAGE, ArchiveChannel
from hearout.channels.archive.jsonl import write_jsonl
from hearout.channels.base import Act, ChannelError, IncomingAuthor, IncomingPost, OutgoingReply
from hearout.channels.contract import ChannelContract
from hearout.channels.harness import Harness, drain

FIXTURES = Path(__file__).parent / "fixtures"
MIRA = IncomingAuthor("u_103", "mira_k")
MONDAY = datetime(2026, 11, 23, 10, tzinfo=UTC)


def connected(path: Path) -> ArchiveChannel:
    channel = registry.connect("archive", settings={"path": str(path)}, secrets={})
    assert isinstance(channel, ArchiveChannel)
    return channel


class ArchiveHarness(Harness):
    sample = json.loads((FIXTURES / "posts.jsonl").read_text().splitlines()[0])
    payloads = tuple(line for line in (FIXTURES / "posts.jsonl").read_bytes().splitlines() if line)
    required = (
        "network",
        "external_id",
        "posted_at",
        "author",
        "author.external_id",
        "author.handle",
    )
    ids = (
        "network",
        "external_id",
        "parent_id",
        "conversation_id",
        "page_id",
        "recipient_id",
        "author.handle",
    )
    texts = ("text", "language", "url", "visibility", "author.name")
    times = ("posted_at", "edited_at")

    def __init__(self, folder: Path) -> None:
        self.lengths = {"e\u0301": 2, "👍": 1}
        self._path = folder / "posts.jsonl"
        self._path.write_bytes(b"")
        self._count = 0
        self.publish("The first line")
        self.channel = connected(self._path)

    def publish(self, text: str) -> str:
        self._count += 1
        moment = MONDAY + timedelta(minutes=self._count)
        with self._path.open("a", encoding="utf-8") as file:
            file.writelines(write_jsonl([IncomingPost("simulator", str(self._count), moment, MIRA, text)]))
        return str(self._count)


class TestArchiveKeepsTheContract(ChannelContract):
    channel_name = "archive"

    @pytest.fixture
    def harness(self, tmp_path: Path) -> Harness:
        return ArchiveHarness(tmp_path)


def test_pages_cover_a_long_file_once_and_in_its_order(tmp_path: Path) -> None:
    posts = [IncomingPost("simulator", str(number), MONDAY, MIRA, "Hi") for number in range(2 * PAGE + 7)]
    path = tmp_path / "long.jsonl"
    path.write_text("".join(write_jsonl(posts)), encoding="utf-8")
    told, cursor = drain(connected(path), "")
    assert told == [post.external_id for post in posts]
    assert drain(connected(path), "500")[0] == told[500:]
    assert cursor == str(len(posts))


def test_a_bad_row_travels_as_a_payload_that_is_refused_with_its_line_and_reason(tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_bytes((FIXTURES / "posts.jsonl").read_bytes() + b'{"network": 7, "text": "\xff"}\n')
    channel = connected(path)
    *_, bad = channel.fetch("").deliveries
    assert json.loads(bad.body)["raw"] == '{"network": 7, "text": "\\xff"}\n'
    with pytest.raises(ChannelError, match=r"^Line 7: The line is not UTF-8\.") as caught:
        channel.parse(bad)
    assert caught.value.permanent


@pytest.mark.parametrize("act", Act)
def test_an_archive_is_read_only(act: Act) -> None:
    channel = connected(FIXTURES / "posts.jsonl")
    channel.prepare(webhook_url="http://hearout.test/hook", words=["tidewing"])
    for call in (channel.send, channel.look_up):
        with pytest.raises(ChannelError, match="read-only") as caught:
            call(OutgoingReply("key", act, "Hello", target_id="1"))
        assert caught.value.permanent


def test_a_file_that_is_missing_or_of_no_known_kind_is_refused_for_good(tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("name,age\nMira,31\n")
    for path in (tmp_path / "missing", tmp_path, other):
        with pytest.raises(ChannelError) as caught:
            connected(path).fetch("")
        assert caught.value.permanent
    with pytest.raises(ChannelError, match="needs a path"):
        registry.connect("archive", settings={}, secrets={})
