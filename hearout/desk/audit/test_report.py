from __future__ import annotations

import importlib.util
import re
import socket
import sys
import zlib
from html.parser import HTMLParser
from typing import Any

import pytest

from hearout.desk.audit import report
from hearout.desk.audit.conftest import HOSTILE, figures, share
from hearout.desk.audit.files import KINDS, made, name_of
from hearout.desk.audit.findings import PAIRS
from hearout.desk.audit.report import PdfError, html_report, pdf_report

VOID = {"meta", "br", "link", "img", "input"}
LOADING = {"src", "srcset", "poster", "data", "action", "formaction", "background", "ping"}


class Read(HTMLParser):
    """The page as a browser reads it: tags with attributes, the text, and whether tags close as they opened."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.crossed: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.crossed.append(tag)

    def handle_data(self, data: str) -> None:
        if not {"style", "script"} & set(self.open):
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).replace("\u00a0", " ").replace("\u2060", "").split())


def test_the_first_page_has_the_grade_the_sentence_and_the_figures_with_intervals(document):
    text = Read(html_report(document)).text
    first = text[: text.index("Of the 5 brands with 20 openings or more")]
    for part in (
        "How 6 brands answer their customers",
        "Grade D: falls short of what customers expect",
        "The brands answered 84 % of 1,534 openings",
        "half of the answered had waited 21 min 38 s or less",
        "95 % interval 82.1 to 85.8 %",
        "Expectation score 0.696",
        "32 % of customers expect it",
    ):
        assert part in first, part


def test_every_section_is_there_and_the_contents_lead_to_each(document):
    read = Read(html_report(document))
    ids = [attrs["id"] for _, attrs in read.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    links = [attrs["href"].removeprefix("#") for name, attrs in read.tags if name == "a"]
    assert set(links) <= set(ids)
    sections = {attrs["id"] for name, attrs in read.tags if name == "section"}
    assert sections == {
        "summary",
        "brands",
        "league",
        "times",
        "splits",
        "studies",
        "moves",
        "each",
        "quality",
        "methods",
    }
    assert read.crossed == []
    assert read.open == []


def test_a_published_figure_stands_beside_ours_with_its_source_and_year(document):
    text = Read(html_report(document)).text
    assert "Rational Interaction, Social Customer Care Report, 2016." in text
    assert "Unanswered 58 % 19 % 17–21 %, n 1,534 4 % 11 %" in text
    assert "Retailers answering an indirect mention 2 of 25 3 of 5" in text
    assert "a No brand has a care handle only." in text


def test_a_row_of_which_nobody_knows_anything_is_counted_and_left_out(document):
    table = document["studies"][0]["tables"][0]
    table["rows"].append({"label": "Nothing at all", "published": [None, None], "yours": [None, None]})
    text = Read(html_report(document)).text
    assert "Nothing at all" not in text
    assert "Left out: 1 row of which nothing was published" in text


def test_other_definitions_are_told_by_how_far_they_move_the_median(document):
    text = Read(html_report(document)).text
    assert "The median goes from 4 min 20 s to 23 min 48 s" in text
    assert (
        "Business hours only Time outside Monday to Friday, 9 to 17 does not count. Used by: help desks."
        in text
    )
    assert "6 min 29 s −70 %" in text


def test_hostile_names_are_only_ever_text(document):
    document["brands"][0]["brand"] = '"><img src=x onerror=alert(1)>'
    document["definitions"]["<b>"] = "</dd><script>alert(3)</script>"
    document["warnings"]["</dl><iframe src=//x>"] = 3
    document["made"]["engine"] = "<svg onload=alert(4)>"
    read = Read(html_report(document))
    names = {name for name, _ in read.tags}
    assert not names & {"script", "iframe", "img", "object", "embed", "base", "form"}
    assert not [attrs for _, attrs in read.tags if any(name.startswith("on") for name in attrs)]
    assert HOSTILE.split("\u202e")[0] in read.text


def test_the_page_loads_nothing_from_anywhere(document):
    page = html_report(document)
    read = Read(page)
    assert not [attrs for _, attrs in read.tags if LOADING & set(attrs)]
    assert not [
        attrs
        for name, attrs in read.tags
        if name in ("a", "use", "link") and not attrs["href"].startswith("#")
    ]
    assert not [word for word in ("@import", "url(", "http:", "https:") if word in page]


def test_each_picture_has_a_name_and_a_description_or_is_hidden_beside_its_figures(document):
    read = Read(html_report(document))
    for attrs in (attrs for name, attrs in read.tags if name == "svg"):
        assert attrs.get("aria-hidden") == "true" or attrs.get("role") == "img"
    titled = [attrs["aria-labelledby"].split() for name, attrs in read.tags if attrs.get("role") == "img"]
    ids = {attrs.get("id") for _, attrs in read.tags}
    assert titled
    assert all(set(names) <= ids for names in titled)


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"brands": [], "all": {}, "league": [], "moves": [], "studies": []},
        {
            "all": {
                "openings": 0,
                "answered": 0,
                "response_rate": {"value": None, "low": None, "high": None, "n": 0},
            }
        },
        {"archive": None, "made": None, "definitions": None, "exclusions": None, "warnings": None},
        {"archive": {"posts": 0, "first": None, "last": "not a time"}},
    ],
)
def test_as_much_is_told_as_is_true(make, parts):
    document = make(**parts) if parts else {}
    text = Read(html_report(document)).text
    assert "Methods and limits" in text
    assert "None" not in text
    assert "nan" not in text.lower().split()


def test_without_an_opening_the_report_is_of_the_data_and_the_methods_alone(make):
    read = Read(html_report(make(all=figures(1, 0, 0, 0, 0), brands=[], league=[])))
    sections = {attrs["id"] for name, attrs in read.tags if name == "section"}
    assert sections == {"summary", "brands", "quality", "methods"}
    assert "There is nothing to grade" in read.text


def test_a_brand_without_openings_gets_no_grade_and_no_figure(document):
    text = Read(html_report(document)).text
    assert "Quiet Shop No opening addresses this brand here, so there is nothing to grade." in text


def test_unanswered_openings_make_the_typical_wait_longer_than_the_median(make):
    whole = figures(5, 400, 0.55, 1800, 1.0)
    text = Read(html_report(make(all=whole))).text
    assert "The median of the answered flatters." in text


def test_an_archive_in_which_everybody_was_answered_is_told_with_a_warning(make):
    text = Read(html_report(make(all=figures(5, 400, 1.0, 1800, 1.0)))).text
    assert "which may be how the posts were collected" in text


def test_a_difference_that_may_be_chance_gets_no_sentence(make):
    whole = figures(5, 60, 0.9, 1800, 1.0)
    same = {"complaint": figures(6, 30, 0.9, 1800, 1.0), "praise": figures(7, 30, 0.9, 1800, 1.0)}
    text = Read(html_report(make(all={**whole, "by": {"tone": same}}))).text
    assert "Complaints come before praise" not in text
    assert "Praise is answered sooner" not in text


@pytest.mark.parametrize(
    ("dimension", "first", "second", "if_more", "if_less"), [(one[0], *one[1:5]) for one in PAIRS]
)
def test_of_two_kinds_of_openings_the_one_answered_more_is_named(
    make, dimension, first, second, if_more, if_less
):
    soon, late = figures(6, 200, 0.95, 300, 0.5), figures(7, 200, 0.95, 90_000, 0.5)
    whole = figures(5, 400, 0.95, 1800, 1.0)

    def told(one, other):
        return Read(html_report(make(all={**whole, "by": {dimension: {first: one, second: other}}}))).text

    assert if_more in told(soon, late)
    assert if_less not in told(soon, late)
    assert if_less in told(late, soon)


def test_many_brands_are_a_table_with_the_small_ones_apart(make):
    brands = [
        {"brand": f"Brand {n}", "handles": [], **figures(n, max(2, 120 - n), 0.9, 900, 1.0)}
        for n in range(130)
    ]
    text = Read(html_report(make(brands=brands))).text
    assert "The 20 largest; 110 more" in text
    assert "Fewer than 20 openings Read with care" in text


needs_weasyprint = pytest.mark.skipif(
    importlib.util.find_spec("weasyprint") is None, reason="WeasyPrint is an extra"
)


@needs_weasyprint
def test_the_pdf_is_the_same_report_and_screen_readers_can_read_it(document):
    document["all"]["by"] = {}
    document["brands"] = document["brands"][:2]
    pdf = pdf_report(document)
    assert pdf.startswith(b"%PDF-")
    streams = re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.S)
    assert any(
        b"/StructTreeRoot" in zlib.decompressobj().decompress(one) for one in streams if one[:1] == b"x"
    )


@needs_weasyprint
def test_a_pdf_asks_nobody_for_anything(document, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/x"
        page = f'<link rel=stylesheet href="{address}"><img src="{address}"><img src="file:///etc/passwd">'
        monkeypatch.setattr(report, "html_report", lambda _: page)
        assert pdf_report(document).startswith(b"%PDF-")
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_without_weasyprint_one_is_told_what_to_do(document, monkeypatch):
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(PdfError, match="pip install"):
        pdf_report(document)


def test_what_no_file_can_hold_does_not_stop_a_report(document):
    document["brands"] = [{**document["brands"][0], "brand": "lone \ud800 and \x00 nul" + "e" * 100_000}]
    document["made"]["inputs"] = ["\ud83d.csv"]
    for kind in KINDS if importlib.util.find_spec("weasyprint") else set(KINDS) - {"pdf"}:
        assert made(document, kind)
    assert len(html_report(document)) < 300_000


def test_files_are_named_after_whom_and_when():
    assert (
        name_of(("tidewing",), "2026-10-01-to-2026-10-31", "csv")
        == "audit-tidewing-2026-10-01-to-2026-10-31.csv"
    )
    assert name_of(("a", "b"), "x", "html") == "audit-2-brands-x.html"


def test_shares_of_the_made_document_have_wilsons_interval():
    assert share(5, 10)["low"] == pytest.approx(0.2366, abs=1e-4)
