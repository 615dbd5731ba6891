"""The composer: what one may send, with which handle, how long it is, and what speaks against it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from hearout.channels.base import Act, Length
from hearout.desk.case.around import Row
from hearout.desk.case.page import CasePage
from hearout.listening.models import Post
from hearout.replies.errors import Objection
from hearout.replies.length import length_of
from hearout.replies.models import Reply

ACTS = ((Act.PUBLIC_REPLY, "Public reply"), (Act.PRIVATE_MESSAGE, "Private message"))


@dataclass(frozen=True)
class Composer:
    """What the composer shows. `version` is the thread as its author has seen it."""

    acts: list[tuple[str, str]]
    act: str
    handles: list[Row]
    handle: int | None
    targets: list[Post]
    target: int | None
    text: str
    version: int
    length: Length | None = None
    saved_reply: int | None = None
    objections: Sequence[Objection] = ()
    new: Sequence[Post] = field(default_factory=list)
    error: str = ""
    saved: bool = False

    @property
    def final(self) -> bool:
        """Whether something speaks against it that nobody can overrule."""
        return any(objection.final for objection in self.objections)


def composer_of(
    page: CasePage,
    *,
    draft: Reply | None = None,
    version: int | None = None,
    objections: Sequence[Objection] = (),
    new: Sequence[Post] = (),
    error: str = "",
) -> Composer:
    """The composer with this person's draft in it, where there is one."""
    draft = draft or page.thread.draft
    targets = page.thread.theirs
    network = draft.handle.network if draft else page.case.network
    can = page.acts
    private = bool(targets) and targets[0].private
    return Composer(
        acts=[
            (act.value, label) for act, label in ACTS if act is Act.PUBLIC_REPLY or "dm" in can or act in can
        ],
        act=draft.act if draft else (Act.PRIVATE_MESSAGE if private else Act.PUBLIC_REPLY).value,
        handles=page.kit.handles_on(network),
        handle=draft.handle_id if draft else _speaking(page),
        targets=[target for target in targets if not target.private],
        target=draft.target_id if draft else None,
        text=draft.text if draft else "",
        version=version if version is not None else page.case.thread_version,
        length=length_of(draft) if draft else None,
        saved_reply=draft.saved_reply_id if draft else None,
        objections=objections,
        new=new,
        error=error,
        saved=draft is not None,
    )


def _speaking(page: CasePage) -> int | None:
    """Where the case was moved to, else the handle that last answered in the thread, else the first that could."""
    if page.moved:
        return int(page.moved["care_id"])
    ours = [one.post.handle_id for one in reversed(page.thread.joined) if one.ours and one.post.handle_id]
    handles = page.kit.handles_on(page.case.network)
    return ours[0] if ours else (handles[0]["id"] if handles else None)
