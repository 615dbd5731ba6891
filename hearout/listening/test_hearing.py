"""Hearing on a real database: doubles, disorder, edits, deletions, poison, two workers, a killed one."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.db import transaction

from hearout.channels.archive.jsonl import dump_post
from hearout.channels.base import IncomingAuthor, Visibility
from hearout.channels.payload import encode
from hearout.customers.models import Author
from hearout.lib.claiming import claim
from hearout.listening import hearing, telling
from hearout.listening.conftest import Network, differences, picture
from hearout.listening.models import Mention, Post, PostVersion, Received

HI = "@tidewing where is my bag?"


def mention(external_id: str) -> Mention:
    return Mention.objects.get(post__external_id=external_id)


def test_a_post_becomes_a_row_with_its_author_and_mention(network: Network) -> None:
    network.told(network.post("p1", HI))
    post = Post.objects.get()
    assert (post.text, post.author.handle, post.root, post.posted_at) == (HI, "mira_k", post, network.at(0))
    assert post.received_at == Received.objects.get().received_at
    assert (mention("p1").how, mention("p1").words) == ("direct", ["@tidewing"])
    assert mention("p1").handle == network.cast.main_handle
    assert network.hear() == 0


def test_a_post_told_twice_is_stored_once(network: Network) -> None:
    post = network.post("p1", HI)
    assert network.tell(post) == 1
    assert network.tell(post) == 0
    network.tell_raw([json.dumps(dump_post(post), indent=1).encode()])
    network.hear()
    network.tell_raw([json.dumps(dump_post(post), indent=2).encode()])
    network.hear()
    assert Received.objects.count() == 3
    assert Post.objects.count() == Mention.objects.count() == 1


def test_a_repetition_does_not_wake_triage(network: Network) -> None:
    network.told(network.post("p1", HI))
    Mention.objects.update(due_at=None)
    network.tell_raw([json.dumps(dump_post(network.post("p1", HI)), indent=1).encode()])
    network.hear()
    assert mention("p1").due_at is None


def test_a_post_about_nobody_is_kept_without_mention(network: Network) -> None:
    network.told(network.post("p1", "lovely weather"))
    assert Post.objects.count() == 1
    assert not Mention.objects.exists()


def test_an_edit_keeps_the_old_text_and_wakes_triage(network: Network) -> None:
    network.told(network.post("p1", HI))
    Mention.objects.update(due_at=None)
    network.told(network.post("p1", "@tidewing found it", revision=1, edited_at=network.at(5)))
    post = Post.objects.get()
    assert (post.text, post.revision, post.edited_at) == ("@tidewing found it", 1, network.at(5))
    assert list(PostVersion.objects.values_list("revision", "text")) == [(0, HI)]
    assert mention("p1").due_at is not None


def test_an_edit_that_adds_the_brand_adds_the_mention(network: Network) -> None:
    network.told(network.post("p1", "late again"), network.post("p1", "late again @tidewing", revision=1))
    assert mention("p1").how == "direct"


def test_an_older_revision_does_not_undo_an_edit(network: Network) -> None:
    network.told(network.post("p1", "second", revision=1), network.post("p1", "first"))
    assert (Post.objects.get().text, Post.objects.get().revision) == ("second", 1)
    assert list(PostVersion.objects.values_list("revision", "text")) == [(0, "first")]


def test_a_deletion_blanks_the_text_and_its_versions(network: Network) -> None:
    network.told(network.post("p1", HI), network.post("p1", "more", revision=1))
    Mention.objects.update(due_at=None)
    network.told(network.deletion("p1"))
    post = Post.objects.get()
    assert (post.text, post.deleted_at, post.author.handle) == ("", network.at(60), "mira_k")
    assert not PostVersion.objects.exists()
    assert mention("p1").due_at is not None


def test_a_deletion_before_its_post_leaves_a_tombstone_that_stays_dead(network: Network) -> None:
    network.told(network.deletion("p1"))
    assert Post.objects.get().text == ""
    network.told(network.post("p0", "hello"), network.post("p1", HI, parent_id="p0"))
    post = Post.objects.get(external_id="p1")
    assert (post.text, post.deleted_at, post.author.handle) == ("", network.at(60), "mira_k")
    assert post.posted_at == network.at(0)
    assert post.parent == post.root == Post.objects.get(external_id="p0")


def test_handles_and_names_of_authors_are_followed(network: Network) -> None:
    network.told(network.post("p1", HI))
    author = IncomingAuthor("u_mira_k", "mira_new", "Mira New", followers=7)
    network.told(network.post("p2", HI, author=author))
    mira = Author.objects.get(external_id="u_mira_k")
    assert (mira.handle, mira.name, mira.followers) == ("mira_new", "Mira New", 7)


def test_in_one_batch_the_latest_name_of_an_author_counts(network: Network) -> None:
    new = IncomingAuthor("u_mira_k", "mira_new", "Mira")
    network.tell(network.post("p2", HI, minutes=9, author=new), network.post("p1", HI, minutes=1))
    network.hear()
    assert Author.objects.get(external_id="u_mira_k").handle == "mira_new"


def test_an_answer_to_our_post_is_a_direct_mention_even_when_ours_comes_later(network: Network) -> None:
    network.told(network.post("p2", "no idea what you mean", parent_id="p1", minutes=2))
    assert not Mention.objects.exists()
    network.told(network.post("p1", "How can we help?", author="tidewing", minutes=1))
    assert mention("p2").how == "direct"
    assert mention("p1").how == "ours"
    assert Post.objects.get(external_id="p1").handle == network.cast.main_handle


def test_a_message_to_us_and_a_post_on_our_page_are_direct(network: Network) -> None:
    network.told(
        network.post(
            "m1", "psst", visibility=Visibility.PRIVATE, recipient_id="u_tidewingcare", conversation_id="c"
        ),
        network.post("p1", "psst", page_id="u_tidewing"),
    )
    assert (mention("m1").how, mention("m1").handle) == ("direct", network.cast.care_handle)
    assert (mention("p1").how, mention("p1").own_page) == ("direct", True)


def test_the_id_of_a_handle_known_by_name_is_learnt_and_then_the_name_may_change_hands(
    network: Network,
) -> None:
    network.cast.care_handle.external_id = ""
    network.cast.care_handle.save()
    network.told(network.post("p1", "hello", "tidewingcare"))
    network.cast.care_handle.refresh_from_db()
    assert network.cast.care_handle.external_id == "u_tidewingcare"
    squatter = IncomingAuthor("u_other", "tidewingcare")
    network.told(network.post("p2", "hello", author=squatter))
    assert [one.how for one in Mention.objects.all()] == ["ours"]


def test_a_dead_mention_of_a_post_that_changed_is_alive_again(network: Network) -> None:
    network.told(network.post("p1", HI))
    Mention.objects.update(due_at=None, dead_at=network.at(0), fault="broken", tries=5)
    network.told(network.post("p1", HI, revision=1))
    assert (mention("p1").dead_at, mention("p1").fault, mention("p1").tries) == (None, "", 0)


def a_busy_day(network: Network) -> list[Any]:
    """Threads, edits, deletions, private talks and posts about nobody."""
    posts = []
    for number in range(40):
        name, text = f"p{number}", ["@tidewing help", "tidewing go!", "#tidewing", "nothing"][number % 4]
        author = "tidewing" if number % 7 == 3 else f"customer{number % 5}"
        parent = f"p{number * 3 // 4}" if number % 3 else None
        more: dict[str, Any] = {"parent_id": parent if parent != name else None}
        if number % 8 == 5:
            more |= {"visibility": Visibility.PRIVATE, "conversation_id": f"c{number % 2}"}
        posts.append(network.post(name, text, author, minutes=number, **more))
        if number % 5 == 0:
            posts.append(network.post(name, f"{text} edited", author, number, revision=1, **more))
        if number % 10 == 0:
            posts.append(network.post(name, "@tidewing third", author, number, revision=2, **more))
        if number % 6 == 0:
            posts.append(network.deletion(name))
    return posts


def derived_tables_emptied() -> None:
    Post.objects.update(parent=None, root=None)
    for model in (Mention, PostVersion, Post, Received):
        model.objects.all().delete()


def test_doubled_and_shuffled_deliveries_give_the_same_tables(network: Network, dice: Any) -> None:
    posts = a_busy_day(network)
    network.told(*posts)
    clean = picture()
    assert len(clean["posts"]) == 40
    assert len(clean["mentions"]) > 25
    assert clean["versions"]
    for limit in (1, 7, 300):
        derived_tables_emptied()
        bodies = [encode(dump_post(post)).body for post in posts] * 2
        bodies += [json.dumps(dump_post(post), indent=1).encode() for post in posts]
        dice.shuffle(bodies)
        network.tell_raw(bodies)
        network.hear(limit)
        assert not differences(clean, picture())


def test_rebuilding_from_what_was_received_gives_the_same_tables(network: Network) -> None:
    network.told(*a_busy_day(network))
    clean = picture()
    Post.objects.update(parent=None, root=None)
    for model in (Mention, PostVersion, Post):
        model.objects.all().delete()
    Received.objects.update(due_at=network.at(0))
    network.hear()
    assert not differences(clean, picture())


HOSTILE = {
    "not UTF-8": b"\xff\xfe\xfa",
    "not JSON": b"{not json",
    "a NUL in the id": b'{"network":"simulator","external_id":"a\\u0000b"}',
    "half a character": encode({"network": "simulator", "external_id": "\ud800"}).body,
    "nested deeply": b"[" * 100_000 + b"]" * 100_000,
    "8 MB": b'{"text":"' + b"x" * 8_400_000 + b'"}',
    "wrong types": b'{"network":7,"external_id":[],"posted_at":{}}',
    "a huge id": encode({"network": "simulator", "external_id": "x" * 5_000}).body,
    "a huge time": b'{"network":"simulator","external_id":"t","posted_at":"9999-99-99T00:00:00Z"}',
    "nothing": b"",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_poisonous_payload_in_a_batch_lets_the_others_through(network: Network, name: str) -> None:
    good = [encode(dump_post(network.post(f"p{number}", HI))).body for number in range(299)]
    network.tell_raw([*good[:150], HOSTILE[name], *good[150:]])
    network.hear()
    assert Post.objects.count() == 299
    dead = Received.objects.get(dead_at__isnull=False)
    assert dead.fault
    assert dead.due_at is None
    assert bytes(dead.body) == HOSTILE[name][: 8 << 20]


def test_a_row_the_database_refuses_stands_alone_in_the_end(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever slips through our checks and breaks a batch is found by halving it."""
    network.tell(*(network.post(f"p{number}", HI) for number in range(30)))
    whole = telling._Batch.write

    def write(batch: telling._Batch) -> None:
        if ("simulator", "p13") in batch.news:
            batch.cursor.execute("SELECT 1/0")
        whole(batch)

    monkeypatch.setattr(telling._Batch, "write", write)
    network.hear()
    assert Post.objects.count() == 29
    assert "division by zero" in Received.objects.get(due_at__isnull=False).fault


def test_text_is_stored_without_what_the_database_cannot_hold(network: Network) -> None:
    from hearout.listening.news import fit

    told = fit(network.post("p1", "a\0b \ud83d\ude00 \udc00" + "x" * 30_000))
    assert told.text.startswith("ab 😀 �x")
    assert len(told.text) == 20_000


@pytest.mark.django_db(transaction=True)
def test_two_workers_hear_the_same_news_without_doubles_or_lost_parents(cast: Any, dice: Any) -> None:
    network = Network(cast)
    posts = a_busy_day(network)
    network.told(*posts)
    clean = picture()
    derived_tables_emptied()
    bodies = [json.dumps(dump_post(post), indent=indent).encode() for indent in (None, 1) for post in posts]
    dice.shuffle(bodies)
    network.tell_raw(bodies)
    start = threading.Barrier(2)

    def work() -> None:
        start.wait()
        try:
            while hearing.hear(5, cast.monday):
                pass
        finally:
            database.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    network.hear()
    assert not differences(clean, picture())
    assert not Received.objects.filter(due_at__isnull=False).exists()


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_its_transaction_leaves_nothing_half_done(
    cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = Network(cast)
    network.tell(*(network.post(f"p{number}", HI) for number in range(20)))
    whole = hearing.done

    def killed(cursor: Any, table: str, ids: Any) -> None:
        assert Post.objects.count() == 20
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
        killer = database.copy()
        with killer.cursor() as other:
            other.execute("SELECT pg_terminate_backend(%s)", [pid])
        killer.close()
        whole(cursor, table, ids)

    monkeypatch.setattr(hearing, "done", killed)
    with pytest.raises(Exception, match=r"terminat|closed|broken|transaction"):
        hearing.hear(300, cast.monday)
    database.close()
    monkeypatch.setattr(hearing, "done", whole)
    assert Post.objects.count() == 0
    assert Received.objects.filter(due_at__isnull=False, tries=0).count() == 20
    network.hear()
    assert Post.objects.count() == Mention.objects.count() == 20


@pytest.mark.django_db(transaction=True)
def test_rows_that_another_worker_holds_are_left_to_it(cast: Any) -> None:
    network = Network(cast)
    network.tell(network.post("p1", HI))
    other = database.copy()
    other.set_autocommit(False)
    with other.cursor() as cursor:
        claim(cursor, hearing.TABLE, 10)
        assert hearing.hear(300, cast.monday) == 0
    other.rollback()
    other.close()
    assert hearing.hear(300, cast.monday) == 1


def test_the_connection_shows_when_it_was_last_heard(network: Network) -> None:
    with transaction.atomic():
        network.told(network.post("p1", HI))
    network.connection.refresh_from_db()
    assert network.connection.heard_at == Received.objects.get().received_at
    assert network.connection.heard_at > network.at(0) - timedelta(days=1)
