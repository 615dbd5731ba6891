"""Care that came to a main handle goes on at the care handle, and the customer is told where that is."""

from __future__ import annotations

import pytest

from hearout.journal.models import Entry
from hearout.listening.models import Connection, Handle
from hearout.replies.drafting import draft_of, handle_of, target_of
from hearout.replies.errors import ReplyError
from hearout.replies.guards import objections
from hearout.replies.models import Move, SavedReply
from hearout.replies.moving import move, move_back, offer_for
from hearout.triage.models import Verdict


@pytest.fixture
def care(desk):
    Connection.objects.create(handle=desk.cast.care_handle, channel="simulator")
    return desk.cast.care_handle


def test_a_case_that_came_to_a_main_handle_is_offered_the_care_handle(desk, care):
    offer = offer_for(desk.case)
    assert (offer.main, offer.care) == (desk.cast.main_handle, care)


def test_nothing_is_offered_where_no_care_handle_could_answer(desk):
    assert offer_for(desk.case) is None


@pytest.mark.parametrize(
    "because", ["at care", "no answer wanted", "private", "answered", "closed", "another network"]
)
def test_nothing_is_offered_to_a_case_that_did_not_leak(desk, care, because):
    case, opening = desk.case, desk.case.opening
    if because == "at care":
        opening.text = "@tidewingcare my bag, @tidewing!"
    elif because == "no answer wanted":
        Verdict.objects.update(needs_answer=False, set_aside="chat")
    elif because == "private":
        opening.private = True
    elif because == "answered":
        case.answered_at = opening.posted_at
    elif because == "closed":
        case.close(by=desk.cast.ana, reason="answered")
    else:
        Handle.objects.filter(pk=care.pk).update(network="bluesky")
    assert offer_for(case) is None


def test_one_click_answers_from_the_care_handle_and_tells_where_care_is(desk, care):
    moved = move(desk.case, by=desk.cast.ana)
    draft = draft_of(desk.case, desk.cast.ana)
    assert (draft.handle, draft.act, draft.target) == (care, "public_reply", desk.case.opening)
    assert draft.text == "Hi Mira, this is @tidewingcare, the account of Tidewing where you get help. Ana"
    assert handle_of(desk.case, target_of(desk.case)) == care
    assert offer_for(desk.case) is None
    entry = Entry.objects.get(verb="case.moved")
    assert (entry.noun_id, entry.actor_id) == (desk.case.pk, desk.cast.ana.pk)
    assert entry.facts == {"main": "tidewing", "care": "tidewingcare"}
    assert (moved.main, moved.care, moved.by) == (desk.cast.main_handle, care, desk.cast.ana)


def test_the_answer_goes_out_from_the_care_handle(desk, care):
    move(desk.case, by=desk.cast.ana)
    assert {one.code for one in objections(draft_of(desk.case, desk.cast.ana))} == set()
    reply = desk.queued(draft_of(desk.case, desk.cast.ana).text)
    desk.work()
    reply.refresh_from_db()
    assert (reply.handle, reply.seen_at is not None) == (care, True)


def test_what_was_typed_stays_below_the_line_and_colleagues_drafts_move_along(desk, care):
    desk.draft("Which flight was it?")
    other = desk.draft("One moment", by=desk.cast.ben)
    move(desk.case, by=desk.cast.ana)
    assert draft_of(desk.case, desk.cast.ana).text.split("\n")[1:] == ["Which flight was it?"]
    other.refresh_from_db()
    assert (other.handle, other.text) == (care, "One moment")


@pytest.mark.parametrize(
    ("named", "text"), [("where CARE is", "Ask {care}, {first_name}"), ("Where care is (en)", "In {care}")]
)
def test_the_brands_own_words_tell_it_better(desk, care, named, text):
    saved = SavedReply.objects.create(brand=desk.cast.brand, name=named, text=text)
    SavedReply.objects.create(brand=desk.cast.brand, name="Where care is (de)", text="Hier: {care}")
    move(desk.case, by=desk.cast.ana)
    draft = draft_of(desk.case, desk.cast.ana)
    assert draft.text == text.format(care="@tidewingcare", first_name="Mira")
    assert draft.saved_reply == saved


def test_an_automatic_word_of_the_main_handle_speaks_against_nothing_once_moved(desk, care):
    desk.join(desk.post(desk.cast.mira, "We are on it", handle=desk.cast.main_handle), ours=True)
    move(desk.case, by=desk.cast.ana)
    assert "account" not in {one.code for one in objections(draft_of(desk.case, desk.cast.ana))}


def test_undoing_gives_the_draft_back_as_it_was(desk, care):
    desk.draft("Which flight was it?")
    move(desk.case, by=desk.cast.ana)
    move_back(desk.case, by=desk.cast.ben)
    draft = draft_of(desk.case, desk.cast.ana)
    assert (draft.text, draft.handle) == ("Which flight was it?", desk.cast.main_handle)
    assert handle_of(desk.case, target_of(desk.case)) == desk.cast.main_handle
    assert Entry.objects.get(verb="case.moved_back").actor_id == desk.cast.ben.pk
    assert offer_for(desk.case) is not None
    move(desk.case, by=desk.cast.ana)
    assert Move.objects.count() == 2


def test_undoing_throws_away_a_draft_that_held_the_line_only(desk, care):
    move(desk.case, by=desk.cast.ana)
    move_back(desk.case, by=desk.cast.ana)
    assert draft_of(desk.case, desk.cast.ana) is None


def test_what_is_moved_is_not_moved_again_and_what_is_not_cannot_go_back(desk, care):
    with pytest.raises(ReplyError, match="has not been moved"):
        move_back(desk.case, by=desk.cast.ana)
    move(desk.case, by=desk.cast.ana)
    with pytest.raises(ReplyError, match="moved or answered already"):
        move(desk.case, by=desk.cast.ben)


def test_it_is_too_late_to_undo_once_care_has_answered(desk, care):
    move(desk.case, by=desk.cast.ana)
    desk.queued(draft_of(desk.case, desk.cast.ana).text)
    with pytest.raises(ReplyError, match="Too late: @tidewingcare"):
        move_back(desk.case, by=desk.cast.ana)
