"""What the pages of trends show, made of alarms, series and incidents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils.safestring import mark_safe

from hearout.cases.models import Case, CasePost
from hearout.desk.zones import zone_of
from hearout.insight.charts import Chart
from hearout.insight.trends.chart import bars, trend_chart
from hearout.insight.trends.models import Alarm, Incident, Series, Watch
from hearout.listening.models import Post
from hearout.people.models import Brand

LATELY = timedelta(days=28)
MOST_ALARMS, MOST_INCIDENTS, MOST_POSTS, MOST_CASES, MOST_WORDS = 30, 20, 30, 100, 8
YEAR_WEEKS = 52.18
HUGE = 4.7
"""log10 of weeks from which a number says no more: a thousand years."""


@dataclass(frozen=True)
class Span:
    """A period to look at, in steps of `minutes`."""

    slug: str
    label: str
    length: timedelta
    minutes: int


SPANS = (
    Span("day", "24 hours", timedelta(days=1), 15),
    Span("week", "7 days", timedelta(days=7), 60),
    Span("month", "28 days", timedelta(days=28), 360),
)


@dataclass(frozen=True)
class Told:
    """An event: its first alarm and those beside it. `rare`: how often the like comes by itself."""

    alarm: Alarm
    rare: str
    minutes: int
    beside: Sequence[str]
    words: Sequence[str]
    severity: str
    severe: int


@dataclass(frozen=True)
class Kept:
    """How the setting was kept in the last four weeks."""

    events: int
    false: int


def events(brand: Brand, now: datetime) -> list[Told]:
    """The newest events of the last four weeks."""
    mine = Alarm.objects.filter(brand=brand, event=None, began_at__gt=now - LATELY)
    found = mine.select_related("series", "incident", "false_by").prefetch_related("beside__series")
    return [told(one) for one in found.order_by("-began_at", "-pk")[:MOST_ALARMS]]


def told(alarm: Alarm) -> Told:
    every = [alarm, *alarm.beside.all()]
    worst = max(every, key=lambda one: one.severity)
    words = dict.fromkeys(str(word) for one in every for word in one.words)
    return Told(
        alarm=alarm,
        rare=rare(alarm.weeks),
        minutes=10,
        beside=[one.series.label for one in every[1:]],
        words=list(words)[:MOST_WORDS],
        severity=worst.get_severity_display(),
        severe=worst.severity,
    )


def rare(weeks: float) -> str:
    """How often something comes by itself, in words; `weeks` as a power of ten."""
    if weeks >= HUGE:
        return "less than once in a thousand years"
    number = 10**weeks
    if number < 1:
        return f"about {1 / number:,.0f} times a week" if 1 / number >= 1.5 else "about once a week"
    if number < 2 * YEAR_WEEKS:
        return "about once a week" if number < 1.5 else f"about once in {number:,.0f} weeks"
    return f"about once in {number / YEAR_WEEKS:,.0f} years"


def kept_to(brand: Brand, now: datetime) -> Kept:
    lately = Alarm.objects.filter(brand=brand, event=None, began_at__gt=now - LATELY)
    return Kept(lately.count(), lately.exclude(false_at=None).count())


def span_of(slug: str) -> Span:
    return next((span for span in SPANS if span.slug == slug), SPANS[0])


def chart_of(series: Series, span: Span, watch: Watch) -> Chart | None:
    """Up to what has been judged; None before anything was."""
    if watch.judged_until is None:
        return None
    step = timedelta(minutes=span.minutes)
    zone = zone_of(watch.brand)
    until = watch.judged_until
    since = until - span.length
    began = list(series.alarms.filter(began_at__gte=since).values_list("began_at", flat=True))
    drawn = bars(series, since, until, step, zone, began)
    title = (
        f"{series.label}, every {f'{span.minutes} minutes' if span.minutes < 60 else _hours(span.minutes)}"
    )
    return _safe(trend_chart(drawn, title, days=span.length > timedelta(days=2)))


def chart_around(alarm: Alarm) -> Chart:
    """From half a day before an alarm to a quarter of one after its end, every ten minutes."""
    since = alarm.began_at - timedelta(hours=12)
    until = alarm.last_at + timedelta(hours=6)
    step = timedelta(minutes=10 if until - since < timedelta(days=2) else 60)
    began = list(
        alarm.series.alarms.filter(began_at__range=(since, until)).values_list("began_at", flat=True)
    )
    drawn = bars(alarm.series, since, until, step, zone_of(alarm.brand), began)
    return _safe(trend_chart(drawn, alarm.series.label))


@dataclass(frozen=True)
class Behind:
    """A post behind an alarm, and the case it belongs to."""

    post: Post
    case_id: int | None


def posts_behind(of: Alarm | Incident) -> list[Behind]:
    found = of.posts.filter(deleted_at=None).select_related("author").order_by("posted_at", "pk")
    posts = list(found[:MOST_POSTS])
    return [Behind(post, case) for post, case in zip(posts, _cases_of(posts, of.brand_id), strict=True)]


def _cases_of(posts: Iterable[Post], brand_id: int) -> list[int | None]:
    rows = CasePost.objects.filter(brand=brand_id, post__in=posts).values_list("post_id", "case_id")
    cases = dict(rows)
    return [cases.get(post.pk) for post in posts]


def cases_in(incident: Incident) -> list[Case]:
    """Its cases, those still open first."""
    found = incident.cases.select_related("assignee", "closure", "opening__author")
    return list(found.order_by("closure", "opened_at")[:MOST_CASES])


def _safe(chart: Chart) -> Chart:
    """Its drawing was rebuilt of what draws alone, with every label escaped (`insight.charts`)."""
    return replace(chart, svg=mark_safe(chart.svg))  # noqa: S308


def _hours(minutes: int) -> str:
    return "hour" if minutes == 60 else f"{minutes // 60} hours"
