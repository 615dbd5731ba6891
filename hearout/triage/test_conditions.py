"""Condition trees: what they mean, and that a wrong or hostile one is refused with words that help."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearout.triage.conditions import FIELDS, ConditionError, Facts, compile_conditions
from hearout.triage.default_rules import DEFAULT_RULES

FACTS = Facts(
    text="Where is my refund? Café closed",
    kind="complaint",
    sentiment="negative",
    emotion="anger",
    urgency="high",
    language="en",
    needs_answer=True,
    thanks=False,
    confidence=0.8,
    how="direct",
    network="simulator",
    role="main",
    own_page=False,
    private=True,
    followers=500,
)


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        ({}, True),
        ({"field": "kind", "is": "complaint"}, True),
        ({"field": "kind", "is": "praise"}, False),
        ({"field": "kind", "in": ["praise", "complaint"]}, True),
        ({"field": "private", "is": True}, True),
        ({"field": "own_page", "is": True}, False),
        ({"field": "followers", "at_least": 500}, True),
        ({"field": "followers", "at_least": 501}, False),
        ({"field": "confidence", "at_least": 0.9}, False),
        ({"field": "text", "has": ["REFUND"]}, True),
        ({"field": "text", "has": ["fund"]}, False),
        ({"field": "text", "has": ["my refund?"]}, True),
        ({"field": "text", "has": ["café"]}, True),
        ({"field": "text", "has": [".*"]}, False),
        ({"not": {"field": "kind", "is": "praise"}}, True),
        ({"all": [{"field": "kind", "is": "complaint"}, {"field": "role", "is": "care"}]}, False),
        ({"any": [{"field": "kind", "is": "praise"}, {"field": "network", "in": ["simulator"]}]}, True),
        ({"all": [{}, {"not": {"any": [{"field": "language", "is": "de"}]}}]}, True),
    ],
)
def test_a_tree_means_what_it_says(tree: Any, expected: bool) -> None:
    assert compile_conditions(tree)(FACTS) is expected


def deep(levels: int) -> Any:
    tree: Any = {}
    for _ in range(levels):
        tree = {"not": tree}
    return tree


@pytest.mark.parametrize(
    ("tree", "says"),
    [
        ({"field": "password", "is": "x"}, "There is no field 'password'; there are 'kind'"),
        ({"field": ["kind"], "is": "x"}, "There is no field a list"),
        (
            {"field": "kind", "is": "rant"},
            "is one of 'question', 'complaint', 'praise', 'request', 'other', not 'rant'",
        ),
        ({"field": "kind", "has": ["x"]}, "takes 'is', 'in'; this condition has 'has'"),
        ({"field": "kind"}, "this condition has nothing"),
        ({"field": "kind", "is": "praise", "in": []}, "this condition has 'is', 'in'"),
        ({"field": "kind", "in": []}, "list of 1 to 200"),
        ({"field": "private", "is": "yes"}, "true or false, not 'yes'"),
        ({"field": "followers", "at_least": "many"}, "needs a number"),
        ({"field": "followers", "at_least": True}, "needs a number"),
        ({"field": "followers", "at_least": float("nan")}, "needs a number"),
        ({"field": "text", "has": ["", "x"]}, "words of 1 to 120"),
        ({"field": "text", "has": ["x"] * 1_000}, "list of 1 to 200"),
        ({"all": []}, "at least one condition"),
        ({"all": {}}, "at least one condition"),
        ({"xor": [{}]}, "'xor' is not a condition"),
        ({"all": [{}], "any": [{}]}, "has one of 'all', 'any', 'not'"),
        ([], "not a list"),
        ("kind = praise", "is an object"),
        (None, "is an object"),
        (deep(9), "more than 8 deep"),
        ({"any": [{}] * 200}, "more than 100 conditions"),
        ({"any": [{"any": [{}] * 20}] * 20}, "more than 100 conditions"),
    ],
)
def test_a_wrong_tree_is_refused_with_the_reason(tree: Any, says: str) -> None:
    with pytest.raises(ConditionError) as caught:
        compile_conditions(tree)
    assert says in str(caught.value)


def test_a_tree_as_deep_as_the_stack_is_refused_like_any_other() -> None:
    with pytest.raises(ConditionError, match="deep"):
        compile_conditions(deep(100_000))


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=9)
    | st.sampled_from(sorted(FIELDS)),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["field", "is", "in", "has", "at_least", "all", "any", "not"]), inner
        )
    ),
    max_leaves=20,
)


@given(json_values)
def test_any_json_is_a_condition_or_refused(tree: Any) -> None:
    try:
        condition = compile_conditions(tree)
    except ConditionError:
        return
    assert condition(FACTS) in (True, False)


def test_every_field_is_a_fact() -> None:
    assert set(FIELDS) <= set(Facts.__slots__)


def test_the_default_rules_are_right() -> None:
    for rule in DEFAULT_RULES:
        compile_conditions(rule["conditions"])
