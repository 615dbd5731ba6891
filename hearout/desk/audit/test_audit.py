from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from hearout.desk.audit.files import KINDS
from hearout.desk.audit.report import PdfError

PARTS = {"html": "<!DOCTYPE html>", "csv": "brand,", "json": "{"}
"""Kinds of files, and how each begins."""


def text_of(answer):
    return " ".join(answer.content.decode().replace("\u00a0", " ").split())


def test_who_sees_figures_sees_the_audit_and_nobody_else(answered, cast):
    def shown(user):
        client = answered.sign_in(user)
        paths = ("/audit/", "/audit/taken/", "/audit/file/json/")
        return [client.get(path).status_code for path in paths], 'href="/audit/"' in text_of(
            client.get("/overview/")
        )

    assert [shown(getattr(cast, who)) for who in ("sol", "ada", "lin")] == [([200, 200, 200], True)] * 3
    assert [shown(getattr(cast, who)) for who in ("ana", "ben")] == [([404, 404, 404], False)] * 2


def test_the_page_comes_at_once_and_the_audit_after_it(answered, cast):
    client = answered.sign_in(cast.sol)
    page = text_of(client.get("/audit/"))
    assert 'hx-get="/audit/taken/?since=' in page
    assert "Show the audit" in page
    part = text_of(client.get("/audit/taken/", headers={"HX-Request": "true"}))
    assert "<html" not in part
    assert "<html" in text_of(client.get("/audit/taken/"))
    for word in (
        "Tidewing answered 50 % of 2 openings",
        "Grade F",
        "95 % interval 9.5 to 90.5 %",
        "What moves the figure",
    ):
        assert word in part, word


def test_an_audit_of_days_without_posts_says_so(answered, cast):
    page = text_of(
        answered.sign_in(cast.sol).get("/audit/taken/", {"since": "2020-01-01", "until": "2020-01-31"})
    )
    assert "Nothing to grade in these days" in page


def test_the_last_day_belongs_to_the_period(answered, cast):
    today = datetime.now(UTC).date()
    client = answered.sign_in(cast.sol)
    posts = [
        client.get("/audit/file/json/", {"since": since, "until": until}).json()["all"]["openings"]
        for since, until in (
            (today - timedelta(days=1), today),
            (today - timedelta(days=9), today - timedelta(days=2)),
        )
    ]
    assert posts == [2, 0]


@pytest.mark.parametrize(
    ("since", "until", "sentence"),
    [
        ("2026-02-03", "2026-01-01", "comes after the last"),
        ("yesterday", "", "Enter a valid date"),
        ("0001-01-01", "", "no such posts then"),
        ("\0", "2026-01-01", "Enter a valid date"),
    ],
)
def test_days_that_cannot_be_are_refused_with_a_sentence(answered, cast, since, until, sentence):
    client = answered.sign_in(cast.sol)
    for path in ("/audit/", "/audit/taken/"):
        answer = client.get(path, {"since": since, "until": until})
        assert answer.status_code == 422
        assert sentence in answer.content.decode()
    assert client.get("/audit/file/json/", {"since": since, "until": until}).status_code == 404


@pytest.mark.parametrize("kind", PARTS)
def test_the_audit_is_taken_away_as_a_file(answered, cast, kind):
    answer = answered.sign_in(cast.lin).get(f"/audit/file/{kind}/", {"since": "2026-01-01"})
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith('attachment; filename="audit-tidewing-2026-01-01-to-')
    assert disposition.endswith(f'.{kind}"')
    text = answer.content.decode("utf-8-sig")
    assert text.startswith(PARTS[kind])
    if kind == "json":
        assert json.loads(text)["brands"][0]["brand"] == "Tidewing"


def test_a_pdf_that_cannot_be_made_says_why_on_the_page(answered, cast, monkeypatch):
    def refuse(document):
        raise PdfError("A PDF needs WeasyPrint.")

    monkeypatch.setitem(KINDS, "pdf", ("Report (PDF)", "application/pdf", refuse))
    answer = answered.sign_in(cast.sol).get("/audit/file/pdf/", follow=True)
    assert "A PDF needs WeasyPrint." in answer.content.decode()


def test_a_file_of_an_unknown_kind_is_not_found(answered, cast):
    assert answered.sign_in(cast.sol).get("/audit/file/exe/").status_code == 404


def test_a_supervisor_elsewhere_gets_no_audit_of_this_brand(answered, cast):
    text = answered.sign_in(cast.stranger).get("/audit/taken/").content.decode()
    assert "tidewing" not in text.lower()


def test_who_has_no_brand_left_gets_no_audit_of_any(answered, cast):
    client = answered.sign_in(cast.lin)
    cast.lin.memberships.all().delete()
    assert client.get("/audit/taken/").status_code == 404


def test_the_page_has_no_styles_of_its_own_in_the_markup(answered, cast, tags_of):
    tags = tags_of(answered.sign_in(cast.sol).get("/audit/taken/"))
    assert not [attrs for _, attrs in tags if "style" in attrs]
    assert not [attrs for name, attrs in tags if name == "style"]
