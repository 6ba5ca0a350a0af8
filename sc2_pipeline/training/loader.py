"""Reads a training set in batches of arrays: numpy and pyarrow, no database."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from sc2_pipeline.errors import HomeError, SettingsError

Arrays = dict[str, npt.NDArray[Any]]
"""Arrays by column, ``features`` of shape (rows, elements) and type float32; NULL is NaN in numbers, None in the rest."""


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
        arrays = _arrays(pq.ParquetFile(path).read_row_group(group, columns=list(columns)))
        order = np.arange(len(arrays[columns[0]]))
        if generator is not None:
            generator.shuffle(order)
        for first in range(0, len(order), size):
            rows = order[first : first + size]
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
        file = pq.ParquetFile(path)
        begins = sum(file.metadata.row_group(g).num_rows for g in range(group))
        ends = begins + file.metadata.row_group(group).num_rows
        arrays = _arrays(file.read_row_group(group, columns=list(columns)))
        for row in pq.read_table(path.with_suffix(".sequences.parquet")).to_pylist():
            if begins <= row["first_row"] < ends:
                rows = slice(row["first_row"] - begins, row["first_row"] - begins + row["row_count"])
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
    paths = sorted(
        (path for path in (folder / "data" / split).glob("part_*.parquet") if "sequences" not in path.name), key=str
    )
    found = [(path, group) for path in paths for group in range(pq.ParquetFile(path).num_row_groups)]
    if generator is not None:
        generator.shuffle(found)
    return found[worker::workers]


def _arrays(table: pa.Table) -> Arrays:
    return {name: _array(table.column(name).combine_chunks()) for name in table.column_names}


def _array(column: Any) -> npt.NDArray[Any]:
    if isinstance(column, pa.FixedSizeListArray):
        return np.asarray(column.flatten()).reshape(len(column), column.type.list_size)
    return column.to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]
