"""Postal addresses in a plain text, by the shapes of street and number in seven languages.

An address is a street with its number, and the postcode and town that follow. Street names must be written with
capitals; where a postcode follows they need not be.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_LETTER = "[^\\W\\d_\ua66e]"
_CAPITAL = f"(?=[A-ZÀ-ÖØ-ÞŒ]){_LETTER}"
_NAME = f"{_CAPITAL}(?:{_LETTER}|['’.-](?={_LETTER})){{1,30}}"
_NUMBER = r"(?<![0-9])[0-9]{1,4}(?:[-/][0-9]{1,4})?(?: ?[A-Za-z](?!\w))?(?!\w)"
_NOT_A_COUNT = (
    r"(?! ?(?:uur|uren|uhr|stunden?|tage?|min\w{0,8}|mal|keer|dagen|heures?|jours?|hours?|hrs|days?|times|ore|giorni"
    r"|horas?|d[ií]as?|veces|vezes|volte|fois|am|pm|€|\$|£|%|:[0-9]|[.,][0-9]|th\b|st\b|nd\b))"
)
_GAP = r"(?:,? ?\n ?|,? )"
_TOWN = rf"{_NAME}(?:[ -](?:{_NAME}|[a-z]{{2,4}} {_NAME})){{0,2}}"
_POSTCODE = (
    r"(?:[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}"  # British
    r"|[A-Z]{2},? [0-9]{5}(?:-[0-9]{4})?"  # of the USA, after the state
    r"|(?:[A-Z]{1,2}-)?[0-9]{5}(?:-[0-9]{3})?"  # German, French, Spanish, Italian; Brazilian
    r"|[0-9]{4}-[0-9]{3}"  # Portuguese
    r"|[0-9]{4} ?[A-Z]{2}|(?:[A-Z]{1,2}-)?[0-9]{4}"  # Dutch; Austrian, Swiss, Belgian
    r")(?!\w)"
)
_TOWN_FIRST = rf"{_GAP}(?:{_TOWN}{_GAP})?{_POSTCODE}"
_TAIL = rf"(?:{_TOWN_FIRST}(?: {_TOWN})?)"

_ENGLISH_TYPES = (
    "Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Crescent|Gardens|Grove|Terrace|Square|Boulevard|Blvd"
    "|Parkway|Mews"
)
_ENGLISH_WORDS = "Close|Court|Ct|Sq|Highway|Row|Hill|Place|Way|Walk|Park|View"
"""Streets where a postcode follows, else words like others: "5 Star Way"."""
_ENGLISH = rf"(?<![\w.,:/-]){_NUMBER} (?:{_NAME} ){{1,3}}(?:{_ENGLISH_TYPES})\b\.?"
_ENGLISH_WITH_TAIL = (
    rf"(?<![\w.,:/-]){_NUMBER},? (?:{_NAME} ){{1,3}}(?:{_ENGLISH_TYPES}|{_ENGLISH_WORDS})\b\.?"
)
_FRENCH = (
    rf"(?<![\w.,:/-]){_NUMBER}(?: (?:bis|ter|quater))?,? "
    r"(?i:rue|avenue|av\.?|boulevard|bd|place|chemin|all[ée]e|impasse|quai|cours|route|square|passage) "
    rf"(?i:de la |de l['’]|des |du |de |d['’]|la |le |les |l['’]){{0,2}}{_NAME}(?:[ -]{_NAME}){{0,2}}"
)
_COMPOUND = (
    rf"(?<![\w-]){_CAPITAL}(?:{_LETTER}|-){{2,45}}+"
    r"(?:(?<=straße)|(?<=strasse)|(?<=str)\.|(?<=weg)|(?<=allee)|(?<=gasse)|(?<=damm)|(?<=ufer)"
    r"|(?<=straat)|(?<=laan)|(?<=gracht)|(?<=kade)|(?<=singel)|(?<=dijk)|(?<=plein)|(?<=dreef)|(?<=steeg))"
    rf",? ?{_NUMBER}{_NOT_A_COUNT}"
)
_GERMAN = (
    rf"(?<![\w-])(?:{_NAME}[ -]){{1,2}}(?:Straße|Strasse|Str\.|Weg|Allee|Gasse|Ring|Damm|Ufer) {_NUMBER}"
    rf"{_NOT_A_COUNT}"
)
# a "Sitzplatz 12" is a seat and a "Platz 1" a rank
_PLATZ = rf"(?<![\w-])(?:{_NAME}[ -])?{_CAPITAL}(?:{_LETTER}|-){{0,45}}+(?<=platz),? ?{_NUMBER}"
_ROMANCE_NAME = (
    r"(?i:de la |de los |de las |de l['’]|del |de |do |da |dos |das |della |dei |degli |delle |di |dell['’]|d['’]"
    rf"|la |el |los |las |san ){{0,2}}{_NAME}(?: (?:(?i:de|del|do|da|dos|e|y|di|della) )?{_NAME}){{0,3}}"
)
_ROMANCE = (
    r"(?<!\w)(?i:calle|c/|avenida|avda\.?|av\.|plaza|paseo|camino|carretera|ronda|rua|r\.|travessa|praça|alameda"
    rf"|estrada|viale|piazza|corso|largo|vicolo) ?{_ROMANCE_NAME},?(?: n\.?[º°o]?\.?)? {_NUMBER}{_NOT_A_COUNT}"
)
# "via" is a street in Italy and a stop on the way elsewhere: nothing may follow the number
_VIA = rf"(?<!\w)(?i:via) {_ROMANCE_NAME},? {_NUMBER}(?={_TAIL}|[ \n]*(?:[,;.!?)](?![0-9])|\Z))"

_SHAPES = [
    re.compile(f"{shape}{_TAIL}?") for shape in (_ENGLISH, _FRENCH, _COMPOUND, _GERMAN, _ROMANCE, _VIA)
]
_LOWER = [
    re.compile(f"{shape}{_TAIL}", re.IGNORECASE)
    for shape in (_ENGLISH_WITH_TAIL, _FRENCH, _COMPOUND, _PLATZ, _ROMANCE)
]
_DIGIT = re.compile("[0-9]")


def addresses(text: str) -> Iterator[tuple[int, int]]:
    """Where each begins and ends."""
    if _DIGIT.search(text):
        for pattern in (*_SHAPES, *_LOWER):
            for found in pattern.finditer(text):
                yield found.span()
