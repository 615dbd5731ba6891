"""A made audit of the shape that `insight/audit` writes: several brands, a hostile one, an empty one, nulls."""

from __future__ import annotations

import random
from collections.abc import Callable
from statistics import fmean
from typing import Any

import pytest

from hearout.insight.metrics.expectation import grade
from hearout.lib import wait_statistics as waiting

Document = dict[str, Any]
HOSTILE = "<script>alert(1)</script>\u202egnp.exe"
BRANDS = (
    ("Tidewing", 620, 0.94, 800, 1.7),
    ("Northrail", 410, 0.71, 5200, 1.4),
    ("Kettle & Co", 180, 0.42, 22_000, 1.2),
    (HOSTILE, 64, 0.9, 420, 0.9),
    ("Bluebird Mobile", 260, 0.985, 1100, 1.1),
    ("Quiet Shop", 0, 0, 0, 0),
)


def share(k: int, n: int) -> dict[str, Any]:
    low, high = waiting.wilson(k, n)
    return {"value": k / n if n else None, "low": low, "high": high, "n": n}


def figures(seed: int, n: int, answered: float, median: float, spread: float) -> Document:
    """Figures of `n` made openings; waits are log-normal."""
    draw = random.Random(seed)
    waits = sorted(round(median * draw.lognormvariate(0, spread)) for _ in range(round(n * answered)))
    weights = [1.0 if w <= 1800 else 0.68 if w <= 3600 else 0.58 if w <= 86_400 else 0.29 for w in waits]
    score = sum(weights) / n if n else None
    curve = waiting.waiting_curve(waits, [40 * 86_400] * (n - len(waits)))
    plain = {
        "first_contact_resolution": 0.55,
        "loop_closed": 0.18,
        "kudos_rate": 0.07,
        "moved_to_private": 0.31,
    }
    shares = {name: share(round(len(waits) * part), len(waits)) for name, part in plain.items()}
    rows = {
        "median": waiting.percentile_interval(waits, 50),
        "p90": waiting.percentile_interval(waits, 90),
        "leak_rate": (None, None),
        "mean": waiting.mean_interval(waits) or (None, None),
        "typical_wait_seconds": waiting.median_wait_interval(curve),
        "expectation_score": waiting.mean_interval([*weights, *[0.0] * (n - len(waits))]) or (None, None),
    }
    return {
        "openings": n,
        "answered": len(waits),
        "response_rate": share(len(waits), n),
        "first_response_seconds": {
            "n": len(waits),
            "median": waiting.percentile(waits, 50),
            "p90": waiting.percentile(waits, 90),
            "mean": fmean(waits) if waits else None,
        },
        "typical_wait_seconds": waiting.median_wait(curve),
        "answered_within": {str(t): share(sum(w <= t for w in waits), n) for t in (1800, 3600, 86_400)},
        "expectation_score": score,
        "grade": None if score is None else grade(score),
        **{name: one["value"] for name, one in shares.items()},
        "leak_rate": None,
        "intervals": {
            **{name: {"low": low, "high": high, "n": n} for name, (low, high) in rows.items()},
            **{name: {key: one[key] for key in ("low", "high", "n")} for name, one in shares.items()},
        },
    }


def split(seed: int, n: int, answered: float, median: float, spread: float) -> dict[str, Any]:
    weights = {
        "tone": {
            "complaint": (0.5, 1.0),
            "question": (0.3, 1.2),
            "praise": (0.12, 6.0),
            "other": (0.08, 2.0),
        },
        "directness": {"direct": (0.85, 1.0), "hashtag": (0.06, 2.0), "indirect": (0.09, 9.0)},
        "handle_role": {"main": (0.4, 2.2), "care": (0.6, 0.7)},
        "place": {"own page": (0.2, 1.5), "elsewhere": (0.8, 1.0)},
        "network": {"twitter": (1.0, 1.0)},
        "weekday": {day: (0.15, 1.0) for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")}
        | {day: (0.125, 2.4) for day in ("Saturday", "Sunday")},
        "hour": {str(h): (0.015 if h < 7 else 0.0527, 5.0 if h < 7 else 0.8) for h in range(24)},
    }
    return {
        name: {
            key: figures(seed + i, round(n * part), answered, median * slower, spread)
            for i, (key, (part, slower)) in enumerate(parts.items())
        }
        for name, parts in weights.items()
    }


def cell(
    value: float | None,
    unit: str,
    n: int | None = None,
    low: float | None = None,
    high: float | None = None,
    why: str = "",
) -> Document:
    return {"value": value, "unit": unit, "n": n, "low": low, "high": high, "why": why}


STUDIES: list[Document] = [
    {
        "id": "brands-76",
        "title": "Audit of 76 brands",
        "source": "Rational Interaction, Social Customer Care Report",
        "year": 2016,
        "note": "Twitter; retail, technology, health care and others.",
        "tables": [
            {
                "title": "Answers and endings",
                "columns": ["All brands", "With a care handle"],
                "rows": [
                    {
                        "label": "Unanswered",
                        "published": [cell(0.58, "share"), cell(0.04, "share")],
                        "yours": [
                            cell(0.19, "share", 1534, 0.17, 0.21),
                            cell(0.11, "share", 920, 0.09, 0.13),
                        ],
                    },
                    {
                        "label": "Brands failing expectations",
                        "published": [cell(0.952, "share"), None],
                        "yours": [
                            cell(0.4, "share", 5, 0.12, 0.77),
                            cell(None, "share", why="No brand has a care handle only."),
                        ],
                    },
                ],
            }
        ],
    },
    {
        "id": "retailers-25",
        "title": "Mystery shoppers at 25 online retailers",
        "source": "Auros",
        "year": 2011,
        "note": "The published figures are of test posts; yours are of customers’ posts.",
        "tables": [
            {
                "title": "Share answered and time",
                "columns": ["Twitter", "Facebook"],
                "rows": [
                    {
                        "label": "Answered a question (direct)",
                        "published": [cell(0.25, "share"), None],
                        "yours": [
                            cell(0.81, "share", 460, 0.77, 0.84),
                            cell(None, "share", why="No posts of Facebook in this archive."),
                        ],
                    },
                    {
                        "label": "Average time to a negative comment",
                        "published": [cell(96 * 60, "seconds"), None],
                        "yours": [
                            cell(9120, "seconds", 700, 8000, 10_200),
                            cell(None, "seconds", why="No posts of Facebook in this archive."),
                        ],
                    },
                    {
                        "label": "Retailers answering an indirect mention",
                        "published": [cell(2, "count", 25), None],
                        "yours": [cell(3, "count", 5), None],
                    },
                ],
            }
        ],
    },
]
MOVES = (
    (
        "hearout",
        "Hearout’s definition",
        "First post of the brand in the tree of an opening.",
        "",
        1.0,
        1.0,
        1.0,
    ),
    (
        "answered_mean",
        "Mean of the answered only",
        "The mean, without those who never got an answer.",
        "most dashboards",
        1.0,
        1.0,
        1.0,
    ),
    (
        "business_hours",
        "Business hours only",
        "Time outside Monday to Friday, 9 to 17 does not count.",
        "help desks",
        1.0,
        0.3,
        0.25,
    ),
    (
        "last_of_burst",
        "From the last post of a burst",
        "Each further post starts the clock again.",
        "conversation inboxes",
        1.0,
        0.7,
        0.8,
    ),
    ("auto_replies", "Automatic replies count", "An acknowledgement is an answer.", "bots", 1.02, 0.2, 0.7),
    (
        "question_mark",
        "Only posts with a question mark",
        "Complaints without one are left out.",
        "Socially Devoted",
        1.01,
        1.1,
        1.0,
    ),
    (
        "dropped",
        "Unanswered dropped after 7 days",
        "Late and missing answers vanish.",
        "ticket systems",
        1.2,
        0.9,
        0.4,
    ),
)


def moves(whole: Document) -> list[Document]:
    first, n = whole["first_response_seconds"], whole["openings"]
    return [
        {
            "key": key,
            "title": title,
            "definition": definition,
            "used_by": used,
            "openings": n,
            "answered": whole["answered"],
            "response_rate": min(1.0, (whole["response_rate"]["value"] or 0) * rate),
            "n": whole["answered"],
            "median": first["median"] * mid,
            "p90": first["p90"] * mean,
            "mean": first["mean"] * mean,
        }
        for key, title, definition, used, rate, mid, mean in MOVES
    ]


def made_document() -> Document:
    brands = [
        {
            "brand": name,
            "handles": [name.split()[0].lower(), f"{name.split()[0].lower()}care"],
            **figures(i, *shape),
            "by": split(i, *shape) if shape[0] else {},
        }
        for i, (name, *shape) in enumerate(BRANDS)
    ]
    brands.sort(key=lambda brand: (-brand["openings"], brand["brand"]))
    whole = {**figures(99, 1534, 0.84, 1500, 1.7), "by": split(99, 1534, 0.84, 1500, 1.7)}
    league = [
        {
            "brand": b["brand"],
            "rate": b["response_rate"]["value"],
            "mean_seconds": b["first_response_seconds"]["mean"],
            "median_seconds": b["first_response_seconds"]["median"],
            "openings": b["openings"],
            "published": False,
            "source": None,
        }
        for b in brands
    ]
    league += [
        {
            "brand": name,
            "rate": rate,
            "mean_seconds": mean,
            "median_seconds": None,
            "openings": None,
            "published": True,
            "source": "Social Media Influence, about 2012",
        }
        for name, rate, mean in (("Walmart", 0.07, 5400), ("Target", 0.85, 10_080))
    ]
    return {
        "archive": {
            "posts": 6122,
            "first": "2026-08-31T22:04:11+00:00",
            "last": "2026-10-12T07:31:00+00:00",
            "rejected": 12,
            "duplicates": 40,
            "orphans": 31,
            "unaddressed": 88,
            "faults": {"circular": 1, "earlier_than_parent": 7},
        },
        "brands": brands,
        "all": whole,
        "definitions": {
            "response-rate": "The share of openings that got an answer.\n\nResponse rate = answered / openings.",
            "expectation": "How well customers’ expectations of time were met.",
        },
        "made": {
            "at": "2026-11-21T22:40:00+00:00",
            "hearout": "0.3.0",
            "engine": "duckdb 2.0",
            "inputs": ["autumn.csv.gz", "</title><script>alert(2)</script>.csv"],
            "tone": True,
            "expectation": [1.0, 0.68, 0.58, 0.29],
            "name": "Autumn review",
        },
        "exclusions": {
            "orphans": 31,
            "unaddressed": 88,
            "deleted_unanswered": 2,
            "answers_before_opening": 7,
            "automatic_answers": 120,
        },
        "warnings": {"time without a zone, taken as UTC": 31, "text looks like mojibake": 4},
        "moves": moves(whole),
        "studies": STUDIES,
        "league": league,
    }


@pytest.fixture
def document() -> Document:
    return made_document()


@pytest.fixture
def make() -> Callable[..., Document]:
    """A document with some of its parts replaced."""
    return lambda **parts: {**made_document(), **parts}
