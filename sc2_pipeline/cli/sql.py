"""The commands ``sql`` and ``quarantine``: queries on the published warehouse."""

import math
import struct
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sc2_pipeline.cli.options import HomeOption, LimitOption, home_of
from sc2_pipeline.cli.row_files import OutOption, ParquetOption, RawCsvOption, row_file
from sc2_pipeline.cli.terminal import err, out, print_lines, print_rows, shown
from sc2_pipeline.errors import QueryError, SettingsError

if TYPE_CHECKING:
    import duckdb

FileOption = Annotated[
    Path | None,
    typer.Option("--file", exists=True, dir_okay=False, help="A file of SQL statements, instead of STATEMENT."),
]
AllowFilesOption = Annotated[
    bool, typer.Option("--allow-files", help="Let the SQL read any file of this machine, not only those of the home.")
]


def sql(
    statement: Annotated[str | None, typer.Argument(help="SQL; several statements are divided by ;")] = None,
    *,
    file: FileOption = None,
    home: HomeOption = None,
    allow_files: AllowFilesOption = False,
    csv: OutOption = None,
    json: OutOption = None,
    parquet: ParquetOption = None,
    raw_csv: RawCsvOption = False,
    limit: LimitOption = 1000,
) -> None:
    """Ask the published warehouse; only statements that read are run, and they see the home's files."""
    text = _text(statement, file)
    from sc2_pipeline.public.published import opened_warehouse  # noqa: PLC0415 - DuckDB, which `--help` need not wait for
    from sc2_pipeline.warehouse.reading.read_only import reading_statements  # noqa: PLC0415

    with (
        row_file(csv=csv, json=json, parquet=parquet, is_raw=raw_csv) as target,
        opened_warehouse(
            home_of(home), any_file=allow_files, writes=target.unfinished if target else None
        ) as connection,
        _one_sentence(),
    ):
        statements = reading_statements(connection, text)
        if not statements:
            raise SettingsError('there is no statement; give one, such as "from marts.dim_replays limit 5"')
        _say_what_is_elsewhere(connection, text)
        for each in statements[: None if target is None else -1]:
            print_result(connection, each, limit)
        if target is not None:
            target.write(connection, statements[-1])


def _say_what_is_elsewhere(connection: "duckdb.DuckDBPyConnection", text: str) -> None:
    from sc2_pipeline.warehouse.reading.unseen_rows import rows_elsewhere  # noqa: PLC0415

    if said := rows_elsewhere(connection, text):
        print_lines(err(), [f"mind: {said}"])


def _text(statement: str | None, file: Path | None) -> str:
    if (statement is None) == (file is None):
        raise SettingsError("give either a STATEMENT or --file")
    try:
        text = file.read_text(encoding="utf-8-sig") if file is not None else str(statement)
        text.encode()
    except (OSError, UnicodeError) as error:
        raise SettingsError(f"the SQL is not readable text ({error}); give it in UTF-8") from error
    return text


@contextmanager
def _one_sentence() -> Iterator[None]:
    """Reduces DuckDB's error message, which quotes the position in the statement, to one sentence."""
    import duckdb  # noqa: PLC0415

    from sc2_pipeline.warehouse.opening_errors import damage_met  # noqa: PLC0415
    from sc2_pipeline.warehouse.reading.read_only import said_of  # noqa: PLC0415

    try:
        yield
    except duckdb.PermissionException as error:
        raise QueryError(said_of(error)) from error
    except duckdb.Error as error:
        if damage_met(Path(), error):
            # Errors of opening the warehouse have a message already.
            raise
        raise QueryError(
            f"the statement does not run ({said_of(error)}); `sc2-pipeline tables` says what there is"
        ) from error


def print_result(
    connection: "duckdb.DuckDBPyConnection", statement: str, limit: int, *, hidden: Collection[str] = ()
) -> None:
    """Runs a statement and prints its rows, at most ``limit`` (0: all), without the columns in ``hidden``."""
    result = connection.execute(statement)
    if not result.description:
        return
    kept = [i for i, column in enumerate(result.description) if column[0] not in hidden]
    are_single = [str(column[1]) == "FLOAT" for column in result.description]
    rows = result.fetchmany(limit + 1) if limit else result.fetchall()
    told = [[_short(row[i]) if are_single[i] else row[i] for i in kept] for row in rows[: limit or None]]
    print_rows(out(), [result.description[i][0] for i in kept], told, null="NULL")
    if limit and len(rows) > limit:
        print_lines(err(), [f"(the first {limit} rows; --limit 0 prints all, --csv OUT writes all)"])


def _short(value: float | None) -> float | None:
    """The shortest number that is equal as a 4-byte float: 20.8, where Python would print 20.799999237060547."""
    if value is None or not math.isfinite(value):
        return value
    same = struct.pack("f", value)
    return next(near for digits in range(1, 10) if struct.pack("f", near := float(f"{value:.{digits}g}")) == same)


def quarantine(
    home: HomeOption = None,
    table: Annotated[str | None, typer.Option(help="Only rows meant for this raw table.")] = None,
    limit: LimitOption = 100,
) -> None:
    """Show the rows that broke a check of their raw table and were left out of it."""
    from sc2_pipeline.public.published import opened_warehouse  # noqa: PLC0415 - DuckDB, which `--help` need not wait for

    with opened_warehouse(home_of(home)) as connection:
        counts = _quarantined(connection, _QUARANTINE_COUNTS, [table, table])
        if not counts:
            print_lines(out(), ["no row is in quarantine" + (f" of table {shown(table)}" if table else "")])
            return
        print_rows(out(), ("table", "column", "check", "rows", "replays"), counts)
        rows = _quarantined(connection, f"{_QUARANTINED_ROWS} limit {limit or 'all'}", [table, table])
    print_rows(out(), ("replay_id", "table", "column", "check", "row"), rows, title="Rows")
    hidden = sum(count[3] for count in counts) - len(rows)
    if hidden > 0:
        print_lines(out(), [f"({hidden} more rows; --limit 0 prints all)"])


_QUARANTINE_COUNTS = """
select table_name, column_name, check_name, count(*), count(distinct replay_id) from ops.quarantined_rows
where ? is null or table_name = ? group by all order by all
"""
_QUARANTINED_ROWS = """
select replay_id, table_name, column_name, check_name, row_json from ops.quarantined_rows
where ? is null or table_name = ? order by all
"""


def _quarantined(connection: "duckdb.DuckDBPyConnection", query: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = connection.execute(query, parameters).fetchall()
    return rows
