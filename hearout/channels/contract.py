"""The one suite that every channel passes. A channel's test gives it a `Harness`:

    class TestMyChannelKeepsTheContract(ChannelContract):
        channel_name = "my_channel"

        @pytest.fixture
        def harness(self) -> Iterator[Harness]:
            yield MyHarness(...)

What a channel cannot do is skipped because its manifest does not say it can, never by hand; and then
the suite checks that it says so plainly when asked.
"""

from __future__ import annotations

import time
from contextlib import closing
from functools import partial
from itertools import islice

import pytest

from hearout.channels import registry
from hearout.channels.base import Act, Channel, ChannelError, Delivery, OutgoingReply, Page
from hearout.channels.harness import (
    Fault,
    Harness,
    assert_told_as,
    assert_well_formed,
    drain,
    needs,
    outcome,
    posts_of,
    refuses,
)
from hearout.channels.hostile import broken_bodies, broken_posts, odd_posts

WRITTEN = (Act.PUBLIC_REPLY, Act.PRIVATE_MESSAGE)
NO_TARGET = (None, "", "../1", "1/like?", "\0", "\ud83d", "x" * 10_000)
"""None and "" are no fault of a public post, which may answer nothing."""


class ChannelContract:
    channel_name: str

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """One test for each act that the manifest names; `lacking` are those it does not."""
        can = registry.manifest(self.channel_name).can
        acts = [act for act in Act if act in can]
        lacking = [act for act in Act if act not in can]
        written = [act for act in acts if act in WRITTEN]
        for name, values in (("act", acts), ("lacking", lacking), ("written", written)):
            if name in metafunc.fixturenames:
                metafunc.parametrize(name, values)

    @pytest.fixture
    def channel(self, harness: Harness) -> Channel:
        return harness.channel

    # Fetching

    def test_posts_are_fetched_in_order_and_the_cursor_moves_on(self, harness: Harness) -> None:
        needs(harness, "fetch")
        wanted = [harness.publish(f"My bag {number} is missing") for number in range(3)]
        told, cursor = drain(harness.channel, "")
        assert [post for post in told if post in wanted] == wanted
        assert drain(harness.channel, cursor)[0] == []
        later = harness.publish("And where is bag 4?")
        assert drain(harness.channel, cursor)[0] == [later]

    def test_the_same_cursor_gives_the_same_posts_again(self, harness: Harness) -> None:
        needs(harness, "fetch")
        _, cursor = drain(harness.channel, "")
        wanted = [harness.publish("Again?"), harness.publish("And again?")]
        assert drain(harness.channel, cursor) == drain(harness.channel, cursor)
        assert drain(harness.channel, cursor)[0] == wanted

    @pytest.mark.parametrize("cursor", ["nonsense", "\0", "-1", "9" * 40, "../../x", "\ud83d"])
    def test_a_cursor_that_is_none_ends_in_a_channel_error_or_a_page(
        self, harness: Harness, cursor: str
    ) -> None:
        needs(harness, "fetch")
        error, page = outcome(lambda: harness.channel.fetch(cursor))
        assert isinstance(page, Page) if error is None else error.message

    def test_the_stream_tells_what_the_feed_tells(self, harness: Harness) -> None:
        if "stream" not in harness.channel.manifest.can:
            with pytest.raises(ChannelError) as caught:
                next(iter(harness.channel.stream("")))
            assert caught.value.permanent
            return
        _, cursor = drain(harness.channel, "")
        wanted = [harness.publish("Streaming 1"), harness.publish("Streaming 2")]
        with closing(harness.channel.stream(cursor)) as stream:  # type: ignore[type-var]
            pages = list(islice(stream, 2))
        assert [post.external_id for page in pages for post in posts_of(harness.channel, page)] == wanted
        assert drain(harness.channel, pages[-1].cursor)[0] == []

    # Parsing

    def test_captured_payloads_become_posts_with_utc_times_and_text_ids(self, harness: Harness) -> None:
        for body in harness.payloads:
            posts = harness.channel.parse(Delivery(body))
            assert posts
            for post in posts:
                assert_well_formed(post)

    def test_payloads_without_a_post_are_refused_with_a_cause(self, harness: Harness) -> None:
        wrong = [name for name, body in broken_bodies(harness.sample) if not refuses(harness.channel, body)]
        assert wrong == []

    def test_a_post_with_one_wrong_field_is_refused_with_a_cause(self, harness: Harness) -> None:
        broken = broken_posts(
            harness.sample,
            required=harness.required,
            ids=harness.ids,
            texts=harness.texts,
            times=harness.times,
        )
        assert [name for name, body in broken if not refuses(harness.channel, body)] == []

    def test_whatever_is_read_can_be_kept_and_the_rest_is_refused(self, harness: Harness) -> None:
        for name, body in odd_posts(harness.sample):
            error, posts = outcome(partial(harness.channel.parse, Delivery(body)))
            assert error is None or (error.permanent and error.message), name
            for post in posts or []:
                assert_well_formed(post)

    # Webhooks

    def test_a_right_signature_is_accepted(self, harness: Harness) -> None:
        needs(harness, "webhook")
        for body in (b"", b'{"posts": []}', bytes(range(256))):
            assert harness.channel.verify(harness.signed(body, time.time()), body)

    def test_any_flipped_bit_is_refused(self, harness: Harness) -> None:
        needs(harness, "webhook")
        body = b'{"posts": []}'
        headers = harness.signed(body, time.time())
        for place in range(len(body) * 8):
            flipped = bytearray(body)
            flipped[place // 8] ^= 1 << place % 8
            assert not harness.channel.verify(headers, bytes(flipped))
        for name, value in headers.items():
            for place in range(len(value)):
                wrong = value[:place] + chr(ord(value[place]) ^ 1) + value[place + 1 :]
                assert not harness.channel.verify(headers | {name: wrong}, body), (name, wrong)

    def test_missing_doubled_and_empty_headers_are_refused(self, harness: Harness) -> None:
        needs(harness, "webhook")
        headers = harness.signed(b"{}", time.time())
        assert not harness.channel.verify({}, b"{}")
        for name, value in headers.items():
            left = {other: kept for other, kept in headers.items() if other != name}
            assert not harness.channel.verify(left, b"{}")
            assert not harness.channel.verify(left | {name: ""}, b"{}")
            assert not harness.channel.verify(left | {name: "\ud83d\0é"}, b"{}")
            assert not harness.channel.verify(headers | {name.title(): value}, b"{}")
            for between in (",", ", ", "\n"):
                assert not harness.channel.verify(left | {name: value + between + value}, b"{}")

    def test_old_and_early_deliveries_are_refused(self, harness: Harness) -> None:
        needs(harness, "webhook")
        for seconds in (-3600, -301, 302, 3600):
            assert not harness.channel.verify(harness.signed(b"{}", time.time() + seconds), b"{}")

    def test_a_delivery_without_a_signature_is_not_believed(self, harness: Harness) -> None:
        for headers in ({}, {"authorization": "Bearer x"}, {"webhook-signature": "v1,"}):
            assert not harness.channel.verify(headers, b"{}")

    # Sending

    def test_what_is_sent_is_found_again(self, harness: Harness, act: Act) -> None:
        reply = harness.reply(act, "We have found your bag.")
        if harness.channel.manifest.reads_back:
            assert harness.channel.look_up(reply) is None
        receipt = harness.channel.send(reply)
        assert receipt.external_id
        assert harness.effects(reply) == 1
        if receipt.delivery:
            (post,) = harness.channel.parse(receipt.delivery)
            assert (post.external_id, post.text) == (receipt.external_id, reply.text)
        if harness.channel.manifest.reads_back:
            found = harness.channel.look_up(reply)
            assert found is not None
            assert found.external_id == receipt.external_id

    def test_the_same_key_twice_acts_once(self, harness: Harness, act: Act) -> None:
        if not harness.channel.manifest.idempotent:
            pytest.skip(f"{harness.channel.manifest.name} honours no key")
        reply = harness.reply(act, "Your refund is on its way.")
        first, second = harness.channel.send(reply), harness.channel.send(reply)
        assert first.external_id == second.external_id
        assert harness.effects(reply) == 1

    @pytest.mark.parametrize("fault", [Fault.LOST_ANSWER, Fault.ERROR_AFTER_ACCEPT])
    def test_a_lost_answer_is_uncertain_and_the_reply_is_found(
        self, harness: Harness, act: Act, fault: Fault
    ) -> None:
        reply = harness.reply(act, "We are looking into it.")
        with harness.fault(fault) as channel, pytest.raises(ChannelError) as caught:
            channel.send(reply)
        assert (caught.value.uncertain, caught.value.permanent) == (True, False)
        assert harness.effects(reply) == 1
        if harness.channel.manifest.reads_back:
            assert harness.channel.look_up(reply) is not None

    @pytest.mark.parametrize("fault", [Fault.RATE_LIMITED, Fault.TOKEN_EXPIRED, Fault.UNREACHABLE])
    def test_a_refused_reply_is_certain_and_says_whether_to_try_again(
        self, harness: Harness, act: Act, fault: Fault
    ) -> None:
        reply = harness.reply(act, "One moment, please.")
        with harness.fault(fault) as channel, pytest.raises(ChannelError) as caught:
            channel.send(reply)
        assert_told_as(fault, caught.value)
        assert not caught.value.uncertain
        assert harness.effects(reply) == 0

    @pytest.mark.parametrize("fault", [Fault.RATE_LIMITED, Fault.TOKEN_EXPIRED, Fault.UNREACHABLE])
    def test_reading_under_a_fault_is_never_uncertain(self, harness: Harness, fault: Fault) -> None:
        needs(harness, "fetch")
        if not harness.channel.manifest.credentials:
            pytest.skip(f"{harness.channel.manifest.name} reads no network")
        with harness.fault(fault) as channel, pytest.raises(ChannelError) as caught:
            channel.fetch("")
        assert_told_as(fault, caught.value)
        assert not caught.value.uncertain

    def test_an_act_the_manifest_lacks_is_refused_for_good(self, harness: Harness, lacking: Act) -> None:
        with pytest.raises(ChannelError) as caught:
            harness.channel.send(OutgoingReply("key", lacking, "text", target_id="1", recipient_id="1"))
        assert (caught.value.permanent, caught.value.uncertain) == (True, False)

    def test_texts_the_network_cannot_take_are_refused_before_they_leave(
        self, harness: Harness, written: Act
    ) -> None:
        for text in ("", " ", "a\0b", "\ud83d", "x" * (harness.channel.manifest.text_limit + 1)):
            reply = harness.reply(written, text)
            with pytest.raises(ChannelError) as caught:
                harness.channel.send(reply)
            assert (caught.value.permanent, caught.value.uncertain) == (True, False)
            assert harness.effects(reply) == 0

    def test_a_target_that_is_none_is_refused_for_good(self, harness: Harness, act: Act) -> None:
        for target in NO_TARGET[2:] if act is Act.PUBLIC_REPLY else NO_TARGET:
            reply = OutgoingReply("some key", act, "Hello", target_id=target, recipient_id=target)
            for call in (harness.channel.send, harness.channel.look_up):
                error, answer = outcome(partial(call, reply))
                assert answer is None
                assert error is None or (error.permanent, error.uncertain) == (True, False), target

    # Length

    def test_length_counts_as_the_network_counts(self, channel: Channel, harness: Harness) -> None:
        limit = channel.manifest.text_limit
        assert (channel.length("").used, channel.length("").maximum) == (0, limit)
        assert channel.length("").unit == channel.manifest.text_unit
        assert channel.length("a" * limit).fits
        assert not channel.length("a" * (limit + 1)).fits
        assert {text: channel.length(text).used for text in harness.lengths} == dict(harness.lengths)
        for text in ("\0", "\ud83d", "\u202e", "https://", "http" * 5_000):
            assert channel.length(text).used >= 0
