"""Putting texts together: an opening, a core and a closing from templates, with slots, style and slips."""

import random
import re
from dataclasses import dataclass

from simulator.people import Person
from simulator.texts import sections

_SLOT = re.compile(r"\{(\w+)\}")
_CITIES = (
    "Lisbon Oslo Palermo Leeds Valencia Hamburg Porto Graz Bergen Nantes Turin Split Cork Malaga Gdansk "
    "Basel Bristol Athens Riga Lyon Seville Ghent Bilbao Dresden Tallinn Naples Aarhus Toulouse Krakow Dublin"
)
_WORDS = {
    "item": [
        "camera",
        "laptop",
        "headphones",
        "jacket",
        "umbrella",
        "tablet",
        "skis",
        "drone",
        "teddy",
        "glasses",
    ],
    "weekday": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    "month": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
    ],
    "crew": [
        "Marta",
        "Joel",
        "Sunniva",
        "Piet",
        "Dilan",
        "Agnes",
        "Ruben",
        "Yuki",
        "Bea",
        "Malik",
        "Nora",
        "Enzo",
    ],
    "agent": ["Ana", "Ben"],
}
_MOODS = {
    "complaint": ["😡", "🙄", "😤", "🤦", "💔"],
    "question": ["🤔", "🙏", "✈️"],
    "praise": ["😍", "🙏", "💙", "👏", "✈️"],
    "other": ["✈️", "😀", "🌍", "☀️"],
    "noise": ["😂", "🙃", "☔"],
}
_FRAMES = {
    "complaint": ("complaint", 0.45, 0.55),
    "question": ("question", 0.6, 0.4),
    "praise": ("praise", 0.5, 0.5),
    "reminder": ("complaint", 0.5, 0.5),
    "anger": ("complaint", 0.5, 0.6),
    "still_wrong": ("complaint", 0.4, 0.4),
    "next_day": ("complaint", 0.3, 0.5),
    "follow_up": ("question", 0.2, 0.3),
    "chatter complaint": ("complaint", 0.3, 0.3),
    "chatter question": ("question", 0.3, 0.2),
    "chatter praise": ("praise", 0.4, 0.3),
}
"""Section: whose openers and closers go with it, and the share of posts with each."""


@dataclass(frozen=True, slots=True)
class Brand:
    """What customers call the brand; its handles are the main one and, where there is one, the care one."""

    name: str
    handles: list[str]

    @property
    def miles(self) -> str:
        return "TideMiles" if self.name == "Tidewing" else f"{self.name} Miles"


class Writer:
    def __init__(self, brand: Brand) -> None:
        self.brand = brand

    def say(self, section: str, person: Person, dice: random.Random, **slots: str) -> str:
        """One template of `section` in the person's language (else English), its slots filled."""
        found = sections(person.language).get(section) or sections("en")[section]
        return self._filled(dice.choice(found), person, dice, slots)

    def compose(self, section: str, kind: str, person: Person, dice: random.Random, **slots: str) -> str:
        """A core with what people put before and after it, in the person's style; no address yet."""
        parts = [self.say(section, person, dice, **slots)]
        frame, before, after = _FRAMES.get(section, ("", 0.0, 0.0))
        # A language without openers of its own goes without, and does not fall back to English ones.
        if f"opener {frame}" in sections(person.language):
            if dice.random() < before:
                parts.insert(0, self.say(f"opener {frame}", person, dice))
            if dice.random() < after:
                parts.append(self.say(f"closer {frame}", person, dice))
                parts[-2] += "" if parts[-2][-1] in ".?!" else "."
        return self.styled(" ".join(parts), kind, person, dice)

    def styled(self, text: str, kind: str, person: Person, dice: random.Random) -> str:
        persona = person.persona
        if dice.random() < persona.typos:
            text = _slip(text, dice)
        if kind == "complaint" and dice.random() < persona.shouts:
            text = text.upper() if dice.random() < 0.5 else text.rstrip(".") + "!!!"
        elif dice.random() < 0.4:
            text = text[0].upper() + text[1:]
        if dice.random() < persona.emoji:
            text = f"{text} {dice.choice(_MOODS[kind])}"
        return text

    def handle(self, dice: random.Random) -> str:
        """Most write to the main handle, also when there is one for care."""
        handles = self.brand.handles
        return handles[1] if len(handles) > 1 and dice.random() < 0.2 else handles[0]

    def addressed(self, text: str, handle: str, dice: random.Random) -> str:
        return f"@{handle} {text}" if dice.random() < 0.8 else f"{text} @{handle}"

    def hashtagged(self, text: str, dice: random.Random) -> str:
        """With the brand's hashtag, four in ten times misspelt by a letter or two."""
        tag = self.brand.handles[0]
        if dice.random() < 0.4:
            tag = _slip(tag, dice)
        return f"{text} #{tag}"

    def _filled(self, template: str, person: Person, dice: random.Random, slots: dict[str, str]) -> str:
        city, other = dice.sample(_CITIES.split(), 2)
        fixed = {
            "city": city,
            "city2": other,
            "brand": self.brand.name,
            "miles": self.brand.miles,
            "name": person.name,
            "mail": f"{person.handle.replace('_', '.')}@example.com",
        } | slots
        return _SLOT.sub(lambda slot: fixed.get(slot[1]) or _slot(slot[1], dice), template)


def _slot(name: str, dice: random.Random) -> str:
    if name in _WORDS:
        return dice.choice(_WORDS[name])
    if name == "ref":
        return "".join(dice.choices("BCDFGHJKLMNPQRSTVWXZ23456789", k=6))
    number = {
        "n": (2, 9),
        "min": (2, 36),
        "amount": (12, 890),
        "hour": (1, 5),
        "number": (2, 90),
        "flight": (100, 989),
        "row": (5, 38),
        "gate": (1, 60),
        "seat": (1, 38),
    }[name]
    drawn = dice.randint(*number)
    shapes = {
        "min": str(drawn * 5),
        "amount": f"{'€£$'[drawn % 3]}{drawn}",
        "number": str(drawn * 500),
        "flight": f"TW{drawn}",
        "gate": f"{'ABCD'[drawn % 4]}{drawn}",
        "seat": f"{drawn}{dice.choice('ABCDEF')}",
    }
    return shapes.get(name, str(drawn))


def _slip(text: str, dice: random.Random) -> str:
    """One letter swapped with the next, left out, or doubled, inside a word."""
    places = [place for place in range(1, len(text) - 2) if text[place : place + 2].isalpha()]
    if not places:
        return text
    place = dice.choice(places)
    pair = text[place : place + 2]
    return text[:place] + dice.choice([pair[::-1], pair[0], pair[0] + pair]) + text[place + 2 :]
