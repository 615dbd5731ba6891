"""What strangers write is text and nothing else, wherever it is shown."""

from __future__ import annotations

import pytest
from django.utils import timezone

from hearout.customers.models import Identifier
from hearout.listening.models import PostVersion
from hearout.people.models import Team
from hearout.replies.models import Reply, SavedReply
from hearout.triage.models import Verdict

PAYLOADS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg onload=alert(1)>",
    "</textarea><script>alert(1)</script>",
    "</title><style>*{display:none}</style>",
    "{{ 7|add:7 }}{% now 'Y' %}",
    "javascript:alert(1)",
    'https://a.example/"onmouseover=alert(1)//',
    'hx-get=/x" hx-trigger=load x="',
    "\u202e\u2066evil\u200b\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
    "A" * 5000,
]
ALLOWED_LINKS = ("/", "#", "?", "https://", "http://")


def check(tags):
    for name, attrs in tags:
        assert not [attr for attr in attrs if attr.startswith("on")], (name, attrs)
        assert "style" not in attrs, (name, attrs)
        if name == "script":
            assert attrs.get("src", "").startswith("/static/"), attrs
        if name in ("a", "form", "img", "link"):
            for attr in ("href", "action", "src", "hx-get", "hx-post"):
                assert attrs.get(attr, "/").startswith(ALLOWED_LINKS), attrs
        if attrs.get("hx-get") or attrs.get("hx-post"):
            assert (attrs.get("hx-get") or attrs.get("hx-post")).startswith(
                ("/cases/", "/inbox/", "/queues/", "?")
            )
    assert not {"style", "iframe", "object", "embed", "base", "img"} & {name for name, _ in tags}


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_field_can_carry_markup_into_a_page(desk, cast, tags_of, payload):
    author = desk.author(payload, payload)
    case = desk.case(author, payload)
    case.customer.name, case.customer.note = payload[:200], payload
    case.customer.save()
    Identifier.objects.create(customer=case.customer, kind="crm", value=payload[:320])
    Verdict.objects.filter(post=case.opening).update(
        because=payload[:200], reader=payload[:40], reasons={"kind": [payload, "", "<"]}, language=payload[:8]
    )
    case.opening.url, case.opening.revision = payload, 1
    case.opening.save()
    case.opening.mentions.update(words=[payload])
    PostVersion.objects.create(post=case.opening, revision=0, text=payload)
    gone = desk.post(author, payload, deleted_at=timezone.now(), parent=case.opening)
    desk.joins(case, gone)
    stamp = timezone.now()
    reply = {
        "case": case,
        "brand": case.brand,
        "handle": cast.main_handle,
        "text": payload,
        "thread_version": 1,
    }
    Reply.objects.create(
        **reply,
        act="public_reply",
        target=case.opening,
        by=cast.ben,
        queued_at=stamp,
        failed_at=stamp,
        cause=payload,
    )
    Reply.objects.create(**reply, act="public_reply", target=case.opening, by=cast.ana)
    case.note(by=cast.ana, text=payload)
    case.tag(by=cast.ana, name=payload[:60])
    case.assign(by=cast.ana, team=Team.objects.create(brand=cast.brand, name=payload[:80]))
    SavedReply.objects.create(brand=cast.brand, name=payload[:80], text=payload)
    cast.handle = cast.main_handle
    cast.handle.handle = payload
    cast.handle.save()
    client = desk.sign_in(cast.ana)
    for path in (f"/cases/{case.pk}/", "/inbox/all/", f"/inbox/all/news/?seen={case.pk}"):
        check(tags_of(client.get(path)))
    check(
        tags_of(client.get("/inbox/all/", {"q": payload, "kind": payload, "after": payload, "case": payload}))
    )
    check(tags_of(client.post(f"/cases/{case.pk}/merging/", {"into": payload})))
    check(
        tags_of(
            client.post(
                f"/cases/{case.pk}/replies/", {"act": "public_reply", "text": payload, "seen_version": "0"}
            )
        )
    )


def test_text_from_strangers_keeps_its_direction_to_itself(desk, cast, tags_of):
    case = desk.case(desk.author("dina", "دينا سالم"), "\u202eevil")
    tags = tags_of(desk.sign_in(cast.ana).get(f"/cases/{case.pk}/"))
    assert ("p", {"class": "text", "dir": "auto"}) in tags
    assert sum(name == "bdi" for name, _ in tags) > 5


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "x" * 300_000])
@pytest.mark.parametrize("what", ["draft", "notes", "tags", "merging", "saved-text", "replies"])
def test_no_form_can_crash_the_desk(desk, cast, what, text):
    case = desk.case()
    body = {
        name: text.encode("utf-8", "surrogatepass").decode("latin-1")
        for name in ("text", "name", "into", "insert", "target")
    }
    answer = desk.sign_in(cast.ana).post(f"/cases/{case.pk}/{what}/", {**body, "act": "public_reply"})
    assert answer.status_code in (302, 404, 422)


@pytest.mark.parametrize("text", ["a\x00b", "%ed%a0%80"])
def test_no_search_string_can_crash_the_desk(desk, cast, text):
    assert desk.sign_in(cast.ana).get(f"/inbox/all/?q={text}&kind={text}&seen={text}").status_code == 200
