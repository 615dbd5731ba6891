"""The desk's pages: one line a folder."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("", include("hearout.desk.accounts.urls")),
    path("", include("hearout.desk.inbox.urls")),
    path("", include("hearout.desk.case.urls")),
    path("", include("hearout.desk.handles.urls")),
    path("", include("hearout.desk.overview.urls")),
    path("", include("hearout.desk.trends.urls")),
    path("", include("hearout.desk.audit.urls")),
    path("", include("hearout.desk.understanding.urls")),
    path("", include("hearout.desk.settings.urls")),
]
