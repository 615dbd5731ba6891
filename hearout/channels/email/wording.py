"""The text of a mail: plain from HTML, and what was newly written from what is quoted."""

from __future__ import annotations

import re
from html.parser import HTMLParser

MOST_HTML = 300_000
_UNSEEN = frozenset({"script", "style", "head", "title", "template", "noscript", "svg", "object"})
_BLOCKS = frozenset(
    {"p", "div", "br", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "pre"}
    | {"section", "article", "header", "footer", "blockquote", "address", "dd", "dt"}
)

_QUOTED = re.compile(r"\s{0,3}>")
# "On Monday, Mira wrote:" as the common programs write it in the common languages
_ATTRIBUTION = re.compile(
    r"\s{0,3}(on|am|le|el|il|op|em|den|på|dnia|w dniu)\s.{3,250}"
    r"(wrote|schrieb|a écrit|escribió|ha scritto|schreef|escreveu|skrev|pisze|napisał)[^:]{0,80}\s?:\s*",
    re.IGNORECASE,
)
_HALF_ATTRIBUTION = re.compile(r"\s{0,3}(on|am|le|el|il|op|em|den)\s.{3,250}", re.IGNORECASE)
_BREAK = re.compile(
    r"\s{0,3}-{3,12}\s?(original message|forwarded message|ursprüngliche nachricht|message d'origine"
    r"|mensaje original|messaggio originale|oorspronkelijk bericht|mensagem original)\s?-{3,12}\s*",
    re.IGNORECASE,
)
_FROM = re.compile(r"\s{0,3}\*?(from|von|de|da|van|från|fra)\s?:\*?\s.{1,300}", re.IGNORECASE)
_SENT = re.compile(
    r"\s{0,3}\*?(sent|date|gesendet|datum|envoyé|enviado|inviato|verzonden|data|fecha)\s?:", re.IGNORECASE
)
_SIGNATURE = "-- "


def new_words(whole: str) -> str:
    """What the writer wrote newly: without quoted lines, what follows an Outlook header, and the signature.

    Words are rather kept than lost: answers between quoted lines stay, and where nothing is left all stays.
    """
    lines = _until_break(whole.split("\n"))
    kept: list[str] = []
    for line in lines:
        if _QUOTED.match(line):
            _drop_attribution(kept)
        elif line == _SIGNATURE and any(one.strip() for one in kept):
            break
        else:
            kept.append(line)
    return _tidy("\n".join(kept)) or _tidy(whole)


def _until_break(lines: list[str]) -> list[str]:
    for number, line in enumerate(lines):
        if len(line) > 400:
            continue
        if _BREAK.fullmatch(line) or (
            _FROM.fullmatch(line) and any(_SENT.match(one) for one in lines[number + 1 : number + 4])
        ):
            before = lines[:number]
            while before and not before[-1].strip(" _\t\r"):
                before.pop()
            return before or lines
    return lines


def _drop_attribution(kept: list[str]) -> None:
    """Take off the line that says who wrote the quoted lines that follow; programs wrap it over two."""
    while kept and not kept[-1].strip():
        kept.pop()
    if kept and len(kept[-1]) <= 400 and _ATTRIBUTION.fullmatch(kept[-1]):
        kept.pop()
    elif len(kept) > 1 and len(kept[-2]) + len(kept[-1]) <= 400:
        wrapped = _ATTRIBUTION.fullmatch(f"{kept[-2]} {kept[-1]}")
        if wrapped and _HALF_ATTRIBUTION.fullmatch(kept[-2]):
            del kept[-2:]


def _tidy(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in text.split("\n"))).strip()


def plain_from_html(html: str) -> str:
    """The words a reader sees, one line a block; what is quoted begins with "> "."""
    reader = _Reader()
    reader.feed(html[:MOST_HTML])
    reader.close()
    return _tidy(reader.text())


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[list[str]] = [[]]
        self._unseen = 0
        self._quotes = 0
        self._depths: list[int] = [0]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen += 1
        if tag == "blockquote":
            self._quotes = min(self._quotes + 1, 20)
        if tag in _BLOCKS:
            self._break()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self._break()

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        if tag == "blockquote":
            self._quotes = max(0, self._quotes - 1)
        if tag in _BLOCKS and tag != "br":
            self._break()

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self._lines[-1].append(re.sub(r"\s+", " ", data))

    def _break(self) -> None:
        if any(one.strip() for one in self._lines[-1]):
            self._lines.append([])
            self._depths.append(self._quotes)
        else:
            self._lines[-1].clear()
            self._depths[-1] = self._quotes

    def text(self) -> str:
        lines = (" ".join("".join(line).split()) for line in self._lines)
        return "\n".join(
            f"{'> ' * depth}{line}" for depth, line in zip(self._depths, lines, strict=True) if line
        )
