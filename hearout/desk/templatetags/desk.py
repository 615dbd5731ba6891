"""The few tags that the desk's templates share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import SplitResult, urlsplit

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
from hearout.listening.models import Post

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


@register.simple_tag(takes_context=True)
def here(context: Context) -> str:
    """Where the reader is, for a form's `next`: with htmx that is the page, not the part that was asked for."""
    request = context.get("request")
    if not isinstance(request, HttpRequest):
        return ""
    htmx = getattr(request, "htmx", None)
    if htmx:
        return htmx.current_url_abs_path or ""
    return request.get_full_path() if request.method == "GET" else ""


@register.simple_tag(takes_context=True)
def list_address(context: Context) -> str:
    """The list that the reader came from, with its filters; else their own queue."""
    request, mine = context.get("request"), reverse("inbox", args=["mine"])
    if not isinstance(request, HttpRequest):
        return mine
    came = _split(request.headers.get("HX-Current-URL") or request.headers.get("Referer", ""))
    if came.netloc != request.get_host() or not came.path.startswith(mine.removesuffix("mine/")):
        return mine
    query = _query(QueryDict(came.query), {"case": ""})
    return f"{came.path}?{query}" if query else came.path


def _split(address: str) -> SplitResult:
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")


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
def linked(text: str, words: Sequence[str] = ()) -> SafeString:
    """A customer's text with its web addresses as links that vouch for nothing; all else escaped."""
    return spoken.linked(text, words)


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
    return _query(query, {"after": "", "seen": "", "bottom": ""})


@register.simple_tag
def with_case(request: HttpRequest, number: int) -> str:
    """The inbox's own address with this case open beside the list."""
    match = request.resolver_match
    queue = match.kwargs.get("queue", "all") if match else "all"
    query = _query(request.GET, {"case": str(number), "seen": "", "bottom": "", "after": ""})
    return f"{reverse('inbox', args=[queue])}?{query}"


def _query(query: QueryDict, changes: dict[str, str]) -> str:
    changed = query.copy()
    for name, value in changes.items():
        changed.pop(name, None)
        if value:
            changed[name] = value
    return changed.urlencode()


@register.filter
def times(post: Post) -> SafeString:
    """The network's time, with both clocks in the title: theirs, and how much later we heard of it."""
    local, now = timezone.localtime(post.posted_at), timezone.localtime()
    later = (post.received_at - post.posted_at).total_seconds()
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        post.posted_at.isoformat(),
        f"On the network {local:%A %d %B %Y, %H:%M:%S %Z}; heard {timezone.localtime(post.received_at):%H:%M:%S}, "
        f"{spoken.duration(later)} {'later' if later >= 0 else 'earlier'}",
        spoken.moment(local, now),
    )


@register.filter
def left(at: datetime) -> str:
    return spoken.duration(max(0.0, (at - timezone.now()).total_seconds()))


@register.filter
def is_ahead(at: datetime) -> bool:
    return at > timezone.now()


@register.filter
def is_web(address: str) -> bool:
    """Only such an address becomes a link; `javascript:` and its like never do."""
    return bool(spoken.ADDRESS.fullmatch(address))


@register.filter
def short(count: int) -> str:
    """`950`, `18.4 k`, `2.1 M`."""
    for size, unit in ((1_000_000, "M"), (1_000, "k")):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return str(count)


@register.filter
def identifier(kind: str) -> str:
    return {"mail": "e-mail", "phone": "phone", "crm": "CRM id"}.get(kind, kind)
