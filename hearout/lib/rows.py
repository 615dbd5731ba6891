"""Rows and ids on their way into a statement, as text: the driver's own lists cost eight times as much an item.

A batch goes as one JSON text into `json_to_recordset(%s)`, ids as one array text into `%s::bigint[]`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson


def as_json(rows: Any) -> str:
    """JSON; times as ISO 8601, enums by their value, what else JSON does not know by `str`.

    Raises TypeError for lone surrogates and for integers past 64 bits, which no column could hold either.
    """
    return orjson.dumps(rows, default=str).decode()


def as_array(ids: Iterable[int]) -> str:
    """The text of a PostgreSQL array of integers."""
    return "{" + ",".join(map(str, ids)) + "}"
