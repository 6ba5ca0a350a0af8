"""A home of many real games for benchmarks: the games of a home, several times."""

import shutil
from pathlib import Path

import duckdb

OF_A_GAME = ("replay_id", "game_key")


def repeated(home: Path, folder: Path, games: int) -> Path:
    """A copy of ``home`` in ``folder``, whose warehouses have its games again under other ids, one copy of all after another as
    runs would load them, until there are ``games``; manifest and lake have those of ``home`` alone. A run can add to it."""
    shutil.copytree(home, folder, dirs_exist_ok=True)
    warehouse = folder / "warehouse.duckdb"
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("set enable_progress_bar = false")
        [(held,)] = connection.execute("select count(*) from marts.games").fetchall()
        tables = connection.execute(
            "select schema_name, table_name, list(c.column_name) from duckdb_tables() as t"
            " inner join duckdb_columns() as c using (schema_name, table_name)"
            " where schema_name in ('raw', 'intermediate', 'marts') group by all having list_contains(list(c.column_name), 'replay_id')"
        ).fetchall()
        first = {
            (schema, table): count
            for schema, table, _ in tables
            for (count,) in connection.execute(f'select count(*) from {schema}."{table}"').fetchall()
        }
        for copy in range(1, -(-games // held)):
            for schema, table, columns in tables:
                new = ", ".join(f"left(md5({name} || {copy}), 16) as {name}" for name in OF_A_GAME if name in columns)
                connection.execute(
                    f'insert into {schema}."{table}" select stored.* replace ({new})'
                    f' from (select * from {schema}."{table}" limit {first[schema, table]}) as stored'
                )
    shutil.copyfile(warehouse, folder / "build" / "warehouse.duckdb")
    return folder
