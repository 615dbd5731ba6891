from __future__ import annotations

import json

import pytest

from hearout.desk.settings.conditions import Row, rows_of, said, tree_of
from hearout.triage.conditions import ConditionError
from hearout.triage.default_rules import DEFAULT_RULES
from hearout.triage.models import Rule

COMPLAINTS = {"field__0": "kind", "value__0": ["complaint"]}


def positions(office):
    return list(Rule.objects.filter(brand=office.cast.brand).values_list("name", flat=True))


@pytest.mark.parametrize("rule", DEFAULT_RULES, ids=[str(rule["name"]) for rule in DEFAULT_RULES])
def test_conditions_come_back_from_the_rows_as_they_were(rule):
    combine, rows = rows_of(rule["conditions"])
    assert tree_of(combine, rows) == rule["conditions"]
    assert said(rule["conditions"]).count(", and ") == max(0, len(rows) - 1)


@pytest.mark.parametrize(
    "tree",
    [
        {"all": [{"any": [{"field": "kind", "is": "praise"}]}]},
        {"not": {"all": [{"field": "kind", "is": "praise"}]}},
        {"not": {"not": {"field": "kind", "is": "praise"}}},
    ],
)
def test_what_rows_cannot_say_is_called_nested(tree):
    assert rows_of(tree) is None


def test_a_wrong_value_is_told_at_its_row():
    rows = [Row("kind", values=["praise"]), Row("kind", values=["rage"]), Row("followers", values=["many"])]
    with pytest.raises(ConditionError):
        tree_of("all", rows)
    assert [bool(row.error) for row in rows] == [False, True, True]
    assert "rage" in rows[1].error
    assert "no number" in rows[2].error


def test_a_rule_is_made_of_rows_and_goes_to_the_end(office):
    answer = office.change(
        "settings-new-rule", do="save", name="Angry crowd", decision="answer", active="on", priority="3",
        combine="any", **COMPLAINTS, field__1="text", not__1="not", value__1="thanks, thank you",
        field__2="followers", value__2="5000", field__3="own_page", value__3="true",
    )  # fmt: skip
    assert answer.status_code == 302
    rule = Rule.objects.get(name="Angry crowd")
    assert positions(office)[-1] == "Angry crowd"
    assert rule.conditions == {
        "any": [
            {"field": "kind", "is": "complaint"},
            {"not": {"field": "text", "has": ["thanks", "thank you"]}},
            {"field": "followers", "at_least": 5000},
            {"field": "own_page", "is": True},
        ]
    }
    assert (rule.needs_answer, rule.priority, rule.set_aside) == (True, 3, "")
    assert office.last().facts["did"] == "added"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"decision": ""}, "A rule decides something"),
        ({"decision": "aside"}, "Say why"),
        ({"decision": "answer", "field__0": "kind", "value__0": ["rage"]}, "is one of"),
        ({"decision": "answer", "field__0": "shoe_size", "value__0": ["44"]}, "Choose what to look at"),
        ({"decision": "answer", "field__0": "kind"}, "Say which"),
        ({"decision": "answer", "team": "999999"}, "Select a valid choice"),
        ({"decision": "answer", "name": ""}, "This field is required"),
        ({"decision": "answer", "field__0": "confidence", "value__0": ["-1"]}, "number from 0 up"),
    ],
)
def test_a_wrong_rule_is_refused_with_a_reason(office, fields, sentence):
    before = positions(office)
    answer = office.change("settings-new-rule", **{"do": "save", "name": "New", **fields})
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert positions(office) == before


def test_trying_a_rule_shows_what_would_change_and_changes_nothing(office):
    cast = office.cast
    office.desk.case(cast.mira, "@tidewing you lost my bag")
    before = positions(office)
    answer = office.change(
        "settings-new-rule", do="try", name="Bags", decision="aside", set_aside="not us", active="on",
        field__0="text", value__0="bag",
    )  # fmt: skip
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "On last week’s posts" in page
    assert "you lost my bag" in page
    assert "Set aside: not us" in page
    assert positions(office) == before


def test_rules_move_and_are_switched_off(office):
    first, second = office.rules[:2]
    office.change("settings-rule-place", second.pk, to="up")
    assert positions(office)[:2] == [second.name, first.name]
    assert office.last().facts["changes"] == {"place": ["2", "1"]}
    office.change("settings-rule-place", second.pk, to="up")
    assert positions(office)[:2] == [second.name, first.name]
    office.change("settings-rule-switch", first.pk, active="no")
    first.refresh_from_db()
    assert not first.active
    assert office.last().facts["did"] == "switched off"


def test_a_removed_rule_can_be_put_back(office):
    spam = next(rule for rule in office.rules if rule.set_aside)
    office.change("settings-rule-removal", spam.pk)
    assert spam.name not in positions(office)
    undo = office.client(office.cast.ada).session["settings_undo"]
    fields: dict[str, list[str]] = {}
    for name, value in undo["fields"]:
        fields.setdefault(name, []).append(value)
    assert office.client(office.cast.ada).post(undo["url"], fields).status_code == 302
    again = Rule.objects.get(brand=office.cast.brand, name=spam.name)
    assert (again.conditions, again.set_aside) == (spam.conditions, spam.set_aside)


def test_nested_conditions_are_edited_as_they_are_stored(office):
    nested = {"all": [{"any": [{"field": "kind", "is": "praise"}, {"field": "thanks", "is": True}]}]}
    rule = Rule.objects.create(brand=office.cast.brand, name="Nested", conditions=nested, needs_answer=True)
    assert "Conditions (JSON)" in office.page("settings-rule", rule.pk).content.decode()
    same = {"do": "save", "name": "Nested", "decision": "answer", "active": "on"}
    assert office.change("settings-rule", rule.pk, **same, nested="[").status_code == 422
    assert office.change("settings-rule", rule.pk, **same, nested='{"kind": 1}').status_code == 422
    changed = {"not": nested}
    assert office.change("settings-rule", rule.pk, **same, nested=json.dumps(changed)).status_code == 302
    rule.refresh_from_db()
    assert rule.conditions == changed


def test_a_rule_asks_for_the_brands_own_topics_and_the_built_in_ones(office):
    page = office.page("settings-rule-row", **{"field-0": "topics"}).content.decode()
    assert 'name="value-0" value="Lounge"' in page
    assert 'name="value-0" value="Billing and refund"' in page
    office.change(
        "settings-new-rule", do="save", name="Lounge", decision="answer", active="on",
        field__0="topics", value__0=["Lounge", "Safety"],
    )  # fmt: skip
    rule = Rule.objects.get(name="Lounge")
    assert rule.conditions == {"field": "topics", "in": ["Lounge", "Safety"]}
    assert said(rule.conditions) == "Topic is Lounge or Safety"
    office.topic.delete()
    assert 'value="Lounge" checked' in office.page("settings-rule", rule.pk).content.decode()


def test_a_row_gets_the_control_of_its_field(office):
    page = office.page("settings-rule-row", **{"field-3": "emotion"}).content.decode()
    assert 'name="value-3" value="anger"' in page
    assert 'type="radio"' in office.page("settings-rule-row", **{"field-0": "private"}).content.decode()
    assert office.page("settings-rule-row", **{"field-x": "emotion"}).status_code == 404
