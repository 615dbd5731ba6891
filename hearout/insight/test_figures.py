"""Each figure against one worked out by hand on a few posts, and the shape in which it comes."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hearout.insight.dimensions import DIMENSIONS
from hearout.insight.figures import definition, figure, metric_names
from hearout.insight.scope import Scope, ScopeError


@pytest.fixture
def monday(cast, say) -> Scope:
    """Tidewing's Monday. Mira complains and is answered after 20 minutes, then thanks; Tom asks and is
    answered after 50 minutes, in private, and asks again; Priya praises, is answered after 3 hours and praises
    again; Tom's second question is not answered, nor is Mira's chatter."""
    now = cast.monday + timedelta(hours=4)
    lost = say(cast.mira, "@tidewing my bag is lost", 0, kind="complaint", arrived=cast.main_handle)
    found = say(cast.main_handle, "it is on the way", 20, lost)
    say(cast.mira, "it is here, thank you!", 60, found, kind="other", thanks=True)
    asked = say(cast.tom, "@tidewingcare when?", 0, kind="question", arrived=cast.care_handle, team=cast.care)
    told = say(cast.care_handle, "please send us a DM", 50, asked)
    say(cast.tom, "and why?", 55, told, kind="question")
    say(cast.care_handle, "because", 60, told)
    lovely = say(cast.priya, "Tidewing is lovely", 0, kind="praise", mention="indirect")
    thanks = say(cast.main_handle, "thank you", 180, lovely)
    say(cast.priya, "you too", 200, thanks, kind="praise")
    say(cast.tom, "@tidewing anybody?", 120, kind="question", arrived=cast.main_handle)
    say(cast.mira, "flying with Tidewing", 0, kind="other", mention="indirect")
    return Scope(now=now)


def test_each_metric_gives_what_a_hand_computes(monday: Scope) -> None:
    def of(name: str):
        found = figure(name, scope=monday)
        return found.numerator, found.denominator, found.value

    assert of("response-rate") == ({"answered": 3}, {"openings": 5}, {"share": 0.6})
    within = {"within_30_minutes": 1, "within_60_minutes": 2}
    assert of("answered-within")[:2] == (within, {"openings": 5})
    _, _, first = of("first-response")
    assert (first["median"], first["p90"], first["mean"]) == (3000, 9240, 5000)
    assert first["everybody_median"] == 3 * 3600
    assert of("backlog-age") == (
        {"waiting": 1}, {"openings": 3}, {"median": 7200, "p90": 7200, "mean": 7200, "oldest": 7200},
    )  # fmt: skip
    assert of("leak-rate") == ({"leaked": 2}, {"openings_wanting_answer": 3}, {"share": 2 / 3})
    assert of("expectation")[2] == {"score": pytest.approx((1 + 0.68 + 0.58) / 5), "grade": "F"}
    assert of("moved-to-private")[0] == {"moved_to_private": 1}
    assert of("first-contact-resolution")[:2] == ({"settled": 2}, {"openings_answered": 3})
    assert of("loop-closed")[0] == {"closed": 1}
    assert of("kudos")[0] == {"praised_after": 1}


def test_a_figure_can_be_split_by_any_dimension_and_the_parts_make_the_whole(monday: Scope) -> None:
    for name in DIMENSIONS:
        found = figure("response-rate", scope=monday, by=name)
        assert sum(part.n for part in found.by) == found.n == 5, name
    tones = figure("response-rate", scope=monday, by=["tone"]).by
    assert {part.group["tone"]: (part.numerator["answered"], part.n) for part in tones} == {
        "complaint": (1, 1), "other": (0, 1), "praise": (1, 1), "question": (1, 2),
    }  # fmt: skip
    both = figure("response-rate", scope=monday, by=["role", "directness"]).by
    assert {tuple(part.group.values()): part.n for part in both} == {
        ("main", "direct"): 2, ("care", "direct"): 1, ("none", "indirect"): 2,
    }  # fmt: skip


def test_every_metric_can_be_split_by_every_dimension_at_once(monday: Scope) -> None:
    for name in metric_names():
        assert figure(name, scope=monday, by=list(DIMENSIONS)).by, name


def test_the_agent_of_the_first_response_is_found_through_the_reply(cast, say, monday: Scope) -> None:
    from hearout.cases.models import Case
    from hearout.customers.models import Customer
    from hearout.listening.models import Post
    from hearout.replies.models import Reply

    seen = Post.objects.get(text="please send us a DM")
    at = cast.monday
    case = Case.objects.create(
        brand=cast.brand, customer=Customer.objects.create(), opening=seen, network="simulator", kind="question",
        how="direct", subject="x", opened_at=at, last_post_at=at,
    )  # fmt: skip
    Reply.objects.create(
        case=case, brand=cast.brand, handle=cast.care_handle, act="public_reply", by=cast.ana, thread_version=1,
        external_id=seen.external_id,
    )  # fmt: skip
    parts = figure("response-rate", scope=monday, by="agent").by
    assert {part.group["agent"]: part.n for part in parts} == {
        "Ana": 1, "nobody": 2, "somebody outside the desk": 2,
    }  # fmt: skip


def test_a_closed_case_is_no_backlog(cast, say) -> None:
    from hearout.cases.models import Case, CasePost
    from hearout.customers.models import Customer

    post = say(cast.tom, "@tidewing hello?", 0, kind="question")
    scope = Scope(now=cast.monday + timedelta(hours=1))
    case = Case.objects.create(
        brand=cast.brand, customer=Customer.objects.create(), opening=post, network="simulator", kind="question",
        how="direct", subject="x", opened_at=post.posted_at, last_post_at=post.posted_at,
    )  # fmt: skip
    CasePost.objects.create(case=case, post=post, brand=cast.brand, posted_at=post.posted_at, ours=False)
    assert figure("backlog-age", scope=scope).value["oldest"] == 3600
    case.close(by=cast.ana, reason="answered")
    assert figure("backlog-age", scope=scope).n == 0


def test_a_figure_of_nothing_is_empty_no_error_and_of_the_shape_of_all(db: None) -> None:
    shape = "metric scope definition n value intervals units numerator denominator exclusions by"
    for name in metric_names():
        found = figure(name, by="tone")
        assert (found.n, found.by) == (0, [])
        assert set(found.value.values()) == {None}
        assert " ".join(found.as_json()) == shape


def test_a_figure_is_json(monday: Scope) -> None:
    told = json.loads(json.dumps(figure("response-rate", scope=monday, by="tone").as_json(), allow_nan=False))
    assert told["by"][0]["group"] == {"tone": "complaint"}
    assert told["intervals"]["share"] == [pytest.approx(0.2307, abs=1e-3), pytest.approx(0.8824, abs=1e-3)]


@pytest.mark.parametrize("name", metric_names())
def test_every_metric_has_units_and_a_definition_with_formula_and_interval_and_is_in_the_manual(
    name: str,
) -> None:
    from hearout.insight.figures import metric

    text = definition(name)
    assert text.splitlines()[0].endswith(".")
    assert "=" in text
    assert "Interval" in text
    assert set(metric(name).UNITS.values()) <= {"seconds", "share", "score", "grade"}
    manual = (Path(__file__).parents[2] / "docs" / "figures.md").read_text("utf-8")
    assert f"## {name}\n\n{text}\n" in manual


def test_what_does_not_exist_is_refused_with_a_sentence(db: None) -> None:
    with pytest.raises(ScopeError, match="no metric 'nonsense'"):
        figure("nonsense")
    with pytest.raises(ScopeError, match="no dimension 'colour'"):
        figure("response-rate", by="colour")
    with pytest.raises(ScopeError, match="no archive 'nowhere'"):
        figure("response-rate", scope=Scope("nowhere"))
    with pytest.raises(ScopeError, match="no brand 'nobody'"):
        figure("response-rate", scope=Scope(brands=("nobody",)))


def test_an_installation_sets_what_it_holds_of_answers_after_the_hour(monday: Scope, settings: Any) -> None:
    settings.EXPECTATION = ["0.2", "0.1"]
    assert figure("expectation", scope=monday).value["score"] == pytest.approx((1 + 0.68 + 0.2) / 5)


@pytest.mark.parametrize("wrong", [["0.9", "0.1"], ["0.1", "0.2"], ["0.5"], ["half", "0"], ["0.5", "-1"], []])
def test_weights_that_cannot_be_are_refused_with_what_they_ought_to_be(
    settings: Any, wrong: list[str]
) -> None:
    from hearout.insight.metrics.expectation import weights

    settings.EXPECTATION = wrong
    with pytest.raises(ScopeError, match=r"HEAROUT_EXPECTATION .* such as 0\.58,0\.29"):
        weights()


def test_an_opening_with_several_topics_counts_under_each_and_once_in_the_whole(
    cast, say, monday: Scope
) -> None:
    from hearout.triage.models import Verdict

    about = {"complaint": ["Lost or damaged", "Lounge", "Jobs"], "praise": ["Lounge"], "other": []}
    for kind, topics in about.items():
        Verdict.objects.filter(kind=kind).update(topics=topics)
    found = figure("response-rate", scope=monday, by="topic")
    assert (found.n, found.numerator) == (5, {"answered": 3})
    assert {part.group["topic"]: (part.numerator["answered"], part.n) for part in found.by} == {
        "Jobs": (1, 1), "Lost or damaged": (1, 1), "Lounge": (2, 2), "none": (1, 3),
    }  # fmt: skip
    both = figure("response-rate", scope=monday, by=["tone", "topic"])
    assert {tuple(part.group.values()): part.n for part in both.by} == {
        ("complaint", "Jobs"): 1, ("complaint", "Lost or damaged"): 1, ("complaint", "Lounge"): 1,
        ("other", "none"): 1, ("praise", "Lounge"): 1, ("question", "none"): 2,
    }  # fmt: skip


@pytest.mark.parametrize("name", ["backlog-age", "first-contact-resolution", "kudos"])
def test_topics_change_no_metrics_whole(name: str, monday: Scope) -> None:
    from hearout.triage.models import Verdict

    Verdict.objects.update(topics=["Lounge", "Jobs", "Safety"])
    split, plain = figure(name, scope=monday, by="topic"), figure(name, scope=monday)
    assert (split.n, split.value, split.numerator) == (plain.n, plain.value, plain.numerator)
    assert {(part.group["topic"], part.n, str(part.value)) for part in split.by} == {
        (topic, plain.n, str(plain.value)) for topic in ("Lounge", "Jobs", "Safety")
    }
