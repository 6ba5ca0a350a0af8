"""Query results, with conversions to Arrow, polars and pandas."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl
import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Rows:
    """A table in memory. Iterating gives dictionaries; notebooks display it as polars does."""

    table: pa.Table
    asked: str = ""
    """For the answer to a question: which games it is about, and how many were left out and why."""

    def arrow(self) -> pa.Table:
        """The rows as a ``pyarrow.Table``."""
        return self.table

    def polars(self) -> pl.DataFrame:
        """The rows as a ``polars.DataFrame``."""
        frame = pl.from_arrow(self.table)
        assert isinstance(frame, pl.DataFrame)
        return frame

    def pandas(self) -> Any:
        """The rows as a ``pandas.DataFrame``; raises ModuleNotFoundError if pandas is not installed."""
        return self.table.to_pandas()

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(self.table.column_names)

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for batch in self.table.to_batches():
            yield from batch.to_pylist()

    def __repr__(self) -> str:
        return repr(self.polars())

    def _repr_html_(self) -> str:
        return self.polars()._repr_html_()
