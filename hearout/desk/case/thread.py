"""The thread as on the network, with our replies on their way and the notes between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Subquery
from django.db.models.functions import JSONObject

from hearout.cases.models import Case, CasePost, Note
from hearout.channels.base import Act
from hearout.desk.case.understood import Understood, understood
from hearout.desk.heard import Way, ways_of
from hearout.listening.models import Post, PostVersion
from hearout.listening.queries import Relevance
from hearout.replies.models import Reply
from hearout.replies.state import UNDER_WAY, WORDS, State, state
from hearout.triage.models import Verdict

DEEPEST = 3
SPEAKS = (Act.PUBLIC_REPLY, Act.PRIVATE_MESSAGE)
ACT_WORDS = {"like": "Like", "follow": "Follow", "repost": "Repost"}


@dataclass(frozen=True)
class Version:
    """A text that an edit replaced."""

    text: str
    until: datetime


@dataclass(frozen=True)
class Said:
    """One post of the thread. `depth` is how far it hangs below the first post it belongs to."""

    at: datetime
    post: Post
    ours: bool
    automatic: bool
    depth: int
    answers: Post | None
    versions: list[Version] = field(default_factory=list)
    understood: Understood | None = None
    ways: Sequence[Way] = ()
    sent_by: str = ""
    unread: bool = False
    what: str = "post"

    @property
    def delay(self) -> float:
        """Seconds from the network's time to ours."""
        return (self.post.received_at - self.post.posted_at).total_seconds()

    @property
    def words(self) -> list[str]:
        return self.understood.words if self.understood else []

    @property
    def whose(self) -> str:
        """What somebody said of it: us, not_us, or "" where nobody has."""
        said = getattr(self.understood.verdict, "whose", "") if self.understood else ""
        return said if said in (Relevance.Says.US, Relevance.Says.NOT_US) else ""


@dataclass(frozen=True)
class OnItsWay:
    """A reply that is not (yet) a post of the thread, with where it truly stands."""

    at: datetime
    reply: Reply
    state: State
    what: str = "reply"

    @property
    def word(self) -> str:
        return WORDS[self.state]

    @property
    def speaks(self) -> bool:
        return Act(self.reply.act) in SPEAKS

    @property
    def act(self) -> str:
        return ACT_WORDS.get(self.reply.act, "")

    @property
    def can_undo(self) -> bool:
        return self.state is State.QUEUED and self.reply.sending_at is None


@dataclass(frozen=True)
class Jotted:
    at: datetime
    note: Note
    what: str = "note"


Item = Said | OnItsWay | Jotted


@dataclass(frozen=True)
class Thread:
    items: list[Item]
    joined: Sequence[CasePost]
    replies: list[Reply]
    draft: Reply | None

    @property
    def moves(self) -> bool:
        """Whether a reply is on its way, so that the page should look again soon."""
        return any(isinstance(item, OnItsWay) and item.state in UNDER_WAY for item in self.items)

    @property
    def theirs(self) -> list[Post]:
        """The customer's posts that can be answered, newest first."""
        return [one.post for one in reversed(self.joined) if not one.ours and not one.post.deleted_at]


def thread_of(case: Case, user_id: int) -> Thread:
    """Everything said, oldest first: six queries, whatever the length."""
    earlier = PostVersion.objects.filter(post=OuterRef("post")).order_by("revision")
    joined = list(
        CasePost.objects.filter(case=case)
        .select_related("post__author", "post__handle", "post__parent__author")
        .annotate(
            earlier_texts=ArraySubquery(earlier.values(row=JSONObject(text="text", until="replaced_at")))
        )
        .order_by("posted_at", "pk")
    )
    posts = [one.post_id for one in joined]
    said_last = Relevance.objects.filter(mention=OuterRef("mention")).order_by("-pk")
    verdicts = Verdict.objects.filter(brand=case.brand_id, post__in=posts).select_related("mention", "team")
    verdicts = verdicts.annotate(whose=Subquery(said_last.values("says")[:1]))
    read = {verdict.post_id: understood(verdict) for verdict in verdicts}
    ways = ways_of(case.brand_id, [one.verdict.mention_id for one in read.values()])
    replies = list(
        Reply.objects.filter(case=case, discarded_at__isnull=True)
        .select_related("handle__connection", "by", "target__author", "recipient", "approved_by")
        .order_by("pk")
    )
    said = _said(joined, read, replies, ways)
    shown = [_on_its_way(reply) for reply in replies if _shows(reply, {one.post.external_id for one in said})]
    notes = [Jotted(note.at, note) for note in Note.objects.filter(case=case).select_related("by")]
    drafts = [reply for reply in replies if state(reply) is State.DRAFT and reply.by_id == user_id]
    items: list[Item] = sorted([*said, *shown, *notes], key=lambda item: item.at)
    return Thread(items, joined, replies, drafts[0] if drafts else None)


def _said(
    joined: Sequence[CasePost],
    read: dict[int, Understood],
    replies: list[Reply],
    ways: Mapping[int, list[Way]],
) -> list[Said]:
    depths: dict[int, int] = {}
    senders = {reply.external_id: str(reply.by) for reply in replies if reply.external_id and reply.by}
    said: list[Said] = []
    before: int | None = None
    for one in joined:
        post = one.post
        depths[post.pk] = min(DEEPEST, depths.get(post.parent_id or 0, -1) + 1)
        known = read.get(post.pk) if not one.ours else None
        answers = post.parent if post.parent_id and post.parent_id != before else None
        said.append(
            Said(
                at=one.posted_at,
                post=post,
                ours=one.ours,
                automatic=one.automatic or post.automatic,
                depth=depths[post.pk],
                answers=answers,
                versions=_versions(one),
                understood=known,
                ways=ways.get(known.verdict.mention_id, ()) if known else (),
                sent_by=senders.get(post.external_id, ""),
            )
        )
        before = post.pk
    return said


def _versions(one: CasePost) -> list[Version]:
    rows: list[dict[str, str]] = getattr(one, "earlier_texts", [])
    return [Version(row["text"], datetime.fromisoformat(row["until"])) for row in rows]


def _shows(reply: Reply, in_thread: set[str]) -> bool:
    """Drafts live in the composer. A reply seen on the network is the post itself once that was heard."""
    now = state(reply)
    if now is State.DRAFT:
        return False
    return not (now is State.SEEN and reply.external_id in in_thread)


def _on_its_way(reply: Reply) -> OnItsWay:
    at = reply.seen_at or reply.sent_at or reply.queued_at or reply.approval_asked_at or reply.drafted_at
    return OnItsWay(at, reply, state(reply))
