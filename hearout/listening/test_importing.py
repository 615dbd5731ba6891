"""Archives: brands of their own, nothing doubled, bad rows kept with a reason, a replay over time."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hearout.channels.archive.jsonl import write_jsonl
from hearout.channels.base import ChannelError
from hearout.listening.importing import import_archive
from hearout.listening.models import Handle, Mention, Post, Received
from hearout.people.models import Brand


@pytest.fixture
def file(network: Any, tmp_path: Path) -> Path:
    """A rail company in an archive: the openings come before the file tells that it is a brand."""
    posts = [
        network.post("a1", "@orchard_rail no train today?", "tom", 0, by_brand=False),
        network.post("a2", "hello @Orchard_Rail!", "mira", 10, by_brand=False),
        network.post("a3", "Sorry, Tom!", "Orchard_Rail", 20, parent_id="a1", by_brand=True),
        network.post("a4", "and now?", "tom", 30, parent_id="a3", by_brand=False),
        network.post("a5", "@tidewing and you?", "tom", 40, by_brand=False),
    ]
    path = tmp_path / "Rail Archive.jsonl"
    path.write_text("".join(write_jsonl(posts)) + "{broken\n", "utf-8")
    return path


def hows() -> dict[tuple[str, str], str]:
    return {
        (mention.post.external_id, mention.brand.slug): mention.how
        for mention in Mention.objects.select_related("post", "brand")
    }


EXPECTED = {
    ("a1", "orchard_rail"): "direct",
    ("a2", "orchard_rail"): "direct",
    ("a3", "orchard_rail"): "ours",
    ("a4", "orchard_rail"): "direct",
    ("a5", "tidewing"): "direct",
}


def test_an_archive_brings_its_brands_which_are_not_served(file: Path) -> None:
    report = import_archive(file)
    assert (report.posts, report.duplicates, report.failed, report.rejected_count) == (5, 0, 0, 1)
    assert report.archive.name == "rail-archive"
    brand = Brand.objects.get(slug="orchard_rail")
    assert not brand.served
    assert brand.handles.get().role == Handle.Role.MAIN
    assert hows() == EXPECTED
    assert set(Post.objects.values_list("archive", flat=True)) == {report.archive.pk}


@pytest.mark.parametrize("batch", [1, 2, 3])
def test_openings_heard_before_the_brand_is_known_find_it_later(
    file: Path, batch: int, monkeypatch: Any, network: Any
) -> None:
    from hearout.listening import importing

    monkeypatch.setattr(importing, "BATCH", batch)
    import_archive(file)
    assert hows() == EXPECTED


def test_importing_the_same_file_again_doubles_nothing(file: Path) -> None:
    import_archive(file)
    again = import_archive(file)
    assert (again.posts, again.duplicates, again.rejected_count) == (0, 5, 1)
    assert Post.objects.count() == 5
    assert Received.objects.count() == 6
    assert Brand.objects.filter(slug__startswith="orchard").count() == 2
    assert (again.archive.posts, again.archive.duplicates, again.archive.rejected) == (5, 5, 1)


def test_a_rejected_row_is_kept_with_its_line_and_reason(file: Path) -> None:
    report = import_archive(file)
    assert report.rejected[0][0] == 6
    dead = Received.objects.get(dead_at__isnull=False)
    assert bytes(dead.body) == b"{broken\n"
    assert dead.fault.startswith("line 6: ")


def test_a_slug_that_a_served_brand_has_is_left_to_it(file: Path) -> None:
    Brand.objects.create(slug="orchard_rail", name="Another")
    import_archive(file)
    assert Brand.objects.get(name__iexact="orchard_rail").slug == "orchard_rail-simulator"


def test_progress_is_told(file: Path) -> None:
    told: list[tuple[int, int, int]] = []
    import_archive(file, on_progress=lambda *numbers: told.append(numbers))
    assert told[-1] == (file.stat().st_size, file.stat().st_size, 5)


def test_a_replay_tells_the_posts_over_time(file: Path, network: Any) -> None:
    start = network.at(10_000)
    now = [start]
    seen: list[tuple[datetime, int]] = []

    def sleep(seconds: float) -> None:
        assert 0 < seconds <= 0.5
        seen.append((now[0], Post.objects.count()))
        now[0] += timedelta(seconds=seconds)

    report = import_archive(file, replay=600, clock=lambda: now[0], sleep=sleep)
    assert report.posts == 5
    times = dict(Post.objects.values_list("external_id", "posted_at"))
    assert times["a1"] == start
    assert times["a4"] == start + timedelta(seconds=3)
    assert {count for _, count in seen} == {1, 2, 3, 4}
    assert hows() == EXPECTED


def test_a_replay_can_be_stopped(file: Path, network: Any) -> None:
    import_archive(
        file, replay=1, clock=lambda: network.at(0), sleep=lambda _: None, stop=lambda: Post.objects.exists()
    )
    assert Post.objects.count() == 1


def test_a_file_that_is_no_archive_is_refused(tmp_path: Path, db: None) -> None:
    (tmp_path / "x.txt").write_text("hello")
    with pytest.raises(ChannelError, match="neither"):
        import_archive(tmp_path / "x.txt")


def test_the_public_sample_imports_whole(shared_data: Path, db: None) -> None:
    report = import_archive(shared_data / "twcs_small" / "monalisa_twcs.csv")
    assert (report.posts, report.duplicates, report.failed) == (4_999, 0, 0)
    assert [line for line, _ in report.rejected] == [2589, 2591]
    assert (
        Mention.objects.filter(how="ours").count()
        == Post.objects.filter(handle__isnull=False).count()
        == 2_222
    )
