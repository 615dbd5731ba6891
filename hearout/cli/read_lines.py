"""The lines that `hearout read` takes and gives: JSON on each, one out for each one in."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from typing import Any

from hearout.lib.clean import clean_text
from hearout.understanding.reading import Reading

LABELS = ("language", "kind", "sentiment", "emotion", "urgency", "needs_answer", "sarcasm")
LONGEST_LINE = 4 * 1024 * 1024  # bytes; 100,000 characters take at most 1.2 million, each escaped twice
LONGEST_TEXT = 100_000
CHUNK = 1 << 16
_TAG = re.compile(r"([A-Za-z]{2})(?:[-_][A-Za-z0-9]{1,8})*")
_BREAKS = str.maketrans({"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"})
"""JSON need not escape these, but some programs break lines at them."""


class LineError(ValueError):
    """What is wrong with a line, in words; `id` where one could still be read."""

    def __init__(self, message: str, id: str | float | None = None) -> None:
        super().__init__(message)
        self.id = id


@dataclass(frozen=True, slots=True)
class Asked:
    """A post to read. `language` is the code that the caller knows it to be in."""

    id: str | float | None
    text: str
    language: str | None


def lines_as_they_come(descriptor: int) -> Iterator[list[bytes | None]]:
    """The lines of an open file in the groups in which they arrive; None stands for one that is too long.

    A read takes what is there and waits only when nothing is. So whoever writes a line at a time gets an
    answer to each, and while we are busy with one group, a fast writer's next group grows.
    """
    rest, too_long = b"", False
    while chunk := os.read(descriptor, CHUNK):
        *whole, rest_of_chunk = chunk.split(b"\n")
        lines: list[bytes | None] = []
        for part in whole:
            line = rest + part
            lines.append(None if too_long or len(line) > LONGEST_LINE else line)
            rest, too_long = b"", False
        if len(rest) + len(rest_of_chunk) > LONGEST_LINE:
            rest, too_long = b"", True
        elif not too_long:
            rest += rest_of_chunk
        if lines:
            yield lines
    if rest or too_long:
        yield [None if too_long else rest]


def asked(line: bytes | None) -> Asked:
    """What a line asks for. Raises LineError for whatever else stands there, however odd."""
    if line is None:
        raise LineError(f"longer than {LONGEST_LINE:,} bytes")
    found = decoded(line)
    if not isinstance(found, dict):
        raise LineError('not an object such as {"id": 1, "text": "..."}')
    return _checked(found)


def decoded(line: bytes) -> Any:
    """What the standard library can read: half characters, large numbers, a byte order mark too. Raises LineError."""
    try:
        return json.loads(line.decode("utf-8-sig"), parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise LineError(f"not UTF-8: byte {line[error.start]:#04x} at {error.start}") from None
    except json.JSONDecodeError as error:
        raise LineError(f"not JSON: {error.msg} at {error.pos}" if line.strip() else "empty") from None
    except RecursionError:
        raise LineError("nested too deep") from None
    except ValueError as error:
        raise LineError(f"not JSON: {error}") from None


def answer(asked: Asked, reading: Reading) -> dict[str, Any]:
    """The reading in the words of the command. A label without any confidence is abstained from."""
    confidence = {label: sure for label in LABELS if (sure := reading.confidence.get(label)) is not None}
    abstained = {label for label in LABELS if label in reading.abstained or label not in confidence}
    if asked.language:  # even of a text without a word
        abstained.discard("language")
    return {
        "id": asked.id,
        "language": reading.language,
        "kind": reading.kind.value,
        "sentiment": reading.sentiment.value,
        "emotion": reading.emotion.value,
        "urgency": reading.urgency.value,
        "needs_answer": reading.needs_answer,
        "sarcasm": reading.sarcasm,
        "confidence": {label: round(sure, 3) for label, sure in confidence.items()},
        "reasons": list(_reasons(reading)),
        "abstained": [label for label in LABELS if label in abstained],
        "topics": list(reading.topics),
        "model": reading.reader,
    }


def fault(error: LineError, number: int) -> dict[str, Any]:
    """What stands in the place of an answer; `line` counts from 1."""
    return {"id": error.id, "line": number, "error": str(error)}


def dumped(found: dict[str, Any]) -> bytes:
    """One line of UTF-8. Half characters, which UTF-8 cannot write, come back escaped as they came in."""
    text = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    try:
        return text.translate(_BREAKS).encode("utf-8") + b"\n"
    except UnicodeEncodeError:
        return json.dumps(found, separators=(",", ":")).encode("ascii") + b"\n"


def _checked(found: dict[str, Any]) -> Asked:
    id = found.get("id")
    if isinstance(id, bool) or not isinstance(id, str | int | float | None):
        raise LineError('"id" is neither a string nor a number')
    if isinstance(id, float) and not isfinite(id):
        raise LineError('"id" is too large a number')
    if "text" not in found:
        raise LineError('no "text"', id)
    if not isinstance(found["text"], str):
        raise LineError('"text" is not a string', id)
    language = found.get("language")
    if not isinstance(language, str | None):
        raise LineError('"language" is not a code such as "en"', id)
    return Asked(id, clean_text(found["text"], LONGEST_TEXT), _code(language))


def _code(language: str | None) -> str | None:
    """`en` of `en`, `EN` and `en-GB`; None of anything else, `und` too: then the reader decides."""
    tag = _TAG.fullmatch(language or "")
    return tag[1].lower() if tag else None


def _reasons(reading: Reading) -> Iterator[dict[str, Any]]:
    for label in (*LABELS, "topics"):
        words = list(reading.reasons.get(label, ()))
        weights = [round(float(weight), 3) for weight in reading.weights.get(label, ())]
        if words:
            yield {"label": label, "words": words} | ({"weights": weights} if weights else {})


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")
