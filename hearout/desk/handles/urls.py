from __future__ import annotations

from django.urls import path

from hearout.desk.handles import moving, views

urlpatterns = [
    path("handles/", views.handles, name="handles"),
    path("handles/impostors/<int:impostor_id>/", views.impostor, name="impostor"),
    path("cases/<int:case_id>/moving/", moving.moving, name="moving"),
]
