"""Whatever the order in which posts arrive, the cases are those of the order in which they were said."""

import random

import pytest
from django.db import transaction
from django.utils.timezone import now

from hearout.cases.models import Case
from hearout.cases.opening import open_cases
from hearout.listening.models import Post
from hearout.triage.models import Verdict


def run(batch):
    while open_cases(batch, now()):
        pass


def tell(town, cast, rng):
    """A morning on the network: (name, author, minute, parent, wants), in network time."""
    people, said = [cast.mira, cast.tom, cast.priya], []
    for minute in range(rng.randint(3, 14)):
        theirs = [name for name, who, *_ in said if who is not None]
        if theirs and rng.random() < 0.35:
            said.append((f"n{minute}", None, minute, rng.choice([name for name, *_ in said]), False))
        else:
            parent = rng.choice([*(name for name, *_ in said), None]) if said else None
            said.append((f"n{minute}", rng.choice(people), minute, parent, rng.random() < 0.6))
    return said


def picture():
    """The cases without their ids (and without `thread_version`, which counts what happened)."""
    return sorted(
        (
            case.customer.name,
            case.subject,
            case.opened_at,
            case.last_post_at,
            case.waiting_since,
            case.answered_at,
            case.priority,
            tuple(case.posts.order_by("posted_at").values_list("post__text", "wants_answer")),
        )
        for case in Case.objects.select_related("customer")
    )


def hear(town, cast, story, batches):
    """What listening and triage do: parents may arrive late, and their children are then decided anew."""
    known, verdicts, later = {}, {}, {}
    for batch in batches:
        for name in batch:
            author, minute, parent, wants = story[name]
            to = known.get(parent)
            if to:
                to.refresh_from_db()
            if author is None:
                verdicts[name] = town.we_say(minute, to, name)
            else:
                verdicts[name] = town.says(author, minute, name, to, wants=wants, priority=minute % 4)
            known[name] = verdicts[name].post
            if parent and not to:
                later.setdefault(parent, []).append(name)
            for child in later.pop(name, []):
                adopt(verdicts, child, known[name])
        run(batch=3)
    return picture()


def adopt(verdicts, child, parent):
    parent.refresh_from_db()
    post = verdicts[child].post
    Post.objects.filter(pk=post.pk).update(parent=parent)
    thread = [post.pk]
    while thread:
        Post.objects.filter(pk__in=thread).update(root=parent.root_id)
        Verdict.objects.filter(post__in=thread).update(due_at=now())
        thread = list(Post.objects.filter(parent__in=thread).values_list("pk", flat=True))


@pytest.mark.parametrize("seed", range(12))
def test_the_order_of_arrival_does_not_matter(town, cast, seed):
    rng = random.Random(seed)
    said = tell(town, cast, rng)
    story = {name: rest for name, *rest in said}
    pictures = []
    for shuffled in (False, True, True):
        names = list(story)
        if shuffled:
            rng.shuffle(names)
        cuts = sorted(rng.sample(range(1, len(names)), min(2, len(names) - 1)))
        batches = [names[a:b] for a, b in zip([0, *cuts], [*cuts, None], strict=True)]
        point = transaction.savepoint()
        pictures.append(hear(town, cast, story, batches))
        transaction.savepoint_rollback(point)
    assert pictures[1] == pictures[0]
    assert pictures[2] == pictures[0]
    assert pictures[0]
