"""Saved replies: texts to begin from, with placeholders."""

from __future__ import annotations

import re
from collections.abc import Mapping

from hearout.cases.models import Case
from hearout.listening.models import Handle
from hearout.people.models import User
from hearout.replies.models import SavedReply

PLACEHOLDERS: Mapping[str, str] = {
    "first_name": "the customer's first name, or their handle",
    "handle": "the customer's handle, with an @",
    "agent": "your name, or ^initials on short networks",
    "brand": "the brand's name",
    "case": "the case's number",
    "care": "the handle that gives help, with an @",
}
INVITATION = (
    "Hi {first_name}, we would like to look into this with you. Please send us a private message. {agent}"
)
MOVED = "Hi {first_name}, this is {care}, the account of {brand} where you get help. {agent}"
"""What tells a customer where care lives, where the brand has no saved reply of the name WHERE_CARE_IS."""
WHERE_CARE_IS = "Where care is"

_PLACEHOLDER = re.compile(r"\{(\w{1,30})\}")


def fill(saved: SavedReply | str, case: Case, by: User) -> str:
    """The text with every known placeholder replaced; unknown ones stay, and a guard objects to them."""
    author = case.opening.author
    name = (author.name or case.customer.name).split()
    values = {
        "first_name": name[0] if name else f"@{author.handle}",
        "handle": f"@{author.handle}",
        "agent": by.name.split()[0] if by.name else "",
        "brand": case.brand.name,
        "case": str(case.pk),
    }
    text = saved.text if isinstance(saved, SavedReply) else saved
    if "{care}" in text and (care := care_handle_of(case)):
        values["care"] = f"@{care.handle}"
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)


def care_handle_of(case: Case) -> Handle | None:
    """The connected care handle on the case's network that would answer."""
    cares = Handle.objects.filter(brand=case.brand_id, network=case.network, role=Handle.Role.CARE)
    return cares.filter(connection__isnull=False).order_by("handle", "pk").first()


def unfilled(text: str) -> list[str]:
    """Placeholders still in a text, such as `{order}`."""
    return [found[0] for found in _PLACEHOLDER.finditer(text)]
