"""The line by which a case is known in lists."""

from __future__ import annotations

import re

LENGTH = 120
NOTHING = "Post without text"

# To whom it is addressed says nothing about the matter.
ADDRESSED = re.compile(r"^(?:[@＠][\w.\-@]+[\s,:]*)+")
# Controls and what turns the direction of writing would disturb the rows around.
UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]+")


def subject_of(text: str) -> str:
    """The first words of a post, at most 120 characters, cut between words where there are any."""
    words = " ".join(UNSEEN.sub(" ", text[: 5 * LENGTH]).split())
    line = ADDRESSED.sub("", words) or words or NOTHING
    if len(line) <= LENGTH:
        return line
    cut = line[: LENGTH - 1]
    whole_words, space, _ = cut.rpartition(" ")
    return (whole_words if space and len(whole_words) > LENGTH // 2 else cut) + "…"
