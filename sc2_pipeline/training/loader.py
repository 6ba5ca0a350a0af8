"""Reads a training set in batches of arrays: numpy and pyarrow, no database."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from sc2_pipeline.errors import HomeError, SettingsError

Arrays = dict[str, npt.NDArray[Any]]
"""Arrays by column, ``features`` of shape (rows, elements) and type float32; NULL is NaN in numbers, None in the rest."""

OPPONENT: Final = "opponent_features"
"""May be asked for like a column: the opponent's ``features`` at the same game loop, which the player cannot see; NaN where there
are none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """A game as one player had it: the rows of ``arrays``, in the order of game loops."""

    replay_id: str
    player_id: int
    arrays: Arrays


def batches(
    folder: Path,
    split: str,
    *,
    size: int = 4096,
    columns: tuple[str, ...] = ("features", "label_is_winner"),
    seed: int | None = None,
    worker: int = 0,
    workers: int = 1,
) -> Iterator[Arrays]:
    """Batches of ``size`` rows (the last of a group of games may be shorter).

    With a ``seed``, groups of some fifty games come in a random order, and rows within a group too. Of several ``workers`` each reads
    its own groups, so that together they read every row once. Raises HomeError for a folder that is no training set.
    """
    generator = None if seed is None else np.random.default_rng(seed)
    for path, group in _groups(folder, split, generator, worker, workers):
        arrays = _read(path, group, columns)
        count = len(arrays[columns[0]])
        order = None if generator is None else generator.permutation(count)
        for first in range(0, count, size):
            rows = slice(first, first + size) if order is None else order[first : first + size]
            yield {name: values[rows] for name, values in arrays.items()}


def sequences(
    folder: Path,
    split: str,
    *,
    columns: tuple[str, ...] = ("features", "label_is_winner"),
    seed: int | None = None,
    worker: int = 0,
    workers: int = 1,
) -> Iterator[Sequence]:
    """Whole sequences, group by group of games; arguments as for :func:`batches`."""
    generator = None if seed is None else np.random.default_rng(seed)
    for path, group in _groups(folder, split, generator, worker, workers):
        arrays = _read(path, group, columns)
        places = folder / "sequences" / split / path.name
        found = pq.read_table(places, filters=[("row_group", "=", group)]).to_pylist()
        for row in found:
            begins = row["first_row"] - found[0]["first_row"]
            rows = slice(begins, begins + row["row_count"])
            yield Sequence(
                replay_id=row["replay_id"],
                player_id=row["player_id"],
                arrays={name: values[rows] for name, values in arrays.items()},
            )


def _groups(
    folder: Path, split: str, generator: np.random.Generator | None, worker: int, workers: int
) -> list[tuple[Path, int]]:
    if not 0 <= worker < workers:
        raise SettingsError(f"worker is {worker} of {workers}; give one from 0 to {workers - 1}")
    if not (folder / "schema.json").is_file():
        raise HomeError(f"{folder} is no training set; `sc2-pipeline export training {folder}` writes one")
    paths = sorted((folder / "data" / split).glob("part_*.parquet"), key=lambda path: (len(path.name), path.name))
    found = [(path, group) for path in paths for group in range(pq.read_metadata(path).num_row_groups)]
    if generator is not None:
        generator.shuffle(found)
    return found[worker::workers]


def _read(path: Path, group: int, columns: tuple[str, ...]) -> Arrays:
    stored = {*columns} - {OPPONENT} | ({"features", "opponent_row_offset"} if OPPONENT in columns else set())
    # One thread: a process that trains has others to feed, and several workers read side by side.
    with pq.ParquetFile(path, memory_map=True) as file:
        table = file.read_row_group(group, columns=sorted(stored), use_threads=False)
    arrays = {name: _array(table.column(name).combine_chunks()) for name in stored}
    if OPPONENT in columns:
        offsets = arrays["opponent_row_offset"]
        has_one = ~np.isnan(offsets.astype(np.float64))
        opponents = np.full_like(arrays["features"], np.nan)
        opponents[has_one] = arrays["features"][np.flatnonzero(has_one) + offsets[has_one].astype(np.int64)]
        arrays[OPPONENT] = opponents
    return {name: arrays[name] for name in columns}


def _array(column: Any) -> npt.NDArray[Any]:
    if isinstance(column, pa.FixedSizeListArray):
        return np.asarray(column.flatten()).reshape(len(column), column.type.list_size)
    return column.to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]
