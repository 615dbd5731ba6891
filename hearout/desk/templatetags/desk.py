"""The few tags that the desk's templates share."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.http import HttpRequest, QueryDict
from django.template.context import Context
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from hearout.desk import spoken
from hearout.desk.shell import Shell, shell_of, theme_of

register = template.Library()


@register.simple_tag(takes_context=True)
def shell(context: Context) -> Shell | None:
    """The frame's contents, or None before sign-in (and on error pages without a request)."""
    request = context.get("request")
    return shell_of(request) if isinstance(request, HttpRequest) and hasattr(request, "user") else None


@register.simple_tag(takes_context=True)
def theme(context: Context) -> str:
    request = context.get("request")
    return theme_of(request) if isinstance(request, HttpRequest) else "auto"


@register.simple_tag
def icon(name: str, classes: str = "") -> SafeString:
    """One symbol of `icons.svg`; meaning is in the text beside it, so readers skip it."""
    address = static("desk/icons.svg")
    return format_html(
        '<svg class="icon {}" aria-hidden="true"><use href="{}#{}"></use></svg>', classes, address, name
    )


@register.filter
def ago(at: datetime | None) -> SafeString | str:
    """`4 min`, kept up to date by clock.js; the moment itself in the title."""
    if at is None:
        return ""
    local = timezone.localtime(at)
    return format_html(
        '<time datetime="{}" title="{}" data-age>{}</time>',
        at.isoformat(),
        f"{local:%A %d %B %Y, %H:%M:%S %Z}",
        spoken.age(timezone.now() - at),
    )


@register.filter
def moment(at: datetime | None) -> SafeString | str:
    """`14:03`, with the day when it is not today; the full moment in the title."""
    if at is None:
        return ""
    local = timezone.localtime(at)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        at.isoformat(),
        f"{local:%A %d %B %Y, %H:%M:%S %Z}",
        spoken.moment(local, timezone.localtime()),
    )


@register.filter
def seconds(value: float | None) -> str:
    return "" if value is None else spoken.duration(value)


@register.filter
def linked(text: str) -> SafeString:
    """A customer's text with its web addresses as links that vouch for nothing; all else escaped."""
    return spoken.linked(text)


@register.filter
def undoable(tags: str | None) -> list[int]:
    """The cases that a toast's undo opens again: its tags read `undo:42-43`."""
    for tag in (tags or "").split():
        if tag.startswith("undo:"):
            return [int(number) for number in tag.removeprefix("undo:").split("-") if number.isdecimal()]
    return []


@register.filter
def due(at: datetime | None) -> SafeString | str:
    """`12 min left` or `3 h over`, kept up to date by clock.js; the due time itself in the title."""
    if at is None:
        return ""
    local, left = timezone.localtime(at), (at - timezone.now()).total_seconds()
    return format_html(
        '<time datetime="{}" title="{}" data-due>{} {}</time>',
        at.isoformat(),
        f"Due {local:%A %d %B, %H:%M:%S %Z}",
        spoken.duration(left),
        "left" if left >= 0 else "over",
    )


@register.simple_tag
def without(query: QueryDict, *names: str) -> str:
    """The page's query without some of its names (and from the first page)."""
    return "?" + _query(query, dict.fromkeys((*names, "after"), ""))


@register.simple_tag
def with_after(query: QueryDict, cursor: str) -> str:
    return _query(query, {"after": cursor})


@register.simple_tag
def without_page(query: QueryDict) -> str:
    return _query(query, {"after": "", "seen": ""})


@register.simple_tag
def with_case(request: HttpRequest, number: int) -> str:
    """The inbox's own address with this case open beside the list."""
    match = request.resolver_match
    queue = match.kwargs.get("queue", "all") if match else "all"
    query = _query(request.GET, {"case": str(number), "seen": "", "after": ""})
    return f"{reverse('inbox', args=[queue])}?{query}"


def _query(query: QueryDict, changes: dict[str, str]) -> str:
    changed = query.copy()
    for name, value in changes.items():
        changed.pop(name, None)
        if value:
            changed[name] = value
    return changed.urlencode()
