"""A warehouse of many real games for benchmarks: the games of a home, several times."""

from pathlib import Path

import duckdb

OF_A_GAME = ("replay_id", "game_key")


def repeated(home: Path, folder: Path, games: int) -> Path:
    """A home in ``folder`` whose published file alone is there, with the games of ``home`` under other ids until it has ``games``."""
    copy = folder / "warehouse.duckdb"
    copy.write_bytes((home / "warehouse.duckdb").read_bytes())
    with duckdb.connect(str(copy)) as connection:
        [(held,)] = connection.execute("select count(*) from marts.games").fetchall()
        tables = connection.execute(
            "select schema_name, table_name, list(c.column_name) from duckdb_tables() as t"
            " inner join duckdb_columns() as c using (schema_name, table_name)"
            " where schema_name in ('raw', 'intermediate', 'marts') group by all having list_contains(list(c.column_name), 'replay_id')"
        ).fetchall()
        for schema, table, columns in tables:
            new = ", ".join(f"left(md5({name} || copy), 16) as {name}" for name in OF_A_GAME if name in columns)
            connection.execute(
                f'insert into {schema}."{table}" select stored.* replace ({new})'
                f' from {schema}."{table}" as stored, range({-(-games // held) - 1}) as copies(copy)'
            )
    return folder
