"""A whole Hearout for a bench: a home of its own in a temp folder, the durable embedded database as shipped,
an airline with people, promises and rules, programs of its own, and customers' posts by our templates."""

from __future__ import annotations

import base64
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from typing import Any

SECRET = "whsec_" + base64.b64encode(b"a bench's secret, no other's").decode()
AGENTS = 40
SEED = 7


@dataclass
class Ground:
    """`url`: the database's. Programs started here are stopped at the end, whatever happens."""

    home: Path
    url: str
    programs: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *arguments: str, ready: str = "") -> subprocess.Popen[bytes]:
        """A command of `hearout`. Returns when its log says `ready`."""
        log = self.home / f"{arguments[0]}-{len(self.programs)}.log"
        with log.open("wb") as out:
            program = subprocess.Popen(
                [sys.executable, "-m", "hearout.cli", *arguments],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
                env={**os.environ, "HEAROUT_LOG_LEVEL": "INFO", "PYTHONUNBUFFERED": "1"},
            )  # fmt: skip
        self.programs.append(program)

        def says_so() -> bool:
            if program.poll() is not None:
                raise RuntimeError(f"hearout {' '.join(arguments)} ended:\n{log.read_text()[-3000:]}")
            return ready in log.read_text("utf-8", "replace")

        wait_until(says_so, 60, f"hearout {arguments[0]}")
        return program

    def serve(self) -> int:
        """The real front on a free port. Returns the port when it is ready."""
        port = free_port()
        self.start("serve", "--port", str(port))

        def answers() -> bool:
            with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2):
                return True
            return False

        wait_until(answers, 60, "hearout serve")
        return port

    def stop_programs(self) -> list[str]:
        """Returns the errors in their logs."""
        for program in self.programs:
            program.terminate()
        for program in self.programs:
            try:
                program.wait(15)
            except subprocess.TimeoutExpired:
                program.kill()
                program.wait()
        self.programs.clear()
        logs = [log.read_text("utf-8", "replace").splitlines() for log in self.home.glob("*-*.log")]
        for log in self.home.glob("*-*.log"):
            log.unlink()
        return [line for lines in logs for line in lines if re.match(r"[0-9:]{8} [EC] ", line)]


@contextmanager
def ground() -> Iterator[Ground]:
    """Everything up, Django set up in this process; everything stopped and removed at the end."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    # Tables are emptied here: never on a database that somebody named.
    os.environ.pop("HEAROUT_DATABASE_URL", None)
    os.environ["DJANGO_SETTINGS_MODULE"] = "hearout.settings"
    os.environ.setdefault("HEAROUT_LOG_LEVEL", "ERROR")
    with tempfile.TemporaryDirectory(prefix="hearout-bench-", ignore_cleanup_errors=True) as folder:
        os.environ["HEAROUT_HOME"] = folder
        from hearout.lib.postgres import database_running

        with database_running() as url:
            import django
            from django.core.management import call_command
            from django.db import connections

            django.setup()
            call_command("migrate", verbosity=0, interactive=False)
            call_command("createcachetable", verbosity=0)
            here = Ground(Path(folder), url)
            try:
                yield here
            finally:
                here.stop_programs()
                connections.close_all()


def wait_until(true: Callable[[], bool], seconds: float, what: str, pause: float = 0.05) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not done within {seconds:.0f} s")
        time.sleep(pause)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def tidewing() -> Any:
    """The airline, as `hearout up --demo` makes it but with 40 agents. Returns its main handle's Connection."""
    from django.contrib.auth.hashers import make_password

    from hearout.clocks.models import Hours, Shift
    from hearout.clocks.standards import default_standards
    from hearout.listening.connecting import connect
    from hearout.listening.models import Handle, Watchword
    from hearout.people.models import Brand, Membership, Team, User
    from hearout.triage.default_rules import give_default_rules
    from hearout.triage.models import Rule

    brand = Brand.objects.create(slug="tidewing", name="Tidewing", timezone="Europe/Lisbon")
    care = Team.objects.create(brand=brand, name="Care", round_robin=True)
    for name in ("Praise", "Escalations"):
        Team.objects.create(brand=brand, name=name)
    unusable = make_password(None)
    for number in range(AGENTS):
        user = User.objects.create(
            email=f"a{number}@tidewing.example", name=f"Agent {number}", password=unusable
        )
        Membership.objects.create(brand=brand, user=user, role="agent").teams.add(care)
    hours = Hours.objects.create(brand=brand, name="Care desk", timezone="Europe/Lisbon", country="PT")
    for weekday in range(5):
        for starts, ends in ((7, 13), (14, 22)):
            Shift.objects.create(
                hours=hours, weekday=weekday, starts=clock_time(starts), ends=clock_time(ends)
            )
    Shift.objects.create(hours=hours, weekday=5, starts=clock_time(9), ends=clock_time(13))
    default_standards(brand, hours)
    give_default_rules(brand)
    Rule.objects.create(brand=brand, position=5, name="Everything goes to Care", team=care)
    for kind, text in (
        ("name", "Tidewing"), ("product", "Tidewing Go"), ("product", "TideMiles"), ("hashtag", "tidewing"),
    ):  # fmt: skip
        Watchword.objects.create(brand=brand, kind=kind, text=text)
    handle = Handle.objects.create(
        brand=brand, network="simulator", handle="tidewing", external_id="u_tidewing", role="main"
    )
    # nobody listens there, and the stages that would ask do not run
    settings = {"base_url": "http://127.0.0.1:9"}
    return connect(handle, "simulator", settings, {"token": "none", "webhook_secret": SECRET})


WANTED = (
    "my flight TW{n} was cancelled and nobody at the desk could tell us why",
    "where is my bag? It has been {n} hours and your line plays music",
    "I was charged {n} euros twice for one seat, please refund me now",
    "can I bring a guitar as hand luggage on flight TW{n} tomorrow?",
    "why can't I check in for TW{n}? The app shows error {n} again",
    "we have been sitting on the tarmac for {n} minutes, what is going on?",
    "what time does the desk for TW{n} open, and where do I go?",
    "third day without my suitcase, reference {n}, this is unacceptable",
)
FURTHER = (
    "still nothing, it has been {n} minutes. Anybody there?",
    "and now TW{n} is late as well, can you please help?",
    "ok, my booking number is {n}, thanks for looking",
    "any news? I have to leave in {n} minutes",
)
ANSWERS = (
    "sorry about this! Could you send us your booking code? ^Ana {n}",
    "we are looking into it and come back to you within {n} minutes. ^Ben",
)
NOISE = (
    "just saw plane {n} over the harbour on my way to work, what a view",
    "number {n} on the list of songs I cannot stop listening to",
    "Tidewing flight {n} over the bay this morning, blue sky",
    "coffee number {n} today, do not judge me",
)


def post_of(
    number: int,
    text: str,
    author: str,
    at: datetime,
    answers: str | None = None,
    mentions: tuple[str, ...] = (),
) -> dict[str, Any]:
    """A post as the simulated network tells it (`simulator/README.md`)."""
    return {
        "id": f"p{number}",
        "revision": 0,
        "created_at": at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "author": {
            "id": f"u_{author}", "handle": author, "name": author.replace("_", " ").title(), "followers": number % 900,
        },
        "text": text,
        "mentions": list(mentions),
        "in_reply_to": answers,
        "conversation_id": None,
        "page_of": None,
        "visibility": "public",
        "recipient": None,
        "language": "en",
        "url": f"https://network.example/p/p{number}",
        "edited_at": None,
        "deleted_at": None,
        "automatic": False,
    }  # fmt: skip


def openings(count: int, first: int = 0) -> list[dict[str, Any]]:
    """Posts of about 80 characters to @tidewing, each by a new customer and wanting an answer."""
    dice = random.Random(SEED + first)
    began = datetime.now(UTC) - timedelta(minutes=10)
    posts = []
    for number in range(first, first + count):
        text = "@tidewing " + dice.choice(WANTED).format(n=dice.randrange(20, 900))
        at = began + timedelta(seconds=600 * (number - first) / count)
        posts.append(post_of(number, text, f"customer_{number}", at, mentions=("tidewing",)))
    return posts


def life(count: int) -> list[dict[str, Any]]:
    """Closer to life: of ten posts four are openings, two follow-ups, two ours, two noise."""
    dice = random.Random(SEED)
    posts = openings(count)
    begun: list[dict[str, Any]] = []
    for number, post in enumerate(posts):
        role = "0001122339"[dice.randrange(10)] if begun else "0"
        at, n = datetime.fromisoformat(post["created_at"]), dice.randrange(20, 900)
        if role in "09":
            begun.append(post)
            continue
        above = begun[-1 - int(len(begun) * dice.random() ** 3)]
        if role == "1":
            text = "@tidewing " + dice.choice(FURTHER).format(n=n)
            posts[number] = post_of(number, text, above["author"]["handle"], at, above["id"], ("tidewing",))
        elif role == "2":
            who = above["author"]["handle"]
            text = f"@{who} " + dice.choice(ANSWERS).format(n=n)
            posts[number] = post_of(number, text, "tidewing", at, above["id"], (who,))
        else:
            posts[number] = post_of(number, dice.choice(NOISE).format(n=n), f"passer_by_{number}", at)
    return posts


def body_of(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
