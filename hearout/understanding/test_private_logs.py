"""What is logged names nobody's card, mail, token or words. All numbers and names are invented."""

from __future__ import annotations

import io
import logging
import logging.config

import pytest

from hearout import settings
from hearout.understanding.private_logs import PrivateFilter, hidden


@pytest.fixture
def written():
    """A logger that writes through the filter, and what it wrote."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(PrivateFilter())
    log = logging.Logger("test")
    log.addHandler(handler)
    return log, stream


def test_a_message_and_its_arguments_are_written_with_marks(written) -> None:
    log, stream = written
    log.warning("post %s from %s", "card 4111 1111 1111 1111", "mira@example.com")
    assert stream.getvalue() == "post card _card hidden_ from _email hidden_\n"


def test_a_traceback_is_written_with_marks(written) -> None:
    log, stream = written
    try:
        raise ValueError("cannot read 'call me on +49 30 901820'")
    except ValueError:
        log.exception("reading")
    told = stream.getvalue()
    assert "ValueError: cannot read 'call me on _phone hidden_'" in told
    assert "Traceback" in told
    assert "901820" not in told


def test_arguments_that_do_not_fit_are_written_all_the_same(written) -> None:
    log, stream = written
    log.warning("%s and %s", "mira@example.com")
    assert stream.getvalue() == "%s and %s ('_email hidden_',)\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("GET /me?access_token=abcdef123&x=1", "GET /me?access_token=_secret hidden_&x=1"),
        ("Authorization: Bearer abc.def-123456", "Authorization: Bearer _secret hidden_"),
        ("{'client_secret': 'hunter22'}", "{'client_secret': '_secret hidden_'}"),
        ("jwt eyJhbGciOiJI.eyJzdWIiOiIx.abc", "jwt _secret hidden_"),
        (
            "postgresql://tide:hunter2@db.example:5432/x",
            "postgresql://tide:_secret hidden_@db.example:5432/x",
        ),
        (
            'null value in column "x"\nDETAIL:  Failing row contains (1, my bag\nis gone, null).',
            'null value in column "x"\nDETAIL:  Failing row contains (_row hidden_',
        ),
        (
            'too long\nCONTEXT:  COPY listening_post, line 3, column text: "where is my bag"',
            'too long\nCONTEXT:  COPY listening_post, line 3, column text: "_row hidden_',
        ),
        (
            "working: hear, decide; 12:30:01 on 127.0.0.1:8000",
            "working: hear, decide; 12:30:01 on 127.0.0.1:8000",
        ),
        ("stage decide failed; token bucket empty", "stage decide failed; token bucket empty"),
    ],
)
def test_secrets_and_quoted_rows_are_left_out_and_all_else_stays(text: str, told: str) -> None:
    assert hidden(text) == told


def test_every_handler_that_the_settings_name_has_the_filter() -> None:
    handlers = settings.LOGGING["handlers"]
    assert handlers
    assert all("private" in handler["filters"] for handler in handlers.values())
    before = logging.getLogger().handlers[:]
    try:
        logging.config.dictConfig({**settings.LOGGING, "incremental": False})
        (handler,) = [h for h in logging.getLogger().handlers if h not in before]
        assert any(isinstance(one, PrivateFilter) for one in handler.filters)
    finally:
        logging.getLogger().handlers[:] = before
