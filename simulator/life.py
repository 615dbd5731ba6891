"""The customers' life: arrivals, conversations and what is planned for when, in simulated time."""

import asyncio
import heapq
import random
from collections import deque
from collections.abc import Callable
from itertools import count

from simulator.conversations import Conversation
from simulator.moments import DAY, MINUTE
from simulator.people import Person, population
from simulator.posts import Account, Bell, Post
from simulator.rhythm import arrivals
from simulator.world import World
from simulator.writing import Brand, Writer

_LONGEST_NAP = 60.0
_NEVER = 1 << 62
_BREATH = 50
"""Plans lived in a row before requests get their turn."""


class Life:
    """Everything happens by plan: a heap of (moment, number, act); one moment goes by order of planning."""

    def __init__(
        self,
        world: World,
        brands: list[Account],
        *,
        seed: int = 7,
        people: int = 400,
        patience: float = 1.0,
        staffed: float = 0.0,
    ) -> None:
        self.world, self.brands = world, brands
        self.arrived = self.expected = 0
        self.patience, self.staffed = patience, staffed
        self._seed = seed
        self._people = population(seed, people)
        self._writer = Writer(Brand(brands[0].name, [brand.handle for brand in brands]))
        self._plans: list[tuple[int, int, Callable[[int], None]]] = []
        self._numbers = count()
        self._moment = self._due = 0
        self._running = False
        self._earlier = Bell()
        """Rings when something is planned before what was to be next."""
        self._of_post: dict[str, Conversation] = {}
        self._latest: dict[str, Conversation] = {}
        """By customer: a private message from a brand belongs to what its reader wrote last."""
        self._complaints: deque[Post] = deque(maxlen=50)
        world.watchers.append(self._watch)

    def close(self) -> None:
        self._plans.clear()
        if self._watch in self.world.watchers:
            self.world.watchers.remove(self._watch)

    def expect(self, start: int, hours: float, posts: int) -> None:
        """`posts` openings between `start` and `hours` later."""
        dice = random.Random(f"arrivals/{self._seed}/{start}/{posts}")
        for moment in arrivals(dice, start, hours, posts):
            number = self.expected
            self._at(moment, lambda at, number=number: self._arrive(at, number))  # type: ignore[misc]
            self.expected += 1

    def go_on(self, start: int, posts_per_day: int) -> None:
        """Day after day without an end."""
        dice = random.Random(f"count/{self._seed}/{start}")
        # A Poisson count this large is as good as normal.
        drawn = round(dice.normalvariate(posts_per_day, posts_per_day**0.5))
        self.expect(start, 24, max(drawn, 0))
        self._at(start + DAY, lambda at: self.go_on(at, posts_per_day))

    def until(self, moment: int, most: int | None = None) -> int:
        """Live what is planned up to `moment`, at most so many plans; returns how many there were."""
        done = 0
        while self._plans and self._plans[0][0] <= moment and done != most:
            self._moment, _, act = heapq.heappop(self._plans)
            act(self._moment)
            done += 1
        return done

    async def run(self, end: int | None = None) -> None:
        """Live by the clock of the world until `end`, or for ever."""
        clock, lived = self.world.clock, 0
        self._running = True
        while True:
            self._due = min(self._plans[0][0] if self._plans else _NEVER, _NEVER if end is None else end)
            clock.hold(self._due)
            seconds = clock.seconds_until(self._due)
            if seconds > 0:
                await self._earlier.wait(min(seconds, _LONGEST_NAP))
            elif self.until(self._due, 1) == 0:
                return
            else:
                lived += 1
            if lived % _BREATH == 0:
                await asyncio.sleep(0)

    def _at(self, moment: int, act: Callable[[int], None]) -> None:
        heapq.heappush(self._plans, (moment, next(self._numbers), act))
        if self._running and moment < self._due:
            self.world.clock.hold(moment)
            self._earlier.ring()

    def _arrive(self, at: int, number: int) -> None:
        dice = random.Random(f"{self._seed}/arrival/{number}")
        person = dice.choice(self._people)
        customer, _ = self.world.account(person.handle, person.name, followers=person.followers)
        self.arrived += 1
        draw = dice.random()
        if draw < 0.11:
            self._noise(at, person, customer, dice, spam=draw < 0.01)
        elif dice.random() < 0.02 and self._join_in(at, person, customer, dice):
            return
        else:
            self._open(at, number, person, customer, dice)

    def _noise(self, at: int, person: Person, customer: Account, dice: random.Random, spam: bool) -> None:
        text = self._writer.compose("spam" if spam else "noise", "noise", person, dice)
        if spam:
            text = self._writer.addressed(text, self._writer.handle(dice), dice)
        self._write(at, person, customer, text, "noise")

    def _join_in(self, at: int, person: Person, customer: Account, dice: random.Random) -> bool:
        """A stranger to the conversation agrees with the complaint, with or without naming the brand."""
        others = [post for post in self._complaints if post.author is not customer and not post.deleted]
        if not others:
            return False
        text = self._writer.compose("me_too", "complaint", person, dice)
        if dice.random() < 0.5:
            text = self._writer.addressed(text, self._writer.handle(dice), dice)
        self._write(at, person, customer, text, "complaint", in_reply_to=dice.choice(others).id)
        return True

    def _open(self, at: int, number: int, person: Person, customer: Account, dice: random.Random) -> None:
        who = person.persona
        weights = (who.complains, who.asks, who.praises, who.chats)
        kind = dice.choices(("complaint", "question", "praise", "other"), weights)[0]
        section = kind
        if kind == "other" and dice.random() < 0.7:
            kind = dice.choices(("complaint", "question", "praise", "other"), (3, 2, 2, 4))[0]
            section = f"chatter {kind}"
        text = self._writer.compose(section, kind, person, dice)
        brand = self.world.by_handle[self._writer.handle(dice)]
        text, where = self._placed(text, section, brand, person, dice)
        asks = kind in ("complaint", "question")
        post = self._write(at, person, customer, text, kind, wants_answer=asks, **where)
        if kind == "complaint" and post.recipient is None:
            self._complaints.append(post)
        conversation = Conversation(
            self.world,
            self._writer,
            self._schedule,
            f"{self._seed}/conversation/{number}",
            self.patience,
            person,
            customer,
            brand,
            post,
            waiting=asks,
        )
        self._of_post[post.id] = self._latest[customer.id] = conversation
        conversation.begin()

    def _placed(
        self, text: str, section: str, brand: Account, person: Person, dice: random.Random
    ) -> tuple[str, dict[str, str]]:
        """The text with its address, and where it is written: in the open, on the page or in private."""
        draw = dice.random()
        if section.startswith("chatter"):
            return text, {}
        if draw < 0.1:
            return text, {"page_of": brand.id}
        if draw < 0.2 and section != "praise":
            spoken = person.language == "en" and dice.random() < 0.5
            before = self._writer.say("private", person, dice) + " " if spoken else ""
            return before + text, {"to": brand.id}
        if draw < 0.33:
            return self._writer.hashtagged(text, dice), {}
        return self._writer.addressed(text, brand.handle, dice), {}

    def _write(
        self,
        at: int,
        person: Person,
        customer: Account,
        text: str,
        kind: str,
        wants_answer: bool = False,
        **where: str,
    ) -> Post:
        return self.world.write(
            customer,
            text,
            at=at,
            language="en" if kind == "noise" else person.language,
            persona=person.persona.name,
            kind=kind,
            concerns_brand=kind != "noise",
            wants_answer=wants_answer,
            **where,
        )

    def _schedule(self, delay: int, act: Callable[[int], None]) -> None:
        self._at(self._moment + delay, act)

    # What the brand does, and the staff of a day that has some

    def _watch(self, post: Post) -> None:
        if len(post.revisions) > 1:
            return
        conversation = self._conversation(post)
        if conversation is not None:
            self._of_post[post.id] = conversation
        if not post.author.brand:
            self._maybe_staff(post)
        elif conversation is not None and not post.automatic:
            self._moment = max(self._moment, post.created)
            conversation.answered(post)

    def _conversation(self, post: Post) -> Conversation | None:
        if post.parent is not None:
            return self._of_post.get(post.parent.id)
        if post.recipient is None:
            return None
        customer = post.recipient if post.author.brand else post.author
        return self._latest.get(customer.id)

    def _maybe_staff(self, post: Post) -> None:
        dice = random.Random(f"{self._seed}/staff/{post.id}")
        share = self.staffed if post.wants_answer else self.staffed / 3 if post.kind == "praise" else 0.0
        if dice.random() < share:
            delay = int(dice.lognormvariate(3.2, 1.0) * MINUTE)
            self._schedule(delay, lambda at: self._staff_answer(at, post, dice))

    def _staff_answer(self, at: int, post: Post, dice: random.Random) -> None:
        conversation = self._of_post.get(post.id)
        if not self.staffed or conversation is None or not conversation.wants_staff:
            return
        last, brand = conversation.last, conversation.brand
        text = self._writer.say(f"answer {last.kind}", conversation.person, dice)
        if last.recipient is not None:
            self.world.write(brand, text, at=at, to=last.author.id, language=last.language)
        else:
            text = f"@{last.author.handle} {text}"
            self.world.write(brand, text, at=at, in_reply_to=last.id, language=last.language)
