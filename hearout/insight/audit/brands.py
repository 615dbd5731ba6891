"""`brands.toml`: whom an audit knows, for archives that do not mark which authors are brands.

[[brand]]
name = "Tidewing"                # needed; how the report calls it
industry = "travel"
names = ["Tidewing Airlines"]    # other names that customers write
products = ["Tidewing Go", "TideMiles"]
hashtags = ["tidewing"]

[[brand.handle]]
network = "twitter"              # as the archive names it; left out: any network
handle = "@tidewing"
role = "main"                    # main (the default) or care
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn

ROLES = ("main", "care")
LARGEST = 10_000_000
LONGEST = 200
BRAND_KEYS = ("name", "industry", "names", "products", "hashtags", "handle")
HANDLE_KEYS = ("network", "handle", "role")
ALSO = {"x": "twitter"}
"""What people call a network beside the name that archives give it, old ones and new."""


class BrandsError(ValueError):
    """The file cannot be used. The message names the file, the line where known, and what to write instead."""


@dataclass(frozen=True)
class BrandHandle:
    """An account a brand owns. `handle` without @, as written. `network` empty: on any network."""

    handle: str
    network: str = ""
    role: str = "main"


@dataclass(frozen=True)
class AuditBrand:
    """`names`, `products` and `hashtags` (without #) are how posts name it without an @; `names` begins with `name`.

    `slug` is unique among the brands of a file.
    """

    name: str
    slug: str
    industry: str = ""
    names: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    hashtags: tuple[str, ...] = ()
    handles: tuple[BrandHandle, ...] = ()


@dataclass(frozen=True)
class Brands:
    """The brands of a file, in its order."""

    brands: tuple[AuditBrand, ...] = ()
    _by_handle: Mapping[tuple[str, str], tuple[AuditBrand, BrandHandle]] = field(
        init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        found = {
            (handle.network.lower(), handle.handle.lower()): (brand, handle)
            for brand in self.brands
            for handle in brand.handles
        }
        object.__setattr__(self, "_by_handle", found)

    def __iter__(self) -> Iterator[AuditBrand]:
        return iter(self.brands)

    def __len__(self) -> int:
        return len(self.brands)

    def owner(self, network: str, handle: str) -> tuple[AuditBrand, BrandHandle] | None:
        """Whose handle it is, in any case and with or without @; None for nobody's."""
        name = handle.lstrip("@＠").lower()
        return self._by_handle.get((network.lower(), name)) or self._by_handle.get(("", name))


def read_brands(path: str | Path) -> Brands:
    """The brands of a TOML file. Raises BrandsError with the file, the line and what is wrong."""
    path = Path(path)
    try:
        if path.stat().st_size > LARGEST:
            raise BrandsError(f"{path}: the file has more than 10 MB, so it is no list of brands.")
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise BrandsError(f"{path}: it cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise BrandsError(f"{path}: it is not UTF-8 text. Save it as UTF-8.") from error
    return parse_brands(text, str(path))


def parse_brands(text: str, name: str = "brands.toml") -> Brands:
    """The brands of TOML text; `name` is what errors call it. Raises BrandsError."""
    try:
        told = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BrandsError(f"{name}: it is not TOML: {error}.") from error
    return _Reading(text, name).brands(told)


class _Reading:
    """Checks what was told, and finds the line of each complaint, which tomllib does not tell."""

    def __init__(self, text: str, name: str) -> None:
        self._lines, self._name = text.splitlines(), name
        self._table = 0

    def brands(self, told: dict[str, Any]) -> Brands:
        self._known(told, ("brand",), "at the top of the file")
        tables = told.get("brand", [])
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            self._wrong("write [[brand]] with two brackets each side", "brand")
        if not tables:
            self._wrong('there is no brand in it. Begin with [[brand]] and name = "..."')
        found: list[AuditBrand] = []
        for number, table in enumerate(tables):
            self._table = self._line_of_header("brand", number)
            found.append(self._brand(table, {brand.slug for brand in found}))
        self._unshared(found)
        return Brands(tuple(found))

    def _brand(self, table: dict[str, Any], taken: set[str]) -> AuditBrand:
        self._known(table, BRAND_KEYS, "in a [[brand]]")
        name = self._text(table, "name", needed=True)
        slug = re.sub(r"[^a-z0-9_]+", "-", name.lower()).strip("-") or f"brand-{len(taken) + 1}"
        if slug in taken:
            self._wrong(f"the brand {name!r} is there twice", "name")
        handles = table.get("handle", [])
        if not isinstance(handles, list) or not all(isinstance(handle, dict) for handle in handles):
            self._wrong("write [[brand.handle]] with two brackets each side, and handle = in it", "handle")
        texts = {key: self._texts(table, key) for key in ("names", "products", "hashtags")}
        return AuditBrand(
            name=name,
            slug=slug,
            industry=self._text(table, "industry"),
            names=tuple(dict.fromkeys((name, *texts["names"]))),
            products=texts["products"],
            hashtags=tuple(tag.lstrip("#＃") for tag in texts["hashtags"]),
            handles=self._handles(handles),
        )

    def _handles(self, tables: list[dict[str, Any]]) -> tuple[BrandHandle, ...]:
        brand, found = self._table, []
        for number, table in enumerate(tables):
            self._table = self._line_of_header("brand.handle", number, brand) or brand
            found.append(self._handle(table))
        return tuple(found)

    def _handle(self, table: dict[str, Any]) -> BrandHandle:
        self._known(table, HANDLE_KEYS, "in a [[brand.handle]]")
        handle = self._text(table, "handle", needed=True).lstrip("@＠")
        if not handle or re.search(r"\s", handle):
            self._wrong(f"{table['handle']!r} is no handle: one word, with or without @", "handle")
        role = self._text(table, "role") or "main"
        if role not in ROLES:
            self._wrong(f'role is {role!r}, neither "main" nor "care"', "role")
        network = self._text(table, "network").lower()
        return BrandHandle(handle, ALSO.get(network, network), role)

    def _unshared(self, brands: list[AuditBrand]) -> None:
        owners: dict[tuple[str, str], str] = {}
        for brand in brands:
            for handle in brand.handles:
                key = (handle.network, handle.handle.lower())
                if key in owners:
                    self._table = 0
                    self._wrong(f"@{handle.handle} is there twice: of {owners[key]} and of {brand.name}")
                owners[key] = brand.name

    def _texts(self, table: dict[str, Any], key: str) -> tuple[str, ...]:
        value = table.get(key, [])
        if not isinstance(value, list):
            self._wrong(f'{key} is a list, such as {key} = ["Tidewing Go"]', key)
        return tuple(dict.fromkeys(self._clean(one, key) for one in value))

    def _text(self, table: dict[str, Any], key: str, *, needed: bool = False) -> str:
        if key not in table:
            if needed:
                self._wrong(f'{key} = "..." is missing')
            return ""
        return self._clean(table[key], key)

    def _clean(self, value: Any, key: str) -> str:
        if not isinstance(value, str):
            self._wrong(f"{key} has {value!r}, which is no text in quotes", key)
        cleaned = unicodedata.normalize("NFC", value).strip()
        if not cleaned.strip("#＃@＠"):
            self._wrong(f"{key} has an empty text", key)
        if len(cleaned) > LONGEST or any(unicodedata.category(sign) in ("Cc", "Cs") for sign in cleaned):
            self._wrong(f"{key} has more than {LONGEST} characters or a control character in it", key)
        return cleaned

    def _known(self, table: dict[str, Any], keys: tuple[str, ...], where: str) -> None:
        for key in table:
            if key not in keys:
                like = get_close_matches(key, keys, 1)
                hint = f"did you mean {like[0]}?" if like else f"known are {', '.join(keys)}"
                self._wrong(f"{key!r} means nothing {where}; {hint}", key)

    def _line_of_header(self, name: str, number: int, after: int = 0) -> int:
        """Where the table of that name begins, counted from 0, among the lines below `after`; 0 when unknown."""
        form = rf"\s*\[\[\s*{re.escape(name)}\s*\]\]"
        found = [at for at, line in enumerate(self._lines, 1) if at > after and re.match(form, line)]
        return found[number] if number < len(found) else 0

    def _wrong(self, what: str, key: str = "") -> NoReturn:
        line = self._line_of_key(key) if key else self._table
        raise BrandsError(f"{self._name}{f', line {line}' if line else ''}: {what}.")

    def _line_of_key(self, key: str) -> int:
        """The first line from the table's header on that sets the key, or opens it as a table."""
        for form in (r"\s*[\"']?{}[\"']?\s*=", r"\s*\[+\s*(brand\.)?{}\s*\]"):
            for at in range(max(self._table, 1), len(self._lines) + 1):
                if re.match(form.format(re.escape(key)), self._lines[at - 1]):
                    return at
        return self._table
