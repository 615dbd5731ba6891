"""Documentation is a test: what exists is documented, and what is documented exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from hearout.cli import app

ROOT = Path(__file__).resolve().parent.parent


def commands(group, prefix=()):
    """Every command's words, such as ("user", "add")."""
    for name, command in (
        typer.main.get_command(group).commands.items() if isinstance(group, typer.Typer) else ()
    ):
        yield from walk(command, (*prefix, name))


def walk(command, words):
    if hasattr(command, "commands"):
        for name, child in command.commands.items():
            yield from walk(child, (*words, name))
    else:
        yield words


COMMANDS = list(commands(app))


def test_there_are_the_commands_that_were_promised():
    first = {words[0] for words in COMMANDS}
    assert first >= {
        "up",
        "serve",
        "work",
        "simulate",
        "import",
        "export",
        "metric",
        "doctor",
        "user",
        "deadletter",
    }


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_each_command_explains_itself_with_an_example(words):
    result = CliRunner().invoke(app, [*words, "--help"], env={"COLUMNS": "200", "TERM": "dumb"})
    assert result.exit_code == 0
    assert "Example" in result.output


def test_each_variable_is_documented():
    sources = [*ROOT.glob("hearout/**/*.py"), *ROOT.glob("simulator/**/*.py")]
    used = {
        name
        for path in sources
        if not path.name.startswith(("test_", "conftest"))
        for name in re.findall(r"\bHEAROUT_[A-Z_]+\b", path.read_text("utf-8"))
    }
    page = (ROOT / "docs/settings.md").read_text("utf-8")
    base = {name.removesuffix("_FILE") for name in used}
    assert sorted(name for name in base if name not in page) == []


def test_the_way_of_a_post_in_the_readme_is_that_of_the_pipeline():
    from hearout import pipeline

    readme = (ROOT / "README.md").read_text("utf-8")
    assert [stage.name for stage in pipeline.STAGES if stage.name not in readme] == []


def test_links_between_our_pages_lead_somewhere():
    pages = [
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("hearout/**/*.md"),
        *ROOT.glob("simulator/*.md"),
    ]
    broken = []
    for page in pages:
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
            if not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)} -> {target}")
    assert broken == []
