"""The files in which an audit can be taken away."""

from __future__ import annotations

from collections.abc import Callable

from hearout.desk.audit.report import html_report, pdf_report
from hearout.desk.audit.words import Json
from hearout.insight.audit.exporting import as_csv, as_json

Maker = Callable[[Json], str | bytes]
KINDS: dict[str, tuple[str, str, Maker]] = {
    "html": ("Report (HTML)", "text/html; charset=utf-8", html_report),
    "pdf": ("Report (PDF)", "application/pdf", pdf_report),
    "csv": (
        "All figures (CSV)",
        "text/csv; charset=utf-8",
        lambda document: "\ufeff" + as_csv(dict(document)),
    ),
    "json": ("Everything (JSON)", "application/json", lambda document: as_json(dict(document))),
}
"""By the ending: what people read on the link, the content type, and what makes it. Only `pdf` raises, PdfError."""


def name_of(slugs: tuple[str, ...], period: str, kind: str) -> str:
    """`audit-tidewing-2026-10-01-to-2026-10-31.html`"""
    whose = slugs[0] if len(slugs) == 1 else f"{len(slugs)}-brands"
    return f"audit-{whose}-{period}.{kind}"


def made(document: Json, kind: str) -> bytes:
    """The file's bytes. What no file can hold (lone surrogates) is replaced. Raises PdfError."""
    found = KINDS[kind][2](document)
    return found if isinstance(found, bytes) else found.encode("utf-8", "replace")
