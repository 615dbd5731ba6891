"""What figures ask of a post's text, each as one expression.

A table of posts may hold the answers as columns of these names: then no text is looked into again, and an archive
need not keep most of them.
"""

from __future__ import annotations

from collections.abc import Callable

import ibis
from ibis.expr.types import BooleanValue, StringValue, Table, Value

BEFORE_NAME = r"(^|[^a-z0-9_])[@＠]"
"""An @ that begins a name: not one inside a mail address."""
NAME = r"^[a-z0-9_]+"
LONG_NAME = r"[a-z0-9_]+([.@-][a-z0-9_]+){0,9}"
"""With the dots and the server that some networks have in their names; not endless, for Java descends by each."""

INVITATION = (
    r"(^|[^a-z0-9])(dms?|pms?|mp|direct messages?|private messages?|privately|private chat|message us|inbox us|"
    r"direktnachricht(en)?|privatnachricht(en)?|private nachricht(en)?|messages? priv(é|e)s?|en priv(é|e)|"
    r"mensajes? (directos?|privados?)|por privado|mensage[mn]s? (diretas?|privadas?)|messaggi[oi]? (privat|dirett)[oi]|"
    r"priv(é|e)bericht(en)?)([^a-z0-9]|$)"
)


def first_name(text: StringValue) -> StringValue:
    """The name after the first @, in lower case; "" for none."""
    found = text.lower().re_extract(f"{BEFORE_NAME}({LONG_NAME})", 2).fill_null("")
    return ibis.ifelse(text.contains("@") | text.contains("＠"), found, "")


def composite(name: StringValue) -> BooleanValue:
    """Whether a name has parts, so that a shorter one may stand within it."""
    return name.contains(".") | name.contains("@") | name.contains("-")


def names_more(text: StringValue) -> BooleanValue:
    """Whether there may be a second name."""
    without = text.replace("@", "").replace("＠", "")
    return text.length() - without.length() >= 2


def invites(text: StringValue) -> BooleanValue:
    """Whether it speaks of a private channel."""
    return text.lower().re_search(INVITATION)


def asks(text: StringValue) -> BooleanValue:
    """Whether it has a question mark."""
    return text.contains("?") | text.contains("？") | text.contains("؟")


OF_TEXT: dict[str, Callable[[StringValue], Value]] = {
    "first_name": first_name,
    "names_more": names_more,
    "invites": invites,
    "asks": asks,
}


def of_text(posts: Table, name: str) -> Value:
    """What a post's text says to one of these questions, from the column where there is one."""
    return posts[name] if name in posts.columns else OF_TEXT[name](posts.text)
