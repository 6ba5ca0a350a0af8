"""What is known of the game without any replay: tables shipped with the package, each with where it comes from.

* ``known_unit_types``: names, categories, costs, supply and build times of the melee game's unit types. Figures are
  those of a recorded ResponseData of the game's API (python-sc2's test data, MIT; LICENSE-python-sc2.txt), client 5.0;
  categories and what a type is made of are written down in :mod:`sc2_pipeline.game_data.generate`, which makes the file.
* ``known_coop_names``: masteries and prestiges of every co-op commander, and missions, as the English client shows them.

Their columns are declared in :mod:`sc2_pipeline.tables.shipped`.
"""

import hashlib
from functools import cache
from pathlib import Path

import pyarrow as pa
from pyarrow import csv

_FILES = {name: Path(__file__).with_name(f"{name}.csv") for name in ("known_unit_types", "known_coop_names")}
_EMPTY_IS_NULL = csv.ConvertOptions(null_values=[""], strings_can_be_null=True)


def shipped_tables() -> dict[str, pa.Table]:
    """Rows of every shipped table by name; an empty field is NULL."""
    return {name: csv.read_csv(path, convert_options=_EMPTY_IS_NULL) for name, path in _FILES.items()}


@cache
def shipped_versions() -> dict[str, str]:
    """sha256 of every shipped table's file, by name: models that read it are as new as it is."""
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in _FILES.items()}
