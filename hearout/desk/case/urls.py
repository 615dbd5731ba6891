from __future__ import annotations

from django.urls import path

from hearout.desk.case import views

urlpatterns = [path("cases/<int:case_id>/", views.show, name="case")]
