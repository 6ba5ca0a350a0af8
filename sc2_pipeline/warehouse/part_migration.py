"""Migration of warehouses from before 0.1.0, where one load held all parts from a source, including streams and
solved."""

import duckdb

from sc2_pipeline.tables import PARTS, RAW_TABLES
from sc2_pipeline.tables.ops import OPS_TABLES
from sc2_pipeline.warehouse.catalog import identifier, relation_columns
from sc2_pipeline.warehouse.column_types import column_types
from sc2_pipeline.warehouse.declared import rename_columns
from sc2_pipeline.warehouse.generation import change
from sc2_pipeline.warehouse.parquet_views import FILES, refresh_parquet_views

_RENAMED = ("ops.loads", "ops.extractions", FILES)


def divide_loads(connection: duckdb.DuckDBPyConnection) -> None:
    """Splits loads by part, in one transaction; does nothing if they are split already. Keeps stream rows only once.

    Stream rows from the source sc2 become rows of the part streams, unless the tracker source loaded them too.
    """
    columns = relation_columns(connection)
    if "source" not in columns.get("ops.loads", {}):
        return
    with change(connection) as this:
        # A home from before generations gets its first one when tables are created.
        this.is_made = "ops.generation" in columns
        columns = rename_columns(connection, columns)
        for relation in _RENAMED:
            if "source" in columns.get(relation, {}):
                connection.execute(f"alter table {relation} rename column source to part")
                for name, kind in column_types(connection, OPS_TABLES[relation.partition(".")[2]]).items():
                    connection.execute(f"alter table {relation} add column if not exists {identifier(name)} {kind}")
                connection.execute(
                    f"update {relation} set part = case part when 'sc2' then 'observation' else 'streams' end"
                )
        twice = "select replay_id from ops.loads group by replay_id having count(*) > 1"
        of_streams = [t for t in RAW_TABLES.values() if "observation" not in t.parts and t.parts]
        for table in of_streams:
            if not table.stays_in_parquet and f"raw.{table.name}" in columns:
                _move_rows(connection, f"raw.{table.name}", "source = 'sc2'", twice)
        # Chat that a pass heard stays in the observation.
        _move_rows(connection, "raw.chat_messages", "source = 'sc2' and pass_player_id is null", twice)
        for relation in (FILES, "ops.check_outcomes", "ops.quarantined_rows"):
            if relation in columns:
                _divide_by_table(connection, relation, [table.name for table in of_streams], twice)
        connection.execute(
            "insert into ops.loads by name select replay_id, 'streams' as part, settings_digest, loaded_at from ops.loads"
            f" where part = 'observation' and replay_id not in ({twice})"
        )
        connection.execute(
            "insert into ops.loads by name select replay_id, 'solved' as part, settings_digest, loaded_at from ops.loads"
            " where part = 'streams'"
        )
        refresh_parquet_views(connection, [table.name for table in of_streams if table.stays_in_parquet])


def _move_rows(connection: duckdb.DuckDBPyConnection, relation: str, condition: str, twice: str) -> None:
    connection.execute(f"delete from {relation} where {condition} and replay_id in ({twice})")
    connection.execute(f"update {relation} set source = '{PARTS['streams']}' where {condition}")


def _divide_by_table(connection: duckdb.DuckDBPyConnection, relation: str, tables: list[str], twice: str) -> None:
    column, theirs, ours = ("part", "observation", "streams") if relation == FILES else ("source", "sc2", "tracker")
    condition = f"{column} = '{theirs}' and table_name in (select unnest(?))"
    connection.execute(f"delete from {relation} where {condition} and replay_id in ({twice})", [tables])
    connection.execute(f"update {relation} set {column} = '{ours}' where {condition}", [tables])
