"""What a signed-in request carries, and the frame around every view of the desk."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme

from hearout.people.doors import NotFoundHereError
from hearout.people.models import User

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails


class DeskRequest(HttpRequest):
    """A request by somebody who has signed in."""

    user: User
    htmx: HtmxDetails


View = Callable[..., HttpResponse]


def at_the_desk(view: View) -> View:
    """Sign-in first; and what a door does not open is not found, whoever asks."""

    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response = view(request, *args, **kwargs)
        except NotFoundHereError as error:
            raise Http404("There is nothing here for you.") from error
        # A browser that goes back must neither show a part as a page nor what somebody signed out of.
        patch_vary_headers(response, ["HX-Request", "Cookie"])
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return cast(View, login_required(opened))


def wants_part(request: DeskRequest) -> bool:
    """Whether htmx asks for a part of the page. Going back in history needs the whole one."""
    return bool(request.htmx) and not request.htmx.history_restore_request


def back(request: HttpRequest, otherwise: str) -> HttpResponseRedirect:
    """Redirect to the form's `next` when it lies on this site, else to `otherwise`."""
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(target if safe else otherwise)
