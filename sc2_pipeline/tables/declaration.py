"""How a raw table is declared: columns with types, units, origins and the checks that follow from them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa

PARTS: Mapping[str, str] = {"streams": "tracker", "solved": "tracker", "observation": "sc2"}
"""Parts of an extraction, each renewed on its own, and the value of ``source`` in their rows. ``streams`` is what the
replay's own streams say (lobby, tracker, commands, chat), ``solved`` what is computed from those rows (build steps,
macro actions), ``observation`` what the game showed."""

CODED_TEXT = pa.dictionary(pa.int32(), pa.string())
"""Dictionary-encoded text."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a raw table.

    ``unit`` names what a number counts; ``origin`` names the field of the replay or the API it comes from.
    ``minimum``, ``maximum`` and ``vocabulary`` become checks; so does ``required`` (never NULL). ``is_later``: extractions of
    an earlier release lack it, and have NULL there; they are not made anew for it.
    """

    name: str
    type: pa.DataType
    description: str
    unit: str | None = None
    origin: str | None = None
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    vocabulary: tuple[str, ...] | None = None
    is_later: bool = False


@dataclass(frozen=True, kw_only=True)
class Table:
    """One raw table. ``grain`` says what a row is; ``key`` is unique within a replay and source.

    ``parts``: those of :data:`PARTS` that fill it; none of a table that is no replay's.

    ``stays_in_parquet``: too large to copy; the warehouse holds a view over the files.
    ``is_derived``: worked out here from other rows, so that rows that break its checks are our mistake, not the replay's.
    ``once_per``: rows are not a replay's but the game's own, kept once for each value of these columns.
    """

    name: str
    description: str
    grain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    parts: tuple[str, ...] = ()
    stays_in_parquet: bool = False
    is_derived: bool = False
    once_per: tuple[str, ...] = ()

    @cached_property
    def schema(self) -> pa.Schema:
        """Arrow schema; a field is nullable unless its column is required."""
        return pa.schema([pa.field(c.name, c.type, nullable=not c.required) for c in self.columns])

    @cached_property
    def file_schema(self) -> pa.Schema:
        """The schema in which rows are given to the Parquet writer; readers get :attr:`schema`.

        Texts of tables that stay in Parquet are dictionary-encoded, because the writer would otherwise hash each row's
        text again.
        """
        if not self.stays_in_parquet:
            return self.schema
        return pa.schema([f.with_type(CODED_TEXT) if f.type == pa.string() else f for f in self.schema])

    def completed(self, rows: pa.Table) -> pa.Table:
        """Rows of an extraction by any release, with NULL in columns that were added later."""
        for column in self.columns:
            if column.is_later and column.name not in rows.schema.names:
                rows = rows.append_column(pa.field(column.name, column.type), pa.nulls(rows.num_rows, column.type))
        return rows

    def column(self, name: str) -> Column:
        """The column of that name; raises KeyError where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name}.{name}")


def schema_version(tables: tuple[Table, ...]) -> str:
    """Eight hex digits that change when the name or type of any column changes; columns with ``is_later`` are
    ignored."""
    text = ";".join(f"{t.name}({','.join(f'{c.name} {c.type}' for c in t.columns if not c.is_later)})" for t in tables)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def identity_columns() -> tuple[Column, Column]:
    """The two columns that begin every raw table."""
    return (
        Column("replay_id", pa.string(), "First 16 hex digits of the sha256 of the file's bytes.", required=True),
        Column(
            "source",
            pa.string(),
            "How the row was extracted: tracker (the replay's own events) or sc2 (the game run on it).",
            required=True,
            vocabulary=("tracker", "sc2"),
        ),
    )
