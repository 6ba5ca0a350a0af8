"""One empty warehouse, copied into new homes: making its 160 relations takes two seconds of processor time each time.

`python -m sc2_pipeline_tests.empty_warehouse PATH` makes it, in a process whose rules and tables no test has changed. What
a test changes is brought up in its copy as in any home of another release.
"""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import duckdb
from filelock import FileLock

from sc2_pipeline.config import Home
from sc2_pipeline.sql_models import Model, input_versions, read_models
from sc2_pipeline.warehouse.connect import open_warehouse
from sc2_pipeline.warehouse.rebuild import rebuild


class EmptyWarehouse:
    """The warehouse's file, made when it is first asked for, once for all processes of a test session."""

    def __init__(self, folder: Path, own: Path) -> None:
        """``folder`` is shared by those processes, ``own`` is not."""
        self._path = folder / "empty_warehouse.duckdb"
        self._own = own

    def place(self, home: Path) -> Path:
        """Puts a copy where a home without a warehouse would make one; returns the home."""
        path = Home(home).build_warehouse
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self._made(), path)
        return home

    def open(self, path: Path, **options: Path) -> duckdb.DuckDBPyConnection:
        """Stands in for ``open_warehouse`` where the writer opens its home's."""
        # What a killed process or a warehouse that was moved away left is the product's to clear.
        if not any(path.parent.glob(f"*{path.name}*")):
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self._made(), path)
        return open_warehouse(path, **options)

    def copy_with(self, models: Iterable[Model], path: Path) -> Path:
        """Puts a warehouse that has only these models, and no rows, at ``path``; returns the path."""
        models = tuple(models)
        known_by = repr((sorted(input_versions().items()), [(model.version, model.words_version) for model in models]))
        made = self._own / f"{hashlib.sha256(known_by.encode()).hexdigest()}.duckdb"
        if not made.exists():
            with open_warehouse(made) as connection:
                rebuild(connection, models)
        path.parent.mkdir(parents=True, exist_ok=True)
        return Path(shutil.copyfile(made, path))

    def _made(self) -> Path:
        with FileLock(f"{self._path}.lock"):
            if not self._path.exists():
                partial = self._path.with_suffix(".partial")
                subprocess.run(
                    [sys.executable, "-m", __name__, str(partial)], cwd=Path(__file__).parents[1], check=True
                )
                partial.rename(self._path)
        return self._path


if __name__ == "__main__":
    with open_warehouse(Path(sys.argv[1])) as connection:
        rebuild(connection, read_models())
