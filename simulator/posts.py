"""The nouns of the network: accounts and posts, and how a post looks on the wire."""

import asyncio
import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any

from simulator.moments import iso

TEXT_LIMIT = 500
URL_COUNTS = 23
_URL = re.compile(r"https?://\S+", re.IGNORECASE)
_HANDLE = re.compile(r"(?<![\w@./])@(\w{1,30})")


class Bell:
    """Wakes whoever waits for news; nothing is kept for those who come later."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        self._event.set()
        self._event = asyncio.Event()

    async def wait(self, seconds: float) -> bool:
        """True when it rang within `seconds`."""
        try:
            await asyncio.wait_for(self._event.wait(), seconds)
        except TimeoutError:
            return False
        return True


@dataclass(slots=True, eq=False)
class Account:
    id: str
    handle: str
    name: str
    followers: int = 0
    brand: bool = False
    token: str | None = None
    search_words: list[str] = field(default_factory=list)
    webhook: tuple[str, str] | None = None
    feed: list[tuple["Post", int]] = field(default_factory=list)
    """What concerns the account, as (post, revision); a cursor is a place in this list."""
    own: list["Post"] = field(default_factory=list)
    keys: dict[str, "Post"] = field(default_factory=dict)
    bell: Bell = field(default_factory=Bell)

    def wire(self) -> dict[str, Any]:
        return {"id": self.id, "handle": self.handle, "name": self.name, "followers": self.followers}


@dataclass(slots=True)
class Revision:
    text: str
    at: int
    deleted: bool = False


@dataclass(slots=True, eq=False)
class Post:
    id: str
    author: Account
    created: int
    revisions: list[Revision]
    parent: "Post | None" = None
    page_of: str | None = None
    recipient: Account | None = None
    conversation: str | None = None
    language: str = "en"
    automatic: bool = False
    key: str | None = None
    raw: dict[str, Any] | None = None
    """Fields that replace those of the wire form, so that a test can serve a malformed post."""
    persona: str | None = None
    kind: str = "other"
    concerns_brand: bool = False
    wants_answer: bool = False
    replies: list["Post"] = field(default_factory=list)
    feeds: list[Account] = field(default_factory=list)

    @property
    def text(self) -> str:
        return self.revisions[-1].text

    @property
    def deleted(self) -> bool:
        return self.revisions[-1].deleted

    @property
    def root(self) -> "Post":
        post = self
        while post.parent is not None:
            post = post.parent
        return post

    def seen_by(self, account: Account) -> bool:
        return self.recipient is None or account in (self.author, self.recipient)

    def wire(self, base_url: str, revision: int | None = None) -> dict[str, Any]:
        """The post as the network tells it; `revision` None is the newest."""
        number = len(self.revisions) - 1 if revision is None else revision
        version = self.revisions[number]
        value: dict[str, Any] = {
            "id": self.id,
            "revision": number,
            "created_at": iso(self.created),
            "author": self.author.wire(),
            "text": version.text,
            "mentions": mentions(version.text),
            "in_reply_to": self.parent.id if self.parent else None,
            "conversation_id": self.conversation,
            "page_of": self.page_of,
            "visibility": "public" if self.recipient is None else "private",
            "recipient": self.recipient.wire() if self.recipient else None,
            "language": self.language,
            "url": f"{base_url}/p/{self.id}",
            "edited_at": iso(version.at) if number and not version.deleted else None,
            "deleted_at": iso(version.at) if version.deleted else None,
            "automatic": self.automatic,
        }
        return value | self.raw if self.raw else value


def mentions(text: str) -> list[str]:
    """Handles after an @, lower case, in order, each once."""
    return list(dict.fromkeys(handle.lower() for handle in _HANDLE.findall(text)))


def counted_length(text: str) -> int:
    """Unicode code points after NFC, any URL counting 23."""
    urls = _URL.findall(normal := unicodedata.normalize("NFC", text))
    return len(normal) - sum(map(len, urls)) + URL_COUNTS * len(urls)
