"""Audits of the database: the live desk, and an archive that was imported into it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hearout.insight.audit.living import live_audit
from hearout.insight.scope import ALL, Scope, ScopeError


@pytest.fixture
def monday(cast, say):
    """Mira complains to the main handle and is answered after 20 minutes, then thanks; Tom asks care in vain."""
    lost = say(cast.mira, "@tidewing my bag is lost", 0, kind="complaint", arrived=cast.main_handle)
    say(cast.main_handle, "it is on the way, send us a DM", 20, lost)
    say(cast.mira, "it is here, thank you!", 60, lost, kind="praise", thanks=True)
    say(cast.tom, "@tidewingcare when?", 60, kind="question", arrived=cast.care_handle)
    return Scope(now=cast.monday + timedelta(hours=4))


def test_the_live_desk_is_audited_by_the_same_figures(cast, monday) -> None:
    document = live_audit(monday, name="Monday").as_json()
    whole = document["all"]
    assert (whole["openings"], whole["answered"], whole["first_response_seconds"]["median"]) == (2, 1, 1200)
    assert (whole["typical_wait_seconds"], whole["expectation_score"], whole["grade"]) == (1200, 0.5, "F")
    shares = ("first_contact_resolution", "loop_closed", "kudos_rate", "moved_to_private", "leak_rate")
    assert [whole[name] for name in shares] == [1.0, 1.0, 1.0, 1.0, 0.5]
    assert {tone: part["openings"] for tone, part in whole["by"]["tone"].items()} == {
        "complaint": 1,
        "question": 1,
    }
    assert set(whole["by"]["handle_role"]) == {"main", "care"}
    archive = document["archive"]
    assert (archive["posts"], archive["first"]) == (4, cast.monday.isoformat())
    assert (document["made"]["name"], document["made"]["tone"]) == ("Monday", True)


def test_brands_have_their_names_handles_and_roles_and_those_without_openings_are_there(cast, monday) -> None:
    brands = live_audit(monday).as_json()["brands"]
    assert [brand["brand"] for brand in brands] == [cast.brand.name, cast.other_brand.name]
    assert brands[0]["handles"] == ["tidewing", "tidewingcare"]
    assert brands[0]["roles"] == {"tidewing": "main", "tidewingcare": "care"}
    assert (brands[1]["openings"], brands[1]["grade"]) == (0, None)


def test_a_scope_bounds_the_audit_in_brand_and_time(cast, monday) -> None:
    chosen = Scope(brands=("orchard",), now=monday.now)
    assert [brand["slug"] for brand in live_audit(chosen).as_json()["brands"]] == ["orchard"]
    later = Scope(since=cast.monday + timedelta(minutes=30), now=monday.now)
    assert live_audit(later).as_json()["all"]["openings"] == 1


def test_an_imported_archive_is_audited_apart_from_the_desk(cast, say, monday) -> None:
    from hearout.listening.models import Archive

    archive = Archive.objects.create(name="last-year", path="x", rejected=3, duplicates=2)
    say(cast.tom, "@tidewing hello", 0, archive=archive)
    document = live_audit(Scope("last-year")).as_json()
    told = document["archive"]
    assert (told["posts"], told["rejected"], told["duplicates"]) == (1, 3, 2)
    assert document["all"]["openings"] == 1
    assert live_audit(Scope(ALL, now=monday.now)).as_json()["all"]["openings"] == 3


def test_an_archive_that_is_not_there_is_said_so(db: None) -> None:
    with pytest.raises(ScopeError, match="no archive 'nowhere'"):
        live_audit(Scope("nowhere"))
