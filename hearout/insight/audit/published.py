"""What the studies published, as they published it. What they did not say is None, never a guess."""

from __future__ import annotations

from dataclasses import dataclass

HOUR = 3600
DAY = 86_400


@dataclass(frozen=True)
class Source:
    """Where figures come from. `year`: of publication, None where it is not known; `about`: known only roughly."""

    id: str
    title: str
    source: str
    year: int | None
    note: str
    about: bool = False


RETAILERS = Source(
    "retailers",
    "Tests of 25 online retailers",
    "Auros, mystery shoppers at 25 UK online retailers",
    2011,
    "Published figures are of a few test posts to each retailer; yours are of all customers' openings, or of probes. "
    "Negative stands beside openings read as complaints, positive beside praise. Across both networks no published "
    "average was under 78 minutes.",
)
BRANDS_76 = Source(
    "brands-76",
    "Audit of 76 brands",
    'Rational Interaction, "Social Customer Care Report"',
    2016,
    "Twitter; retail, technology, health care and others; as reported by two articles, which differ in the share "
    "that fails. A brand of yours fails when its grade is F. With a care handle: brands that are known to have one.",
)
EXPECTATIONS = Source(
    "expectations",
    "What customers expect",
    "The Social Habit survey",
    2012,
    "Published: the share of customers who expect a response within that time, at any hour of any day. Yours: the "
    "share of openings that got one.",
    about=True,
)
LEAGUE = Source(
    "league",
    "League of response time and rate",
    "Social Media Influence, infographic",
    2012,
    "Average response time of what was answered, beside the share that was.",
    about=True,
)
HANDLES = Source(
    "care-handles",
    "Dedicated care handles of the Interbrand 100",
    "Simply Measured, March 2013 (named brands: December 2012; under 8 hours: January and February 2015)",
    2013,
    "Published: 30 dedicated handles; average time between an inbound tweet and an @reply. Yours: brands with at "
    "least 10 openings, each counting once.",
)
EPTICA = Source(
    "us-retailers",
    "500 US retailers",
    "Eptica",
    None,
    "Average time to an answer. E-mail took 7 h 51 min.",
)
DEVOTED = Source(
    "socially-devoted",
    "Questions answered",
    'Socialbakers, "Socially Devoted"',
    None,
    "A brand is called devoted when it answers at least 65 % of questions.",
)
PROGRAMME = Source(
    "programme",
    "Programme against no programme",
    'Aberdeen Group, "Social Customer Care: Steps to Success"',
    2014,
    "Change from one year to the next among companies with a programme of social care.",
)

ADOPTION = {"twitter": 0.80, "facebook": 0.72}
RETAILERS_ANSWERED = {
    ("question", "direct", ""): {"twitter": 0.25},
    ("complaint", "", ""): {"twitter": 0.20, "facebook": 0.11},
    ("praise", "", ""): {"twitter": 0.10, "facebook": 0.17},
}
"""By tone, directness and place ("" for any): the share answered, by network."""

RETAILERS_TIME: dict[tuple[str, str, str], dict[str, float]] = {
    ("complaint", "", ""): {"twitter": 96 * 60},
    ("complaint", "", "own page"): {"facebook": 7 * HOUR},
    ("praise", "", ""): {"twitter": 36 * HOUR},
}
"""Average seconds to the answer. That on the own page is "as long as 7 hours"."""

RETAILERS_TESTED = 25
ANSWERED_INDIRECT = 2
FOLLOWED_BACK = 0

EXPECTED_WITHIN = {1800: 0.32, HOUR: 0.42}
LEAGUE_BRANDS = (("Walmart", 0.07, 1.5 * HOUR), ("Target", 0.85, 2.8 * HOUR))
NAMED_HANDLES = (
    ("UPS", 1.1 * HOUR),
    ("American Express", 1.8 * HOUR),
    ("BlackBerry", 12.5 * HOUR),
    ("HP", 30.2 * HOUR),
)
US_RETAILERS = {"twitter": DAY + 7 * HOUR + 12 * 60, "facebook": DAY + 3 * HOUR + 7 * 60}
