"""Channels are found by their manifests, and a wrong manifest is named with its cause."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from hearout.channels import registry
from hearout.channels.base import ChannelError, Manifest

HERE = Path(__file__).parent
FOLDERS = sorted(path.parent.name for path in HERE.glob("*/manifest.toml"))

GOOD = """
name = "paper"
network = "paper"
label = "S"
title = "Paper"
class = "PaperChannel"
can = ["fetch", "dm", "like"]
idempotent = true
reads_back = false
quality = "bronze"

[text]
limit = 280
unit = "characters"

[settings]
folder = "Folder"

[credentials]
token = "Token"

[[limits]]
what = "posts"
calls = 300
seconds = 900

[[checks]]
rule = "contract suite"
state = "todo"
why = "new"
"""


def written(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "manifest.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_folder_with_a_manifest_is_found_without_being_imported() -> None:
    code = (
        "import sys; from hearout.channels import registry; print(*sorted(registry.manifests()));"
        "print([name for name in sys.modules if name.startswith('hearout.channels.') and name.endswith('.channel')])"
    )
    root = HERE.parent.parent
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert told.stdout.splitlines() == [" ".join(FOLDERS), "[]"]


def test_a_channels_class_carries_its_manifest() -> None:
    assert registry.channel_class("archive").__name__ == "ArchiveChannel"
    assert registry.channel_class("simulator").__name__ == "SimulatorChannel"
    channel = registry.connect("archive", settings={"path": "x.jsonl"}, secrets={})
    assert channel.manifest is registry.manifest("archive")


def test_an_unknown_channel_is_refused_with_the_names_there_are() -> None:
    there_are = f"no channel 'fax'; there are: {', '.join(FOLDERS)}"
    with pytest.raises(ChannelError, match=there_are) as caught:
        registry.connect("fax", settings={}, secrets={})
    assert caught.value.permanent


def test_a_manifest_is_read_whole(tmp_path: Path) -> None:
    found = registry.read_manifest(written(tmp_path, GOOD))
    assert found.can == {"fetch", "dm", "private_message", "like"}
    assert (found.text_limit, found.text_unit) == (280, "characters")
    assert (found.idempotent, found.reads_back) == (True, False)
    assert (found.settings, found.credentials) == ({"folder": "Folder"}, {"token": "Token"})
    assert [(limit.what, limit.calls, limit.seconds) for limit in found.limits] == [("posts", 300, 900)]
    assert [(check.rule, check.state, check.why) for check in found.checks] == [
        ("contract suite", "todo", "new")
    ]


@pytest.mark.parametrize(
    ("old", "new", "cause"),
    [
        ('name = "paper"\n', "", "name is missing"),
        ('name = "paper"\n', "name = 7\n", "name must be text"),
        ('label = "S"', 'label = "tested"', "label is 'tested'"),
        ('"like"]', '"like", "shout"]', "unknown words: shout"),
        ("idempotent = true", 'idempotent = "yes"', "idempotent must be true or false"),
        ("limit = 280", 'limit = "long"', "invalid literal"),
        ("[text]", "[words]", "text is missing"),
        ('"bronze"', '"tin"', "quality is 'tin'"),
        ('state = "todo"', 'state = "soon"', "not done, todo or exempt"),
        ('why = "new"', "", "does not say why"),
        ("seconds = 900", "minutes = 15", "minutes"),
        ('title = "Paper"', "title = Paper", "line 5"),
    ],
)
def test_a_wrong_manifest_is_named_with_its_cause(tmp_path: Path, old: str, new: str, cause: str) -> None:
    assert old in GOOD
    path = written(tmp_path, GOOD.replace(old, new))
    with pytest.raises(ChannelError) as caught:
        registry.read_manifest(path)
    assert str(path) in caught.value.message
    assert cause in caught.value.message


def test_a_package_elsewhere_brings_its_channel_by_an_entry_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "paper_house" / "channels" / "paper"
    written(folder, GOOD)
    for package in (folder.parent.parent, folder.parent, folder):
        (package / "__init__.py").write_text("raise RuntimeError('imported too early')")
    monkeypatch.syspath_prepend(tmp_path)
    point = EntryPoint("paper", "paper_house.channels.paper", registry.ENTRY_POINTS)
    assert registry.folder_of(point) == folder
    monkeypatch.setattr(registry, "entry_points", lambda group: [point])
    registry._known.cache_clear()
    try:
        assert sorted(registry.manifests()) == sorted([*FOLDERS, "paper"])
        with pytest.raises(RuntimeError, match="imported too early"):
            registry.channel_class("paper")
    finally:
        registry._known.cache_clear()
    with pytest.raises(ChannelError, match=r"has no manifest\.toml"):
        registry.folder_of(EntryPoint("fax", "fax_house.fax", registry.ENTRY_POINTS))


def test_two_channels_of_one_name_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path / "twin", GOOD.replace('"paper"', '"archive"'))
    monkeypatch.setattr(registry, "_folders_elsewhere", lambda: iter([(tmp_path / "twin", "twin")]))
    registry._known.cache_clear()
    try:
        with pytest.raises(ChannelError, match="Two channels are named 'archive'"):
            registry.manifests()
    finally:
        registry._known.cache_clear()


@pytest.mark.parametrize("manifest", registry.manifests().values(), ids=lambda manifest: manifest.name)
def test_a_channels_folder_is_whole_and_its_readme_says_how_it_was_tested(manifest: Manifest) -> None:
    folder = HERE / manifest.name
    for name in ("manifest.toml", "channel.py", "README.md", "test_channel.py"):
        assert (folder / name).is_file(), name
    assert any((folder / "fixtures").iterdir())
    readme = (folder / "README.md").read_text(encoding="utf-8")
    assert f"**Label: {manifest.label}.**" in readme
    assert "How tested" in readme
    # Each test file that the README names as its witness is there.
    for word in readme.replace("`", " ").replace("(", " ").split():
        if word.startswith("test_") and word.endswith(".py"):
            assert (folder / word).is_file(), word
