"""Rows of Parquet files, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from hearout.channels.archive.lines import ends_early
from hearout.channels.payload import reject

BATCH = 4_096
MARK = b"PAR1"


class ParquetFile:
    """An open Parquet file. `position` of `size` bytes: the share of the rows that were read."""

    def __init__(self, path: Path) -> None:
        import pyarrow as arrow  # heavy, and most archives are of other formats
        from pyarrow import parquet

        self._errors = (OSError, UnicodeDecodeError, arrow.ArrowException)
        try:
            self.size = path.stat().st_size
            self._file = parquet.ParquetFile(path)
        except self._errors as error:
            reject(f"{path} is no Parquet file that can be read: {error}.")
        self.header: Sequence[str] = self._file.schema_arrow.names
        self._rows, self._read = self._file.metadata.num_rows, 0

    @property
    def position(self) -> int:
        return self.size if self._read >= self._rows else self.size * self._read // self._rows

    def close(self) -> None:
        self._file.close()

    def rows(self, columns: Sequence[int]) -> Iterator[tuple[int, Sequence[Any] | str]]:
        """Numbers from 1 and cells, of which only those in `columns` are filled. Text instead of cells says why
        the file cannot be read any further."""
        empty: list[Any] = [None] * len(self.header)
        names = [self.header[place] for place in columns]
        try:
            for batch in self._file.iter_batches(BATCH, columns=names):
                for cells in zip(*(_values(batch.column(name)) for name in names), strict=True):
                    self._read += 1
                    row = empty.copy()
                    for place, cell in zip(columns, cells, strict=True):
                        row[place] = cell
                    yield self._read, row
        except self._errors as error:
            yield self._read + 1, ends_early(error)


def _values(column: Any) -> list[Any]:
    """As Python knows them; times finer than a microsecond are cut to one."""
    import pyarrow as arrow

    if arrow.types.is_timestamp(column.type) and column.type.unit == "ns":
        column = column.cast(arrow.timestamp("us", column.type.tz), safe=False)
    return list(column.to_pylist())
