"""One case with all that its page shows."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from hearout.cases.models import Case, Closure
from hearout.clocks.models import Clock
from hearout.desk.case.around import Earlier, Kit, Row, case_with_customer, earlier_of, kit_of, moved_of
from hearout.desk.case.past import Happened, past_of
from hearout.desk.case.thread import Said, Thread, thread_of
from hearout.desk.promised import Promise, promise_of
from hearout.listening.models import Handle
from hearout.people.doors import LEADS, WORKS_CASES
from hearout.people.models import User
from hearout.replies.moving import Offer, offer_for
from hearout.triage.models import Priority

BY_WORDS = ("indirect", "hashtag")
SNOOZES = (
    ("1", "In an hour"),
    ("3", "In three hours"),
    ("tomorrow", "Tomorrow, 9:00"),
    ("monday", "Monday, 9:00"),
    ("reply", "The customer writes"),
)
PRIORITIES = tuple((int(value), str(label)) for value, label in reversed(Priority.choices))
REASONS = tuple(
    (value, str(label)) for value, label in Closure.Reason.choices if value != Closure.Reason.MERGED
)


@dataclass(frozen=True)
class CasePage:
    """Made once a request; templates read it and ask nothing more of the database."""

    user: User
    case: Case
    kit: Kit
    thread: Thread
    promises: list[Promise]
    past: list[Happened]
    earlier: list[Earlier]
    moved: Row | None = None
    offer: Offer | None = None

    snoozes = SNOOZES
    priorities = PRIORITIES
    reasons = REASONS

    @property
    def works(self) -> bool:
        """Whether the reader may change anything here."""
        return self.kit.role_of(self.user) in WORKS_CASES

    @property
    def leads(self) -> bool:
        return self.kit.role_of(self.user) in LEADS

    @property
    def name(self) -> str:
        author = self.case.opening.author
        return self.case.customer.name or author.name or author.handle or "Somebody"

    @property
    def initials(self) -> str:
        letters = [word[0] for word in self.name.split() if word[0].isalnum()]
        return "".join(letters[:2]).upper() or "?"

    @property
    def mine(self) -> bool:
        return self.case.assignee_id == self.user.pk

    @property
    def asks_whose(self) -> Said | None:
        """The post that opened the case, where only its words say that it is about us and nobody has said so."""
        if not self.case.is_open or self.case.how not in BY_WORDS:
            return None
        opening = [
            one for one in self.thread.items if isinstance(one, Said) and one.post == self.case.opening
        ]
        return opening[0] if opening and not opening[0].whose else None

    @property
    def soonest(self) -> Promise | None:
        running = [promise for promise in self.promises if promise.runs]
        return min(
            running, key=lambda promise: promise.clock.due_at or promise.clock.started_at, default=None
        )

    @property
    def acts(self) -> set[str]:
        """What the network of the case lets us do."""
        manifest = self.kit.manifest_on(self.case.network)
        return set(manifest.can) if manifest else set()


def page_of(user: User, case_id: int) -> CasePage:
    """Raises NotFoundHereError where the case is not for this user."""
    case = case_with_customer(user, case_id)
    now = timezone.now()
    clocks = Clock.objects.filter(case=case).select_related("standard__hours").order_by("started_at", "pk")
    kit = kit_of(case.brand_id)
    return CasePage(
        user=user,
        case=case,
        kit=kit,
        thread=thread_of(case, user.pk),
        promises=[promise_of(clock, now) for clock in clocks],
        past=past_of(case, kit),
        earlier=earlier_of(case),
        moved=(moved := moved_of(case)),
        offer=None if moved or kit.role_of(user) not in WORKS_CASES else _offer(case, kit),
    )


def _offer(case: Case, kit: Kit) -> Offer | None:
    """The move to the care handle; only brands that have a connected one pay for the question."""
    cares = [
        one for one in kit.handles_on(case.network) if one["role"] == Handle.Role.CARE and one["channel"]
    ]
    return offer_for(case) if cares else None
