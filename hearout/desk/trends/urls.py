from __future__ import annotations

from django.urls import path

from hearout.desk.trends import views

urlpatterns = [
    path("trends/", views.trends, name="trends"),
    path("trends/<int:brand_id>/setting/", views.setting, name="trends-setting"),
    path("trends/alarms/<int:alarm_id>/", views.alarm, name="trends-alarm"),
    path("trends/alarms/<int:alarm_id>/false/", views.false_alarm, name="trends-false"),
    path("trends/alarms/<int:alarm_id>/incident/", views.opening, name="trends-opening"),
    path("trends/incidents/<int:incident_id>/", views.incident, name="trends-incident"),
    path("trends/incidents/<int:incident_id>/note/", views.noting, name="trends-note"),
    path("trends/incidents/<int:incident_id>/cases/", views.cases, name="trends-cases"),
    path("trends/incidents/<int:incident_id>/closing/", views.closing, name="trends-closing"),
]
