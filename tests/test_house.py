"""The rules of the house that no other tool checks."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CODE = sorted(
    p for p in [*ROOT.glob("hearout/**/*.py"), *ROOT.glob("simulator/**/*.py")] if "migrations" not in p.parts
)
TRACKED = [
    ROOT / name
    for name in subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.splitlines()
]


def p95(numbers: list[int]) -> int:
    return sorted(numbers)[int(len(numbers) * 0.95)]


def test_files_stay_short():
    lengths = {path: path.read_text("utf-8").count("\n") for path in CODE}
    assert p95(list(lengths.values())) <= 350
    assert max(lengths.values()) <= 500, max(lengths, key=lengths.get)


def test_functions_stay_short():
    lengths = {}
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lengths[f"{path.relative_to(ROOT)}:{node.name}"] = (node.end_lineno or 0) - node.lineno + 1
    assert p95(list(lengths.values())) <= 45
    assert max(lengths.values()) <= 90, max(lengths, key=lengths.get)


def test_no_file_is_called_by_a_name_that_says_nothing():
    empty = {"utils", "util", "helpers", "helper", "services", "managers", "common", "misc"}
    assert not [
        path for path in CODE if empty & {part.removesuffix(".py") for part in path.relative_to(ROOT).parts}
    ]


def test_scripts_are_few_and_small():
    scripts = list(ROOT.glob("hearout/desk/**/*.js"))
    assert len(scripts) <= 6
    assert {path.name: n for path in scripts if (n := path.read_text("utf-8").count("\n")) > 80} == {}


def test_only_the_doorbell_rings():
    callers = [
        path.name
        for path in CODE
        if "pg_notify" in path.read_text("utf-8") and not path.name.startswith("test_")
    ]
    assert callers == ["doorbell.py"]


def test_nothing_is_pickled():
    assert not [
        path
        for path in CODE
        if re.search(r"^\s*(import|from) (pickle|dill|joblib)\b", path.read_text("utf-8"), re.M)
    ]


def test_templates_never_trust_what_networks_say():
    templates = ROOT.glob("hearout/desk/**/*.html")
    assert not [
        path for path in templates if re.search(r"\|\s*safe\b|autoescape off", path.read_text("utf-8"))
    ]


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-extras.lock"])
def test_a_lock_has_hashes_and_names_no_host(name):
    lock = (ROOT / name).read_text("utf-8")
    pins = re.findall(r"^[\w.\-\[\]]+==", lock, re.M)
    assert len(pins) > 50
    assert lock.count("--hash=sha256:") >= len(pins)
    assert "://" not in lock


def test_no_registry_host_is_named():
    hosts = [
        ".".join(parts)
        for parts in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("debian", "org"))
    ]
    texts = [p for p in TRACKED if p.is_file() and p.stat().st_size < 1_000_000]
    found = [str(p) for p in texts if any(host in p.read_text("utf-8", "ignore") for host in hosts)]
    assert found == []


def test_every_decision_is_listed():
    index = (ROOT / "docs/decisions/README.md").read_text("utf-8")
    pages = [path.name for path in (ROOT / "docs/decisions").glob("0*.md")]
    assert pages
    assert [name for name in pages if name not in index] == []


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE"])
def test_the_first_pages_are_there(name):
    assert (ROOT / name).stat().st_size > 500
