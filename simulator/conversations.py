"""What a customer does after the first post: wait, come back, thank, ask back, edit, delete."""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass

from simulator.moments import HOUR, MINUTE
from simulator.people import Person, waits
from simulator.posts import Account, Post
from simulator.world import World
from simulator.writing import Writer

_SIGNED = re.compile(r"[\^~/–—-]\s?([A-Z]\w+)\W*$")
_ASKS_FOR_DETAILS = re.compile(r"\b(DM|private|direct message|reference|booking code)\b", re.IGNORECASE)
_MOST_EXCHANGES = 4
KINDS = {
    "reminder": ("complaint", True),
    "anger": ("complaint", True),
    "still_wrong": ("complaint", True),
    "next_day": ("complaint", True),
    "follow_up": ("question", True),
    "details": ("other", True),
    "thanks": ("praise", False),
    "named_praise": ("praise", False),
    "solved": ("other", False),
}
"""Section of the texts: the kind of such a post, and whether it wants an answer."""

Schedule = Callable[[int, Callable[[int], None]], None]


@dataclass(slots=True, eq=False)
class Conversation:
    """One customer with one brand account, from the first post on."""

    world: World
    writer: Writer
    schedule: Schedule
    seed: str
    patience: float
    person: Person
    customer: Account
    brand: Account
    last: Post
    waiting: bool
    draws: int = 0
    returns: int = 0
    answers: int = 0
    turn: int = 0
    """Rises with whatever happens, so that plans made before can tell that they are stale."""

    @property
    def wants_staff(self) -> bool:
        return not self.last.deleted and (self.waiting or (self.last.kind == "praise" and not self.answers))

    def begin(self) -> None:
        """Plan what this customer does when nothing happens."""
        dice = self._dice()
        if dice.random() < 0.03:
            self._plan(dice.randint(1, 10) * MINUTE, self._correct)
        if dice.random() < 0.015:
            self._plan(dice.randint(5, 120) * MINUTE, self._take_back)
        if self.waiting:
            self._wait_on()

    def answered(self, post: Post) -> None:
        """A brand account wrote here: the customer will react to it, and forgets about coming back."""
        self.answers += 1
        self.brand = post.author
        dice = self._dice()
        if self.waiting:
            self.turn += 1
            section = self._reaction(post.text, dice)
        else:
            # Answered already, and about to react to that; or one who praised, and may thank for the thanks.
            section = "thanks" if self.answers == 1 and dice.random() < 0.2 else None
        self.waiting = False
        if section is None:
            return
        signed = _SIGNED.search(post.text.strip())
        if section == "named_praise" and signed is None:
            section = "thanks"
        agent = signed[1] if signed else ""
        delay = int(min(max(dice.lognormvariate(2, 1), 1), 240) * MINUTE)
        self._plan(delay, lambda at: self._say(section, at, post, agent=agent))
        if section in ("thanks", "solved") and dice.random() < 0.06:
            self._plan(delay + 20 * HOUR + dice.randint(0, 8) * HOUR, self._next_day)

    def _reaction(self, text: str, dice: random.Random) -> str | None:
        persona = self.person.persona
        if self.answers > _MOST_EXCHANGES:
            return None
        if _ASKS_FOR_DETAILS.search(text) and dice.random() < 0.7:
            return "details"
        if dice.random() < persona.thanks:
            return dice.choices(["thanks", "solved", "named_praise"], (5, 3, 2))[0]
        return dice.choices(["follow_up", "still_wrong", None], (4, 2 + 6 * persona.angers, 3))[0]

    def _wait_on(self) -> None:
        """Some give up, each time more."""
        dice = self._dice()
        if self.returns < self.person.persona.returns and dice.random() < 0.8 - 0.15 * self.returns:
            delay = waits(self.person.persona, dice) * self.patience * 1.5**self.returns
            self._plan(int(delay), self._come_back)

    def _come_back(self, at: int) -> None:
        """Angrier every time; one who only spoke about the brand now speaks to it."""
        self.returns += 1
        angry = self._dice().random() < self.person.persona.angers * (0.5 + 0.25 * self.returns)
        self._say("anger" if angry else "reminder", at, self.last)

    def _next_day(self, at: int) -> None:
        self.returns = 0
        self._say("next_day", at, self.last)

    def _say(self, section: str, at: int, to: Post, agent: str = "") -> None:
        kind, wants_answer = KINDS[section]
        dice = self._dice()
        text = self.writer.compose(section, kind, self.person, dice, agent=agent)
        private = to.recipient is not None or section == "details"
        if not private and to.page_of is None and (to.author is not self.brand or dice.random() < 0.7):
            text = f"@{self.brand.handle} {text}"
        self.turn += 1
        self.last = self.world.write(
            self.customer,
            text,
            at=at,
            in_reply_to=None if private else to.id,
            to=self.brand.id if private else None,
            language=self.person.language,
            persona=self.person.persona.name,
            kind=kind,
            wants_answer=wants_answer,
            concerns_brand=True,
        )
        self.waiting = wants_answer
        if wants_answer:
            self._wait_on()

    def _correct(self, at: int) -> None:
        text = self.last.text + self.writer.say("correction", self.person, self._dice())
        self.world.edit(self.last, text, at)

    def _take_back(self, at: int) -> None:
        self.turn += 1
        self.waiting = False
        self.world.delete(self.last, at)

    def _plan(self, delay: int, act: Callable[[int], None]) -> None:
        """Do it after `delay` milliseconds, unless something happened here before."""
        turn = self.turn

        def when_due(at: int) -> None:
            if self.turn == turn and not self.last.deleted:
                act(at)

        self.schedule(delay, when_due)

    def _dice(self) -> random.Random:
        """Its own for every decision: what the brand does in one conversation changes no other."""
        self.draws += 1
        return random.Random(f"{self.seed}/{self.draws}")
