from __future__ import annotations

import io

import pytest

from hearout.insight.trends.series_file import SeriesError, detected, points


def test_an_hour_is_an_hour_whatever_the_buckets():
    told = list(points([f"{1770000000 + 3600 * at},{5}" if at else "timestamp,value" for at in range(60)]))
    assert told[0].at.utcoffset() is not None
    assert len(list(detected(told))) == 59


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "does not name the columns"),
        ("time,count\n", "does not name the columns"),
        ("timestamp,value\n2026-03-02,many\n", "line 2: 'many' is no number"),
        ("timestamp,value\n2026-03-02,-3\n", "line 2: -3 is no count"),
        ("timestamp,value\n2026-03-02,nan\n", "line 2: nan is no count"),
        ("timestamp,value\n2026-03-02,inf\n", "no count"),
        ("timestamp,value\nyesterday,3\n", "line 2: 'yesterday' is no time"),
        ("timestamp,value\n1e300,3\n", "is no time"),
        ("timestamp,value\n2026-03-02\n", "line 2: 1 columns"),
        ("timestamp,value\n2026-03-02,1\n2026-03-01,1\n", "earlier than the line before"),
        ("timestamp,value\n2026-03-02,1\n2026-03-03T00:00:00Z,1\n", "with a time zone"),
    ],
)
def test_a_line_that_is_no_point_is_named(text, said):
    with pytest.raises(SeriesError, match=said):
        list(points(io.StringIO(text)))
