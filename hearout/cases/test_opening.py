"""How posts become cases."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils.timezone import now

from hearout.cases.models import Case, CasePost
from hearout.cases.opening import open_cases
from hearout.customers.models import Author, Customer
from hearout.journal.models import Entry
from hearout.triage.models import Verdict


def run(batch=300):
    rounds = 0
    while open_cases(batch, now()):
        rounds += 1
        assert rounds < 200
    assert not Verdict.objects.filter(dead_at__isnull=False).exists()


def posts_of(case):
    return list(case.posts.order_by("posted_at").values_list("post_id", flat=True))


def verbs_of(case):
    return list(
        Entry.objects.filter(noun="case", noun_id=case.pk).order_by("id").values_list("verb", flat=True)
    )


def test_a_post_that_wants_an_answer_opens_a_case(town, cast):
    said = town.says(
        cast.mira,
        5,
        "@tidewing @tidewingcare  Where is\nmy bag?",
        kind="complaint",
        priority=2,
        team=cast.care,
    )
    run()
    case = Case.objects.get()
    assert case.customer == Author.objects.get(pk=cast.mira.pk).customer
    assert case.customer.name == "Mira K."
    assert (case.subject, case.kind, case.how, case.priority, case.team) == (
        "Where is my bag?",
        "complaint",
        "direct",
        2,
        cast.care,
    )
    assert case.opening == said.post
    assert case.opened_at == case.last_post_at == case.waiting_since == town.at(5)
    assert (case.answered_at, case.thread_version) == (None, 1)
    assert case.clocks_due_at is not None
    assert verbs_of(case) == ["case.opened"]


@pytest.mark.parametrize(
    "change", [{"needs_answer": False}, {"brand__served": False}, {"post__archive": True}]
)
def test_a_post_without_a_duty_is_left_alone(town, cast, change):
    said = town.says(cast.priya, 0, wants=change.get("needs_answer", True))
    if "brand__served" in change:
        cast.brand.served = False
        cast.brand.save()
    if "post__archive" in change:
        from hearout.listening.models import Archive

        said.post.archive = Archive.objects.create(name="old", path="/old")
        said.post.save()
    run()
    assert not Case.objects.exists()
    assert not Customer.objects.exists()
    assert Verdict.objects.get().due_at is None


def test_several_posts_of_a_new_customer_in_one_batch_are_one_case(town, cast):
    third, first, second = (town.says(cast.mira, minute) for minute in (9, 1, 4))
    run()
    case = Case.objects.get()
    assert posts_of(case) == [first.post_id, second.post_id, third.post_id]
    assert (case.opening, case.opened_at, case.thread_version) == (first.post, town.at(1), 3)


def test_a_customer_with_an_open_case_goes_on_there_whatever_the_thread(town, cast):
    town.says(cast.mira, 0)
    run()
    town.says(cast.mira, 5, "And another thing", priority=3)
    town.says(cast.mira, 7, "thx", wants=False, kind="praise")
    run()
    case = Case.objects.get()
    assert (case.posts.count(), case.priority, case.thread_version) == (3, 3, 3)
    assert verbs_of(case) == ["case.opened"]


def test_customers_of_one_thread_have_a_case_each(town, cast):
    asked = town.says(cast.mira, 0)
    town.says(cast.tom, 1, "Mine too", asked.post)
    run()
    assert Case.objects.count() == 2


def test_our_answer_joins_the_case_it_answers_and_ends_the_waiting(town, cast):
    asked = town.says(cast.mira, 0)
    other = town.says(cast.tom, 1, "Mine too", asked.post)
    town.we_say(3, other.post)
    run()
    mine, toms = Case.objects.order_by("opened_at")
    assert mine.waiting_since == town.at(0)
    assert (toms.waiting_since, toms.answered_at) == (None, town.at(3))


def test_an_automatic_acknowledgement_answers_nobody(town, cast):
    asked = town.says(cast.mira, 0)
    town.we_say(1, asked.post, automatic=True)
    run()
    case = Case.objects.get()
    assert (case.posts.count(), case.waiting_since, case.answered_at) == (2, town.at(0), None)


def test_the_waiting_starts_again_at_the_first_post_after_our_answer(town, cast):
    asked = town.says(cast.mira, 0)
    town.we_say(10, asked.post)
    town.says(cast.mira, 12, "Thanks", asked.post, wants=False)
    town.says(cast.mira, 14, "But where is it?", asked.post)
    town.says(cast.mira, 15, "Hello?", asked.post)
    run()
    case = Case.objects.get()
    assert (case.waiting_since, case.answered_at) == (town.at(14), town.at(10))


def test_a_question_in_the_thread_of_a_closed_case_reopens_it(town, cast):
    asked = town.says(cast.mira, 0)
    run()
    case = Case.objects.get()
    case.close(by=cast.ana, reason="solved")
    town.says(cast.mira, 30, "Still nothing", asked.post)
    town.says(cast.mira, 31, "Hello?", asked.post)
    run()
    case.refresh_from_db()
    closure = case.closures.get()
    assert case.is_open
    assert closure.reopened_at == closure.at  # a post older than the closure
    assert (case.posts.count(), case.opened_at) == (3, town.at(0))
    assert verbs_of(case) == ["case.opened", "case.closed", "case.reopened"]


def test_thanks_after_the_closing_join_the_case_and_leave_it_closed(town, cast):
    asked = town.says(cast.mira, 0)
    run()
    Case.objects.get().close(by=cast.ana, reason="solved")
    town.says(cast.mira, 30, "Thank you!", asked.post, wants=False, kind="praise")
    run()
    case = Case.objects.get()
    assert (case.is_open, case.posts.count()) == (False, 2)


def test_a_new_matter_after_the_closing_is_a_new_case(town, cast):
    town.says(cast.mira, 0)
    run()
    Case.objects.get().close(by=cast.ana, reason="solved")
    town.says(cast.mira, 30, "Something else")
    run()
    assert [case.is_open for case in Case.objects.order_by("opened_at")] == [False, True]


@pytest.mark.parametrize(
    ("days", "conversation", "cases"), [(6, "", 1), (8, "", 2), (30, "dm-1", 1), (30, "dm-2", 2)]
)
def test_a_private_message_goes_on_where_the_conversation_was(town, cast, days, conversation, cases):
    town.says(cast.mira, 0, private=True, conversation_id="dm-1")
    run()
    Case.objects.get().close(by=cast.ana, reason="solved")
    town.says(cast.mira, days * 1440, "Me again", private=True, conversation_id=conversation)
    run()
    assert Case.objects.count() == cases
    assert Case.objects.filter(closure=None).count() == 1


def test_our_private_message_joins_the_case_that_was_open_to_its_reader(town, cast):
    town.says(cast.mira, 10)
    early = town.we_say(5, private=True, recipient=cast.mira)
    late = town.we_say(15, private=True, recipient=cast.mira)
    run()
    assert not CasePost.objects.filter(post=early.post).exists()
    assert CasePost.objects.get(post=late.post).case == Case.objects.get()


def test_what_we_write_elsewhere_is_left(town, cast):
    town.we_say(0)
    run()
    assert not CasePost.objects.exists()


def test_an_edit_is_seen_and_a_second_telling_is_not(town, cast):
    said = town.says(cast.mira, 0)
    run()
    Verdict.objects.update(due_at=now())
    run()
    assert Case.objects.get().thread_version == 1
    said.post.revision = 1
    said.post.save()
    Verdict.objects.update(due_at=now())
    run()
    case = Case.objects.get()
    assert (case.thread_version, case.posts.count()) == (2, 1)


def test_a_deleted_post_wants_nothing_any_more(town, cast):
    said = town.says(cast.mira, 0)
    run()
    said.post.deleted_at = town.at(1)
    said.post.save()
    Verdict.objects.update(due_at=now())
    run()
    case = Case.objects.get()
    assert (case.waiting_since, case.thread_version) == (None, 2)


def test_a_deleted_answer_leaves_the_customer_waiting(town, cast):
    asked = town.says(cast.mira, 0)
    answered = town.we_say(5, asked.post)
    run()
    answered.post.deleted_at = town.at(6)
    answered.post.save()
    Verdict.objects.update(due_at=now())
    run()
    case = Case.objects.get()
    assert (case.waiting_since, case.answered_at) == (town.at(0), None)


def test_thanks_that_turn_into_a_complaint_reopen_the_case(town, cast):
    asked = town.says(cast.mira, 0)
    run()
    Case.objects.get().close(by=cast.ana, reason="solved")
    thanks = town.says(cast.mira, 5, "Thank you!", asked.post, wants=False)
    run()
    Verdict.objects.filter(pk=thanks.pk).update(needs_answer=True, due_at=now())
    run()
    case = Case.objects.get()
    assert (case.is_open, case.posts.count(), case.waiting_since) == (True, 2, town.at(0))


def test_an_earlier_post_that_arrives_late_becomes_the_opening(town, cast):
    town.says(cast.mira, 10, "Second", team=cast.praise)
    run()
    town.says(cast.mira, 2, "First", kind="complaint", team=cast.care)
    run()
    case = Case.objects.get()
    assert (case.opened_at, case.subject, case.kind, case.team) == (
        town.at(2),
        "First",
        "complaint",
        cast.care,
    )


def test_a_customers_post_wakes_the_case(town, cast):
    town.says(cast.mira, 0)
    run()
    case = Case.objects.get()
    case.snooze(by=cast.ana, until=now() + timedelta(days=1))
    town.says(cast.mira, 5, "thx", wants=False)
    run()
    case.refresh_from_db()
    assert not case.is_snoozed
    assert case.snoozes.get().woken_at is not None
    assert verbs_of(case)[-1] == "case.woken"


def test_only_one_runner_opens_cases(town, cast, django_db_blocker):
    from hearout.cases.threads import OPENING_LOCK

    town.says(cast.mira, 0)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [OPENING_LOCK])
            assert open_cases(300, now()) == 0
            cursor.execute("SELECT pg_advisory_unlock(%s)", [OPENING_LOCK])
        assert open_cases(300, now()) == 1
    finally:
        other.close()


def test_one_poisonous_verdict_does_not_hold_up_the_others(town, cast, monkeypatch):
    from hearout.cases import making

    poison = town.says(cast.mira, 0, "poison")
    for minute, author in ((1, cast.tom), (2, cast.priya)):
        town.says(author, minute)

    def subject_of(text):
        if text == "poison":
            raise ValueError("poison")
        return text

    monkeypatch.setattr(making, "subject_of", subject_of)
    open_cases(300, now())
    poison.refresh_from_db()
    assert (Case.objects.count(), poison.tries, poison.fault) == (2, 1, "poison")


def test_hostile_text_becomes_a_short_line():
    from hearout.cases.subject import subject_of

    assert subject_of("\u202e@tidewing, @care: hi\u2066 there\n\n") == "hi there"
    assert subject_of("@tidewing") == "@tidewing"
    assert subject_of("\u200b \n") == "Post without text"
    assert len(subject_of("x" * 100_000)) == 120
    long = subject_of("word " * 1000)
    assert len(long) <= 120
    assert long.endswith("word…")


def test_a_batch_takes_the_same_statements_for_one_post_and_for_many(
    town, cast, django_assert_max_num_queries
):
    authors = [
        Author.objects.create(network="simulator", external_id=f"a{n}", handle=f"a{n}") for n in range(60)
    ]
    for number, author in enumerate(authors):
        asked = town.says(author, number)
        town.we_say(number + 0.5, asked.post)
    with django_assert_max_num_queries(22) as queries:
        assert open_cases(300, now()) == 120
    assert sum("pg_notify" in query["sql"] for query in queries) == 1
    assert Case.objects.filter(answered_at__isnull=False).count() == 60
