"""The studies' tables: what was published stands there unchanged, and yours beside it says why when it is empty."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from hearout.insight.audit.figures import DIMENSIONS, SHARES, Counted, figures_of
from hearout.insight.audit.findings import Findings
from hearout.insight.audit.studies import studies

Json = dict[str, Any]
HOUR = 3600


def counted(answered: list[int], never: int = 0, **shares: int) -> Counted:
    """Openings answered after so many seconds, and others never; of the answered, for how many a figure holds."""
    waits = [{"answered": True, "wait": wait, "n": 1} for wait in answered]
    waits += [{"answered": False, "wait": 10**6, "n": never}] if never else []
    return Counted(waits, {name: [(len(answered), shares.get(name, 0))] for name in SHARES})


def figures(one: Counted, by: dict[str, dict[str, Counted]] | None = None) -> Json:
    parts = {
        name: {part: figures_of(inner) for part, inner in (by or {}).get(name, {}).items()}
        for name in DIMENSIONS
    }
    return {**figures_of(one), "by": parts}


def brand(name: str, one: Counted, roles: dict[str, str], by: Any = None) -> Json:
    return {"brand": name, "slug": name, "handles": list(roles), "roles": roles, **figures(one, by)}


def crossed(
    network: str, tone: str, directness: str, place: str, wait: int, n: int, answered: bool = True
) -> Json:
    return {"network": network, "tone": tone, "directness": directness, "place": place, "wait": wait, "n": n,
            "answered": answered}  # fmt: skip


@pytest.fixture
def findings() -> Findings:
    """Tidewing has a care handle and answers 18 of 20; Orchard has none and answers 5 of 20."""
    tidewing = counted([600] * 18, 2, loop_closed=9, kudos_rate=6, moved_to_private=3)
    orchard = counted([8 * HOUR] * 5, 15, loop_closed=1, kudos_rate=0)
    both = counted([600] * 18 + [8 * HOUR] * 5, 17, loop_closed=10, kudos_rate=6, moved_to_private=3)
    indirect = {"directness": {"indirect": counted([600], 1)}}
    silent = {"directness": {"hashtag": counted([], 3)}}
    brands = [
        brand("tidewing", tidewing, {"tidewing": "main", "tidewingcare": "care"}, indirect),
        brand("orchard", orchard, {"orchard": "main"}, silent),
    ]
    rows = [
        crossed("twitter", "question", "direct", "elsewhere", 600, 3),
        crossed("twitter", "question", "direct", "elsewhere", 10**6, 1, answered=False),
        crossed("twitter", "question", "hashtag", "elsewhere", 1200, 1),
        crossed("facebook", "complaint", "direct", "own page", 7200, 2),
        crossed("mastodon", "praise", "direct", "elsewhere", 60, 1),
    ]
    presence = [
        {"brand": "tidewing", "network": "twitter", "said": 9},
        {"brand": "orchard", "network": "facebook", "said": 2},
    ]
    answering = [
        {"brand": "tidewing", "speaks_as": "care", "n": 9},
        {"brand": "orchard", "speaks_as": "main", "n": 5},
    ]
    whole = figures(both, {"tone": {"question": counted([600] * 3, 1)}})
    return Findings(whole, brands, [rows, presence, answering], tone=True)


def line(found: list[Json], study: str, label: str, table: str = "") -> Json:
    [one] = [study_ for study_ in found if study_["id"] == study]
    [row] = [
        row
        for table_ in one["tables"]
        for row in table_["rows"]
        if row["label"] == label and (not table or table_["title"] == table)
    ]
    return row


def values(cells: list[Json | None]) -> list[float | None]:
    return [cell and cell["value"] for cell in cells]


def every_row(found: list[Json]) -> Iterator[tuple[Json, Json]]:
    for study in found:
        for table in study["tables"]:
            for row in table["rows"]:
                yield table, row


def test_every_row_has_a_cell_a_column_and_every_empty_cell_of_yours_says_why(findings: Findings) -> None:
    for read in (True, False):
        found = studies(Findings(findings.whole, findings.brands, findings.found, tone=read))
        for table, row in every_row(found):
            assert len(row["published"]) == len(row["yours"]) == len(table["columns"]), row["label"]
            for cell in row["yours"]:
                assert cell is None or (cell["value"] is None) == bool(cell["why"]), row["label"]
            assert all(cell is None or cell["value"] is not None for cell in row["published"])


def test_retailers_stand_by_tone_directness_place_and_network(findings: Findings) -> None:
    found = studies(findings)
    asked = line(found, "retailers", "Question", "Share answered")
    assert values(asked["yours"]) == [0.8, None, 0.8]
    direct = line(found, "retailers", "Question, direct", "Share answered")
    assert values(direct["published"]) == [0.25, None, None]
    assert (direct["yours"][0]["value"], direct["yours"][0]["n"]) == (0.75, 4)
    assert direct["yours"][1]["why"] == "No such openings in this audit."
    indirect = line(found, "retailers", "Question, indirect", "Average time to the answer")
    assert values(indirect["yours"]) == [1200, None, 1200]
    negative = line(found, "retailers", "Negative, own page", "Average time to the answer")
    assert (values(negative["published"]), values(negative["yours"])) == (
        [None, 7 * HOUR, None], [None, 7200, 7200],
    )  # fmt: skip
    assert values(line(found, "retailers", "Negative", "Share answered")["published"]) == [0.2, 0.11, None]
    assert (
        values(line(found, "retailers", "Positive", "Average time to the answer")["published"])[0]
        == 36 * HOUR
    )
    assert values(line(found, "retailers", "Brands that speak there")["yours"]) == [0.5, 0.5, None]
    indirect = line(found, "retailers", "Brands answering an indirect mention")
    assert (indirect["published"][0]["value"], indirect["published"][0]["n"]) == (2, 25)
    assert (indirect["yours"][2]["value"], indirect["yours"][2]["n"]) == (1, 2)


def test_brands_with_a_care_handle_stand_against_those_without(findings: Findings) -> None:
    found = studies(findings)
    never = line(found, "brands-76", "Openings never answered")
    assert (values(never["published"]), values(never["yours"])) == ([0.58, 0.04], [17 / 40, 0.1])
    assert values(line(found, "brands-76", "Brands that fail (retail article)")["yours"])[0] == 0.5
    closes = line(found, "brands-76", "Closes the loop more often than without a care handle, by")
    assert (closes["published"][1]["value"], closes["yours"][1]["value"]) == (0.62, (9 / 18) / (1 / 5) - 1)
    kudos = line(found, "brands-76", "Gets kudos more often than without a care handle, by")
    assert kudos["yours"][1]["why"]
    assert values(line(found, "brands-76", "Retail brands that answer from a care handle")["yours"])[0] == 0.5


def test_the_other_studies_have_their_figures(findings: Findings) -> None:
    found = studies(findings)
    assert values(line(found, "league", "Walmart")["published"]) == [1.5 * HOUR, 0.07]
    assert values(line(found, "league", "tidewing")["yours"]) == [600, 0.9]
    hour = line(found, "expectations", "Within 60 minutes")
    assert (values(hour["published"]), values(hour["yours"])) == ([0.42], [18 / 40])
    assert values(line(found, "care-handles", "Share answered, the best")["yours"]) == [0.9]
    assert values(line(found, "care-handles", "Handles under 8 hours on average (2015)")["yours"]) == [0.5]
    assert values(
        line(found, "socially-devoted", "Questions answered; to be devoted, at least")["yours"]
    ) == [0.75]
    assert line(found, "us-retailers", "Average time to an answer")["yours"][1]["value"] == 7200


def test_sources_and_years_are_named_and_not_guessed(findings: Findings) -> None:
    found = {study["id"]: (study["year"], study["source"]) for study in studies(findings)}
    assert found["retailers"][0] == 2011
    assert found["brands-76"][0] == 2016
    assert found["us-retailers"][0] is None
    assert all(source for _, source in found.values())
