"""One replay's units asked of 10,000 extracted replays: from a file per replay, and once they are compacted.

    python benchmarks/compacted_query.py --replays 10000 --rows 400

Every replay has the same hand-made rows of ``unit_snapshots`` under an id of its own: fifty units that
walk. A real game has some 400,000 rows, not ``--rows``; so the parts are fewer than they would be, and their row groups
smaller. To read one replay of real size is measured apart: one replay in the middle has ``--large`` rows.
"""

import argparse
import hashlib
import statistics
import tempfile
import time
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sc2_pipeline.steps.compact import Piece, compact, part_folder
from sc2_pipeline.steps.load import ParquetFile, open_warehouse, replace_files
from sc2_pipeline.tables import RAW_TABLES
from sc2_pipeline.tables.parquet import parquet_options

TABLE = RAW_TABLES["unit_snapshots"]
ROUNDS = 5
BASE_BUILDS = (75689, 93333)
LIMIT_SECONDS = 0.5


def main() -> None:
    """Measures and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replays", type=int, default=10_000)
    parser.add_argument("--rows", type=int, default=400)
    parser.add_argument("--large", type=int, default=400_000)
    arguments = parser.parse_args()
    ids = sorted(hashlib.sha256(str(number).encode()).hexdigest()[:16] for number in range(arguments.replays))
    large = ids[len(ids) // 2]
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        small = _small_files(home, ids, arguments.rows, large, arguments.large)
        connection = open_warehouse(home / "build" / "warehouse.duckdb", home=home)
        replace_files(connection, small)
        print(f"one replay of {len(ids):,}, median of {ROUNDS} rounds; {len(TABLE.columns)} columns\n")
        print(f"{'':<12}{'files':>8}{'MB':>8}{arguments.rows:>10,} rows{arguments.large:>12,} rows")
        _print_measured("small files", home, connection, small, (ids[0], large))
        began = time.perf_counter()
        parts = _compacted(home, small)
        seconds = time.perf_counter() - began
        replace_files(connection, parts)
        slowest = _print_measured("compacted", home, connection, parts, (ids[0], large))
        print(
            f"\ncompacting took {seconds:.1f} s; {'within' if slowest <= LIMIT_SECONDS else 'OVER'} {LIMIT_SECONDS} s"
        )
        connection.close()


def _rows(replay_id: str, count: int) -> pa.Table:
    """Rows of 50 units, each of which walks."""
    values: dict[str, pa.Array] = {}
    numbers = pa.array(range(count), pa.int64())
    for column in TABLE.columns:
        kind = column.type
        if pa.types.is_string(kind):
            values[column.name] = pa.array(["Marine"] * count, kind)
        elif pa.types.is_boolean(kind):
            values[column.name] = pa.array([False] * count, kind)
        else:
            values[column.name] = pa.array([number // 50 % 200 for number in range(count)], kind)
    values |= {"replay_id": pa.array([replay_id] * count), "source": pa.array(["sc2"] * count)}
    values["game_loop"] = pa.array([8 * (number // 50) for number in range(count)], TABLE.column("game_loop").type)
    values["unit_tag"] = pc.bit_wise_and(numbers, 31).cast(TABLE.column("unit_tag").type)
    return pa.table(values, schema=TABLE.schema)


def _small_files(home: Path, ids: list[str], count: int, large: str, large_count: int) -> list[ParquetFile]:
    template = _rows("", count)
    place = template.schema.get_field_index("replay_id")
    files = []
    for replay_id in ids:
        path = f"lake/sc2/{replay_id[:2]}/{replay_id}.00000000/unit_snapshots.parquet"
        (home / path).parent.mkdir(parents=True)
        named = template.set_column(place, template.schema.field(place), pa.array([replay_id] * count))
        rows = _rows(large, large_count) if replay_id == large else named
        pq.write_table(rows, home / path, row_group_size=77_000, **parquet_options(TABLE))
        files.append(ParquetFile(replay_id=replay_id, source="sc2", table_name=TABLE.name, path=path))
    return files


def _compacted(home: Path, small: list[ParquetFile]) -> list[ParquetFile]:
    files = []
    for number, base_build in enumerate(BASE_BUILDS):
        chosen = small[number :: len(BASE_BUILDS)]
        pieces = [Piece(replay_id=file.replay_id, settings="00000000", path=file.path) for file in chosen]
        for part in compact(home, part_folder("lake", "sc2", TABLE.name, base_build), TABLE.name, pieces):
            files += [
                ParquetFile(
                    replay_id=piece.replay_id,
                    source="sc2",
                    table_name=TABLE.name,
                    path=part.path,
                    held_replays=len(part.pieces),
                )
                for piece in part.pieces
            ]
    return files


def _print_measured(
    name: str, home: Path, connection: duckdb.DuckDBPyConnection, files: list[ParquetFile], replay_ids: tuple[str, ...]
) -> float:
    """The slowest of the medians, one for each replay."""
    medians = [statistics.median(_seconds(connection, replay_id) for _ in range(ROUNDS)) for replay_id in replay_ids]
    paths = {file.path for file in files}
    size = sum((home / path).stat().st_size for path in paths) / 1e6
    print(f"{name:<12}{len(paths):>8,}{size:>8.0f}{medians[0]:>13.3f} s{medians[1]:>15.3f} s")
    return max(medians)


def _seconds(connection: duckdb.DuckDBPyConnection, replay_id: str) -> float:
    began = time.perf_counter()
    connection.sql(
        "select game_loop, unit_tag, player_id, unit_type, x, y, health from raw.unit_snapshots where replay_id = ?",
        params=[replay_id],
    ).to_arrow_table()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
