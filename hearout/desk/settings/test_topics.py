from __future__ import annotations

import pytest

from hearout.triage.topics import MOST_TOPICS, Topic


def row(office, name="Lounge"):
    return Topic.objects.filter(brand=office.cast.brand, name=name).first()


def test_a_brand_without_topics_of_its_own_is_taught_what_they_are_for(office):
    office.topic.delete()
    page = office.page("settings-topics").content.decode()
    assert "No topics of your own yet" in page
    assert "Billing and refund" in page


def test_a_topic_is_made_of_a_name_and_words_and_noted(office):
    answer = office.change(
        "settings-new-topic",
        do="save",
        name=" Tidewing   Go ",
        words="tidewing go, go card\n\ngo card",
        active="on",
    )
    assert answer.status_code == 302
    assert row(office, "Tidewing Go").listed == ["tidewing go", "go card"]
    assert (office.last().noun, office.last().facts["did"]) == ("topic", "added")
    page = office.page("settings-topics").content.decode()
    assert "tidewing go, go card" in page


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"words": ""}, "give it one at least"),
        ({"words": "..., ???"}, "has nothing to look for"),
        ({"words": "x" * 61}, "is too long"),
        ({"words": ",".join(f"word{n}" for n in range(201))}, "At most 200"),
        ({"name": ""}, "This field is required"),
        ({"name": "lounge"}, "There is a topic"),
        ({"name": "DELIVERY"}, "is built in"),
        ({"name": "x" * 41}, "at most 40"),
        ({"name": "N\x00"}, "Null characters"),
    ],
)
def test_a_topic_that_finds_nothing_or_is_there_already_is_refused_with_a_reason(office, fields, sentence):
    answer = office.change("settings-new-topic", **{"do": "save", "name": "New", "words": "new", **fields})
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert Topic.objects.count() == 1


def test_there_are_not_more_topics_than_anybody_looks_through(office):
    Topic.objects.bulk_create(
        Topic(brand=office.cast.brand, name=f"t{n}", words="w") for n in range(MOST_TOPICS - 1)
    )
    answer = office.change("settings-new-topic", do="save", name="One more", words="more")
    assert (answer.status_code, Topic.objects.count()) == (422, MOST_TOPICS)


def test_trying_a_topic_shows_last_weeks_posts_that_would_have_it_and_saves_nothing(office):
    desk, cast = office.desk, office.cast
    desk.case(cast.mira, "@tidewing the sky club was full <b>again</b>")
    answer = office.change(
        "settings-topic", office.topic.pk, do="try", name="Lounge", words="lounge, sky club", active="on"
    )
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Tried on last week’s posts" in page
    assert "the sky club was full &lt;b&gt;again&lt;/b&gt;" in page
    assert row(office).words == "lounge\nlounges"


def test_a_built_in_topic_takes_words_and_keeps_its_name(office):
    address = office.url("settings-new-topic") + "?name=Food+and+drink"
    client = office.client(office.cast.ada)
    assert "This topic is built in" in client.get(address).content.decode()
    client.post(address, {"do": "save", "name": "Other", "words": "crisps", "active": "on"})
    widened = row(office, "Food and drink")
    assert (widened.words, Topic.objects.count()) == ("crisps", 2)
    office.change("settings-topic", widened.pk, do="save", name="Other", words="crisps, nuts", active="on")
    assert row(office, "Food and drink").listed == ["crisps", "nuts"]
    office.change("settings-topic-removal", widened.pk)
    assert row(office, "Food and drink") is None


def test_topics_are_switched_off_and_on_by_their_names(office):
    office.change("settings-topic-switch", name="Jobs", active="no")
    assert (row(office, "Jobs").active, office.last().facts["did"]) == (False, "switched off")
    office.change("settings-topic-switch", name="Jobs", active="yes")
    assert row(office, "Jobs").active
    assert office.change("settings-topic-switch", name="Nothing", active="no").status_code == 404
    assert office.page("settings-new-topic", name="Nothing").status_code == 404


def test_a_removed_topic_can_be_put_back(office):
    office.change("settings-topic-removal", office.topic.pk)
    assert row(office) is None
    client = office.client(office.cast.ada)
    undo = client.session["settings_undo"]
    fields = {name: value for name, value in undo["fields"]}
    assert client.post(undo["url"], fields).status_code == 302
    assert row(office).listed == ["lounge", "lounges"]


def test_the_list_tells_how_many_posts_of_last_week_have_each_topic(office):
    post = office.desk.post(office.cast.mira, "@tidewing the lounge has no coffee")
    office.desk.read(post, topics=["Lounge", "Food and drink"])
    page = office.page("settings-topics").content.decode()
    assert page.count("1 post last week") == 2
