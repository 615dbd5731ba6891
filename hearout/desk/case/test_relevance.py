"""One click says whether a post is about us: on the case, on one post of it, and in the list."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from hearout.cases.models import Case
from hearout.listening.models import Mention
from hearout.listening.queries import MentionHit, Relevance


@pytest.fixture
def case(desk: Any, cast: Any) -> Case:
    """A case that was heard by a name."""
    made: Case = desk.case(cast.mira, "Tidewing turbines hum in the wind")
    made.how = "indirect"
    made.save(update_fields=["how"])
    mention = made.mentions().get()
    mention.how = "indirect"
    mention.save(update_fields=["how"])
    MentionHit.objects.create(
        mention=mention, brand=cast.brand, route="name", term="Tidewing", words="Tidewimg", distance=1,
        variant="misspelt",
    )  # fmt: skip
    return made


def posted(client: Any, address: str, **fields: Any) -> str:
    return client.post(address, fields, follow=True).content.decode()


def test_a_case_heard_by_its_words_asks_whose_it_is_and_says_by_what(
    desk: Any, cast: Any, case: Case
) -> None:
    client = desk.sign_in(cast.ana)
    shown = client.get(f"/cases/{case.pk}/").content.decode()
    assert "Is it about Tidewing?" in shown
    assert "name “Tidewing”, written “Tidewimg”, 1 letter off, misspelt" in shown
    assert "counts for what found the post" in posted(client, f"/cases/{case.pk}/relevance/", says="us")
    shown = client.get(f"/cases/{case.pk}/").content.decode()
    assert "Is it about Tidewing?" not in shown
    assert "100 % (21 to 100 %) right so far" in shown


def test_not_us_closes_the_case_and_undo_takes_both_back(desk: Any, cast: Any, case: Case) -> None:
    client = desk.sign_in(cast.ana)
    shown = posted(client, f"/cases/{case.pk}/closure/", reason="not_us")
    case.refresh_from_db()
    assert not case.is_open
    assert case.mentions().get().chance == 0.0
    assert 'name="do" value="reopen"' in shown
    posted(client, reverse("bulk"), do="reopen", case=case.pk)
    case.refresh_from_db()
    assert case.is_open
    assert Relevance.objects.latest("pk").says == "unsaid"


def test_one_post_of_a_case_is_told_apart_and_taken_back(desk: Any, cast: Any, case: Case) -> None:
    client, mention = desk.sign_in(cast.ana), case.mentions().get()
    posted(client, f"/cases/{case.pk}/relevance/", says="not_us", mention=mention.pk)
    case.refresh_from_db()
    assert case.is_open
    assert "A person said: not us" in client.get(f"/cases/{case.pk}/").content.decode()
    posted(client, f"/cases/{case.pk}/relevance/", says="unsaid", mention=mention.pk)
    assert Mention.objects.get(pk=mention.pk).chance is None


def test_a_row_of_the_list_is_set_aside_with_one_click(desk: Any, cast: Any, case: Case) -> None:
    client = desk.sign_in(cast.ana)
    assert f'name="not-us" value="{case.pk}"' in client.get("/inbox/all/").content.decode()
    other = desk.case(cast.tom, "another")
    shown = posted(client, reverse("bulk"), **{"not-us": case.pk, "case": other.pk, "do": ""})
    assert "1 case set aside as not us" in shown
    case.refresh_from_db()
    other.refresh_from_db()
    assert (case.is_open, other.is_open) == (False, True)


def test_only_words_that_are_known_are_taken_and_only_of_the_case(desk: Any, cast: Any, case: Case) -> None:
    client = desk.sign_in(cast.ana)
    foreign = desk.case(cast.tom, "another").mentions().get()
    assert client.post(f"/cases/{case.pk}/relevance/", {"says": "perhaps"}).status_code == 422
    posted(client, f"/cases/{case.pk}/relevance/", says="us", mention=foreign.pk)
    posted(client, f"/cases/{case.pk}/relevance/", says="us", mention="²")
    assert not Relevance.objects.exists()
    assert desk.sign_in(cast.lin).post(f"/cases/{case.pk}/relevance/", {"says": "us"}).status_code == 404
