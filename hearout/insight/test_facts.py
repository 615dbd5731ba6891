"""Which posts are openings, whom they address, and who answered first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from conftest import Cast
from hearout.insight.engine import PLANNING, run
from hearout.insight.facts import facts
from hearout.insight.figures import figure, metric
from hearout.insight.scope import Scope
from hearout.insight.tables import live_tables
from hearout.understanding.reading import Kind


def found(cast: Cast, **scope: Any) -> list[dict[str, Any]]:
    expression = facts(live_tables(), Scope(now=cast.monday + timedelta(hours=2), **scope), None).openings
    return sorted(run(expression)[0], key=lambda row: row["id"])


def excluded(cast: Cast, **scope: Any) -> dict[str, int]:
    return {k: n for k, n in figure("response-rate", scope=Scope(**scope)).exclusions.items() if n}


def test_a_post_without_a_parent_opens_a_contact_and_what_hangs_below_does_not(cast, say) -> None:
    opening = say(cast.mira, "@tidewing my bag is gone", 0)
    say(cast.tom, "mine too @tidewing", 1, opening)
    say(cast.mira, "@tidewing hello?", 2, opening)
    assert [row["id"] for row in found(cast)] == [opening.pk]


def test_an_orphan_is_counted_and_left_out(cast, say) -> None:
    say(cast.mira, "@tidewing still waiting", 0, parent_external_id="never seen")
    assert found(cast) == []
    assert excluded(cast) == {"orphans": 1}


def test_the_first_known_handle_in_the_text_is_addressed(cast, say) -> None:
    say(cast.tom, "Hi @nobody and @TideWingCare, or @tidewing?", 0)
    say(cast.tom, "write to tom@tidewing please", 1)
    say(cast.tom, "＠tidewing.", 2)
    say(cast.tom, "@tidewingly is somebody else", 3)
    rows = found(cast)
    assert [(row["handle_name"], row["how"]) for row in rows] == [
        ("tidewingcare", "direct"),
        ("tidewing", "direct"),
    ]
    assert excluded(cast) == {"unaddressed": 2}


def test_without_a_handle_the_brand_that_answered_first_is_addressed(cast, say) -> None:
    from hearout.listening.models import Handle

    rail = Handle.objects.create(brand=cast.other_brand, network="simulator", handle="orchardrail")
    opening = say(cast.tom, "my train is late", 0, mention="indirect")
    say(rail, "we are sorry", 10, opening)
    say(cast.main_handle, "so are we", 20, opening)
    row = found(cast)[0]
    assert (row["brand"], row["seconds"], row["how"]) == ("orchard", 600, "unnamed")


def test_without_handle_and_answer_the_brand_a_mention_names_is_addressed(cast, say) -> None:
    say(cast.tom, "Tidewing is late", 0, mention="indirect")
    row = found(cast)[0]
    assert (row["brand"], row["how"], row["answered"], row["waited"]) == ("tidewing", "indirect", False, 7200)


def test_only_the_addressed_brand_answers(cast, say) -> None:
    from hearout.listening.models import Handle

    rail = Handle.objects.create(brand=cast.other_brand, network="simulator", handle="orchardrail")
    opening = say(cast.tom, "@tidewing @orchardrail who has my bag?", 0)
    say(rail, "not us", 1, opening)
    child = say(cast.tom, "then who?", 2, opening)
    say(cast.care_handle, "we have", 9.51, child)
    row = found(cast)[0]
    assert (row["brand"], row["seconds"]) == ("tidewing", 570)


def test_automatic_and_too_early_posts_are_no_response_and_are_counted(cast, say) -> None:
    opening = say(cast.mira, "@tidewing help", 10)
    say(cast.main_handle, "we got your message", 11, opening, automatic=True)
    say(cast.main_handle, "dated wrongly", 5, opening)
    assert [row["answered"] for row in found(cast)] == [False]
    assert excluded(cast) == {"automatic_answers": 1, "answers_before_opening": 1}


def test_what_was_deleted_before_an_answer_is_left_out(cast, say) -> None:
    say(cast.mira, "", 0, mention="direct", deleted_at=cast.monday + timedelta(hours=1))
    answered = say(cast.tom, "", 0, mention="direct", deleted_at=cast.monday + timedelta(hours=1))
    say(cast.main_handle, "here", 5, answered)
    assert [row["id"] for row in found(cast)] == [answered.pk]
    assert excluded(cast) == {"deleted_unanswered": 1}


def test_a_watched_handle_neither_is_addressed_nor_answers(cast, say) -> None:
    from hearout.listening.models import Handle

    rival = Handle.objects.create(brand=cast.brand, network="simulator", handle="rivalair", role="watched")
    say(cast.tom, "@rivalair late again", 0, mention="direct", arrived=rival)
    opening = say(cast.tom, "@tidewing better than them", 1)
    say(rival, "hey", 2, opening)
    rows = found(cast)
    assert [(row["id"], row["answered"]) for row in rows] == [(opening.pk, False)]


def test_an_archive_stays_apart_and_its_unanswered_wait_until_its_last_post(cast, say) -> None:
    from hearout.listening.models import Archive

    archive = Archive.objects.create(name="last-year", path="x")
    old = say(cast.tom, "@tidewing hello", 0, archive=archive)
    say(cast.mira, "unrelated", 30, archive=archive)
    live = say(cast.tom, "@tidewing hi", 0)
    assert [row["id"] for row in found(cast)] == [live.pk]
    assert [row["id"] for row in found(cast, archive="all")] == [old.pk, live.pk]
    assert [row["waited"] for row in found(cast, archive="all")] == [1800, 7200]
    assert figure("response-rate", scope=Scope("last-year")).n == 1


def test_live_posts_do_not_address_brands_that_only_archives_know(cast, say) -> None:
    from hearout.listening.models import Archive, Handle
    from hearout.people.models import Brand

    told = Brand.objects.create(slug="oldshop", name="Old shop", served=False)
    Handle.objects.create(brand=told, network="simulator", handle="oldshop")
    archive = Archive.objects.create(name="last-year", path="x")
    say(cast.tom, "@oldshop and @tidewing", 0)
    say(cast.tom, "@oldshop and @tidewing", 0, archive=archive)
    assert [row["brand"] for row in found(cast, archive="all")] == ["tidewing", "oldshop"]


def test_a_scope_bounds_the_openings_in_time_brand_and_wants(cast, say) -> None:
    for minutes in (0, 10, 20):
        say(cast.tom, "@tidewing", minutes, kind="question")
    say(cast.tom, "@tidewing lovely", 10, kind="praise")
    ten, twenty = (cast.monday + timedelta(minutes=m) for m in (10, 20))
    assert len(found(cast, since=ten, until=twenty)) == 2
    assert len(found(cast, since=ten, until=twenty, wanting_answer=True)) == 1
    assert found(cast, brands=("orchard",)) == []


def test_a_request_counts_among_the_questions_of_every_figure(cast, say) -> None:
    opening = say(cast.tom, "@tidewing please refund me", 0, kind="request")
    say(cast.care_handle, "done", 5, opening)
    say(cast.tom, "@tidewing and my seat, please", 9, opening, kind="request")
    assert [row["tone"] for row in found(cast)] == ["question"]
    assert {kind.tone for kind in Kind} == {Kind.QUESTION, Kind.COMPLAINT, Kind.PRAISE, Kind.OTHER}
    assert figure("first-contact-resolution").value["share"] == 0


def test_hostile_texts_do_no_harm(cast, say) -> None:
    sql, bidi = "'; DROP TABLE listening_post; --@tidewing", "\u202e.@tidewing\u202c"
    for text in (sql, bidi, "%s %(x)s @tidewing", "@" * 5000, "@" + "a.-" * 3000):
        say(cast.tom, text, 0)
    assert len(found(cast)) == 3


def test_only_messages_that_begin_a_private_conversation_are_openings(cast, say) -> None:
    first = say(cast.tom, "hello", 0, private=True, conversation_id="c", mention="direct")
    second = say(cast.tom, "still there?", 5, private=True, conversation_id="c", mention="direct")
    type(second).objects.filter(pk=second.pk).update(root=first)
    answer = say(cast.care_handle, "yes", 6, private=True, conversation_id="c")
    type(second).objects.filter(pk=answer.pk).update(root=first)
    assert [(row["id"], row["seconds"]) for row in found(cast)] == [(first.pk, 360)]


def test_no_step_looks_at_pairs_of_posts(cast, say) -> None:
    import ibis
    from django.db import connection
    from django.db.models import F

    from hearout.listening.models import Post

    count = 1500
    first = say(cast.main_handle, "hello", 0)
    common = {"network": "simulator", "posted_at": cast.monday}
    asked = [Post(external_id=f"q{n}", author=cast.tom, text="@tidewing", **common) for n in range(count)]
    Post.objects.bulk_create(asked)
    Post.objects.update(root=F("id"))
    answers = [
        Post(
            external_id=f"a{n}",
            author=first.author,
            handle=(cast.main_handle, cast.care_handle)[n % 2],
            parent=top,
            root=top,
            **common,
        )
        for n, top in enumerate(asked)
    ]
    Post.objects.bulk_create(answers)
    known = facts(live_tables(), Scope(brands=("tidewing",), now=cast.monday), None)

    def rows_touched(plan: dict[str, Any]) -> list[float]:
        here = plan["Actual Rows"] + plan.get("Rows Removed by Join Filter", 0)
        return [
            here * plan["Actual Loops"],
            *(n for part in plan.get("Plans", []) for n in rows_touched(part)),
        ]

    threads = metric("first-contact-resolution").measure(known, ())
    for expression in (known.openings, known.exclusions, threads):
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE listening_post, listening_handle, people_brand, listening_mention")
            cursor.execute(f"SET LOCAL {PLANNING[0]} = off")
            cursor.execute(
                "EXPLAIN (ANALYZE, FORMAT JSON) " + str(ibis.to_sql(expression, dialect="postgres"))
            )
            [[[explained]]] = cursor.fetchall()
        assert max(rows_touched(explained["Plan"])) <= 6 * count
