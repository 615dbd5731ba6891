"""The demo: an airline that does not exist, its people, hours, promises and rules, on the simulated network."""

from __future__ import annotations

import json
import secrets
import sys
from dataclasses import asdict, dataclass
from datetime import time, timedelta
from typing import TYPE_CHECKING

from hearout.lib.home import home

if TYPE_CHECKING:
    from hearout.listening.models import Connection
    from hearout.people.models import Brand

ADMIN = "ada@tidewing.example"
PEOPLE = {
    "ana": ("Ana Sousa", "agent"),
    "ben": ("Ben Okafor", "agent"),
    "sol": ("Sol Reyes", "supervisor"),
    "ada": ("Ada Lindqvist", "admin"),
    "lin": ("Lin Zhao", "analyst"),
}
HANDLES = {"tidewing": "main", "tidewingcare": "care"}
WATCHWORDS = [
    ("name", "Tidewing"), ("name", "Tide wing"), ("product", "Tidewing Go"), ("product", "TideMiles"),
    ("hashtag", "tidewing"), ("hashtag", "tidewingcare"),
]  # fmt: skip
SAVED = {
    "Ask for the booking code": "Hi {first_name}, sorry about this. Could you send us your booking code in a private "
    "message? Then I can look at it right away. {agent}",
    "Move to private": "Hi {first_name}, let us sort this out in private, so that your details stay yours. "
    "I have just opened a message to you. {agent}",
    "Bag is being traced": "Hi {first_name}, your bag is being traced. We will write to you as soon as we know more, "
    "at the latest by tomorrow noon. {agent}",
    "Thank you": "Thank you, {first_name}! This made our day, and I have passed it on to the crew. {agent}",
}


@dataclass
class Login:
    """How to get into the demo. Kept in the home folder, readable by its owner alone."""

    email: str
    password: str
    token_main: str
    token_care: str
    hook_secret: str
    network_port: int = 8099

    @property
    def others(self) -> list[str]:
        return [f"{name}@ {role}" for name, (_, role) in PEOPLE.items() if not ADMIN.startswith(name)]


def existing() -> Login | None:
    file = home() / "demo.json"
    return Login(**json.loads(file.read_text("utf-8"))) if file.exists() else None


def prepare() -> Login | None:
    """Make the demo on an empty installation. None where real brands are at home."""
    from hearout.people.models import Brand

    if login := existing():
        return login
    if Brand.objects.filter(served=True).exists():
        return None
    import base64

    def token() -> str:
        return secrets.token_urlsafe(18)

    secret = "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
    login = Login(ADMIN, secrets.token_urlsafe(9), token(), token(), secret)
    _people_and_promises(login)
    file = home() / "demo.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps(asdict(login)), "utf-8")
    return login


def _people_and_promises(login: Login) -> None:
    from django.db import transaction
    from django.utils.timezone import now

    from hearout.clocks.standards import default_standards
    from hearout.people.models import Brand, Membership, Team, User
    from hearout.replies.models import SavedReply
    from hearout.triage.default_rules import give_default_rules
    from hearout.triage.models import Rule

    with transaction.atomic():
        brand = Brand.objects.create(slug="tidewing", name="Tidewing", timezone="Europe/Lisbon")
        care = Team.objects.create(brand=brand, name="Care", round_robin=True)
        praise = Team.objects.create(brand=brand, name="Praise")
        Team.objects.create(brand=brand, name="Escalations")
        for short, (name, role) in PEOPLE.items():
            user = User.objects.create_user(f"{short}@tidewing.example", login.password, name=name)
            membership = Membership.objects.create(brand=brand, user=user, role=role)
            if role == "agent":
                membership.teams.add(care)
        _handles(brand)
        # the past that comes along was promised nothing, so it breaks no promise
        default_standards(brand, _hours(brand), now() - timedelta(hours=2))
        give_default_rules(brand)
        kind = {"field": "kind", "is": "praise"}
        Rule.objects.create(
            brand=brand, position=800, name="Praise has its own people", conditions=kind, team=praise
        )
        Rule.objects.create(brand=brand, position=900, name="Care takes the rest", team=care)
        for title, text in SAVED.items():
            SavedReply.objects.create(brand=brand, name=title, text=text)


def _hours(brand: Brand):  # type: ignore[no-untyped-def]
    """Two shifts on weekdays, one at weekends, Portuguese holidays."""
    from hearout.clocks.models import Hours, Shift

    hours = Hours.objects.create(brand=brand, name="Care desk", timezone="Europe/Lisbon", country="PT")
    for weekday in range(5):
        Shift.objects.create(hours=hours, weekday=weekday, starts=time(6), ends=time(14))
        Shift.objects.create(hours=hours, weekday=weekday, starts=time(14, 30), ends=time(23, 30))
    for weekday in (5, 6):
        Shift.objects.create(hours=hours, weekday=weekday, starts=time(8), ends=time(23))
    return hours


def _handles(brand: Brand) -> None:
    from hearout.listening.models import Handle, Watchword

    for name, role in HANDLES.items():
        Handle.objects.create(brand=brand, network="simulator", handle=name, role=role)
    for kind, text in WATCHWORDS:
        Watchword.objects.create(brand=brand, kind=kind, text=text)


def simulator_command(port: int, speed: float) -> list[str]:
    """Two days of past and customers who live on. The tokens go by a file, not by the command line."""
    login = existing()
    if login is None:
        raise RuntimeError("the demo is not prepared")
    return [
        sys.executable, "-m", "simulator", "--port", str(port), "--data", str(home() / "simulator"),
        "--speed", str(speed), "--posts-per-day", "240", "--backfill", "24",
        "--brand", "tidewing", "--brand-name", "Tidewing", "--token", login.token_main,
        "--account", f"tidewingcare:Tidewing Care:{login.token_care}",
    ]  # fmt: skip


def connect(login: Login, network_port: int, desk_port: int) -> None:
    """Connect both handles to the simulated network, with a webhook to the desk's port. Safe to repeat."""
    from hearout.listening.models import Handle

    for handle in Handle.objects.filter(network="simulator", brand__slug="tidewing"):
        token = login.token_care if handle.role == "care" else login.token_main
        _connect(handle, token, login.hook_secret, network_port, desk_port)


def _connect(handle, token: str, hook_secret: str, network_port: int, desk_port: int) -> Connection:  # type: ignore[no-untyped-def]
    from hearout.listening.connecting import channel_of, connect

    connection = connect(
        handle,
        channel="simulator",
        settings={"base_url": f"http://127.0.0.1:{network_port}"},
        secrets={"token": token, "webhook_secret": hook_secret},
    )
    channel = channel_of(connection)
    channel.prepare(
        webhook_url=f"http://127.0.0.1:{desk_port}/hooks/{connection.hook_id}/",
        words=[word.text for word in handle.brand.watchwords.all()],
    )
    return connection
