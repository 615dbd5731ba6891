"""Following a stream: it is begun where it broke off, and nothing is let go before it is safe."""

from __future__ import annotations

import pytest

from hearout.channels.base import ChannelError, Delivery, Page
from hearout.listening.streams import following
from hearout.listening.streams.following import Follower
from hearout.listening.streams.storing import Tally


class Stream:
    """Each attempt to read it goes as its script says: pages until an error, or until the end."""

    name, channel, connection_id = "a stream", "simulator", 1

    def __init__(self, *attempts) -> None:
        self.attempts = list(attempts)
        self.begun: list[str] = []
        self.place = ""
        self.others = 0

    def mine(self) -> bool:
        self.others -= 1
        return self.others < 0

    def pages(self):
        self.begun.append(self.place)
        for step in self.attempts.pop(0):
            if isinstance(step, Exception):
                raise step
            yield Page([Delivery(letter.encode()) for letter in step], step)

    def moved(self, cursor: str) -> None:
        self.place = cursor


class Safe:
    """An outlet that fails as often as `faults` says."""

    def __init__(self, faults: int = 0) -> None:
        self.faults = faults
        self.got: list[bytes] = []

    def put(self, channel, connection_id, bodies, moved) -> None:
        if self.faults:
            self.faults -= 1
            raise ConnectionError("the database is away")
        self.got += bodies
        moved()


@pytest.fixture
def paused(monkeypatch) -> list[float]:
    """How long the follower would have rested."""
    rests: list[float] = []
    monkeypatch.setattr(Follower, "_rest", lambda self, seconds: rests.append(seconds))
    monkeypatch.setattr(following, "LOOK", 0.01)
    monkeypatch.setattr(following, "let_go", lambda: None)
    return rests


def follow(stream: Stream, safe: Safe, stop=lambda: False) -> Tally:
    tally = Tally()
    Follower(stream, safe, tally, stop).run()
    return tally


def test_a_stream_is_handed_on_whole_and_in_order(paused) -> None:
    safe = Safe()
    assert follow(Stream(["ab", "c", "def"]), safe).told == 6
    assert b"".join(safe.got) == b"abcdef"
    assert paused == []


def test_a_broken_stream_is_begun_where_it_broke_off(paused) -> None:
    stream, safe = Stream(["ab", ChannelError("gone")], [OSError("away")], ["c"]), Safe()
    assert follow(stream, safe).troubles == 2
    assert stream.begun == ["", "ab", "ab"]
    assert b"".join(safe.got) == b"abc"
    assert paused == [0.5, 1.0]


@pytest.mark.parametrize(
    ("error", "pause"),
    [
        (ChannelError("token", permanent=True), 300),
        (ChannelError("slow down", retry_after=42), 42),
        (ChannelError("slow down", retry_after=1e9), 3600),
        (ChannelError("gone"), 0.5),
        (ZeroDivisionError("a bug \0 \ud800"), 0.5),
    ],
)
def test_the_pause_is_what_the_network_asks_or_grows(paused, error, pause) -> None:
    follow(Stream([error], []), Safe())
    assert paused == [pause]


def test_what_is_not_safe_yet_is_put_again_and_not_read_again(paused) -> None:
    stream, safe = Stream(["ab"]), Safe(faults=3)
    tally = follow(stream, safe)
    assert stream.begun == [""]
    assert b"".join(safe.got) == b"ab"
    assert (tally.told, tally.troubles) == (2, 3)
    assert paused == [0.5, 1.0, 2.0]


def test_a_stream_that_another_process_follows_is_left_to_it(paused) -> None:
    stream, safe = Stream(["ab"]), Safe()
    stream.others = 2
    follow(stream, safe)
    assert paused == [following.TAKEN_PAUSE] * 2
    assert b"".join(safe.got) == b"ab"


def test_told_to_stop_it_stops_though_the_outlet_never_works(paused) -> None:
    stream = Stream(["ab"])
    follow(stream, Safe(faults=1_000_000), lambda: len(paused) > 3)
    assert stream.place == ""


def test_a_reader_waits_while_nothing_is_safe(paused, monkeypatch) -> None:
    monkeypatch.setattr(following, "WAITING", 2)
    read: list[str] = []

    class Endless(Stream):
        def pages(self):
            for number in range(1_000_000):
                read.append(str(number))
                yield Page([Delivery(b"x")], str(number))

    follow(Endless(), Safe(faults=1_000_000), lambda: len(paused) > 50)
    assert len(read) < 10
