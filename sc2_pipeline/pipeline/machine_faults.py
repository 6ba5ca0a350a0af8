"""Reports machine faults during a run (a full disk, missing permissions) as one clear error."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from sc2_pipeline.machine_faults import machine_error


@contextmanager
def naming_machine_faults(home: Path) -> Iterator[None]:
    """Raises MachineError for machine faults inside the block; other errors pass unchanged."""
    try:
        yield
    except (OSError, duckdb.Error, sqlite3.Error, pa.ArrowException) as error:
        fault = machine_error(error, home)
        if fault is None:
            raise
        raise fault from error
