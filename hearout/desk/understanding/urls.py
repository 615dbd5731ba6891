from __future__ import annotations

from django.urls import path

from hearout.desk.understanding import views

urlpatterns = [
    path("understanding/", views.understanding, name="understanding"),
    path("understanding/<int:brand_id>/sample/", views.sample, name="understanding-sample"),
    path("understanding/<int:brand_id>/checks/<int:pk>/", views.check, name="understanding-check"),
    path("understanding/<int:brand_id>/versions/<int:pk>/", views.version, name="understanding-version"),
    path("understanding/<int:brand_id>/rolling-back/", views.rolling_back, name="understanding-rolling-back"),
]
