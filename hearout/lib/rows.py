"""Rows and ids on their way into a statement, as text: the driver's own lists cost eight times as much an item.

A batch goes as one JSON text into `json_to_recordset(%s)`, ids as one array text into `%s::bigint[]`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson


def as_json(rows: Any) -> str:
    """JSON, with times as ISO 8601 and enums by their value.

    Raises TypeError for what JSON does not know, and for what no column could hold: lone surrogates,
    integers past 64 bits.
    """
    return orjson.dumps(rows).decode()


def as_array(ids: Iterable[int]) -> str:
    """The text of a PostgreSQL array of integers."""
    return "{" + ",".join(map(str, ids)) + "}"
