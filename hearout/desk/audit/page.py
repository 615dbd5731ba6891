"""An audit's document as its templates show it: the same parts in the report and on the desk's page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hearout.desk.audit import leads
from hearout.desk.audit.drawn import LeagueRow, league_drawn, league_rows, times_drawn
from hearout.desk.audit.findings import ENOUGH, MEANING, Finding, findings, grades, sentence
from hearout.desk.audit.moved import Moved, moved
from hearout.desk.audit.quality import Lines, archive_lines, definitions, made_lines, warning_lines
from hearout.desk.audit.studied import Study, studies
from hearout.desk.audit.told import Split, Told, splits, times, told
from hearout.desk.audit.words import (
    Json,
    Value,
    count,
    day,
    moment_of,
    period,
    plain,
    plural,
)
from hearout.desk.overview.words import percent
from hearout.insight.audit.charts import Drawn
from hearout.insight.metrics.expectation import STEPS

MOST_BRANDS = 20
MOST_ROWS = 200
LEAGUE = "league"
"""The study that has a section of its own."""
EXPECTED = (("Within 30 minutes", "half_hour", 0.32), ("Within an hour", "hour", 0.42))
"""The Social Habit survey, about 2012: which share of customers expects an answer by then."""
SHARES = (
    ("first_contact_resolution", "Settled at first contact", "of the answered, one post of the brand was enough"),
    ("loop_closed", "Loop closed", "the customer confirmed"),
    ("kudos_rate", "Kudos", "thanked or praised within 7 days"),
    ("moved_to_private", "Moved to private", "the brand asked to go on in private"),
    ("leak_rate", "Leaked", "wanted care, came to the main handle"),
)  # fmt: skip


@dataclass(frozen=True)
class Key:
    """One of the figures on the first page. `beside`: a published figure to hold it against."""

    title: str
    value: Value
    beside: str = ""


@dataclass(frozen=True)
class Expected:
    title: str
    value: Value
    expected: float | None

    @property
    def mark(self) -> str:
        return f"{(self.expected or 0) * 120:.1f}"

    @property
    def words(self) -> str:
        return percent(self.expected) if self.expected else ""


@dataclass(frozen=True)
class BrandPart:
    """The section of one brand. `place`: its number in the table."""

    place: int
    told: Told
    sentence: str
    splits: list[Split]
    shares: list[Key]


@dataclass(frozen=True)
class Page:
    title: str
    name: str
    subtitle: str
    made_on: str
    whole: Told
    meaning: str
    sentence: str
    keys: list[Key]
    shares: list[Key]
    expected: list[Expected]
    findings: list[Finding]
    rows: list[Told]
    small_rows: list[Told]
    brands: list[BrandPart]
    hidden_rows: int
    hidden_brands: int
    hours: Drawn | None
    weekdays: Drawn | None
    hour_rows: list[Told]
    weekday_rows: list[Told]
    splits: list[Split]
    studies: list[Study]
    league: Drawn | None
    league_rows: list[LeagueRow]
    moved: list[Moved]
    weights: list[str]
    archive: list[Lines]
    warnings: Lines
    made: Lines
    definitions: list[tuple[str, list[str]]]

    @property
    def empty(self) -> bool:
        return not self.whole.openings

    @property
    def brands_lead(self) -> str:
        return leads.of_brands(self.rows)

    @property
    def times_lead(self) -> str:
        return leads.of_times(self.hour_rows, self.weekday_rows)

    @property
    def moves_lead(self) -> str:
        return leads.of_moves(self.moved)

    @property
    def clock_tables(self) -> list[tuple[str, list[Told]]]:
        found = (("By hour, UTC", self.hour_rows), ("By weekday", self.weekday_rows))
        return [(title, rows) for title, rows in found if rows]

    @property
    def contents(self) -> list[tuple[str, str]]:
        """Anchor and title of each section that there is."""
        there = (
            ("summary", "Summary", True),
            ("brands", "Brands", len(self.rows) > 1 or self.empty),
            ("league", "The league", self.league),
            ("times", "Hours and weekdays", self.hours or self.weekdays),
            ("splits", "Who asks how", self.splits),
            ("studies", "Beside the studies", self.studies),
            ("moves", "What moves the figure", self.moved),
            ("each", "Brand by brand", self.brands),
            ("quality", "How good the data is", True),
            ("methods", "Methods and limits", True),
        )
        return [(anchor, title) for anchor, title, shown in there if shown]

    @property
    def grades(self) -> str:
        return grades(self.whole)

    @property
    def pointer(self) -> str:
        """Where the score stands on the ruler of grades, 0 to 600."""
        return f"{(self.whole.score.number or 0) * 600:.1f}"

    @property
    def pointer_ends(self) -> tuple[str, str]:
        score = self.whole.score
        return f"{(score.low or 0) * 600:.1f}", f"{(1 if score.high is None else score.high) * 600:.1f}"


def page_of(document: Json) -> Page:
    """What the templates show of a document. Whatever is missing in it stays empty."""
    figures: Json = document.get("all") or {}
    brands: Sequence[Json] = document.get("brands") or []
    whole = told(figures)
    who = _who(brands)
    rows, small = _rows(brands)
    hours, weekdays = times(figures, "hour"), times(figures, "weekday")
    return Page(
        title=_title(brands),
        name=plain((document.get("made") or {}).get("name")),
        subtitle=_subtitle(document, whole),
        made_on=_made_on(document),
        whole=whole,
        meaning=MEANING.get(whole.grade, ""),
        sentence=sentence(whole, who),
        keys=_keys(whole),
        shares=_shares(whole),
        expected=_expected(whole),
        findings=findings(document),
        rows=rows,
        small_rows=small,
        brands=[_part(place, brand) for place, brand in enumerate(brands[:MOST_BRANDS], 1)] if len(brands) > 1 else [],
        hidden_rows=max(0, len(brands) - MOST_ROWS),
        hidden_brands=max(0, len(brands) - MOST_BRANDS),
        hours=times_drawn(hours, "When customers ask, and when they are answered (UTC)", letters=5),
        weekdays=times_drawn(weekdays, "Weekdays", letters=3),
        hour_rows=hours,
        weekday_rows=weekdays,
        splits=splits(figures, least=2),
        studies=[one for one in studies(document) if one.key != LEAGUE] if whole.openings else [],
        league=league_drawn(document),
        league_rows=league_rows(document),
        moved=moved(document) if whole.openings else [],
        weights=_weights(document.get("made") or {}),
        archive=archive_lines(document),
        warnings=warning_lines(document),
        made=made_lines(document),
        definitions=definitions(document),
    )  # fmt: skip


def _weights(made: Json) -> list[str]:
    """How content customers are with each step of waiting, as written; empty where it was not told."""
    given = made.get("expectation")
    return [f"{one:g}" for one in given] if isinstance(given, list) and len(given) == len(STEPS) else []


def _rows(brands: Sequence[Json]) -> tuple[list[Told], list[Told]]:
    """Those for the table with all intervals, and those with too few openings for it when there are many brands."""
    known = [told(brand) for brand in brands[:MOST_ROWS]]
    large = [row for row in known if row.openings >= ENOUGH]
    if len(known) <= MOST_BRANDS or not large:
        return known, []
    return large, [row for row in known if row.openings < ENOUGH]


def _who(brands: Sequence[Json]) -> str:
    return plain(brands[0].get("brand")) or "The brand" if len(brands) == 1 else "The brands"


def _title(brands: Sequence[Json]) -> str:
    if len(brands) == 1:
        return f"How {plain(brands[0].get('brand')) or 'the brand'} answers its customers"
    return (
        f"How {plural(len(brands), 'brand')} answer their customers"
        if brands
        else "How customers are answered"
    )


def _subtitle(document: Json, whole: Told) -> str:
    archive: Json = document.get("archive") or {}
    parts = [plural(whole.openings, "opening"), f"{count(archive.get('posts'))} posts",
             period(archive.get("first"), archive.get("last"))]  # fmt: skip
    return " · ".join(part for part in parts if part)


def _made_on(document: Json) -> str:
    at = moment_of((document.get("made") or {}).get("at"))
    return day(at) if at else ""


def _keys(whole: Told) -> list[Key]:
    return [
        Key("Answered", whole.rate, "58 % never got one, says a study of 2016"),
        Key("Median first response", whole.median, "of the answered"),
        Key("Everybody’s typical wait", whole.typical, "counts those who never got an answer"),
        Key("Answered within 30 minutes", whole.half_hour, "32 % of customers expect it"),
        Key("Answered within the hour", whole.hour, "42 % of customers expect it"),
        Key("Answered within a day", whole.day, ""),
    ]


def _shares(whole: Told) -> list[Key]:
    return [Key(title, whole.shares[name], meaning) for name, title, meaning in SHARES]


def _expected(whole: Told) -> list[Expected]:
    in_time = [Expected(title, getattr(whole, name), share) for title, name, share in EXPECTED]
    return [*in_time, Expected("Within a day", whole.day, None), Expected("Ever", whole.rate, None)]


def _part(place: int, brand: Json) -> BrandPart:
    one = told(brand)
    return BrandPart(
        place,
        one,
        sentence(one, one.name),
        splits(brand, ("tone", "directness", "handle_role"), least=2),
        _shares(one),
    )
