"""The texts: enough of them, all usable, and rarely the same twice."""

import random

import pytest

from simulator.people import CAST, PERSONAS, Person, population
from simulator.posts import counted_length
from simulator.texts import sections
from simulator.writing import Brand, Writer

BRAND = Brand("Tidewing", ["tidewing", "tidewingcare"])
OPENINGS = ("complaint", "question", "praise", "other")


def test_there_are_hundreds_of_templates_and_some_in_other_languages() -> None:
    english = [text for texts in sections("en").values() for text in texts]
    others = [text for name in ("de", "es", "fr") for texts in sections(name).values() for text in texts]
    assert len(set(english)) >= 250
    assert len(others) >= 40


@pytest.mark.parametrize("language", ["en", "de", "es", "fr"])
def test_every_template_fills_and_fits(language: str) -> None:
    writer, person = Writer(BRAND), Person("mira_k", "Mira K.", 1, PERSONAS[0], language)
    for texts in sections(language).values():
        for text in texts:
            filled = writer._filled(text, person, random.Random(1), {"agent": "Ana"})
            assert "{" not in filled
            assert counted_length(filled) < 200


def test_a_thousand_texts_hardly_repeat() -> None:
    writer, dice = Writer(BRAND), random.Random(7)
    texts = {
        writer.compose(kind, kind, person, dice)
        for person in population(7, 300)
        for kind in OPENINGS[:3]
        if person.language == "en"
    }
    people = [person for person in population(7, 300) if person.language == "en"]
    assert len(texts) > 0.95 * 3 * len(people)


def test_hashtags_are_often_misspelt_by_a_letter_or_two() -> None:
    writer, dice = Writer(BRAND), random.Random(7)
    tags = [writer.hashtagged("x", dice).removeprefix("x #") for _ in range(500)]
    assert 0.5 < tags.count("tidewing") / 500 < 0.75
    assert {"tidwing", "tidewnig"} <= set(tags)
    assert all(abs(len(tag) - len("tidewing")) <= 1 for tag in tags)


def test_chatter_names_the_brand_or_its_products_without_an_at() -> None:
    writer, dice = Writer(BRAND), random.Random(7)
    for kind in OPENINGS:
        for template in sections("en")[f"chatter {kind}"]:
            text = writer._filled(template, CAST[0], dice, {})
            assert "Tidewing" in text or "TideMiles" in text
            assert "@" not in text


def test_the_people_are_the_same_for_the_same_seed_and_led_by_the_cast() -> None:
    people = population(7, 200)
    assert people == population(7, 200)
    assert people[3:] != population(8, 200)[3:]
    assert [person.handle for person in people[:3]] == ["mira_k", "tom_on_tour", "priya_sky"]
    assert len({person.handle for person in people}) == 200
    assert {person.persona.name for person in people} == {persona.name for persona in PERSONAS}
