"""The figures of a public archive against a computation that shares nothing with them but the file."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hearout.insight.figures import figure, metric_names
from hearout.insight.scope import Scope


def waits_in(path: Path) -> dict[str, list[float | None]]:
    """By brand: seconds until the first response to each opening, None for never."""
    posts = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["in_response_to_tweet_id"] is not None:  # one row is torn over two lines
                row["at"] = datetime.strptime(row["created_at"], "%a %b %d %H:%M:%S %z %Y")
                row["parent"] = row["in_response_to_tweet_id"].split(".")[0]
                posts[row["tweet_id"]] = row
    children = defaultdict(list)
    for row in posts.values():
        children[row["parent"]].append(row)
    brands = {row["author_id"].lower() for row in posts.values() if row["inbound"] == "False"}

    def below(row: dict[str, Any]) -> list[dict[str, Any]]:
        found, waiting = [], [row]
        while waiting:
            children_here = children[waiting.pop()["tweet_id"]]
            found += children_here
            waiting += children_here
        return found

    waits = defaultdict(list)
    for opening in (row for row in posts.values() if row["inbound"] == "True" and not row["parent"]):
        said = [row for row in below(opening) if row["inbound"] == "False" and row["at"] >= opening["at"]]
        named = [name for name in re.findall(r"@(\w+)", opening["text"].lower()) if name in brands]
        first = min(said, key=lambda row: row["at"])["author_id"].lower() if said else ""
        brand = named[0] if named else first
        times = [row["at"] for row in said if row["author_id"].lower() == brand]
        waits[brand].append((min(times) - opening["at"]).total_seconds() if times else None)
    return waits


@pytest.fixture
def twcs(db: None, shared_data: Path) -> Path:
    from hearout.listening.importing import import_archive

    path = shared_data / "twcs_small" / "monalisa_twcs.csv"
    import_archive(path, name="twcs")
    return path


def test_every_figure_of_a_public_archive_is_that_of_a_plain_computation(twcs: Path) -> None:
    expected = waits_in(twcs)
    every = [wait for waits in expected.values() for wait in waits]
    found = figure("first-response", scope=Scope("twcs"), by="brand")

    assert found.n == len(every) == 1284
    assert None not in every
    assert found.value["median"] == np.percentile(every, 50) == 813
    assert found.value["p90"] == pytest.approx(np.percentile(every, 90), rel=1e-12)
    assert found.value["p90"] == pytest.approx(31_936.2)
    assert found.value["mean"] == pytest.approx(np.mean(every))
    assert round(found.value["within_60_minutes"], 3) == 0.721
    assert found.value["everybody_median"] == 813
    assert found.exclusions["orphans"] == 3
    assert {part.group["brand"]: (part.n, part.value["median"]) for part in found.by} == {
        re.sub(r"[^a-z0-9_]+", "-", brand): (len(waits), np.median(waits))
        for brand, waits in expected.items()
    }


def test_every_metric_can_be_taken_of_an_archive(twcs: Path) -> None:
    every = [wait for waits in waits_in(twcs).values() for wait in waits]
    figures = {name: figure(name, scope=Scope("twcs")) for name in metric_names()}
    half, hour, day = (sum(wait <= minutes * 60 for wait in every) for minutes in (30, 60, 24 * 60))
    score = (half + 0.68 * (hour - half) + 0.58 * (day - hour) + 0.29 * (len(every) - day)) / len(every)

    assert figures["response-rate"].value == {"share": 1.0}
    assert figures["answered-within"].numerator == {"within_30_minutes": half, "within_60_minutes": hour}
    assert figures["expectation"].value["score"] == pytest.approx(score)
    assert figures["backlog-age"].n == 0
    assert 0 < figures["moved-to-private"].value["share"] < 1
