from __future__ import annotations

import pytest
from django.utils import timezone

from hearout.listening.connecting import seal
from hearout.people.models import Membership
from hearout.replies.models import Reply, SavedReply

TEXT = "Sorry, Mira. We are tracing your bag and will write again today."


@pytest.fixture
def case(desk, cast):
    return desk.case(cast.mira, "@tidewing you lost my bag in Lisbon")


@pytest.fixture
def ana(desk, cast):
    return desk.sign_in(cast.ana)


def send(client, case, what, data=None, **headers):
    answer = client.post(f"/cases/{case.pk}/{what}/", data or {}, headers=headers)
    case.refresh_from_db()
    return answer


def written(cast, case, **changes):
    form = {"act": "public_reply", "text": TEXT, "handle": cast.main_handle.pk}
    return {**form, "seen_version": case.thread_version, **changes}


def kept(cast, case, **times):
    return Reply.objects.create(
        case=case, brand=case.brand, handle=cast.main_handle, act="public_reply", target=case.opening,
        recipient=cast.mira, text=TEXT, by=cast.ana, thread_version=1, **times,
    )  # fmt: skip


def test_a_draft_is_kept_and_counted_as_it_is_typed(cast, case, ana):
    answer = send(ana, case, "draft", written(cast, case), HX_Request="true")
    assert answer.status_code == 200
    assert f"{len(TEXT)} of 500" in answer.content.decode()
    assert "Saved" in answer.content.decode()
    assert TEXT in ana.get(f"/cases/{case.pk}/").content.decode()


def test_a_draft_by_a_plain_form_comes_back_to_the_case(cast, case, ana):
    assert send(ana, case, "draft", written(cast, case)).status_code == 302
    assert Reply.objects.get().text == TEXT


def test_a_draft_sent_on_leaving_the_page_is_kept_without_a_word(cast, case, ana):
    assert send(ana, case, "draft", written(cast, case, leaving="yes")).status_code == 204
    assert "The draft is saved" not in ana.get(f"/cases/{case.pk}/").content.decode()
    assert Reply.objects.get().text == TEXT


def test_everybody_has_a_draft_of_their_own(desk, cast, case, ana):
    send(ana, case, "draft", written(cast, case))
    assert TEXT not in desk.sign_in(cast.ben).get(f"/cases/{case.pk}/").content.decode()


def test_while_typing_the_guards_already_speak(cast, case, ana):
    text = "My number is 4111 1111 1111 1111"
    answer = send(ana, case, "draft", written(cast, case, text=text), HX_Request="true")
    assert "private data" in answer.content.decode()
    empty = send(ana, case, "draft", written(cast, case, text=""), HX_Request="true")
    assert "no text" not in empty.content.decode()


def test_sending_queues_the_reply_and_it_can_be_taken_back(cast, case, ana):
    answer = send(ana, case, "replies", written(cast, case), HX_Request="true")
    assert answer.status_code == 200
    html = answer.content.decode()
    assert "leaves in" in html
    assert 'value="undo"' in html
    reply = Reply.objects.get()
    assert reply.queued_at
    send(ana, case, f"replies/{reply.pk}", {"do": "undo"})
    reply.refresh_from_db()
    assert reply.queued_at is None


def test_sending_by_a_plain_form_redirects_to_the_case(cast, case, ana):
    assert send(ana, case, "replies", written(cast, case)).headers["location"] == f"/cases/{case.pk}/"
    assert Reply.objects.get().queued_at


@pytest.mark.parametrize("headers", [{}, {"HX_Request": "true"}])
def test_a_thread_that_moved_on_stops_the_reply_and_shows_what_is_new(desk, cast, case, ana, headers):
    form = written(cast, case)
    case.thread_version += 1
    case.save()
    newer = desk.joins(case, desk.post(cast.mira, "Never mind, it is here!"))
    newer.version = case.thread_version
    newer.save()
    answer = send(ana, case, "replies", form, **headers)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "since you read it" in html
    assert html.count("Never mind, it is here!") >= 2
    assert f'name="seen_version" value="{case.thread_version}"' in html
    assert TEXT in html
    assert Reply.objects.get().queued_at is None


def test_a_guard_objects_and_gives_way_to_send_anyway(cast, case, ana):
    form = written(cast, case, text="Your card 4111 1111 1111 1111 will be refunded")
    stopped = send(ana, case, "replies", form)
    assert stopped.status_code == 422
    assert "Send anyway" in stopped.content.decode()
    assert send(ana, case, "replies", {**form, "sure": "yes"}).status_code == 302
    assert Reply.objects.get().queued_at


def test_what_is_final_cannot_be_sent_anyway(cast, case, ana):
    cast.connection.settings = {"base_url": "http://127.0.0.1:9"}
    seal(cast.connection, {"token": "t", "webhook_secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"})
    cast.connection.save()
    answer = send(ana, case, "replies", written(cast, case, text="x" * 600))
    assert answer.status_code == 422
    assert "too long" in answer.content.decode()
    assert "Send anyway" not in answer.content.decode()


@pytest.mark.parametrize("act", ["like", "", "shout"])
def test_only_words_can_be_drafted(cast, case, ana, act):
    assert send(ana, case, "replies", written(cast, case, act=act)).status_code == 422
    assert send(ana, case, "draft", written(cast, case, act=act), HX_Request="true").status_code == 422


def test_what_belongs_to_another_case_or_brand_is_not_found(desk, cast, case, ana):
    elsewhere = desk.case(cast.tom).opening
    assert send(ana, case, "draft", written(cast, case, target=elsewhere.pk)).status_code == 404
    assert send(ana, case, "draft", written(cast, case, handle="999999")).status_code == 404
    assert send(ana, case, "draft", written(cast, case, handle="x")).status_code == 404
    foreign = SavedReply.objects.create(brand=cast.other_brand, name="theirs", text="hello")
    assert send(ana, case, "saved-text", written(cast, case, insert=foreign.pk)).status_code == 404


def test_a_saved_reply_is_filled_in_below_what_is_written(cast, case, ana):
    saved = SavedReply.objects.create(brand=cast.brand, name="Sorry", text="Hi {first_name}, sorry. {agent}")
    send(ana, case, "saved-text", written(cast, case, text="Good morning.", insert=saved.pk))
    assert Reply.objects.get().text == "Good morning.\nHi Mira, sorry. Ana"
    assert Reply.objects.get().saved_reply == saved


def test_an_invitation_to_private_is_a_public_text(cast, case, ana):
    send(ana, case, "saved-text", written(cast, case, text="", act="private_message", insert="invitation"))
    reply = Reply.objects.get()
    assert reply.act == "public_reply"
    assert "private message" in reply.text


def test_a_failed_reply_shows_its_cause_and_what_to_do(cast, case, ana):
    stamp = timezone.now()
    reply = kept(cast, case, queued_at=stamp, failed_at=stamp, cause="The account is suspended.")
    html = ana.get(f"/cases/{case.pk}/").content.decode()
    for words in ("Not sent", "The account is suspended.", "Try again", "Nothing was sent."):
        assert words in html
    send(ana, case, f"replies/{reply.pk}", {"do": "retry"})
    reply.refresh_from_db()
    assert reply.failed_at is None


@pytest.mark.parametrize("choice", ["arrived", "retry", "discard"])
def test_a_parked_reply_waits_for_a_persons_word(cast, case, ana, choice):
    stamp = timezone.now()
    reply = kept(cast, case, queued_at=stamp, parked_at=stamp, cause="The line broke.")
    html = ana.get(f"/cases/{case.pk}/").content.decode()
    assert f'value="{choice}"' in html
    assert "It may or may not have arrived." in html
    assert send(ana, case, f"replies/{reply.pk}", {"do": choice}).status_code == 302
    reply.refresh_from_db()
    assert (reply.seen_at or reply.due_at or reply.discarded_at) is not None


def test_who_needs_approval_waits_for_a_supervisor(desk, cast, case, ana):
    Membership.objects.filter(user=cast.ana).update(needs_approval=True)
    send(ana, case, "replies", written(cast, case))
    reply = Reply.objects.get()
    assert "Waiting for approval" in ana.get(f"/cases/{case.pk}/").content.decode()
    assert 'value="approve"' not in ana.get(f"/cases/{case.pk}/").content.decode()
    assert send(ana, case, f"replies/{reply.pk}", {"do": "approve"}).status_code == 422
    sol = desk.sign_in(cast.sol)
    assert 'value="approve"' in sol.get(f"/cases/{case.pk}/").content.decode()
    send(sol, case, f"replies/{reply.pk}", {"do": "approve"})
    reply.refresh_from_db()
    assert reply.approved_by == cast.sol


def test_a_decision_nobody_knows_or_another_cases_reply_is_not_found(desk, cast, case, ana):
    reply = kept(cast, case, queued_at=timezone.now())
    assert send(ana, case, f"replies/{reply.pk}", {"do": "explode"}).status_code == 404
    assert send(ana, desk.case(), f"replies/{reply.pk}", {"do": "undo"}).status_code == 404


def test_like_and_follow_take_one_key_each(cast, case, ana):
    send(ana, case, "acts", {"act": "like", "target": case.opening.pk})
    send(ana, case, "acts", {"act": "follow"})
    assert set(Reply.objects.values_list("act", flat=True)) == {"like", "follow"}
    assert send(ana, case, "acts", {"act": "public_reply"}).status_code == 422
    html = ana.get(f"/cases/{case.pk}/").content.decode()
    assert 'data-key="l"' in html
    assert 'data-key="w"' in html


def test_a_reply_seen_on_the_network_shows_once(desk, cast, case, ana):
    post = desk.post(cast.tom, TEXT, parent=case.opening, handle=cast.main_handle)
    desk.joins(case, post, ours=True)
    stamp = timezone.now()
    kept(cast, case, queued_at=stamp, sent_at=stamp, seen_at=stamp, external_id=post.external_id)
    html = ana.get(f"/cases/{case.pk}/").content.decode()
    assert html.split('id="case-thread"')[1].split("</section>")[0].count(TEXT) == 1
    assert "sent by Ana" in html
