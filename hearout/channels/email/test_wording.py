"""What was newly written is told from what is quoted, and rather too much is kept than too little."""

from __future__ import annotations

import pytest

from hearout.channels.email.wording import new_words, plain_from_html

QUOTE = "> Which colour is it?\n>\n> Ana"


@pytest.mark.parametrize(
    "attribution",
    [
        "On Mon, 23 Nov 2026 at 10:40, Tidewing Care <care@tidewing.test> wrote:",
        "On Mon, 23 Nov 2026 at 10:40, Tidewing Care\n<care@tidewing.test> wrote:",
        "Am 23.11.2026 um 10:40 schrieb Tidewing Care:",
        "Le lun. 23 nov. 2026 à 10:40, Tidewing Care a écrit :",
        "El lun, 23 nov 2026 a las 10:40, Tidewing Care escribió:",
        "Il giorno lun 23 nov 2026 Tidewing Care ha scritto:",
        "Op ma 23 nov. 2026 om 10:40 schreef Tidewing Care:",
        "Em seg., 23 de nov. de 2026, Tidewing Care escreveu:",
        "Den mån 23 nov. 2026 skrev Tidewing Care:",
    ],
)
def test_the_quoted_mail_and_the_line_above_it_are_left_out(attribution: str) -> None:
    assert new_words(f"The blue one.\n\n{attribution}\n\n{QUOTE}\n") == "The blue one."


@pytest.mark.parametrize(
    "break_",
    [
        "-----Original Message-----\nFrom: Care\nWhich colour?",
        "-------- Ursprüngliche Nachricht --------\nVon: Care",
        "________________________________\nFrom: Care <care@tidewing.test>\nSent: Monday\nTo: Mira",
        "Von: Care\nGesendet: Montag\nAn: Mira\nBetreff: Koffer\n\nWelche Farbe?",
        "*From:* Care\n*Date:* Monday\n*Subject:* Bag",
    ],
)
def test_what_follows_the_header_of_an_older_mail_is_left_out(break_: str) -> None:
    assert new_words(f"The blue one.\n\n{break_}") == "The blue one."


def test_answers_between_the_quoted_lines_stay() -> None:
    text = "On Monday, Ana wrote:\n> Which colour?\nBlue.\n> How large?\nCabin size.\n"
    assert new_words(text) == "Blue.\nCabin size."


def test_a_mail_that_only_quotes_is_kept_whole() -> None:
    assert new_words(QUOTE) == QUOTE
    assert new_words("-----Original Message-----\nFrom: Care") == "-----Original Message-----\nFrom: Care"


def test_the_signature_is_left_out() -> None:
    assert new_words("The blue one.\n-- \nMira\nExample Street 1") == "The blue one."
    assert new_words("-- \nMira") == "--\nMira"


@pytest.mark.parametrize(
    "text",
    [
        "On Monday I wrote: where is my bag?",
        "From: Oslo\nTo: Bergen\nwhen is the next flight?",
        "a > b\nand b < c",
        "The blue one.\n--\nMira",
    ],
)
def test_words_that_only_look_like_quoting_stay(text: str) -> None:
    assert new_words(text) == text


@pytest.mark.parametrize(
    ("html", "plain"),
    [
        ("<p>One</p><p>Two &amp; <i>three</i></p>", "One\nTwo & three"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<div>x\n  y</div>", "x y"),
        ("<ul><li>1<li>2</ul>", "1\n2"),
        ("<script>alert(1)</script><style>p{}</style>words", "words"),
        ("New<blockquote>Old<blockquote>Older</blockquote></blockquote>", "New\n> Old\n> > Older"),
        ("no tags", "no tags"),
        ("</blockquote></script>x", "x"),
        ("<p onclick='x'>&#0;&#xD83D;y", "\ufffd\ufffdy"),
        ("", ""),
    ],
)
def test_html_becomes_what_a_reader_sees(html: str, plain: str) -> None:
    assert plain_from_html(html) == plain
