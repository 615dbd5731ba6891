"""The state of the network: who is there, what was written, and what is in whose feed.

Every change is a step (a plain dictionary) that is applied and then written to the journal; a restart applies
the same steps again, so feeds and cursors come back exactly.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from simulator.journal import Journal, Step
from simulator.moments import Clock
from simulator.posts import Account, Post, Revision, mentions
from simulator.truth import Line, Truth, told

FIRST_ACCOUNT = 100


class World:
    def __init__(self, journal: Journal, clock: Clock) -> None:
        self.clock = clock
        self.watchers: list[Callable[[Post], None]] = []
        """Called with every new post, edit and deletion, after it took effect."""
        self._journal = journal
        self._clear(generation=1)

    def _clear(self, generation: int) -> None:
        self.generation = generation
        self.truth = Truth()
        self.accounts: dict[str, Account] = {}
        self.by_handle: dict[str, Account] = {}
        self.by_token: dict[str, Account] = {}
        self.readers: list[Account] = []
        self.posts: dict[str, Post] = {}
        self.conversations: dict[str, list[Post]] = defaultdict(list)
        self.liked: set[tuple[str, str]] = set()
        self.reposted: set[tuple[str, str]] = set()
        self.followed: set[tuple[str, str]] = set()

    def restore(self) -> int:
        """Apply the journal; returns the number of steps. A clock ever set goes on after the last one."""
        count, last, simulated = 0, 0, False
        for step, truth in self._journal.replay():
            if step is not None:
                self._apply(step)
                count += 1
                simulated = simulated or step["do"] == "clock"
                # A clock may have been set back; posts written with a past time do not say that it was.
                last = step["at"] if step["do"] == "clock" else max(last, step.get("at", 0))
            if truth is not None:
                self.truth.add(truth)
        if simulated or last > self.clock.now():
            self.clock.set(last)
        return count

    def set_clock(self, now: int | None, speed: float, hold: bool = False) -> None:
        """Simulated time goes on at `now` (None: where it is) and at `speed`. After a restart it goes on
        where it was, at speed 1."""
        changed = now is not None or speed != self.clock.speed
        self.clock.set(now, speed, hold)
        if changed:
            self._commit({"do": "clock", "at": self.clock.now()})

    def forget(self) -> None:
        self._journal.forget()
        for account in self.readers:
            account.bell.ring()
        self._clear(self.generation + 1)
        self._journal.append({"do": "generation", "generation": self.generation}, None)

    # What may happen

    def account(
        self,
        handle: str,
        name: str | None = None,
        *,
        token: str | None = None,
        brand: bool = False,
        followers: int = 0,
    ) -> tuple[Account, bool]:
        """The account with this handle, made when new (then the second value is true)."""
        known = self.by_handle.get(handle.lower())
        if known is not None and (token is None or known.token == token) and (known.brand or not brand):
            return known, False
        number = FIRST_ACCOUNT + len(self.accounts)
        step: Step = {"do": "account", "id": known.id if known else f"u_{number}", "handle": handle.lower()}
        step |= {"name": name or handle, "token": token, "brand": brand, "followers": followers}
        self._commit(step)
        return self.by_handle[handle.lower()], known is None

    def write(
        self, author: Account, text: str, *, event: str = "posted", at: int | None = None, **more: Any
    ) -> Post:
        """A new post. `more`: in_reply_to (id), to (account id), page_of, language, automatic, key, raw,
        persona, kind, wants_answer, concerns_brand."""
        moment = self.clock.now() if at is None else at
        step: Step = {
            "do": "post",
            "id": self._new_id(moment),
            "author": author.id,
            "text": text,
            "at": moment,
        }
        step |= {name: value for name, value in more.items() if value is not None}
        self._apply(step)
        post = self.posts[step["id"]]
        self._journal_with(step, told(event, moment, author, post))
        return post

    def edit(self, post: Post, text: str, at: int | None = None) -> None:
        self._change(post, "edited", {"do": "edit", "id": post.id, "text": text}, at)

    def delete(self, post: Post, at: int | None = None) -> None:
        if not post.deleted:
            self._change(post, "deleted", {"do": "delete", "id": post.id}, at)

    def _change(self, post: Post, event: str, step: Step, at: int | None) -> None:
        step["at"] = self.clock.now() if at is None else at
        self._apply(step)
        self._journal_with(step, told(event, step["at"], post.author, post))

    def like(self, account: Account, post: Post) -> None:
        self._mark("liked", account, post.id, told("liked", self.clock.now(), account, post))

    def repost(self, account: Account, post: Post) -> None:
        self._mark("reposted", account, post.id, told("reposted", self.clock.now(), account, post))

    def follow(self, account: Account, other: Account) -> None:
        self._mark(
            "followed", account, other.id, told("followed", self.clock.now(), account, whom=other.handle)
        )

    def _mark(self, verb: str, account: Account, target: str, line: Line) -> None:
        if (account.id, target) not in getattr(self, verb):
            self._commit({"do": verb, "account": account.id, "target": target}, line)

    def new_token(self, account: Account, token: str) -> None:
        self._commit({"do": "token", "account": account.id, "token": token})

    def search_words(self, account: Account, words: list[str]) -> None:
        folded = [word.casefold() for word in words]
        if folded != account.search_words:
            self._commit({"do": "search_words", "account": account.id, "words": folded})

    def webhook(self, account: Account, url: str, secret: str) -> None:
        if account.webhook != (url, secret):
            self._commit({"do": "webhook", "account": account.id, "url": url, "secret": secret})

    def note(self, line: Line) -> None:
        """Something that belongs in the truth log and changes nothing (a fault, a delivery)."""
        self._commit(None, line)

    def thread(self, post: Post, reader: Account | None = None) -> list[Post]:
        """The whole tree (or private conversation) around `post` in order of writing, no deleted ones."""
        if post.conversation is not None:
            found: Iterable[Post] = self.conversations[post.conversation]
        else:
            tree = [post.root]
            for branch in tree:
                tree.extend(branch.replies)
            found = sorted(tree, key=lambda one: int(one.id))
        return [one for one in found if not one.deleted and (reader is None or one.seen_by(reader))]

    # How it happens

    def _new_id(self, moment: int) -> str:
        number = moment << 22
        while str(number) in self.posts:
            number += 1
        return str(number)

    def _commit(self, step: Step | None, truth: Line | None = None) -> None:
        if step is not None:
            self._apply(step)
        self._journal_with(step, truth)

    def _journal_with(self, step: Step | None, truth: Line | None) -> None:
        if truth is not None:
            self.truth.add(truth)
        self._journal.append(step, truth)
        if step is not None and step["do"] in ("post", "edit", "delete"):
            for watcher in self.watchers:
                watcher(self.posts[step["id"]])

    def _apply(self, step: Step) -> None:
        getattr(self, f"_do_{step['do']}")(step)

    def _do_clock(self, step: Step) -> None:
        """Time is no part of the state; `restore` reads where it was."""

    def _do_generation(self, step: Step) -> None:
        self.generation = step["generation"]

    def _do_account(self, step: Step) -> None:
        account = self.accounts.get(step["id"])
        if account is None:
            account = Account(step["id"], step["handle"], step["name"], step["followers"])
            self.accounts[account.id] = self.by_handle[account.handle] = account
        account.brand = account.brand or step["brand"]
        if step["token"]:
            self._do_token({"account": account.id, "token": step["token"]})
        if (account.brand or account.token) and account not in self.readers:
            self.readers.append(account)
            self._fill(account)

    def _do_token(self, step: Step) -> None:
        account = self.accounts[step["account"]]
        if account.token:
            self.by_token.pop(account.token, None)
        account.token = step["token"]
        self.by_token[step["token"]] = account
        if account not in self.readers:
            self.readers.append(account)
            self._fill(account)
        account.bell.ring()

    def _do_post(self, step: Step) -> None:
        author = self.accounts[step["author"]]
        parent = self.posts.get(step.get("in_reply_to", ""))
        post = Post(step["id"], author, step["at"], [Revision(step["text"], step["at"])], parent)
        post.page_of = step.get("page_of") or (parent.page_of if parent else None)
        for name in ("language", "automatic", "key", "raw", "persona", "kind"):
            if name in step:
                setattr(post, name, step[name])
        if "to" in step:
            post.recipient = self.accounts[step["to"]]
            post.conversation = "c_" + "_".join(sorted([author.id[2:], step["to"][2:]]))
            self.conversations[post.conversation].append(post)
        if parent is not None:
            parent.replies.append(post)
        self.posts[post.id] = post
        author.own.append(post)
        if post.key is not None:
            author.keys[post.key] = post
        self._tell(post)
        heard = any(reader.brand for reader in post.feeds) and not author.brand
        post.concerns_brand = step.get("concerns_brand", heard)
        post.wants_answer = step.get("wants_answer", heard)

    def _do_edit(self, step: Step) -> None:
        post = self.posts[step["id"]]
        post.revisions.append(Revision(step["text"], step["at"]))
        self._tell(post)

    def _do_delete(self, step: Step) -> None:
        post = self.posts[step["id"]]
        post.revisions.append(Revision("", step["at"], deleted=True))
        self._tell(post)

    def _do_liked(self, step: Step) -> None:
        self.liked.add((step["account"], step["target"]))

    def _do_reposted(self, step: Step) -> None:
        self.reposted.add((step["account"], step["target"]))

    def _do_followed(self, step: Step) -> None:
        self.followed.add((step["account"], step["target"]))

    def _do_search_words(self, step: Step) -> None:
        account = self.accounts[step["account"]]
        account.search_words = step["words"]
        self._fill(account)

    def _do_webhook(self, step: Step) -> None:
        self.accounts[step["account"]].webhook = (step["url"], step["secret"])

    # Feeds

    def _tell(self, post: Post) -> None:
        for account in self.readers:
            if account in post.feeds:
                self._append(account, post)
            elif self._concerns(account, post):
                post.feeds.append(account)
                self._append(account, post)

    def _append(self, account: Account, post: Post) -> None:
        account.feed.append((post, len(post.revisions) - 1))
        account.bell.ring()

    def _fill(self, account: Account) -> None:
        """Earlier posts that concern the account from now on join the end of its feed."""
        for post in self.posts.values():
            if account not in post.feeds and not post.deleted and self._concerns(account, post):
                post.feeds.append(account)
                self._append(account, post)

    def _concerns(self, account: Account, post: Post) -> bool:
        if account is post.author or account is post.recipient:
            return True
        if post.recipient is not None:
            return False
        if post.page_of == account.id or (post.parent is not None and post.parent.author is account):
            return True
        text = post.text
        if "@" in text and account.handle in mentions(text):
            return True
        folded = text.casefold() if account.search_words else ""
        return any(word in folded for word in account.search_words)
