from __future__ import annotations

from django.urls import path

from hearout.desk.settings import views

urlpatterns = [path("settings/", views.settings, name="settings")]
