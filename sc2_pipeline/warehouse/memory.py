"""How much memory a DuckDB connection may take; what needs more spills to a folder, which goes when it is closed."""

import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb
import psutil

from sc2_pipeline.warehouse.catalog import quoted

_SPILL = ".spill-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Bounds of one DuckDB database: ``megabytes`` of buffers, and the existing folder in which it makes one to spill to."""

    megabytes: int
    folder: Path

    def bound(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Sets the bounds of the connection's database; before its settings are locked."""
        # Two databases of one process would take one another's files for their own.
        spill = self.folder / f"{_SPILL}{os.getpid()}-{secrets.token_hex(4)}"
        connection.execute(f"set global memory_limit = '{self.megabytes}MB'")
        connection.execute(f"set global temp_directory = {quoted(str(spill.absolute()))}")


def remove_spills(folder: Path) -> None:
    """Removes what killed processes left in the folder."""
    for spill in folder.glob(f"{_SPILL}*-*"):
        owner = spill.name.removeprefix(_SPILL).partition("-")[0]
        if owner.isdigit() and not psutil.pid_exists(int(owner)):
            shutil.rmtree(spill, ignore_errors=True)
