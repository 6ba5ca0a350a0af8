"""The game's own data (unit types and so on): loaded once per version of the game, whatever replay brought it."""

from collections.abc import Iterable, Mapping

import duckdb
import pyarrow as pa

from sc2_pipeline.tables import RAW_TABLES, Table
from sc2_pipeline.warehouse.catalog import identifier
from sc2_pipeline.warehouse.declared import insert_rows
from sc2_pipeline.warehouse.generation import change


def game_data_tables() -> tuple[Table, ...]:
    """The declared tables whose rows are a game version's."""
    return tuple(table for table in RAW_TABLES.values() if table.once_per)


def held_versions(connection: duckdb.DuckDBPyConnection, table: Table) -> set[tuple[object, ...]]:
    """Versions, by the columns of ``once_per``, whose rows the warehouse holds."""
    columns = ", ".join(identifier(name) for name in table.once_per)
    return set(connection.execute(f"select distinct {columns} from raw.{table.name}").fetchall())


def load_game_data(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, Iterable[pa.Table]]) -> None:
    """Adds rows of versions that the warehouse lacks, in one transaction.

    ``tables`` gives by name the rows of one version each.
    """
    with change(connection) as this:
        this.is_made = False
        for name, parts in tables.items():
            table = RAW_TABLES[name]
            held = held_versions(connection, table)
            for rows in parts:
                version = tuple(rows.column(column)[0].as_py() for column in table.once_per) if rows.num_rows else None
                if version is not None and version not in held:
                    insert_rows(connection, f"raw.{name}", rows)
                    held.add(version)
                    this.is_made = True
