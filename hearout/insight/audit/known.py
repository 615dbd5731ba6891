"""Whose handles are in an archive: those that it marks as a brand's, and those that a brands.toml names."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import ibis
import pyarrow as pa
from ibis.expr.operations import InMemoryTable
from ibis.expr.types import Table
from ibis.formats.pyarrow import PyArrowTableProxy
from ibis.util import gen_name
from pyarrow.json import ParseOptions, read_json

from hearout.insight.audit.brands import AuditBrand, Brands
from hearout.insight.engine import Engine, Row

FEW = 2_000

HANDLES = {"id": "int64", "brand_id": "int64", "network": "string", "handle": "string", "role": "string"}
BRANDS = {"id": "int64", "slug": "string", "name": "string", "served": "boolean", "industry": "string"}
WRITERS = {"w_network": "string", "writer": "string", "handle_id": "int64"}


@dataclass(frozen=True)
class Known:
    """`writers`: which author writes as which handle. `ids`: of brands, by their names in lower case."""

    handles: Table
    brands: Table
    writers: Table
    ids: Mapping[str, int]


@dataclass
class _Book:
    """Brands and handles as they are found."""

    brands: dict[str, tuple[int, str, str]] = field(default_factory=dict)
    handles: dict[tuple[str, str], tuple[int, int, str, str]] = field(default_factory=dict)
    writers: dict[tuple[str, str], int] = field(default_factory=dict)

    def brand(self, name: str, industry: str = "") -> int:
        """The id of the brand of a name, in any case."""
        return self.brands.setdefault(name.lower(), (len(self.brands) + 1, name, industry))[0]

    def handle(self, network: str, name: str, brand: int, role: str = "main") -> int:
        known = self.handles.setdefault((network, name.lower()), (len(self.handles) + 1, brand, name, role))
        return known[0]


def known_brands(engine: Engine, told: Table, brands: Brands | None) -> Known:
    """Everybody whom the archive marks as a brand, and everybody on the list."""
    book = _Book()
    listed = list(brands or ())
    names = sorted({handle.handle.lower() for brand in listed for handle in brand.handles})
    ours = told.by_brand.fill_null(False)
    if names:
        ours = ours | (told.by_brand.isnull() & told.handle.lower().isin(names))
    marked = told.filter(ours).group_by("network", "author_id", "handle").aggregate(n=ibis._.count())
    [found, seen] = engine.run(marked, told.select("network").distinct())
    networks = sorted(row["network"] for row in seen)
    for brand in listed:
        _enter(book, brand, networks)
    for row in sorted(found, key=_order):
        _enter_writer(book, row, brands)
    return _kept(engine, book)


def with_handles(posts: Table, writers: Table) -> Table:
    """The posts with the handle that wrote each, null for a customer's."""
    said = posts.by_brand.fill_null(True)
    return posts.left_join(
        writers, [posts.network == writers.w_network, posts.author_id == writers.writer, said]
    ).drop("w_network", "writer")


def _enter(book: _Book, brand: AuditBrand, networks: list[str]) -> None:
    number = book.brand(brand.name, brand.industry)
    for handle in brand.handles:
        for network in [handle.network] if handle.network else networks:
            book.handle(network, handle.handle, number, handle.role)


def _enter_writer(book: _Book, row: Row, brands: Brands | None) -> None:
    """An author that the archive marks is a brand of its own unless the list knows better."""
    network, name = row["network"], row["handle"] or row["author_id"]
    owned = brands.owner(network, name) if brands else None
    number = book.brand(owned[0].name if owned else name)
    book.writers[network, row["author_id"]] = book.handle(network, name, number)


def _order(row: Row) -> tuple[str, str, str]:
    return row["network"], row["handle"], row["author_id"]


def _kept(engine: Engine, book: _Book) -> Known:
    handles = [
        (number, brand, network, name, role)
        for (network, _), (number, brand, name, role) in book.handles.items()
    ]
    brands = [(number, name, name, False, industry) for number, name, industry in book.brands.values()]
    writers = [(*key, number) for key, number in book.writers.items()]
    return Known(
        engine.keep("handles", small_table(handles, HANDLES)),
        engine.keep("brands", small_table(brands, BRANDS)),
        engine.keep("writers", small_table(writers, WRITERS)),
        {name: number for name, (number, *_) in book.brands.items()},
    )


def small_table(rows: Sequence[tuple[object, ...]], schema: dict[str, str]) -> Table:
    """A table of rows from Python."""
    kinds = ibis.schema(schema).to_pyarrow()
    if len(rows) > FEW:
        columns = list(zip(*rows, strict=True))
        arrays = [pa.array(column, kind.type) for column, kind in zip(columns, kinds, strict=True)]
        return ibis.memtable(pa.table(arrays, schema=kinds))
    # what follows does the same without loading pandas, which takes as long as a small audit
    lines = [json.dumps(dict(zip(schema, row, strict=True)), ensure_ascii=False) for row in rows]
    options = ParseOptions(explicit_schema=kinds)
    told = (
        read_json(io.BytesIO("\n".join(lines).encode()), parse_options=options)
        if rows
        else pa.Table.from_batches([], schema=kinds)
    )
    table: Table = InMemoryTable(gen_name("small"), ibis.schema(schema), PyArrowTableProxy(told)).to_expr()
    return table
