from __future__ import annotations

from django.urls import path

from hearout.desk.audit import views

urlpatterns = [
    path("audit/", views.audit, name="audit"),
    path("audit/taken/", views.taken, name="audit-taken"),
    path("audit/file/<slug:kind>/", views.file, name="audit-file"),
]
