"""Parents and roots do not depend on the order in which posts arrive, and no circle stops the world."""

from __future__ import annotations

from itertools import count
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hearout.channels.base import Visibility
from hearout.listening.conftest import Network
from hearout.listening.models import Mention, Post
from hearout.listening.threads import roots_of

forests = st.integers(1, 25).flatmap(
    lambda size: st.tuples(
        *[st.none() | st.integers(0, number - 1) if number else st.none() for number in range(size)]
    )
)
runs = count()


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(forest=forests, data=st.data())
def test_any_order_in_any_batches_gives_the_same_parents_and_roots(
    network: Network, forest: tuple[int | None, ...], data: Any
) -> None:
    run = next(runs)

    def name(number: int) -> str:
        return f"r{run}n{number}"

    posts = [
        network.post(name(number), parent_id=None if parent is None else name(parent), minutes=number)
        for number, parent in enumerate(forest)
    ]
    arriving = data.draw(st.permutations(posts))
    while arriving:
        size = data.draw(st.integers(1, len(arriving)))
        network.tell(*arriving[:size])
        network.hear()
        arriving = arriving[size:]
    expected = {}
    for number, parent in enumerate(forest):
        root = number if parent is None else expected[name(parent)][1]
        expected[name(number)] = (parent, root)
    found = {
        post.external_id: (post.parent, post.root)
        for post in Post.objects.filter(external_id__startswith=f"r{run}n").select_related("parent", "root")
    }
    assert {key: (p and p.external_id, r and r.external_id) for key, (p, r) in found.items()} == {
        key: (None if p is None else name(p), name(r)) for key, (p, r) in expected.items()
    }


@given(st.dictionaries(st.integers(0, 12), st.integers(0, 12), max_size=13))
def test_roots_of_anything_end_and_only_circles_are_cut(above: dict[int, int]) -> None:
    roots, cut = roots_of(above, set(above))
    assert set(roots) >= set(above) - cut
    for post in above:
        at, steps = post, 0
        while at in above and at not in cut:
            at, steps = above[at], steps + 1
            assert steps <= len(above)
        assert roots.get(post, post) == at
    for post in cut:
        at = above[post]
        while at != post:
            at = above[at]


def root_of(external_id: str) -> str:
    post = Post.objects.select_related("root").get(external_id=external_id)
    assert post.root is not None
    return post.root.external_id


def test_a_circle_of_posts_does_not_hang_and_has_a_root(network: Network) -> None:
    circle = [network.post(f"p{number}", parent_id=f"p{(number + 1) % 4}") for number in range(4)]
    network.tell(*circle)
    network.hear()
    assert Post.objects.filter(parent__isnull=True).count() == 1
    assert len({root_of(f"p{number}") for number in range(4)}) == 1
    Post.objects.update(parent=None, root=None)
    Post.objects.all().delete()
    network.told(*[network.post(f"q{number}", parent_id=f"q{(number + 1) % 4}") for number in range(4)])
    assert {root_of(f"q{number}") for number in range(4)} == {root_of("q0")}


def test_a_post_that_answers_itself_keeps_itself_as_root(network: Network) -> None:
    network.told(network.post("p1", parent_id="p1"))
    assert root_of("p1") == "p1"
    assert Post.objects.get().parent is None


def test_a_late_parent_moves_the_whole_subtree_and_wakes_its_mentions(network: Network) -> None:
    network.told(
        network.post("p3", "@tidewing three", parent_id="p2", minutes=3),
        network.post("p4", "@tidewing four", parent_id="p3", minutes=4),
        network.post("p1", "@tidewing one", minutes=1),
    )
    Mention.objects.update(due_at=None)
    network.told(network.post("p2", "two", parent_id="p1", minutes=2))
    assert {root_of(f"p{number}") for number in (1, 2, 3, 4)} == {"p1"}
    awake = Mention.objects.filter(due_at__isnull=False).values_list("post__external_id", flat=True)
    assert sorted(awake) == ["p3", "p4"]


def test_private_messages_hang_under_the_first_of_their_conversation(network: Network) -> None:
    def message(name: str, minutes: float, talk: str = "c1") -> Any:
        return network.post(
            name,
            "hello",
            minutes=minutes,
            visibility=Visibility.PRIVATE,
            conversation_id=talk,
            parent_id=None,
        )

    network.told(message("m3", 3), message("m2", 2), message("m4", 4), message("x1", 1, "c2"))
    assert {root_of(name) for name in ("m2", "m3", "m4")} == {"m2"}
    network.tell(message("m5", 5), message("m1", 1))
    network.hear()
    assert {root_of(f"m{number}") for number in range(1, 6)} == {"m1"}
    assert root_of("x1") == "x1"


def test_the_same_id_on_another_network_is_another_post(network: Network) -> None:
    network.told(network.post("p1"), network.post("p2", parent_id="p1", network="elsewhere"))
    assert root_of("p2") == "p2"
