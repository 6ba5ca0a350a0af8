"""What the machine refuses during a run ends it in one sentence."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from sc2_pipeline.machine_faults import machine_error


@contextmanager
def naming_machine_faults(home: Path) -> Iterator[None]:
    """Raises MachineError for what the machine refuses in it; every other error passes as it is."""
    try:
        yield
    except (OSError, duckdb.Error, sqlite3.Error, pa.ArrowException) as error:
        fault = machine_error(error, home)
        if fault is None:
            raise
        raise fault from error
