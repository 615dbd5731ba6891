"""Keeps private data and secrets out of what is logged: messages and tracebacks."""

from __future__ import annotations

import logging
import re

from hearout.understanding.private_data import mask

_SECRETS = (
    re.compile(r"(?P<kept>\b(?:Bearer|Basic|Token) +)[\w.~+/=-]{8,}", re.IGNORECASE),
    re.compile(
        r"(?P<kept>\b\w{0,40}(?:token|secret|password|passwd|api_?key|signature|authorization)[\"']?[=:] ?[\"']?)"
        r"(?!Bearer|Basic|Token)[^\s\"'&,;)}]{4,}",
        re.IGNORECASE,
    ),
    re.compile(r"(?P<kept>\b)eyJ[\w-]{8,}\.[\w-]{4,}\.[\w-]*"),  # JSON Web Tokens
    re.compile(r"(?P<kept>://[^\s:/@]{0,100}:)[^\s/@]+(?=@)"),  # a password in an address
)
# PostgreSQL quotes the row it refuses, the post's text in it
_ROW = re.compile(
    r"(?P<kept>Failing row contains \(|CONTEXT: {1,2}COPY \w+, line [0-9]+, column \w+: \").*?"
    r"(?=\n(?:Traceback|The above|During handling|CONTEXT|HINT)|\Z)",
    re.DOTALL,
)
_FORMATTER = logging.Formatter()


class PrivateFilter(logging.Filter):
    """Hides private data, secrets and quoted rows in every record that a handler is about to write."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always true: the record is written, with marks in it. Never raises."""
        try:
            message = record.getMessage()
        except Exception:  # a wrong count of arguments must not stop whoever logs
            message = f"{record.msg} {record.args}"
        record.msg, record.args = hidden(message), None
        if record.exc_info and not record.exc_text:
            record.exc_text = _FORMATTER.formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = hidden(record.exc_text)
        return True


def hidden(text: str) -> str:
    """The text without private data, tokens, passwords, and the values of a row that the database quotes."""
    for secret in _SECRETS:
        text = secret.sub(r"\g<kept>_secret hidden_", text)
    return mask(_ROW.sub(r"\g<kept>_row hidden_", text))
