"""Every raw table, declared once: columns, types, units, origins, keys and checks.

Arrow schemas, pandera checks, warehouse tables, comments and the data dictionary are derived from these.
"""

from sc2_pipeline.tables.build_orders import BUILD_ORDER_TABLES
from sc2_pipeline.tables.commands import COMMAND_TABLES
from sc2_pipeline.tables.declaration import PARTS, Column, Table, schema_version
from sc2_pipeline.tables.engine import ENGINE_TABLES
from sc2_pipeline.tables.lobby import LOBBY_TABLES
from sc2_pipeline.tables.tracker import TRACKER_TABLES

_TABLES = (*LOBBY_TABLES, *TRACKER_TABLES, *COMMAND_TABLES, *BUILD_ORDER_TABLES, *ENGINE_TABLES)
RAW_TABLES: dict[str, Table] = {table.name: table for table in _TABLES}


def tables_of(part: str) -> tuple[Table, ...]:
    """The tables that a part of an extraction fills, in the order of declaration."""
    return tuple(table for table in RAW_TABLES.values() if part in table.parts)


__all__ = ["PARTS", "RAW_TABLES", "Column", "Table", "schema_version", "tables_of"]
