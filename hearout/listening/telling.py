"""One batch of news becomes rows: new posts, edits, deletions, threads, and mentions of brands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any

from hearout.channels.base import IncomingAuthor, IncomingPost, Visibility
from hearout.lib.claiming import Cursor
from hearout.listening import recording, threads
from hearout.listening.archive_brands import earlier_posts, make_brands
from hearout.listening.found import MentionFound
from hearout.listening.matching import Matcher, OurHandle, answering, matcher, merged
from hearout.listening.news import Key, News
from hearout.listening.relevance import Learnt, learnt

NOBODY = ""
"""The external id of the author of a post of which only the deletion is known. No network's is empty."""


def tell(cursor: Cursor, news: Mapping[Key, News]) -> None:
    """Write a batch of news. The caller holds the lock under which only one batch is written at a time."""
    if news:
        _Batch(cursor, news).write()


class _Batch:
    def __init__(self, cursor: Cursor, news: Mapping[Key, News]) -> None:
        self.cursor = cursor
        self.news = news
        parents = {key for one in news.values() if (key := _parent_key(one.latest))}
        self.known = threads.stored(cursor, {*news, *parents})
        self.new_brands = make_brands(cursor, news.values())
        self.live = self._matcher(False)
        self.archived = self._matcher(True)
        self.learnt: Learnt = learnt(cursor)
        self.fresh = [one for key, one in sorted(news.items()) if key not in self.known]
        self.filled = [
            one
            for key, one in sorted(news.items())
            if (old := self.known.get(key)) and not old.told and one.latest
        ]
        self.ids = {key: old.id for key, old in self.known.items()}
        ids = recording.new_ids(cursor, len(self.fresh))
        self.ids.update({one.key: pk for one, pk in zip(self.fresh, ids, strict=True)})
        self.mentions: dict[tuple[int, int], list[MentionFound]] = {}

    def _matcher(self, archive: bool) -> Matcher:
        wanted = any((one.archive_id is not None) is archive for one in self.news.values())
        return matcher(self.cursor, archive=archive) if wanted else Matcher(())

    def write(self) -> None:
        authors = recording.author_ids(self.cursor, _authors(self.news.values()))
        hung = _Hanging(self)
        described = {one.key: self._row(one, authors, hung) for one in (*self.fresh, *self.filled)}
        recording.insert_posts(self.cursor, [described[one.key] for one in self.fresh])
        recording.fill_in(self.cursor, [described[one.key] for one in self.filled])
        changed = self._follow_changes()
        threads.hang(self.cursor, hung.adopted, hung.moved)
        self._match()
        self._match_late_answers(hung)
        self._match_new_brands()
        archived = {self.ids[key] for key, one in self.news.items() if one.archive_id is not None}
        recording.upsert_mentions(
            self.cursor, ((pk, merged(found)) for (pk, _), found in sorted(self.mentions.items())), archived
        )
        recording.reconsider(self.cursor, changed)
        self._learn_ids()

    def matcher_of(self, one: News) -> Matcher:
        return self.live if one.archive_id is None else self.archived

    def writer_of(self, key: Key | None) -> OurHandle | None:
        """Our handle that wrote the post of this key, as far as we know."""
        if key is None:
            return None
        if (one := self.news.get(key)) and one.latest:
            return self.matcher_of(one).author_handle(one.latest)
        old = self.known.get(key)
        if old is None or old.handle_id is None:
            return None
        return self.live.by_id.get(old.handle_id) or self.archived.by_id.get(old.handle_id)

    def _row(self, one: News, authors: Mapping[Key, int], hung: _Hanging) -> dict[str, Any]:
        network, external_id = one.key
        pk, post, old = self.ids[one.key], one.latest or one.deleted, self.known.get(one.key)
        assert post is not None  # news tells of a text or of a deletion
        deleted = [at for at in (one.deleted_at, old.deleted_at if old else None) if at]
        matches = self.matcher_of(one)
        ours, page = matches.author_handle(post), matches.page_handle(post)
        return {
            "id": pk,
            "network": network,
            "external_id": external_id,
            "received_at": one.received_at,
            "archive_id": one.archive_id,
            "author_id": authors[network, post.author.external_id if one.texts and post.author else NOBODY],
            "handle_id": ours.id if ours else None,
            "parent_external_id": post.parent_id or "",
            "parent_id": hung.parents.get(pk),
            "root_id": hung.roots.get(pk, pk),
            "conversation_id": post.conversation_id or "",
            "page_id": page.id if page else None,
            "recipient_id": authors[network, post.recipient_id] if post.recipient_id else None,
            "private": post.visibility is Visibility.PRIVATE,
            "text": "" if deleted else post.text,
            "language": post.language or "",
            "url": post.url,
            "automatic": post.automatic,
            "revision": max(one.texts, default=0),
            "posted_at": post.posted_at,
            "edited_at": _edited_at(post) if one.texts else None,
            "deleted_at": min(deleted, default=None),
        }

    def _follow_changes(self) -> list[int]:
        """Edits, deletions and late older texts. Returns the ids of the posts that changed."""
        edits: list[recording.Row] = []
        deletions: list[recording.Row] = []
        versions: list[recording.Row] = []
        numbers: list[recording.Row] = []
        for key, one in sorted(self.news.items()):
            old, pk = self.known.get(key), self.ids[key]
            newest = max(one.texts, default=-1)
            revision = max(old.revision if old and old.told else -1, newest)
            gone = one.deleted_at or (old.deleted_at if old else None)
            if old and old.told and newest > old.revision:
                latest = one.texts[newest]
                edit = {"id": pk, "revision": newest, "edited_at": _edited_at(latest)}
                if gone:
                    numbers.append(edit)
                else:
                    edits.append({**edit, "text": latest.text, "language": latest.language or ""})
            if old and one.deleted_at and (old.deleted_at is None or one.deleted_at < old.deleted_at):
                deletions.append({"id": pk, "deleted_at": one.deleted_at})
            if not gone and (old or len(one.texts) > 1):
                versions += _older_texts(pk, one, revision)
        recording.edit_posts(self.cursor, edits)
        recording.raise_revisions(self.cursor, numbers)
        recording.delete_posts(self.cursor, deletions)
        recording.add_versions(self.cursor, versions)
        return [row["id"] for row in (*edits, *deletions)]

    def _match(self) -> None:
        for archive in (False, True):
            told = [
                (self.ids[key], post)
                for key, one in self.news.items()
                if (one.archive_id is not None) is archive
                for post in one.texts.values()
                if not ((old := self.known.get(key)) and old.told and post.revision == old.revision)
            ]
            if not told:
                continue
            posts = [(post, self.writer_of(_parent_key(post))) for _, post in told]
            found = (self.archived if archive else self.live).match_all(posts)
            for (pk, post), mentions in zip(told, found, strict=True):
                self._note(pk, (self.learnt.weighed(mention, post.text) for mention in mentions))

    def _note(self, post_id: int, found: Iterable[MentionFound]) -> None:
        for mention in found:
            self.mentions.setdefault((post_id, mention.brand_id), []).append(mention)

    def _learn_ids(self) -> None:
        """A handle may change hands, its id does not: so a name counts only until the first post under it."""
        learnt = {}
        for one in self.news.values():
            ours = self.live.author_handle(one.latest) if one.latest and one.archive_id is None else None
            if ours and not ours.external_id and one.latest and one.latest.author:
                learnt[ours.id] = one.latest.author.external_id
        recording.learn_ids(self.cursor, learnt)

    def _match_late_answers(self, hung: _Hanging) -> None:
        """Posts that turn out to answer one of ours, now that it is here."""
        for child, parent in hung.late_answers:
            if ours := self.writer_of(parent):
                self._note(child, [answering(ours)])
        for one in self.filled:
            if ours := self.writer_of(one.key):
                pk = self.ids[one.key]
                for child in threads.answers_to(self.cursor, pk, hung.roots.get(pk, pk)):
                    self._note(child, [answering(ours)])

    def _match_new_brands(self) -> None:
        if not self.new_brands:
            return
        archives = {one.archive_id for one in self.news.values() if one.archive_id}
        names = Matcher(self.new_brands)
        for pk, post in earlier_posts(self.cursor, archives, self.new_brands):
            self._note(pk, names.match(post))


class _Hanging:
    """Where the batch's posts hang, and which stored ones move: `parents` and `roots` by post id, `adopted`
    pairs of waiting post and parent, `moved` pairs of old and new root."""

    def __init__(self, batch: _Batch) -> None:
        self._batch = batch
        self._above: dict[int, int] = {}
        self._new: set[int] = set()
        self.parents: dict[int, int] = {}
        hung = [*batch.fresh, *batch.filled]
        for one in hung:
            self._hang_under_parent(one)
        waiting = threads.waiting_for(batch.cursor, [one.key for one in batch.fresh])
        for child in waiting:
            if child.moves:
                self._put(child.id, batch.ids[child.parent])
        tops = self._hang_in_conversations(hung)
        self.roots, cut = threads.roots_of(self._above, self._new)
        for pk in cut:
            self.parents.pop(pk, None)
        adopted = [child for child in waiting if child.id not in cut]
        self.adopted = [(child.id, batch.ids[child.parent]) for child in adopted]
        self.late_answers = [(child.id, child.parent) for child in adopted]
        movable = {child.id for child in waiting if child.moves} | tops
        movable |= {batch.ids[one.key] for one in batch.filled}
        self.moved = [(pk, self.roots[pk]) for pk in sorted(movable) if self.roots.get(pk, pk) != pk]

    def _put(self, pk: int, above: int) -> None:
        self._above[pk] = above
        self._new.add(pk)

    def _hang_under_parent(self, one: News) -> None:
        key, pk = _parent_key(one.latest), self._batch.ids[one.key]
        above = self._batch.ids.get(key) if key else None
        if key is None or above is None or above == pk:
            return
        self.parents[pk] = above
        if not _conversation_key(one.latest):
            self._put(pk, above)
        old = self._batch.known.get(key)
        if old and old.root_id != old.id:
            self._above.setdefault(above, old.root_id)

    def _hang_in_conversations(self, hung: Iterable[News]) -> set[int]:
        """Returns the stored messages that stood first in their conversation and no longer do."""
        talks: dict[Key, list[tuple[Any, str, int]]] = {}
        for one in hung:
            if (key := _conversation_key(one.latest)) and (post := one.latest):
                talks.setdefault(key, []).append((post.posted_at, post.external_id, self._batch.ids[one.key]))
        before = threads.beginnings(self._batch.cursor, talks)
        tops = set()
        for key, messages in talks.items():
            if old := before.get(key):
                messages.append((old.posted_at, old.external_id, old.id))
            first = min(messages)[2]
            if old and old.id != first:
                tops.add(old.id)
            for *_, pk in messages:
                if pk != first:
                    self._put(pk, first)
        return tops


def _edited_at(post: IncomingPost) -> datetime | None:
    """When this text was written, if it is not the first; not all networks say."""
    return post.edited_at or (post.posted_at if post.revision else None)


def _older_texts(pk: int, one: News, revision: int) -> list[recording.Row]:
    """The texts before `revision`, each replaced when the next one was written."""
    numbers = sorted(one.texts)
    following = dict(pairwise(numbers))
    return [
        {
            "post_id": pk,
            "revision": number,
            "text": one.texts[number].text,
            "replaced_at": _edited_at(one.texts[following[number]]) if number in following else None,
        }
        for number in numbers
        if number < revision
    ]


def _authors(news: Iterable[News]) -> dict[Key, IncomingAuthor | None]:
    """Everybody named in a batch; of an author who changed names the latest."""
    told: dict[Key, IncomingAuthor | None] = {}
    latest: dict[Key, Any] = {}
    for one in news:
        post = one.latest
        if post is None:
            told.setdefault((one.key[0], NOBODY), None)
            continue
        if post.author:
            key = (post.network, post.author.external_id)
            at = max(filter(None, (post.posted_at, post.edited_at)))
            if key not in latest or at >= latest[key]:
                told[key], latest[key] = post.author, at
        if post.recipient_id:
            told.setdefault((post.network, post.recipient_id), None)
    return told


def _parent_key(post: IncomingPost | None) -> Key | None:
    return (post.network, post.parent_id) if post and post.parent_id else None


def _conversation_key(post: IncomingPost | None) -> Key | None:
    if post and post.conversation_id and post.visibility is Visibility.PRIVATE:
        return post.network, post.conversation_id
    return None
