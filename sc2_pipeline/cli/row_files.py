"""Writes query results to a file, atomically, or to standard output."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from sc2_pipeline.cli.terminal import err, print_lines, shown
from sc2_pipeline.errors import HomeError, SettingsError
from sc2_pipeline.scratch_folders import scratch_folder

if TYPE_CHECKING:
    import duckdb

OutOption = Annotated[
    Path | None, typer.Option(metavar="OUT", help="Write the rows to this file, - for standard output.")
]
ParquetOption = Annotated[Path | None, typer.Option(metavar="OUT", help="Write the rows to this file.")]
RawCsvOption = Annotated[
    bool,
    typer.Option("--raw-csv", help="In CSV, no apostrophe before text that a spreadsheet would take for a formula."),
]

_FORMATS = {
    "csv": "format csv, header true",
    "json": "format json, array true",
    "parquet": "format parquet, compression zstd",
}
_STANDARD_OUTPUT = Path("-")


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFile:
    """Destination of rows. DuckDB writes ``unfinished``, which is then renamed to ``path``.

    ``is_raw`` leaves CSV text unchanged, even if it begins like a formula.
    """

    kind: Literal["csv", "json", "parquet"]
    path: Path
    unfinished: Path
    is_raw: bool

    def write(self, connection: "duckdb.DuckDBPyConnection", statement: str) -> None:
        """Writes a statement's rows; raises HomeError if the file cannot be written."""
        if self.path == _STANDARD_OUTPUT:
            self._copy(connection, statement)
            with self.unfinished.open(encoding="utf-8", newline="") as rows:
                shutil.copyfileobj(rows, sys.stdout)
            return
        try:
            self.unfinished.parent.mkdir(parents=True, exist_ok=True)
            count = self._copy(connection, statement)
            self.unfinished.replace(self.path)
        except OSError as error:
            raise HomeError(f"{self.path} cannot be written ({error}); give another OUT") from error
        print_lines(err(), [f"{count} rows to {shown(self.path)}"])

    def _copy(self, connection: "duckdb.DuckDBPyConnection", statement: str) -> int:
        from sc2_pipeline.warehouse.catalog import quoted  # noqa: PLC0415 - DuckDB
        from sc2_pipeline.warehouse.reading.csv_cells import defused_select  # noqa: PLC0415

        select = statement.strip().rstrip(";")
        if self.kind == "csv" and not self.is_raw:
            select = defused_select(connection, select)
        # The line break ends a trailing comment of the statement. The connection may open no file of another name, such
        # as DuckDB's own temporary file.
        [(count,)] = connection.execute(
            f"copy ({select}\n) to {quoted(str(self.unfinished))} ({_FORMATS[self.kind]}, use_tmp_file false)"
        ).fetchall()
        return int(count)


@contextmanager
def row_file(*, csv: Path | None, json: Path | None, parquet: Path | None, is_raw: bool) -> Iterator[RowFile | None]:
    """The requested output file for the duration of the block; None to print the rows. Raises SettingsError if two are
    requested."""
    given: list[tuple[Literal["csv", "json", "parquet"], Path | None]]
    given = [("csv", csv), ("json", json), ("parquet", parquet)]
    wanted = [(kind, path) for kind, path in given if path is not None]
    if len(wanted) > 1:
        raise SettingsError(f"{' and '.join(f'--{kind}' for kind, _ in wanted)} cannot go together; give one")
    if not wanted:
        yield None
        return
    [(kind, path)] = wanted
    if path == _STANDARD_OUTPUT:
        if kind == "parquet":
            raise SettingsError("--parquet - is no readable output; give a file")
        with scratch_folder("rows") as folder:
            yield RowFile(kind=kind, path=path, unfinished=Path(folder).resolve() / "rows", is_raw=is_raw)
        return
    # With symbolic links resolved, as DuckDB compares paths.
    unfinished = path.parent.resolve() / f"{path.name}.partial"
    try:
        yield RowFile(kind=kind, path=path, unfinished=unfinished, is_raw=is_raw)
    finally:
        with suppress(OSError):  # Below a regular file there is nothing to delete, and the first error explains why.
            unfinished.unlink(missing_ok=True)
