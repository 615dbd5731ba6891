"""Audits of made archives against a computation that shares nothing with them but the file."""

from __future__ import annotations

import csv
import json
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lifelines import KaplanMeierFitter

from hearout.insight.audit.auditing import AuditOptions, audit
from hearout.insight.audit.brands import parse_brands
from hearout.insight.audit.loading import ARCHIVE, Inputs, load
from hearout.insight.duck import DuckEngine

HEADER = [
    "tweet_id",
    "author_id",
    "inbound",
    "created_at",
    "text",
    "response_tweet_id",
    "in_response_to_tweet_id",
]
MONDAY = datetime(2017, 10, 2, tzinfo=UTC)

Document = dict[str, Any]


@dataclass
class Made:
    """An archive as it was thought up. `waits`: by brand, seconds until the first response, None for never."""

    rows: list[list[str]] = field(default_factory=list)
    waits: dict[str, list[float | None]] = field(default_factory=dict)
    opened: dict[str, list[datetime]] = field(default_factory=dict)
    orphans: int = 0

    def post(self, author: str, text: str, at: datetime, parent: str = "", brand: bool = False) -> str:
        number = str(len(self.rows) + 1)
        told = at.strftime("%a %b %d %H:%M:%S +0000 %Y")
        self.rows.append([number, author, str(not brand), told, text, "", parent])
        return number

    def write(self, path: Path, rows: list[list[str]] | None = None) -> Path:
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([HEADER, *(rows or self.rows)])
        return path

    @property
    def last(self) -> datetime:
        return max(datetime.strptime(row[3], "%a %b %d %H:%M:%S %z %Y") for row in self.rows)


def made(seed: int) -> Made:
    """Three brands, of which many openings stay unanswered up to the end of the archive."""
    draw, archive = random.Random(seed), Made()
    for brand, openings, rate in (("Tidewing", 120, 0.45), ("orchardrail", 60, 0.9), ("quietshop", 15, 0.1)):
        archive.waits[brand], archive.opened[brand] = [], []
        for n in range(openings):
            at = MONDAY + timedelta(seconds=draw.randrange(86_400))
            top = archive.post(f"7{n}", f"@{brand} where is it?", at)
            archive.opened[brand].append(at)
            if n % 4 == 0:
                archive.post(f"7{n}", "hello?", at + timedelta(seconds=1), top)
            wait = round(draw.lognormvariate(8, 2))
            answered = draw.random() < rate and at + timedelta(seconds=wait) < MONDAY + timedelta(days=1)
            archive.waits[brand].append(wait if answered else None)
            if answered:
                answer = archive.post(brand, "sorry", at + timedelta(seconds=wait), top, brand=True)
                archive.post(brand, "again", at + timedelta(seconds=wait + 60), answer, brand=True)
                archive.post(f"7{n}", "thanks", at + timedelta(seconds=wait + 90), answer)
        archive.post(brand, "Hello world", MONDAY, brand=True)
    return archive


def audited(path: Path, **options: Any) -> Document:
    tone, brands = options.pop("tone", False), options.pop("brands", None)
    with DuckEngine() as engine:
        loaded = load(engine, Inputs([path], tone=tone, brands=brands))
        chosen = AuditOptions(loaded.scope(), ARCHIVE, tone=tone, brands=brands, **options)
        return audit(engine, loaded.tables, loaded.counts, options=chosen).as_json()


@pytest.fixture(scope="module")
def messy(tmp_path_factory: pytest.TempPathFactory) -> tuple[Made, Document]:
    """Shuffled, with rows told twice, and with some openings missing, whose threads then hang in the air."""
    archive, draw = made(7), random.Random(1)
    gone = {row[0] for row in archive.rows if row[2] == "True" and not row[6] and draw.random() < 0.1}
    for brand, opened in archive.opened.items():
        tops = [row[0] for row in archive.rows if row[4].startswith(f"@{brand} ")]
        kept = [place for place, top in enumerate(tops) if top not in gone]
        archive.waits[brand] = [archive.waits[brand][place] for place in kept]
        archive.opened[brand] = [opened[place] for place in kept]
    archive.rows = [row for row in archive.rows if row[0] not in gone]
    there = {row[0] for row in archive.rows}
    archive.orphans = sum(row[2] == "True" and bool(row[6]) and row[6] not in there for row in archive.rows)
    rows = archive.rows + draw.sample(archive.rows, 30)
    draw.shuffle(rows)
    path = archive.write(tmp_path_factory.mktemp("messy") / "messy.csv", rows)
    return archive, audited(path)


def waits_in(archive: Made, brand: str) -> tuple[list[float], list[float]]:
    """Seconds of the answered, and how long the others had been waiting when the archive ended."""
    pairs = list(zip(archive.waits[brand], archive.opened[brand], strict=True))
    answered = sorted(wait for wait, _ in pairs if wait is not None)
    return answered, [(archive.last - at).total_seconds() for wait, at in pairs if wait is None]


def everybody(archive: Made) -> tuple[list[float], list[float]]:
    parts = [waits_in(archive, brand) for brand in archive.waits]
    answered, left = (list(chain.from_iterable(several)) for several in zip(*parts, strict=True))
    return sorted(answered), left


def typical_wait(answered: list[float], left: list[float]) -> float | None:
    """lifelines' median; infinite is unknown."""
    seen = [True] * len(answered) + [False] * len(left)
    median = KaplanMeierFitter().fit(answered + left, seen).median_survival_time_
    return None if np.isinf(median) else float(median)


def test_a_messy_archive_gives_the_figures_of_what_was_thought_up(messy: tuple[Made, Document]) -> None:
    archive, document = messy
    assert [brand["brand"] for brand in document["brands"]] == ["Tidewing", "orchardrail", "quietshop"]
    for brand in document["brands"]:
        answered, left = waits_in(archive, brand["brand"])
        assert (brand["openings"], brand["answered"]) == (len(answered) + len(left), len(answered))
        first = brand["first_response_seconds"]
        assert first["median"] == np.percentile(answered, 50)
        assert first["p90"] == pytest.approx(np.percentile(answered, 90), rel=1e-12)
        assert first["mean"] == pytest.approx(np.mean(answered), rel=1e-12)
        for limit in (1800, 3600, 86_400):
            share = sum(wait <= limit for wait in answered) / brand["openings"]
            assert brand["answered_within"][str(limit)]["value"] == share
    answered, left = everybody(archive)
    assert document["all"]["first_response_seconds"]["median"] == np.percentile(answered, 50)
    assert document["all"]["openings"] == len(answered) + len(left)


def test_the_typical_wait_is_the_kaplan_meier_median_of_lifelines(messy: tuple[Made, Document]) -> None:
    archive, document = messy
    told = {brand["brand"]: brand["typical_wait_seconds"] for brand in document["brands"]}
    assert told == {brand: typical_wait(*waits_in(archive, brand)) for brand in archive.waits}
    assert document["all"]["typical_wait_seconds"] == typical_wait(*everybody(archive))
    assert told["Tidewing"] != document["brands"][0]["first_response_seconds"]["median"]
    assert told["quietshop"] is None


def test_doubled_and_missing_posts_are_counted(messy: tuple[Made, Document]) -> None:
    archive, document = messy
    counted = document["archive"]
    assert (counted["posts"], counted["duplicates"]) == (len(archive.rows), 30)
    assert counted["orphans"] == archive.orphans > 0
    assert counted["last"] == archive.last.isoformat()
    assert counted["rejected"] == 0


def test_the_parts_of_every_dimension_make_the_whole(messy: tuple[Made, Document]) -> None:
    _, document = messy
    for figures in (document["all"], *document["brands"]):
        for name, parts in figures["by"].items():
            assert sum(part["openings"] for part in parts.values()) == figures["openings"], name
            assert all("by" not in part for part in parts.values())
    assert list(document["all"]["by"]["weekday"]) == ["Monday"]
    assert list(document["all"]["by"]["hour"]) == [str(hour) for hour in range(24)]


def test_the_document_is_plain_json_of_the_promised_shape(messy: tuple[Made, Document]) -> None:
    _, document = messy
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert list(document)[:4] == ["archive", "brands", "all", "definitions"]
    promised = {
        "openings", "answered", "response_rate", "first_response_seconds", "typical_wait_seconds",
        "answered_within", "expectation_score", "grade", "first_contact_resolution", "loop_closed", "kudos_rate",
        "moved_to_private", "by",
    }  # fmt: skip
    for figures in (document["all"], *document["brands"]):
        assert promised <= set(figures)
        assert set(figures["response_rate"]) == {"value", "low", "high", "n"}
        assert set(figures["first_response_seconds"]) == {"n", "median", "p90", "mean"}
    assert document["archive"].keys() == {
        "posts", "first", "last", "rejected", "duplicates", "orphans", "unaddressed", "faults",
    }  # fmt: skip


def test_without_readings_what_rests_on_tone_is_unknown_and_the_rest_is_not(
    messy: tuple[Made, Document],
) -> None:
    whole = messy[1]["all"]
    assert whole["loop_closed"] is whole["kudos_rate"] is whole["first_contact_resolution"] is None
    assert whole["moved_to_private"] == 0.0
    assert messy[1]["made"]["tone"] is False


def test_a_brand_of_the_list_without_openings_is_there_with_nothing_to_say(tmp_path: Path) -> None:
    archive = Made()
    archive.post("1", "@tidewing hello?", MONDAY)
    brands = parse_brands(
        "[[brand]]\nname='Tidewing'\nindustry='travel'\n[[brand.handle]]\nhandle='tidewing'\n"
        "[[brand]]\nname='Nobody'\n[[brand.handle]]\nhandle='nobody'\nrole='care'\n"
    )
    document = audited(archive.write(tmp_path / "a.csv"), brands=brands)
    tidewing, nobody = document["brands"]
    assert (tidewing["brand"], tidewing["industry"], tidewing["openings"]) == ("Tidewing", "travel", 1)
    assert (nobody["brand"], nobody["handles"], nobody["openings"]) == ("Nobody", ["nobody"], 0)
    assert nobody["response_rate"] == {"value": None, "low": None, "high": None, "n": 0}
    assert nobody["expectation_score"] is nobody["grade"] is nobody["typical_wait_seconds"] is None


def test_an_archive_of_nobody_known_is_an_audit_of_nothing(tmp_path: Path) -> None:
    archive = Made()
    archive.post("1", "@somebody hello?", MONDAY)
    document = audited(archive.write(tmp_path / "a.csv"))
    assert (document["brands"], document["all"]["openings"]) == ([], 0)
    assert (document["archive"]["posts"], document["archive"]["unaddressed"]) == (1, 1)


def test_the_sample_gives_the_figures_that_were_promised(shared_data: Path) -> None:
    document = audited(shared_data / "twcs_small" / "monalisa_twcs.csv")
    whole, archive = document["all"], document["archive"]
    assert (archive["posts"], archive["rejected"], archive["orphans"]) == (4999, 2, 3)
    assert (whole["openings"], whole["answered"]) == (1284, 1284)
    first = whole["first_response_seconds"]
    assert (first["median"], round(first["p90"], 6), round(first["mean"], 2)) == (813, 31_936.2, 181_507.85)
    within = {limit: round(one["value"], 5) for limit, one in whole["answered_within"].items()}
    assert within == {"1800": 0.61526, "3600": 0.72118, "86400": 0.94159}
    assert (round(whole["expectation_score"], 5), whole["grade"]) == (0.83206, "B")
    [apple] = [brand for brand in document["brands"] if brand["brand"] == "AppleSupport"]
    assert (apple["openings"], apple["first_response_seconds"]["median"]) == (83, 469)
    assert (round(apple["first_response_seconds"]["p90"], 6), apple["grade"]) == (1048.6, "A")
    assert round(apple["expectation_score"], 5) == 0.97096
    sizes = [(-brand["openings"], brand["brand"].lower()) for brand in document["brands"]]
    assert sizes == sorted(sizes)
