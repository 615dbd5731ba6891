"""What happened in a thread since somebody read it."""

from __future__ import annotations

from hearout.cases.models import Case
from hearout.listening.models import Post
from hearout.people.models import User
from hearout.replies.models import Reply


def posts_since(case: Case, version: int, reader: User | None) -> list[Post]:
    """Posts that joined or changed after `version` of the thread, oldest first, without what the reader sent."""
    newer = case.posts.filter(version__gt=version).select_related("post__author").order_by("posted_at", "id")
    posts = [joined.post for joined in newer]
    if not posts or reader is None:
        return posts
    sent = Reply.objects.filter(case=case, by=reader).exclude(external_id="")
    own = set(sent.values_list("external_id", flat=True))
    return [post for post in posts if post.external_id not in own]
