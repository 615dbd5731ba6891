"""Posts go out and come in again as they were."""

from __future__ import annotations

import csv
import gzip
import stat
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from hearout.cli import exporting
from hearout.cli.ground import TroubleError
from hearout.insight.sheets import neutral


@pytest.fixture
def call(db, monkeypatch):
    """Runs `hearout export ...` in the test's transaction."""

    @contextmanager
    def ground():
        yield ""

    monkeypatch.setattr(exporting, "ground", ground)
    app = typer.Typer()
    app.command("export")(exporting.export)

    def call(*words: object):
        return CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)

    return call


def state() -> list[tuple]:
    """All that is known of each post."""
    from hearout.listening.models import Post

    fields = (
        "network", "external_id", "author__external_id", "author__handle", "author__name", "handle__handle",
        "parent_external_id", "parent__external_id", "root__external_id", "text", "posted_at", "private",
        "conversation_id", "language", "url", "automatic", "revision", "edited_at", "deleted_at",
    )  # fmt: skip
    return sorted(Post.objects.values_list(*fields), key=lambda row: row[:2])


def test_an_archive_goes_out_and_comes_in_again_as_it_was(call, shared_data: Path, tmp_path: Path) -> None:
    from hearout.listening.importing import import_archive
    from hearout.listening.models import Archive, Post, Received

    import_archive(shared_data / "twcs_small" / "monalisa_twcs.csv", name="tweets")
    before = state()
    path = tmp_path / "tweets.jsonl.gz"
    assert "4,999 posts" in call(path, "--of", "tweets").stderr
    Post.objects.update(root=None, parent=None)
    Post.objects.all().delete()
    Received.objects.all().delete()
    Archive.objects.all().delete()

    report = import_archive(path, name="again")
    assert (report.posts, report.rejected) == (4999, [])
    assert state() == before


def test_every_kind_of_post_goes_out_and_comes_in_again(call, cast, tmp_path: Path) -> None:
    from django.db.models import F

    from hearout.customers.models import Author
    from hearout.listening.importing import import_archive
    from hearout.listening.models import Post

    brand = Author.objects.create(network="simulator", external_id="u_tidewing", handle="tidewing")
    later = cast.monday + timedelta(minutes=5)
    common = {"network": "simulator", "posted_at": cast.monday}
    Post.objects.create(
        external_id="1", author=cast.mira, text="=1+1\n\u202eمرحبا", revision=2, edited_at=later, **common
    )
    Post.objects.create(
        external_id="2", author=cast.tom, private=True, conversation_id="c", recipient=brand, **common
    )
    Post.objects.create(external_id="3", author=cast.priya, deleted_at=later, page=cast.main_handle, **common)
    Post.objects.create(
        external_id="4", author=brand, handle=cast.main_handle, automatic=True, parent_external_id="1",
        parent=Post.objects.get(external_id="1"), language="en", url="https://example.com/4", **common,
    )  # fmt: skip
    Post.objects.filter(external_id__in="123").update(root=F("id"))
    Post.objects.filter(external_id="4").update(root=Post.objects.get(external_id="1"))
    before, path = state(), tmp_path / "day.jsonl"
    call(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    Post.objects.update(root=None, parent=None)
    Post.objects.all().delete()
    import_archive(path)
    assert state() == before


def test_a_sheet_has_no_formulas(call, cast, tmp_path: Path) -> None:
    from hearout.listening.models import Post

    Post.objects.create(
        network="simulator",
        external_id="-1",
        author=cast.mira,
        text='=HYPERLINK("http://x","y")',
        posted_at=cast.monday,
    )
    path = tmp_path / "posts.csv.gz"
    call(path)
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        row = next(csv.DictReader(file))
    assert row["text"] == '\'=HYPERLINK("http://x","y")'
    assert row["external_id"] == "'-1"
    for text in ("=1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠x"):
        assert neutral(text) == f"'{text}"
    assert neutral("plain") == "plain"


@pytest.mark.parametrize("name", ["posts.jsonl", "posts.csv"])
def test_private_data_is_hidden_in_an_export_when_asked(call, cast, tmp_path: Path, name: str) -> None:
    from hearout.customers.models import Author
    from hearout.listening.models import Post

    priya = Author.objects.create(
        network="simulator", external_id="9", handle="priya_sky", name="Priya, call +49 30 901820"
    )
    text = "TW-123456 for 12 Acacia Avenue, London N1 9GU: card 4111 1111 1111 1111, mail priya@example.com"
    Post.objects.create(network="simulator", external_id="1", author=priya, text=text, posted_at=cast.monday)
    path = tmp_path / name
    call(path, "--mask", "--order-number", "TW-######")
    told = path.read_text("utf-8")
    assert "_order hidden_ for _address hidden_: card _card hidden_, mail _email hidden_" in told
    assert "Priya, call _phone hidden_" in told
    assert "priya_sky" in told
    call(path, "--force")
    assert "4111 1111 1111 1111" in path.read_text("utf-8")
    assert Post.objects.get().text == text


def test_the_numbers_that_brands_named_are_hidden_in_posts_of_the_live_desk(
    call, cast, tmp_path: Path
) -> None:
    from hearout.listening.models import Archive, Post
    from hearout.triage.models import ReadingSettings

    ReadingSettings.objects.create(brand=cast.brand, own_numbers="TW-######")
    # together they are more than one brand may have
    many = "\n".join(f"X{number}-####" for number in range(50))
    ReadingSettings.objects.create(brand=cast.other_brand, own_numbers=many)
    archive = Archive.objects.create(name="old")
    for number, where in (("1", None), ("2", archive)):
        Post.objects.create(
            network="simulator", external_id=number, author=cast.mira, archive=where, posted_at=cast.monday,
            text="TW123456, x7 4711 and REF-0815",
        )  # fmt: skip
    path = tmp_path / "posts.jsonl"

    def told(*words: str) -> str:
        call(path, "--force", *words)
        return path.read_text("utf-8")

    assert "_order hidden_, _order hidden_ and REF-0815" in told("--mask")
    assert told("--mask", "--order-number", "REF-####").count("_order hidden_") == 3
    assert told("--mask", "--of", "all").count("_order hidden_") == 4
    assert "TW123456, x7 4711" in told("--mask", "--of", "old")
    assert "TW123456, x7 4711" in told()


def test_a_mask_that_cannot_be_is_said_before_anything_is_written(call, tmp_path: Path) -> None:
    path = tmp_path / "posts.jsonl"
    with pytest.raises(TroubleError, match="fits too many words"):
        call(path, "--mask", "--order-number", "??")
    with pytest.raises(TroubleError, match="give --mask as well"):
        call(path, "--order-number", "TW-####")
    assert not path.exists()


def test_only_the_threads_of_a_brand_go_out_but_those_whole(call, cast, tmp_path: Path) -> None:
    from hearout.listening.models import Mention, Post

    def post(number: str, root: Post | None = None) -> Post:
        made = Post.objects.create(
            network="simulator", external_id=number, author=cast.tom, posted_at=cast.monday
        )
        Post.objects.filter(pk=made.pk).update(root=root or made)
        return made

    top = post("1")
    Mention.objects.create(post=post("2", top), brand=cast.brand, how="direct")
    post("3")
    assert call("-", "--brand", "tidewing").stdout.count("\n") == 2


def test_a_file_is_replaced_only_when_told_to(call, tmp_path: Path) -> None:
    path = tmp_path / "posts.jsonl"
    path.write_text("mine")
    with pytest.raises(TroubleError, match="already"):
        call(path)
    assert path.read_text() == "mine"
    call(path, "--force")
    assert path.read_text() == ""
    with pytest.raises(TroubleError, match="cannot be written"):
        call(tmp_path / "nowhere" / "x.jsonl")
    with pytest.raises(TroubleError, match="no archive"):
        call("-", "--of", "nowhere")
