"""Facts as a person would say them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

ADDRESS = re.compile(
    r"https?://[^\s<>\"'`{}|\\^\u0000-\u001f\u200b-\u200f\u202a-\u202e\u2066-\u2069]{1,2000}"
)
"""Only http and https: every other scheme stays plain text."""
TRAILING = ".,;:!?)]}…\u2019\u201d"


def duration(seconds: float) -> str:
    """`48 s`, `12 min`, `3 h 05`, `2 d 4 h`: two units at most, never negative."""
    whole = int(abs(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min"
    if whole < 86_400:
        hours, minutes = whole // 3600, whole % 3600 // 60
        return f"{hours} h {minutes:02}" if minutes else f"{hours} h"
    days, hours = whole // 86_400, whole % 86_400 // 3600
    return f"{days} d {hours} h" if hours and days < 10 else f"{days} d"


def age(passed: timedelta) -> str:
    seconds = passed.total_seconds()
    return "now" if seconds < 60 else duration(seconds)


def moment(local: datetime, now: datetime) -> str:
    if local.date() == now.date():
        return f"{local:%H:%M}"
    if local.year == now.year:
        return f"{local:%a} {local.day} {local:%b}, {local:%H:%M}"
    return f"{local.day} {local:%b} {local:%Y}, {local:%H:%M}"


def linked(text: str, words: Sequence[str] = ()) -> SafeString:
    """Escape everything; web addresses become links that lend no reputation and learn no referrer.

    `words` found outside of addresses are marked.
    """
    parts: list[str] = []
    end = 0
    for found in ADDRESS.finditer(text):
        address = found.group().rstrip(TRAILING)
        parts.append(_marked(text[end : found.start()], words))
        parts.append(
            format_html('<a href="{}" rel="noopener nofollow ugc" target="_blank">{}</a>', address, address)
        )
        end = found.start() + len(address)
    parts.append(_marked(text[end:], words))
    return mark_safe("".join(parts))  # noqa: S308 - every part is escaped


def _marked(text: str, words: Sequence[str]) -> str:
    if not words:
        return conditional_escape(text)
    pattern = re.compile("|".join(map(re.escape, words)), re.IGNORECASE)
    parts: list[str] = []
    end = 0
    for found in pattern.finditer(text):
        if found.group():
            parts += [
                conditional_escape(text[end : found.start()]),
                format_html("<mark>{}</mark>", found.group()),
            ]
            end = found.end()
    return "".join([*parts, conditional_escape(text[end:])])
