"""Handles, their connections, watchwords, saved replies, and the history of all of it."""

from __future__ import annotations

import pytest

from hearout.desk.settings import connecting
from hearout.listening.connecting import connect, secrets_of
from hearout.listening.models import Connection, Handle, Watchword
from hearout.replies.models import SavedReply

SECRET = "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0"
BASE = {"connect__setting_base_url": "http://127.0.0.1:9", "channel": "simulator"}


@pytest.fixture(autouse=True)
def told(monkeypatch):
    """What the networks were told, instead of telling them."""
    calls = []

    def tell(connection, webhook_url):
        calls.append((connection.handle.handle, webhook_url))
        return ""

    monkeypatch.setattr(connecting, "tell_network", tell)
    monkeypatch.setattr("hearout.desk.settings.handles.tell_network", tell)
    return calls


def test_a_handle_is_added_without_its_at(office):
    answer = office.change("settings-handles", network="simulator", handle=" @TideHelp ", role="care")
    one = Handle.objects.get(handle="TideHelp")
    assert answer.headers["location"] == office.url("settings-handle", one.pk)
    assert (one.brand, one.role) == (office.cast.brand, "care")
    assert office.last().facts == {"did": "added", "name": "@TideHelp"}


@pytest.mark.parametrize(
    ("network", "handle"),
    [
        ("simulator", "TIDEWING"),
        ("simulator", "two words"),
        ("simulator", "@"),
        ("archive", "x"),
        ("nowhere", "x"),
    ],
)
def test_a_handle_that_cannot_be_is_refused(office, network, handle):
    assert office.change("settings-handles", network=network, handle=handle, role="main").status_code == 422


def test_the_role_of_a_handle_changes(office):
    office.change("settings-handle", office.cast.main_handle.pk, role="watched")
    office.cast.main_handle.refresh_from_db()
    assert office.cast.main_handle.role == "watched"
    assert office.last().facts["changes"] == {"role": ["Main", "Watched"]}


def test_secrets_go_in_and_never_come_out(office, told):
    handle = office.cast.care_handle
    fields = {**BASE, "connect__secret_token": "tok-very-secret", "connect__secret_webhook_secret": SECRET}
    assert office.change("settings-connection", handle.pk, **fields, connect__hook="on").status_code == 302
    linked = Connection.objects.get(handle=handle)
    assert secrets_of(linked) == {"token": "tok-very-secret", "webhook_secret": SECRET}
    assert told == [("tidewingcare", f"http://testserver/hooks/{linked.hook_id}/")]
    page = office.page("settings-handle", handle.pk).content.decode()
    assert f"/hooks/{linked.hook_id}/" in page
    for secret in ("tok-very-secret", SECRET):
        assert secret not in page
        assert secret not in str(office.last().facts)
    assert office.last().facts["new_secrets"] == ["token", "webhook_secret"]


def test_a_secret_left_blank_stays(office):
    handle = office.cast.care_handle
    connect(
        handle, "simulator", {"base_url": "http://127.0.0.1:9"}, {"token": "old", "webhook_secret": SECRET}
    )
    fields = {**BASE, "connect__secret_token": "new"}
    assert office.change("settings-connection", handle.pk, **fields).status_code == 302
    assert secrets_of(Connection.objects.get(handle=handle)) == {"token": "new", "webhook_secret": SECRET}


def test_a_connection_that_cannot_work_is_refused_and_nothing_is_kept(office):
    handle = office.cast.care_handle
    fields = {**BASE, "connect__setting_base_url": "ftp://nowhere", "connect__secret_token": "t"}
    answer = office.change("settings-connection", handle.pk, **fields)
    assert answer.status_code == 422
    assert not Connection.objects.filter(handle=handle).exists()


def test_a_faulty_connection_says_what_to_do(office):
    Connection.objects.filter(handle=office.cast.main_handle).update(
        faults=3, last_fault="401 Unauthorized <b>"
    )
    page = office.page("settings-handle", office.cast.main_handle.pk).content.decode()
    assert "401 Unauthorized &lt;b&gt;" in page
    assert "Get new ones" in page


def test_a_disconnected_handle_keeps_its_posts_and_loses_its_secrets(office):
    cast = office.cast
    post = office.desk.post(cast.mira, "hello", handle=cast.main_handle)
    office.change("settings-handle-removal", cast.main_handle.pk)
    office.change("settings-disconnection", cast.main_handle.pk)
    assert not Connection.objects.exists()
    post.refresh_from_db()
    assert post.handle == cast.main_handle
    assert office.last().facts["did"] == "disconnected"


def test_watchwords_are_added_once_and_the_networks_are_told(office, told):
    office.change("settings-watchwords", kind="hashtag", text="#TideMiles")
    assert Watchword.objects.filter(kind="hashtag", text="TideMiles").exists()
    assert told == [("tidewing", None)]
    for kind, text in (("hashtag", "tidemiles"), ("hashtag", "two words"), ("name", "ab"), ("thing", "abc")):
        assert office.change("settings-watchwords", kind=kind, text=text).status_code == 422


def test_a_removed_watchword_can_be_put_back(office):
    word = Watchword.objects.get(brand=office.cast.brand, kind="product")
    office.change("settings-watchword-removal", word.pk)
    page = office.page("settings-watchwords").content.decode()
    assert "Put it back" in page
    office.change("settings-watchwords", kind="product", text=word.text)
    assert Watchword.objects.filter(kind="product", text=word.text).exists()


def test_a_saved_reply_knows_its_placeholders(office):
    sol = office.cast.sol
    fields = {"name": "Refund", "text": "Hi {first_name}, {order}"}
    answer = office.change("settings-saved-replies", by=sol, **fields)
    assert answer.status_code == 422
    assert "There is no placeholder {order}" in answer.content.decode()
    office.change("settings-saved-replies", by=sol, name="Refund", text="Hi {first_name}")
    assert SavedReply.objects.filter(name="Refund").exists()
    assert office.change("settings-saved-replies", by=sol, name="refund", text="x").status_code == 422


def test_the_preview_is_filled_in_for_the_newest_case(office):
    office.desk.case(office.cast.mira)
    answer = office.change("settings-preview", text="Hi {first_name} <script>")
    assert "Hi Mira &lt;script&gt;" in answer.content.decode()


def test_the_history_tells_who_changed_what(office):
    office.change("settings-handle", office.cast.main_handle.pk, role="care")
    page = office.page("settings-history").content.decode()
    for part in ("Ada", "changed handle", "@tidewing", "Main", "Care"):
        assert part in page


def test_hostile_text_in_settings_is_only_text(office):
    nasty = "<img src=x onerror=alert(1)>\u202e{{ 7*7 }}"
    office.change("settings-teams", name=nasty[:80])
    office.change("settings-saved-replies", name="N", text=nasty.replace("{{ 7*7 }}", ""))
    for name in ("settings-teams", "settings-saved-replies", "settings-history", "settings-people"):
        page = office.page(name).content.decode()
        assert "<img src=x" not in page
        assert ">49<" not in page
    assert office.change("settings-teams", name="a\x00b").status_code == 422
