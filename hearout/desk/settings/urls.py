from __future__ import annotations

from django.urls import path

from hearout.desk.settings import (
    handles,
    history,
    hours,
    judging,
    people,
    profile,
    queries,
    reading,
    rules,
    saved_replies,
    standards,
    teams,
    topics,
    watchwords,
)

urlpatterns = [
    path("settings/", profile.settings, name="settings"),
    path("settings/profile/", profile.profile, name="settings-profile"),
    path("settings/profile/presence/<int:brand_id>/", profile.presence, name="settings-own-presence"),
    path("settings/<int:brand_id>/people/", people.people, name="settings-people"),
    path("settings/<int:brand_id>/people/<int:pk>/", people.person, name="settings-person"),
    path("settings/<int:brand_id>/people/<int:pk>/account/", people.account, name="settings-account"),
    path("settings/<int:brand_id>/people/<int:pk>/presence/", people.presence, name="settings-presence"),
    path("settings/<int:brand_id>/teams/", teams.teams, name="settings-teams"),
    path("settings/<int:brand_id>/teams/<int:pk>/", teams.team, name="settings-team"),
    path("settings/<int:brand_id>/teams/<int:pk>/removal/", teams.removal, name="settings-team-removal"),
    path("settings/<int:brand_id>/handles/", handles.handles, name="settings-handles"),
    path("settings/<int:brand_id>/handles/<int:pk>/", handles.handle, name="settings-handle"),
    path(
        "settings/<int:brand_id>/handles/<int:pk>/connection/", handles.connection, name="settings-connection"
    ),
    path(
        "settings/<int:brand_id>/handles/<int:pk>/disconnection/",
        handles.disconnection,
        name="settings-disconnection",
    ),
    path(
        "settings/<int:brand_id>/handles/<int:pk>/removal/", handles.removal, name="settings-handle-removal"
    ),
    path("settings/<int:brand_id>/watchwords/", watchwords.watchwords, name="settings-watchwords"),
    path(
        "settings/<int:brand_id>/watchwords/<int:pk>/removal/",
        watchwords.removal,
        name="settings-watchword-removal",
    ),
    path("settings/<int:brand_id>/queries/", queries.queries, name="settings-queries"),
    path("settings/<int:brand_id>/queries/new/", queries.query, name="settings-new-query"),
    path("settings/<int:brand_id>/queries/file/", queries.query_file, name="settings-query-file"),
    path("settings/<int:brand_id>/queries/posts/", judging.judging, name="settings-judging"),
    path("settings/<int:brand_id>/queries/posts/judgement/", judging.judgement, name="settings-judgement"),
    path("settings/<int:brand_id>/queries/<int:pk>/", queries.query, name="settings-query"),
    path(
        "settings/<int:brand_id>/queries/<int:pk>/switch/", queries.query_switch, name="settings-query-switch"
    ),
    path(
        "settings/<int:brand_id>/queries/<int:pk>/version/", queries.going_back, name="settings-query-version"
    ),
    path("settings/<int:brand_id>/hours/", hours.every, name="settings-hours"),
    path("settings/<int:brand_id>/hours/<int:pk>/", hours.hours, name="settings-hour"),
    path("settings/<int:brand_id>/hours/<int:pk>/days/", hours.day, name="settings-day"),
    path(
        "settings/<int:brand_id>/hours/<int:pk>/days/<int:day_id>/removal/",
        hours.day_removal,
        name="settings-day-removal",
    ),
    path("settings/<int:brand_id>/hours/<int:pk>/removal/", hours.removal, name="settings-hours-removal"),
    path("settings/<int:brand_id>/standards/", standards.standards, name="settings-standards"),
    path("settings/<int:brand_id>/standards/<int:pk>/", standards.standard, name="settings-standard"),
    path(
        "settings/<int:brand_id>/standards/<int:pk>/retirement/",
        standards.retirement,
        name="settings-retirement",
    ),
    path("settings/<int:brand_id>/rules/", rules.rules, name="settings-rules"),
    path("settings/<int:brand_id>/rules/new/", rules.rule, name="settings-new-rule"),
    path("settings/<int:brand_id>/rules/row/", rules.row, name="settings-rule-row"),
    path("settings/<int:brand_id>/rules/<int:pk>/", rules.rule, name="settings-rule"),
    path("settings/<int:brand_id>/rules/<int:pk>/place/", rules.place_in_order, name="settings-rule-place"),
    path("settings/<int:brand_id>/rules/<int:pk>/switch/", rules.switch, name="settings-rule-switch"),
    path("settings/<int:brand_id>/rules/<int:pk>/removal/", rules.removal, name="settings-rule-removal"),
    path("settings/<int:brand_id>/reading/", reading.reading, name="settings-reading"),
    path("settings/<int:brand_id>/topics/", topics.topics, name="settings-topics"),
    path("settings/<int:brand_id>/topics/new/", topics.topic, name="settings-new-topic"),
    path("settings/<int:brand_id>/topics/switch/", topics.switch, name="settings-topic-switch"),
    path("settings/<int:brand_id>/topics/<int:pk>/", topics.topic, name="settings-topic"),
    path("settings/<int:brand_id>/topics/<int:pk>/removal/", topics.removal, name="settings-topic-removal"),
    path(
        "settings/<int:brand_id>/saved-replies/", saved_replies.saved_replies, name="settings-saved-replies"
    ),
    path("settings/<int:brand_id>/saved-replies/preview/", saved_replies.preview, name="settings-preview"),
    path(
        "settings/<int:brand_id>/saved-replies/<int:pk>/",
        saved_replies.saved_reply,
        name="settings-saved-reply",
    ),
    path(
        "settings/<int:brand_id>/saved-replies/<int:pk>/removal/",
        saved_replies.removal,
        name="settings-saved-reply-removal",
    ),
    path("settings/<int:brand_id>/history/", history.history, name="settings-history"),
]
