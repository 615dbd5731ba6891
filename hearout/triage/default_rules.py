"""The rules a new brand starts with: few, plain, and all of them an admin's to change."""

from __future__ import annotations

from typing import Any

from hearout.people.models import Brand
from hearout.triage.models import Priority, Rule

SPAM_WORDS = [
    "click here", "link in bio", "free followers", "giveaway", "crypto giveaway", "double your bitcoin", "onlyfans",
    "work from home and earn", "whatsapp me to invest", "promo code",
]  # fmt: skip

DEFAULT_RULES: tuple[dict[str, Any], ...] = (
    {
        "name": "A private message is answered",
        "conditions": {
            "all": [{"field": "private", "is": True}, {"field": "thanks", "is": False}],
        },
        "needs_answer": True,
    },
    {
        "name": "Spam",
        "conditions": {
            "all": [
                {"field": "text", "has": SPAM_WORDS},
                {"not": {"field": "kind", "in": ["question", "request", "complaint"]}},
            ]
        },
        "set_aside": "spam",
    },
    {
        "name": "Urgent",
        "conditions": {"field": "urgency", "is": "high"},
        "priority": Priority.HIGH,
    },
    {
        "name": "Anger with many listeners",
        "conditions": {
            "all": [{"field": "emotion", "is": "anger"}, {"field": "followers", "at_least": 50_000}],
        },
        "needs_answer": True,
        "priority": Priority.URGENT,
    },
    {
        "name": "Praise is answered too, without hurry",
        "conditions": {
            "all": [
                {"field": "kind", "is": "praise"},
                {"field": "thanks", "is": False},
                {"field": "how", "in": ["direct", "hashtag"]},
            ]
        },
        "needs_answer": True,
        "priority": Priority.LOW,
    },
)


def give_default_rules(brand: Brand) -> list[Rule]:
    """Give a brand without rules the default ones. Returns the rules made, none when it has some."""
    if Rule.objects.filter(brand=brand).exists():
        return []
    return Rule.objects.bulk_create(
        Rule(brand=brand, position=10 * number, **rule) for number, rule in enumerate(DEFAULT_RULES, 1)
    )
