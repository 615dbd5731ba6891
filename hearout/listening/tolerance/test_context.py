"""Words around a name say whether it is us, once people have said so of a few posts."""

from __future__ import annotations

import json

from hearout.listening.tolerance import Contexts

US = ["my flight was late", "lost my bag at the gate", "gate changed twice", "the flight crew was kind"]
OTHERS = ["the rivers meet the sea", "birds nest in the river", "sea level and rivers rise", "a sandy river"]


def taught() -> Contexts:
    contexts = Contexts()
    for us, texts in ((True, US), (False, OTHERS)):
        for text in texts:
            contexts.learn("delta", ["delta", *text.split()], us)
    return contexts


def test_words_around_a_name_tell_us_from_others() -> None:
    contexts = taught()
    assert contexts.says("delta", ["delta", "my", "flight", "left", "the", "gate"]) > 0.7  # type: ignore[operator]
    assert contexts.says("delta", ["birds", "over", "the", "river", "delta"]) < 0.3  # type: ignore[operator]


def test_nothing_is_said_before_people_said_both() -> None:
    contexts = Contexts()
    assert contexts.says("delta", ["flight"]) is None
    for text in US:
        contexts.learn("delta", text.split(), True)
    assert contexts.says("delta", ["flight"]) is None
    assert taught().says("acme", ["flight"]) is None


def test_words_that_nobody_saw_say_as_much_as_none() -> None:
    assert taught().says("delta", ["zebra", "quartz"]) == 0.5


def test_the_words_that_decide_can_be_shown() -> None:
    deciding = taught().deciding("delta", ["delta", "the", "flight", "over", "the", "river"])
    assert {word for word, _ in deciding[:2]} == {"flight", "river"}
    assert dict(deciding)["flight"] > 0 > dict(deciding)["river"]


def test_what_was_learned_in_error_is_taken_back() -> None:
    contexts, before = taught(), taught().as_json()
    contexts.learn("delta", ["flight", "river"], True)
    assert contexts.as_json() != before
    contexts.learn("delta", ["flight", "river"], True, times=-1)
    assert contexts.as_json() == before


def test_what_was_learned_is_kept_as_json() -> None:
    kept = json.loads(json.dumps(taught().as_json()))
    assert Contexts.from_json(kept).says("delta", ["flight"]) == taught().says("delta", ["flight"])
