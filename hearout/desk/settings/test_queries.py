from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from hearout.listening.models import Mention
from hearout.listening.queries import MentionHit, Query, Relevance
from hearout.listening.revising import Wording, current, revise, write

CARE = '"tidewing care" OR #tidewingcare NOT surfboard'


@pytest.fixture
def query(office):
    return write(office.cast.brand, "Care", Wording(CARE), by=office.cast.ada)


def text(answer):
    return answer.content.decode()


def entered(**fields):
    return {"name": "Care", "expression": CARE, "languages": "", "networks": "", "tolerance": "2", **fields}


def test_a_brand_without_queries_is_taught_what_they_are_for(office):
    shown = text(office.page("settings-queries"))
    assert "No queries yet" in shown
    assert "delta NEAR/5" in shown
    assert "No estimate: nothing was found" in shown


def test_a_query_is_saved_with_its_limits_and_listed_in_words(office):
    answer = office.change(
        "settings-new-query",
        do="save",
        **entered(languages="EN, de", networks="simulator", tolerance="1", note="new"),
    )
    assert answer.status_code == 302
    version = current(Query.objects.get())
    assert (version.expression, version.languages, version.networks, version.tolerance) == (
        CARE,
        ["en", "de"],
        ["simulator"],
        1,
    )
    assert (office.last().noun, office.last().facts["did"]) == ("query", "added")
    shown = text(office.page("settings-queries"))
    assert "“tidewing care” or #tidewingcare" in shown
    assert "not judged yet" in shown


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"expression": "delta NEAR/x flight"}, "at character"),
        ({"expression": "NOT river"}, "at character"),
        ({"expression": ""}, "This field is required"),
        ({"expression": "a" * 20_001}, "at most 20000"),
        ({"languages": "english!"}, "is not the code of a language"),
        ({"networks": "<b>"}, "is not the name of a network"),
        ({"tolerance": "9"}, "Select a valid choice"),
        ({"name": ""}, "This field is required"),
        ({"name": "N\x00"}, "Null characters"),
    ],
)
def test_what_cannot_be_heard_is_refused_with_a_reason(office, fields, sentence):
    answer = office.change("settings-new-query", **{"do": "save", **entered(**fields)})
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert not Query.objects.exists()


def test_an_error_points_at_the_character(office):
    shown = text(office.change("settings-new-query", do="save", **entered(expression="delta AND (flight")))
    assert '<pre class="pointed" tabindex="0">delta AND (flight\n          ^' in shown


def test_while_it_is_typed_it_is_told_in_words(office):
    answer = office.change("settings-new-query", do="read", **entered(name="", expression="delta NOT river"))
    assert answer.status_code == 200
    assert "Posts with “delta”, but without “river”" in text(answer)
    assert "<html" not in text(answer)


def test_a_name_is_given_once(office, query):
    answer = office.change("settings-new-query", do="save", **entered(name="CARE"))
    assert "There is a query “CARE” already" in text(answer)


def heard(office, post, query=None):
    mention = Mention.objects.create(post=post, brand=office.cast.brand, how="indirect", words=["Tidewing"])
    MentionHit.objects.create(
        mention=mention, brand=mention.brand, query=query, route="name", term="Tidewing", words="Tidewing"
    )
    return mention


def test_it_is_tried_on_last_weeks_posts_before_it_is_saved(office, query):
    cast, posts = office.cast, office.desk.post
    heard(office, posts(cast.mira, "Tidewing care is late"))
    posts(cast.tom, "the tidewing care desk in Porto")
    posts(cast.tom, "tidewing care for my surfboard")
    posts(cast.priya, "nothing of the kind")
    posts(cast.priya, "tidewing care, long ago", received_at=timezone.now() - timedelta(days=9))
    answer = office.change("settings-query", query.pk, do="try", **entered(expression='"tidewing care"'))
    shown = text(answer)
    assert answer.status_code == 200
    assert "<strong>3</strong> of 4 posts" in shown
    assert "<strong>2</strong> of them nothing else has heard" in shown
    assert "1 gained, 0 lost" in shown
    assert "surfboard" in shown
    assert current(query).expression == CARE


def test_versions_are_compared_and_one_can_go_back(office, query):
    revise(query, Wording("tidewing OR #tidewingcare", ("de",)), by=office.cast.ada, why="wider")
    shown = text(office.page("settings-query", query.pk))
    assert "Version 2" in shown
    assert "<del>&quot;tidewing care&quot;</del><ins>tidewing</ins>" in shown
    assert "languages: <del>any</del> → <ins>de</ins>" in shown
    assert office.change("settings-query-version", query.pk, version="1").status_code == 302
    query.refresh_from_db()
    assert (query.version, current(query).expression) == (3, CARE)
    assert "no such version" in text(
        office.client(office.cast.ada).post(
            office.url("settings-query-version", query.pk), {"version": "77"}, follow=True
        )
    )


def test_a_query_is_switched_off_and_on(office, query):
    office.change("settings-query-switch", query.pk, on="no")
    query.refresh_from_db()
    assert not query.listens
    assert "Switched off" in text(office.page("settings-queries"))
    office.change("settings-query-switch", query.pk, on="yes")
    query.refresh_from_db()
    assert query.listens


def test_queries_go_out_and_come_in_as_toml(office, query):
    answer = office.page("settings-query-file")
    assert answer["Content-Disposition"] == 'attachment; filename="tidewing-queries.toml"'
    sent = answer.content + b'\n[[query]]\nname = "More"\nexpression = "tidewing"\n'
    office.change("settings-query-file", file=SimpleUploadedFile("q.toml", sent))
    assert sorted(Query.objects.values_list("name", "version")) == [("Care", 1), ("More", 1)]


@pytest.mark.parametrize(
    "sent", [b"\xff\xfe", b"[[query]]\nname = 1", b'[[query]]\nname="a"\nexpression="("', b""]
)
def test_a_file_with_an_error_changes_nothing_and_says_why(office, sent):
    url = office.url("settings-query-file")
    files = {"file": SimpleUploadedFile("q.toml", sent)} if sent else {}
    answer = office.client(office.cast.ada).post(url, files, follow=True)
    assert 'class="toast error"' in text(answer)
    assert not Query.objects.exists()


def test_posts_drawn_by_chance_are_judged_and_it_can_be_taken_back(office, query):
    mention = heard(office, office.desk.post(office.cast.mira, "Tidewing turbines hum"), query)
    shown = text(office.page("settings-judging", query=str(query.pk)))
    assert "Tidewing turbines hum" in shown
    office.change("settings-judgement", mention=mention.pk, says="not_us", which="sample")
    fact = Relevance.objects.get()
    assert (fact.says, fact.drawn, fact.by) == ("not_us", True, office.cast.ada)
    shown = text(office.page("settings-judging"))
    assert "Nothing left to judge" in shown
    assert "Put it back" in shown
    assert "Tidewing turbines hum" in text(office.page("settings-judging", which="aside"))
    assert "0 % (0 to 79 %) right" in text(office.page("settings-query", query.pk))
    office.change("settings-judgement", mention=mention.pk, says="unsaid")
    assert "Nothing was set aside" in text(office.page("settings-judging", which="aside"))


def test_what_was_nearly_heard_is_shown_and_ours_brings_it_in(office, query):
    near = office.desk.post(office.cast.mira, "the tydevving crew was rude")
    office.desk.post(office.cast.tom, "tidewing care for my surfboard")
    shown = text(office.page("settings-judging", which="near"))
    assert "tydevving" in shown
    assert "the query “Care” leaves it out" in shown
    office.change("settings-judgement", post=near.pk, term="tydevving", says="us", which="near")
    mention = Mention.objects.get(post=near)
    assert (mention.how, mention.words, mention.chance) == ("indirect", ["tydevving"], 1.0)
    assert mention.due_at is not None


def test_nothing_of_another_brand_can_be_judged(office):
    cast = office.cast
    post = office.desk.post(cast.mira, "Orchard Rail")
    mention = Mention.objects.create(post=post, brand=cast.other_brand, how="indirect")
    assert office.change("settings-judgement", mention=mention.pk, says="us").status_code == 404
    theirs = write(cast.other_brand, "Rails", Wording("orchard"), by=None)
    assert office.page("settings-judging", query=str(theirs.pk)).status_code == 404
    private = office.desk.post(cast.mira, "a secret", private=True)
    assert office.change("settings-judgement", post=private.pk, says="us").status_code == 404
    assert office.change("settings-judgement", mention="x" * 30, says="us").status_code == 404
    assert not Relevance.objects.exists()


@pytest.mark.parametrize("name", ["ana", "sol", "lin"])
def test_only_admins_write_queries(office, name):
    person = getattr(office.cast, name)
    assert office.page("settings-queries", by=person).status_code == 404
    assert office.change("settings-new-query", by=person, do="save", **entered()).status_code == 404


def test_web_addresses_are_watchwords_too(office):
    office.change("settings-watchwords", kind="link", text="https://www.Tidewing.com/")
    assert "tidewing.com" in text(office.page("settings-watchwords"))
    answer = office.change("settings-watchwords", kind="link", text="tidewing")
    assert "A web address is such as" in text(answer)
