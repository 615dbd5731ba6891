"""An audit as one file to send: HTML that needs nothing else, and PDF from the same page."""

from __future__ import annotations

import re
from pathlib import Path

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from hearout.desk.audit.page import page_of
from hearout.desk.audit.words import Json

STATIC = Path(__file__).resolve().parent.parent / "static/desk"
STYLES = ("tokens.css", "base.css", "audit.css", "audit-report.css")
PAPER = {
    "--accent": "#0f6575", "--ink": "#1b272e", "--ink-soft": "#46535b", "--line": "#dfe4e6", "--bed": "#e9edef",
    "--line-strong": "#7f898f", "--danger": "#bf2f2c",
}  # fmt: skip
"""The light theme's colours as literals: in pictures WeasyPrint knows no variables."""
PAINTED = re.compile(r'(fill|stroke)="var\((--[a-z-]+)(?:,[^)]*)?\)"')


class PdfError(Exception):
    """There is no PDF; the message says what to do."""


def html_report(document: Json) -> str:
    """One HTML page without scripts that loads nothing: styles and charts are inside, all text is escaped."""
    return render_to_string("audit/report.html", {"page": page_of(document), "styles": _styles()})


def pdf_report(document: Json) -> bytes:
    """The same report on A4, tagged for screen readers. Raises PdfError when WeasyPrint is not installed."""
    try:
        import weasyprint
        from weasyprint.urls import URLFetcher
    except (ImportError, OSError) as error:
        message = (
            "A PDF needs WeasyPrint: pip install 'hearout[pdf]'. Or print the HTML report from a browser."
        )
        raise PdfError(message) from error
    page = PAINTED.sub(lambda found: f'{found[1]}="{PAPER.get(found[2], "#46535b")}"', html_report(document))
    # a report holds all it needs, and no text from a network may make it call out
    nobody = URLFetcher(allowed_protocols=())
    pdf: bytes = weasyprint.HTML(string=page, url_fetcher=nobody).write_pdf(pdf_tags=True)
    return pdf


def _styles() -> str:
    """Our own style sheets, in the order of their layers."""
    text = "\n".join((STATIC / name).read_text("utf-8") for name in STYLES)
    return mark_safe(re.sub(r"/\*.*?\*/\n?", "", text, flags=re.S))  # noqa: S308
