from __future__ import annotations

from django.urls import path

from hearout.desk.handles import moving

urlpatterns = [
    path("cases/<int:case_id>/moving/", moving.moving, name="moving"),
]
