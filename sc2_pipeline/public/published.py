"""The published warehouse, opened for reading."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import duckdb

from sc2_pipeline.config import Home, read_settings
from sc2_pipeline.lake import local_folders
from sc2_pipeline.steps.publish import published_warehouse
from sc2_pipeline.warehouse.opening import damage_met, opening_error
from sc2_pipeline.warehouse.reading import open_for_reading


@contextmanager
def opened_warehouse(
    place: Home, *, any_file: bool = False, writes: Path | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection to what was last published.

    Raises HomeError when nothing was, when it cannot be read, and where a file it reads in the block is damaged.

    It sees files of the home and its lake, or any with ``any_file``; ``writes`` is the one file that our own COPY may make.
    """
    path = published_warehouse(place.warehouse)
    folders = local_folders(read_settings({"home": place.root}).lake)
    try:
        connection = open_for_reading(path, home=place.root, folders=folders, any_file=any_file, writes=writes)
    except duckdb.Error as error:
        raise opening_error(
            path, error, "`sc2-pipeline verify --repair` keeps it aside and publishes it anew"
        ) from error
    with closing(connection):
        try:
            yield connection
        except duckdb.Error as error:
            if damage := damage_met(path, error):
                raise damage from error
            raise
