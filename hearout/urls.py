"""Every address that Django answers. `/live/` and `/hooks/` are answered before it, in `asgi.py`."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [path("", include("hearout.desk.urls"))]
