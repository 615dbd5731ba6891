from __future__ import annotations

from django.urls import path

from hearout.desk.case import replying, views

urlpatterns = [
    path("cases/<int:case_id>/", views.show, name="case"),
    path("cases/<int:case_id>/claim/", views.claim, name="claim"),
    path("cases/<int:case_id>/assignment/", views.assignment, name="assignment"),
    path("cases/<int:case_id>/release/", views.release, name="release"),
    path("cases/<int:case_id>/priority/", views.priority, name="priority"),
    path("cases/<int:case_id>/tags/", views.tags, name="tags"),
    path("cases/<int:case_id>/snooze/", views.snooze, name="snooze"),
    path("cases/<int:case_id>/waking/", views.waking, name="waking"),
    path("cases/<int:case_id>/closure/", views.closure, name="closure"),
    path("cases/<int:case_id>/relevance/", views.relevance, name="relevance"),
    path("cases/<int:case_id>/reopening/", views.reopening, name="reopening"),
    path("cases/<int:case_id>/notes/", views.notes, name="notes"),
    path("cases/<int:case_id>/merging/", views.merging, name="merging"),
    path("cases/<int:case_id>/splitting/", views.splitting, name="splitting"),
    path("cases/<int:case_id>/verdicts/<int:verdict_id>/", views.overruling, name="overruling"),
    path(
        "cases/<int:case_id>/verdicts/<int:verdict_id>/confirmation/",
        views.confirmation,
        name="confirmation",
    ),
    path("cases/<int:case_id>/draft/", replying.draft, name="draft"),
    path("cases/<int:case_id>/saved-text/", replying.saved_text, name="saved-text"),
    path("cases/<int:case_id>/replies/", replying.replies, name="replies"),
    path("cases/<int:case_id>/replies/<int:reply_id>/", replying.fate, name="fate"),
    path("cases/<int:case_id>/acts/", replying.acts, name="acts"),
]
