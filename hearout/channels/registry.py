"""Which channels there are. Found by their `manifest.toml`; a channel is imported only to connect it.

A channel is a folder here with `manifest.toml`, `channel.py`, `README.md`, `fixtures/` and
`test_channel.py`, or a package elsewhere named by an entry point of the group `hearout.channels`
(`myname = "my_package.my_channel"`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import cast

from hearout.channels.base import Act, Channel, ChannelError, Json, Manifest, QualityCheck, RateLimit

ENTRY_POINTS = "hearout.channels"
ABILITIES = frozenset({"dm", "fetch", "stream", "webhook", "page", "hide", "edit", "delete"}) | set(Act)
LABELS = frozenset("RCSN")
STATES = frozenset({"done", "todo", "exempt"})
QUALITIES = frozenset({"bronze", "silver", "gold"})


def manifests() -> dict[str, Manifest]:
    """Every channel's manifest by its name. Raises ChannelError(permanent=True) on a wrong one."""
    return {name: found for name, (found, _) in _known().items()}


def manifest(name: str) -> Manifest:
    """One channel's manifest. Raises ChannelError(permanent=True) when there is no such channel."""
    return _find(name)[0]


def channel_class(name: str) -> type[Channel]:
    """The channel's class; this imports its module."""
    found, package = _find(name)
    module = import_module(f"{package}.channel")
    return cast("type[Channel]", getattr(module, found.class_name))


def connect(name: str, *, settings: Mapping[str, str], secrets: Mapping[str, str]) -> Channel:
    """One account on the network. Raises ChannelError(permanent=True) when a setting cannot work."""
    return channel_class(name)(manifest=manifest(name), settings=settings, secrets=secrets)


def _find(name: str) -> tuple[Manifest, str]:
    known = _known()
    if name not in known:
        names = ", ".join(sorted(known))
        raise ChannelError(f"There is no channel {name!r}; there are: {names}.", permanent=True)
    return known[name]


@cache
def _known() -> dict[str, tuple[Manifest, str]]:
    known: dict[str, tuple[Manifest, str]] = {}
    for folder, package in [*_folders_here(), *_folders_elsewhere()]:
        found = read_manifest(folder / "manifest.toml")
        if found.name in known:
            raise ChannelError(f"Two channels are named {found.name!r}; one is {folder}.", permanent=True)
        known[found.name] = (found, package)
    return known


def _folders_here() -> Iterator[tuple[Path, str]]:
    for path in sorted(Path(__file__).parent.glob("*/manifest.toml")):
        yield path.parent, f"{__package__}.{path.parent.name}"


def _folders_elsewhere() -> Iterator[tuple[Path, str]]:
    for point in sorted(entry_points(group=ENTRY_POINTS)):
        yield folder_of(point), point.module


def folder_of(point: EntryPoint) -> Path:
    """Where an entry point's package lies, found without importing it or its parents."""
    top, *inner = point.module.split(".")
    spec = find_spec(top)
    for place in (spec.submodule_search_locations or []) if spec else []:
        folder = Path(place, *inner)
        if (folder / "manifest.toml").is_file():
            return folder
    cause = f"The entry point {point.name!r} names {point.module}, which has no manifest.toml."
    raise ChannelError(cause, permanent=True)


def read_manifest(path: Path) -> Manifest:
    """Read and check one manifest. Raises ChannelError(permanent=True) naming file and cause."""
    try:
        return _manifest(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        cause = f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)
        raise ChannelError(f"{path}: {cause}", permanent=True) from error


def _manifest(data: Mapping[str, Json]) -> Manifest:
    can = _can(data["can"])
    return Manifest(
        name=_text(data, "name"),
        network=_text(data, "network"),
        label=_one_of(data, "label", LABELS),
        title=_text(data, "title"),
        class_name=_text(data, "class"),
        can=can,
        text_limit=int(data["text"]["limit"]),
        text_unit=_text(data["text"], "unit"),
        idempotent=_flag(data, "idempotent"),
        reads_back=_flag(data, "reads_back"),
        credentials=dict(data.get("credentials", {})),
        settings=dict(data.get("settings", {})),
        quality=_one_of(data, "quality", QUALITIES),
        limits=tuple(RateLimit(**limit) for limit in data.get("limits", [])),
        checks=tuple(_check(check) for check in data.get("checks", [])),
    )


def _can(words: Json) -> frozenset[str]:
    can = frozenset(words)
    if unknown := can - ABILITIES:
        raise ValueError(f"can holds unknown words: {', '.join(sorted(unknown))}")
    messages = frozenset({"dm", Act.PRIVATE_MESSAGE.value})
    return can | messages if can & messages else can


def _check(data: Mapping[str, Json]) -> QualityCheck:
    check = QualityCheck(**data)
    if check.state not in STATES:
        raise ValueError(f"{check.rule} is {check.state!r}, not done, todo or exempt")
    if check.state != "done" and not check.why:
        raise ValueError(f"{check.rule} is {check.state} and does not say why")
    return check


def _text(data: Mapping[str, Json], name: str) -> str:
    value = data[name]
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} must be text")
    return value


def _flag(data: Mapping[str, Json], name: str) -> bool:
    value = data[name]
    if not isinstance(value, bool):
        raise ValueError(f"{name} must be true or false")
    return value


def _one_of(data: Mapping[str, Json], name: str, allowed: frozenset[str]) -> str:
    value = _text(data, name)
    if value not in allowed:
        raise ValueError(f"{name} is {value!r}, not one of {', '.join(sorted(allowed))}")
    return value
