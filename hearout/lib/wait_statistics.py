"""How long people wait, with how much we can know from so many of them.

Plain Python on purpose: the same figure from any engine, on any machine. Durations are in any one
unit, and answers come in the same. Intervals are two-sided at 95 % unless told otherwise; a limit
of None means that the data set none (too few cases, or too few of them answered).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist, fmean, stdev

from hearout.lib.tally import Tally

Z95 = 1.959963984540054
"""The 97.5 % point of the normal distribution: a two-sided interval at 95 %."""

# Products of ratios such as 3/4 * 2/3 miss one half by a rounding error, never by more than this.
ROUNDING = 1e-12


def wilson(k: int, n: int, z: float = Z95) -> tuple[float, float]:
    """The Wilson score interval of the share k / n; (0.0, 1.0) of nothing.

    E. B. Wilson, Probable inference, the law of succession, and statistical inference, Journal of
    the American Statistical Association 22 (1927), without continuity correction. Raises ValueError
    unless 0 <= k <= n.
    """
    if not 0 <= k <= n:
        raise ValueError(f"{k} of {n} is not a share")
    if n == 0:
        return 0.0, 1.0
    share, scale = k / n, 1 + z * z / n
    middle = (share + z * z / (2 * n)) / scale
    half = z / scale * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return (0.0 if k == 0 else middle - half), (1.0 if k == n else middle + half)


@dataclass(frozen=True, slots=True)
class Step:
    """From `time` until the next step, a share of `waiting` people still waits.

    `variance` is Greenwood's sum of d / (n * (n - d)): waiting squared times it is the variance of
    `waiting`; infinite once nobody waits.
    """

    time: float
    waiting: float
    variance: float


def waiting_curve(answered: Iterable[float], unanswered: Iterable[float] = ()) -> list[Step]:
    """The Kaplan-Meier curve: the share of people who still wait after each time of an answer.

    `answered`: how long those waited who got an answer. `unanswered`: how long the others have been
    waiting so far (right-censored); at equal times they count as still waiting when the answer comes.

    E. L. Kaplan and P. Meier, Nonparametric estimation from incomplete observations, Journal of the
    American Statistical Association 53 (1958); variance by M. Greenwood (1926).
    """
    answers, leavers = _counts(answered), _counts(unanswered)
    at_risk = answers.total() + leavers.total()
    waiting, variance, curve = 1.0, 0.0, []
    for time in sorted(answers.keys() | leavers.keys()):
        if deaths := answers[time]:
            left = at_risk - deaths
            waiting *= left / at_risk
            variance += deaths / (at_risk * left) if left else math.inf
            curve.append(Step(time, waiting, variance))
        at_risk -= answers[time] + leavers[time]
    return curve


def _counts(values: Iterable[float]) -> Counter[float]:
    return Counter(dict(values.items())) if isinstance(values, Tally) else Counter(values)


def median_wait(curve: Iterable[Step]) -> float | None:
    """The smallest time at which at most half still wait; None while more than half always do."""
    return next((step.time for step in curve if step.waiting <= 0.5 + ROUNDING), None)


def median_wait_interval(curve: Iterable[Step], z: float = Z95) -> tuple[float | None, float | None]:
    """The interval of the median wait: the times at which "half still wait" cannot be ruled out.

    R. Brookmeyer and J. Crowley, A confidence interval for the median survival time, Biometrics 38
    (1982), with the log(-log) transformation, as R's survfit(conf.type="log-log") and SAS do.
    """
    low: float | None = None
    high: float | None = None
    half_is_below = True
    for step in curve:
        least, most = _band(step, z)
        if low is None and least <= 0.5:
            low = step.time
        if half_is_below and most < 0.5:
            high = step.time
        half_is_below = most >= 0.5
    return low, None if half_is_below else high


def _band(step: Step, z: float) -> tuple[float, float]:
    """The limits of the share still waiting, on the log(-log) scale."""
    if step.waiting <= 0:
        return 0.0, 0.0
    spread = math.exp(z * math.sqrt(step.variance) / -math.log(step.waiting))
    return step.waiting**spread, step.waiting ** (1 / spread)


def percentile(values: Collection[float], q: float) -> float | None:
    """The q-th percentile (0 to 100), linear between neighbours; None of nothing.

    Definition 7 of R. J. Hyndman and Y. Fan, Sample quantiles in statistical packages, The American
    Statistician 50 (1996): what numpy.percentile and SQL's percentile_cont give.
    """
    if not 0 <= q <= 100:
        raise ValueError(f"a percentile lies between 0 and 100, not at {q}")
    if not values:
        return None
    ordered = _ordered(values)
    place = (len(ordered) - 1) * (q / 100)
    below = math.floor(place)
    above, part = min(below + 1, len(ordered) - 1), place - below
    step = ordered[above] - ordered[below]
    # From the nearer end, as numpy does, so that the last bit agrees too.
    return ordered[below] + step * part if part < 0.5 else ordered[above] - step * (1 - part)


def _ordered(values: Collection[float]) -> Sequence[float]:
    return values if isinstance(values, Tally) else sorted(values)


@lru_cache(maxsize=10_000)
def percentile_ranks(n: int, q: float, confidence: float = 0.95) -> tuple[int | None, int | None]:
    """Which of n values in order (counted from 1) bound the q-th percentile, whatever their spread.

    The number of values below the percentile is binomial (n, q / 100); each tail outside the ranks
    holds at most half of what `confidence` leaves. G. J. Hahn and W. Q. Meeker, Statistical
    Intervals (1991), section 5.2. Made for engines that can pick a value by its rank.
    """
    tail = (1 - confidence) / 2 * (1 + ROUNDING)
    first, weights = _binomial(n, q / 100)
    lower, below = first, 0.0
    for weight in weights:
        if below + weight > tail:
            break
        below += weight
        lower += 1
    upper, above = first + len(weights), 0.0
    for weight in reversed(weights):
        if above + weight > tail:
            break
        above += weight
        upper -= 1
    return (lower if lower >= 1 else None), (upper if upper <= n else None)


def percentile_interval(
    values: Collection[float], q: float, confidence: float = 0.95
) -> tuple[float | None, float | None]:
    """The distribution-free interval of a percentile, from two of the values themselves."""
    ordered = _ordered(values)
    lower, upper = percentile_ranks(len(ordered), q, confidence)
    return (
        None if lower is None else ordered[lower - 1],
        None if upper is None else ordered[upper - 1],
    )


def _binomial(n: int, p: float) -> tuple[int, list[float]]:
    """The lowest count worth naming, and the chance of each count from it on, in order.

    Outward from the likeliest count by the ratio of neighbours, so that a million cases need some
    ten thousand terms and nothing overflows.
    """
    if p <= 0 or p >= 1 or n == 0:
        return (n if p >= 1 else 0), [1.0]
    mode = min(int((n + 1) * p), n)
    down, up = [1.0], [1.0]
    for k in range(mode, 0, -1):
        down.append(down[-1] * k * (1 - p) / ((n - k + 1) * p))
        if down[-1] < 1e-20:
            break
    for k in range(mode, n):
        up.append(up[-1] * (n - k) * p / ((k + 1) * (1 - p)))
        if up[-1] < 1e-20:
            break
    weights = [*reversed(down[1:]), *up]
    total = math.fsum(weights)
    return mode - len(down) + 1, [weight / total for weight in weights]


def mean(values: Collection[float]) -> float | None:
    """The mean; None of nothing."""
    if isinstance(values, Tally):
        return math.fsum(value * times for value, times in values.items()) / len(values) if values else None
    return fmean(values) if values else None


def mean_interval(values: Collection[float], confidence: float = 0.95) -> tuple[float, float] | None:
    """Student's t interval of the mean; None of fewer than two values.

    Honest about the mean, which a few very long waits can drag anywhere: show it beside the median.
    """
    n, middle = len(values), mean(values)
    if n < 2 or middle is None:
        return None
    half = student_t(1 - (1 - confidence) / 2, n - 1) * _deviation(values, middle) / math.sqrt(n)
    return middle - half, middle + half


def _deviation(values: Collection[float], middle: float) -> float:
    if not isinstance(values, Tally):
        return stdev(values)
    squares = math.fsum(times * (value - middle) ** 2 for value, times in values.items())
    return math.sqrt(squares / (len(values) - 1))


@lru_cache(maxsize=10_000)
def student_t(p: float, df: int) -> float:
    """The quantile p (0.5 to 1) of Student's t with `df` degrees of freedom, to about 1e-6.

    M. Abramowitz and I. Stegun, Handbook of Mathematical Functions (1964): for many degrees the
    expansion 26.7.5 about the normal quantile, for few the exact series 26.7.3 and 26.7.4, halved.
    """
    if df > 30:
        x = NormalDist().inv_cdf(p)
        terms = (
            (x**3 + x) / 4,
            (5 * x**5 + 16 * x**3 + 3 * x) / 96,
            (3 * x**7 + 19 * x**5 + 17 * x**3 - 15 * x) / 384,
            (79 * x**9 + 776 * x**7 + 1482 * x**5 - 1920 * x**3 - 945 * x) / 92160,
        )
        return x + sum(term / float(df) ** (power + 1) for power, term in enumerate(terms))
    low, high = 0.0, math.pi / 2
    for _ in range(60):
        angle = (low + high) / 2
        low, high = (angle, high) if _share_within(angle, df) < 2 * p - 1 else (low, angle)
    return math.sqrt(df) * math.tan(low)


def _share_within(angle: float, df: int) -> float:
    """The chance of |t| < sqrt(df) * tan(angle)."""
    cosine, odd = math.cos(angle), df % 2
    term, total = (cosine if odd else 1.0), 0.0
    for k in range(odd, df - 1, 2):
        total += term
        term *= cosine * cosine * (k + 1) / (k + 2)
    total *= math.sin(angle)
    return (angle + total) * 2 / math.pi if odd else total
