"""Public holidays reach the calendar."""

from __future__ import annotations

import subprocess
import sys
from datetime import date

import pytest

from hearout.lib.holiday_dates import holidays_for


def test_a_country_and_its_parts_have_their_holidays() -> None:
    everywhere, bavaria = holidays_for("DE", [2026]), holidays_for("DE", [2026], "BY")
    assert date(2026, 10, 3) in everywhere
    assert date(2026, 1, 6) in bavaria - everywhere
    assert {day.year for day in holidays_for("US", [2026, 2027])} == {2026, 2027}


@pytest.mark.parametrize(("country", "part"), [("XX", None), ("DE", "Tidewing"), ("", None), ("../x", None)])
def test_an_unknown_place_is_refused(country: str, part: str | None) -> None:
    with pytest.raises(ValueError, match="no public holidays are known"):
        holidays_for(country, [2026], part)


def test_the_slow_package_is_loaded_only_when_asked() -> None:
    check = "import sys, hearout.lib.holiday_dates; sys.exit('holidays' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
