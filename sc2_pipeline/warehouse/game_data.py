"""Static data of the game (unit types and so on), loaded once per game version, whichever replay it came from."""

from collections.abc import Iterable, Mapping

import duckdb
import pyarrow as pa

from sc2_pipeline.tables import RAW_TABLES, Table
from sc2_pipeline.warehouse.catalog import identifier
from sc2_pipeline.warehouse.declared import insert_rows
from sc2_pipeline.warehouse.generation import change


def game_data_tables() -> tuple[Table, ...]:
    """The declared tables with rows per game version."""
    return tuple(table for table in RAW_TABLES.values() if table.once_per)


def held_versions(connection: duckdb.DuckDBPyConnection, table: Table) -> set[tuple[object, ...]]:
    """Game versions whose rows the warehouse holds, as tuples of the ``once_per`` columns."""
    columns = ", ".join(identifier(name) for name in table.once_per)
    return set(connection.execute(f"select distinct {columns} from raw.{table.name}").fetchall())


def load_game_data(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, Iterable[pa.Table]]) -> None:
    """Adds rows of game versions that the warehouse lacks, in one transaction.

    ``tables`` maps each table name to Arrow tables of one version each.
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
