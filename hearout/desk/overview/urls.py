from __future__ import annotations

from django.urls import path

from hearout.desk.overview import views

urlpatterns = [
    path("overview/", views.overview, name="overview"),
    path("overview/now/", views.now, name="overview-now"),
    path("overview/figures/", views.figures, name="overview-figures"),
    path("overview/figures/<slug:name>/", views.figure, name="overview-figure"),
    path("overview/brake/<int:brand_id>/", views.brake, name="overview-brake"),
]
