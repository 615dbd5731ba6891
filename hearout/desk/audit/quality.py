"""How good the data is, how the audit was made, and what its words mean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hearout.desk.audit.words import NONE, Json, count, moment_of, number, plain
from hearout.desk.overview.words import percent
from hearout.insight.figures import EXCLUSIONS

READ = {
    "rejected": "Rows that could not be read: left out",
    "duplicates": "Posts that came twice, by the network’s own id: the first kept",
    "orphans": "Customers’ posts whose parent is named but not in the archive: left out",
    "unaddressed": "Openings that address no known brand: left out",
}
FAULTS = {
    "cycles": "Posts that answer each other in a circle: ignored",
    "circular": "Posts that answer each other in a circle: ignored",
    "earlier_than_parent": "Posts dated before the post they answer: the link ignored",
    "answers_before_opening": "Brand posts dated before the opening they answer: ignored",
}
TITLES = {
    "response-rate": "Response rate", "first-response": "First response", "answered-within": "Answered within",
    "expectation": "Expectation score and grade", "first-contact-resolution": "First-contact resolution",
    "loop-closed": "Loop closed", "kudos": "Kudos rate", "moved-to-private": "Moved to private",
    "leak-rate": "Leak rate", "backlog-age": "Backlog age",
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A name, what is said of it, and how much that is of all posts."""

    name: str
    value: str
    part: str = ""


@dataclass(frozen=True)
class Lines:
    title: str
    lines: list[Line]


def archive_lines(document: Json) -> list[Lines]:
    archive: Json = document.get("archive") or {}
    posts = number(archive.get("posts")) or 0
    first, last = moment_of(archive.get("first")), moment_of(archive.get("last"))
    read = [Line("Posts read", count(archive.get("posts")))]
    read += (
        [Line("First and last post", f"{first:%-d %b %Y, %H:%M} to {last:%-d %b %Y, %H:%M} UTC")]
        if first and last
        else []
    )
    read += [_line(name, archive.get(key), posts) for key, name in READ.items() if key in archive]
    faults = [
        _line(FAULTS.get(key, _plain(key)), n, posts) for key, n in (archive.get("faults") or {}).items()
    ]
    return [
        lines
        for lines in (
            Lines("What was read", read),
            Lines("Faults in the data", faults),
            _excluded(document, archive),
        )
        if lines.lines
    ]


def _excluded(document: Json, archive: Json) -> Lines:
    """What else was left out of the figures; what the archive's own lines tell is not told twice."""
    told = set(READ) & set(archive) | set(archive.get("faults") or {})
    excluded = (document.get("exclusions") or {}).items()
    lines = [
        Line(_sentence(EXCLUSIONS.get(key, _plain(key))), count(n)) for key, n in excluded if key not in told
    ]
    return Lines("Left out of the figures", lines)


def warning_lines(document: Json) -> Lines:
    warnings: Json = document.get("warnings") or {}
    return Lines("Warnings", [Line(_sentence(plain(text)), count(n)) for text, n in warnings.items()])


def made_lines(document: Json) -> Lines:
    return Lines("How this audit was made", list(_made(document.get("made") or {})))


def _made(made: Json) -> Iterator[Line]:
    if at := moment_of(made.get("at")):
        yield Line("Made", f"{at:%-d %B %Y, %H:%M} UTC")
    for key, name in (("hearout", "Hearout"), ("engine", "Engine")):
        if made.get(key):
            yield Line(name, plain(made[key]))
    if since := moment_of(made.get("since")):
        yield Line("Openings from", f"{since:%-d %B %Y, %H:%M} UTC")
    if until := moment_of(made.get("until")):
        yield Line("Openings before", f"{until:%-d %B %Y, %H:%M} UTC")
    inputs = [plain(one) for one in made.get("inputs") or []]
    if inputs:
        more = f" and {len(inputs) - 10} more" if len(inputs) > 10 else ""
        yield Line("Inputs", ", ".join(inputs[:10]) + more)
    if "tone" in made:
        yield Line("Tone", "read from the text" if made["tone"] else "not read: there are no splits by tone")


def definitions(document: Json) -> list[tuple[str, list[str]]]:
    """Title and paragraphs of each definition."""
    return [
        (
            TITLES.get(name, _sentence(_plain(name))),
            [plain(part, 4000) for part in str(text).split("\n\n")],
        )
        for name, text in (document.get("definitions") or {}).items()
    ]


def _line(name: str, n: object, posts: float) -> Line:
    known = number(n)
    return Line(
        name, NONE if known is None else count(known), percent(known / posts) if known and posts else ""
    )


def _plain(key: str) -> str:
    return plain(key).replace("_", " ").replace("-", " ")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
