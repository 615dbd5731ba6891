"""The customers: who they are, how they write, and how long they wait."""

import random
from dataclasses import dataclass

from simulator.moments import MINUTE


@dataclass(frozen=True, slots=True)
class Persona:
    """Shares lie between 0 and 1; patience is minutes until an unanswered customer comes back."""

    name: str
    share: float
    complains: float
    asks: float
    praises: float
    chats: float
    patience: tuple[float, float]
    returns: int
    angers: float
    thanks: float
    shouts: float = 0.0
    emoji: float = 0.1
    typos: float = 0.05


PERSONAS = [
    Persona("patient", 0.24, 0.45, 0.35, 0.08, 0.12, (240, 900), 1, 0.1, 0.7),
    Persona("impatient", 0.20, 0.60, 0.30, 0.02, 0.08, (25, 90), 3, 0.4, 0.5, shouts=0.1),
    Persona("angry", 0.12, 0.90, 0.04, 0.00, 0.06, (20, 60), 4, 0.9, 0.2, shouts=0.4, emoji=0.2),
    Persona("grateful", 0.14, 0.15, 0.20, 0.50, 0.15, (300, 1200), 1, 0.0, 0.95, emoji=0.3),
    Persona("chatty", 0.12, 0.20, 0.25, 0.15, 0.40, (60, 240), 2, 0.2, 0.6, emoji=0.5, typos=0.15),
    Persona("formal", 0.08, 0.55, 0.40, 0.05, 0.00, (180, 600), 2, 0.1, 0.8, emoji=0.0, typos=0.0),
    Persona("lurker", 0.10, 0.05, 0.05, 0.05, 0.85, (900, 2400), 0, 0.0, 0.4),
]
_BY_NAME = {persona.name: persona for persona in PERSONAS}


@dataclass(frozen=True, slots=True)
class Person:
    handle: str
    name: str
    followers: int
    persona: Persona
    language: str


CAST = [
    Person("mira_k", "Mira K.", 212, _BY_NAME["impatient"], "en"),
    Person("tom_on_tour", "Tom Berger", 1480, _BY_NAME["chatty"], "en"),
    Person("priya_sky", "Priya Nair", 640, _BY_NAME["grateful"], "en"),
]

_FIRST = {
    "en": "Olivia Noah Amelia Jack Grace Leo Ivy Oscar Ruby Finn Esme Callum Zara Kofi Aisha Ravi Mei Diego "
    "Nadia Samir Ingrid Tariq Wren Otis Harriet Jonah Maeve Rufus Beatrix Desmond Imani Kwame Tomasz Yara",
    "de": "Lena Jonas Greta Emil Frieda Anton Marie Karl Svenja Matthis",
    "es": "Lucía Mateo Carmen Hugo Sofía Álvaro Inés Pablo Marta Iker",
    "fr": "Camille Louis Chloé Hugo Manon Théo Élise Jules Margaux Bastien",
}
_LAST = (
    "Abara Bright Castellan Dunmore Eklund Farrow Grimsby Holloway Ibsen Jarrow Kestrel Lindqvist Marlowe "
    "Novak Okafor Penrose Quill Rosenthal Sandoval Thackeray Underhill Vance Whitlock Yamada Zielinski"
)
_TAILS = ("", "_flies", "_on_tour", "88", "_x", "writes", "_real", "2go", "_hq", "_at_home", "tweets", "07")
_LANGUAGES = ("en", "de", "es", "fr")


def population(seed: int, size: int) -> list[Person]:
    """`size` people, the same for the same seed; the shared cast comes first."""
    dice = random.Random(f"people/{seed}")
    people = CAST[:size]
    taken = {person.handle for person in people}
    while len(people) < size:
        person = _somebody(dice, taken)
        taken.add(person.handle)
        people.append(person)
    return people


def waits(persona: Persona, dice: random.Random) -> int:
    """Milliseconds until this customer, unanswered, comes back."""
    least, most = persona.patience
    return int(least * (most / least) ** dice.random() * MINUTE)


def _somebody(dice: random.Random, taken: set[str]) -> Person:
    language = dice.choices(_LANGUAGES, (86, 5, 5, 4))[0]
    first, last = dice.choice(_FIRST[language].split()), dice.choice(_LAST.split())
    stem = first.lower().translate(str.maketrans("íáéè", "iaee"))
    handle = f"{stem}_{last[0].lower()}{dice.choice(_TAILS)}"
    while handle in taken:
        handle = f"{stem}_{last.lower()}{dice.randrange(10_000)}"
    persona = dice.choices(PERSONAS, [one.share for one in PERSONAS])[0]
    return Person(handle, f"{first} {last}", int(dice.paretovariate(1.1) * 40) % 2_000_000, persona, language)
