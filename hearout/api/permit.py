"""Who may hear which topics of the doorbell: the ordinary doors, asked with a browser's cookies."""

from __future__ import annotations

from collections.abc import Collection
from http.cookies import CookieError, SimpleCookie
from importlib import import_module

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest

from hearout.cases.doors import cases_for
from hearout.people.doors import brands_for
from hearout.people.models import User


def permit(cookie: str, topics: Collection[str]) -> set[str]:
    """The topics (`brand:1`, `case:42`) that the user behind the cookie may hear; empty for strangers."""
    user = _user(cookie)
    if user is None:
        return set()
    wanted: dict[str, set[int]] = {"brand": set(), "case": set()}
    for topic in topics:
        noun, _, number = topic.partition(":")
        if noun in wanted and number.isascii() and number.isdigit() and len(number) < 19:
            wanted[noun].add(int(number))
    allowed = {
        f"brand:{pk}" for pk in brands_for(user).filter(pk__in=wanted["brand"]).values_list("pk", flat=True)
    }
    if wanted["case"]:
        mine = cases_for(user).filter(pk__in=wanted["case"])
        allowed |= {f"case:{pk}" for pk in mine.values_list("pk", flat=True)}
    return allowed


def _user(cookie: str) -> User | None:
    try:
        crumbs = SimpleCookie(cookie)
    except CookieError:
        return None
    crumb = crumbs.get(settings.SESSION_COOKIE_NAME)
    if crumb is None:
        return None
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(crumb.value)
    user = get_user(request)
    return user if isinstance(user, User) and user.is_active else None
