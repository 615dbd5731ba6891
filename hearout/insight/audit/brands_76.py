"""The audit of 76 brands, with your figures: who fails, who is never answered, and what a care handle changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hearout.insight.audit.cells import Cell, Json, empty, line, plain, share
from hearout.insight.audit.findings import Findings

SURVEY = "An archive of posts cannot tell; it takes a survey."
ASKED = (
    ("Twitter users who have asked a brand for service by tweet", 0.67),
    ("Consumers who switched brand after poor service on Twitter", 0.55),
    ("Consumers who tweeted about the poor service", 0.60),
)


def brands_76(findings: Findings) -> list[Json]:
    failing = share(sum(brand["grade"] == "F" for brand in findings.counted), len(findings.counted))
    caring = [brand for brand in findings.brands if "care" in brand["roles"].values() and brand["openings"]]
    others = [
        brand for brand in findings.brands if "care" not in brand["roles"].values() and brand["openings"]
    ]
    roles = {
        role: {row["brand"] for row in findings.found[2] if row["speaks_as"] == role}
        for role in ("care", "main")
    }
    answering = roles["care"] | roles["main"]
    care = share(len(roles["care"]), len(answering))
    main_only = share(len(roles["main"] - roles["care"]), len(answering))
    rows = [
        line("Brands that fail (retail article)", [plain(0.925, "share"), None], [failing, None]),
        line("Brands that fail (marketing article)", [plain(0.952, "share"), None], [failing, None]),
        line(
            "Openings never answered",
            [plain(0.58, "share"), plain(0.04, "share")],
            [_unanswered(findings.brands), _with_care(_unanswered, caring)],
        ),
        line("Retail brands that answer from a care handle", [plain(0.35, "share"), None], [care, None]),
        line(
            "Retail brands that answer from the main handle only",
            [plain(0.60, "share"), None],
            [main_only, None],
        ),
        line(
            "Closes the loop more often than without a care handle, by",
            [None, plain(0.62, "share")],
            [None, _more_often("loop_closed", caring, others)],
        ),
        line(
            "Gets kudos more often than without a care handle, by",
            [None, plain(0.28, "share")],
            [None, _more_often("kudos_rate", caring, others)],
        ),
        *(
            line(label, [plain(value, "share"), None], [empty("share", SURVEY), None])
            for label, value in ASKED
        ),
    ]
    return [{"title": "Answers and endings", "columns": ["All brands", "With a care handle"], "rows": rows}]


def _unanswered(brands: Sequence[Json]) -> Cell:
    openings = sum(brand["openings"] for brand in brands)
    return share(openings - sum(brand["answered"] for brand in brands), openings)


def _with_care(make: Callable[[Sequence[Json]], Cell], brands: Sequence[Json]) -> Cell:
    return (
        make(brands) if brands else empty("share", "No care handle is known in this audit (see brands.toml).")
    )


def _more_often(name: str, brands: Sequence[Json], others: Sequence[Json]) -> Cell:
    """How much larger the share is at `brands` than at `others`; 0.62 is 62 % more often."""
    if not brands:
        return empty("share", "No care handle is known in this audit (see brands.toml).")
    if not others:
        return empty("share", "Every brand of this audit has a care handle.")
    ours, theirs = (_pooled(name, several) for several in (brands, others))
    if ours is None or not theirs:
        return empty("share", "Nobody did, or texts were not read.")
    return plain(ours / theirs - 1, "share", sum(brand["answered"] for brand in brands))


def _pooled(name: str, brands: Sequence[Json]) -> float | None:
    known = [brand for brand in brands if brand[name] is not None]
    answered = sum(brand["intervals"][name]["n"] for brand in known)
    return (
        sum(brand[name] * brand["intervals"][name]["n"] for brand in known) / answered if answered else None
    )
