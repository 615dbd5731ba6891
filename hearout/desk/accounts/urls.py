from __future__ import annotations

from django.urls import include, path

from hearout.desk.accounts import views

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("theme/", views.theme, name="theme"),
    path("brand/", views.brand, name="brand"),
]
