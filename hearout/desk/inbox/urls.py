from __future__ import annotations

from django.urls import path

from hearout.desk.inbox import bulk, views

urlpatterns = [
    path("", views.home, name="home"),
    path("queues/", views.queues, name="queues"),
    path("inbox/<slug:queue>/", views.inbox, name="inbox"),
    path("inbox/<slug:queue>/news/", views.news, name="news"),
    path("bulk/", bulk.bulk, name="bulk"),
]
