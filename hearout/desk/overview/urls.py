from __future__ import annotations

from django.urls import path

from hearout.desk.overview import views

urlpatterns = [path("overview/", views.overview, name="overview")]
