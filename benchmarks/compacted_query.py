"""One replay's units asked of 10,000 extracted replays: from a file per replay, and once they are compacted.

    python benchmarks/compacted_query.py ../shared/engine_recordings

First with few rows a replay, so that the files of every replay can be made: a file each, then compacted. Then at the size
of real games: units of a recorded observation, brought to 200 that move smoothly, at 1,900 observations a replay. As many
replays as fill one part are compacted for real; the other parts are its bytes with other replays' ids in them, since
making 10,000 such replays takes an hour (9 GB of disk with the 31 parts that 10,000 replays need; ``--parts`` for fewer).
"""

import argparse
import hashlib
import lzma
import re
import statistics
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from observation_to_tables import enlarged, ours

from sc2_pipeline.sc2_client.game_data import game_names
from sc2_pipeline.sc2_client.observation.observation_tables import preferred_route
from sc2_pipeline.steps.compact import Part, Piece, compact, part_folder
from sc2_pipeline.tables import RAW_TABLES
from sc2_pipeline.tables.parquet import parquet_options
from sc2_pipeline.warehouse.connect import open_warehouse
from sc2_pipeline.warehouse.parquet_files import ParquetFile, replace_files

TABLE = RAW_TABLES["unit_snapshots"]
ROUNDS = 5
OBSERVATIONS = 1_900
REPLAYS_PER_PART = 330
LIMIT_SECONDS = 0.5
DIGEST = "00000000"
WANTED = "game_loop, unit_tag, player_id, unit_type, x, y, health"


def main() -> None:
    """Measures and prints both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recordings", type=Path)
    parser.add_argument("--replays", type=int, default=10_000, help="of the first table")
    parser.add_argument("--rows", type=int, default=400, help="a replay of the first table")
    parser.add_argument("--parts", type=int, default=31, help="of the second table")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        game = _one_game(arguments.recordings, Path(scratch))
        print(
            f"one replay's rows, {WANTED.count(',') + 1} columns of {len(TABLE.columns)}; median of {ROUNDS} rounds\n"
        )
        print(f"{'':<14}{'replays':>9}{'files':>8}{'MB':>8}{'rows each':>11}{'one replay':>12}{'one column, all':>17}")
        few = game.slice(0, arguments.rows)
        slowest = [_few_rows(Path(scratch) / "few", _ids(arguments.replays), few)]
        slowest.append(_true_size(Path(scratch) / "true", game, arguments.parts))
    print(f"\n{'within' if max(slowest) <= LIMIT_SECONDS else 'OVER'} {LIMIT_SECONDS} s")


def _one_game(recordings: Path, folder: Path) -> pa.Table:
    """The unit rows of one game, as a pass writes them."""
    [data] = recordings.glob("game_start/AcropolisLE.ResponseData*")
    names = game_names(lzma.decompress(data.read_bytes()))
    ours(names, preferred_route())(list(enlarged(recordings, OBSERVATIONS)), folder)
    return pq.read_table(folder / "unit_snapshots.parquet")


def _few_rows(home: Path, ids: list[str], rows: pa.Table) -> float:
    pieces = [_written(home, replay_id, rows) for replay_id in ids]
    small = [_file(piece.replay_id, piece.path) for piece in pieces]
    _measured("small files", home, small, ids[len(ids) // 2], rows.num_rows)
    began = time.perf_counter()
    parts = list(compact(home, part_folder("lake", "sc2", TABLE.name, 75689), TABLE.name, pieces))
    seconds = time.perf_counter() - began
    slowest = _measured("compacted", home, _files(parts), ids[len(ids) // 2], rows.num_rows)
    print(f"{'':<14}compacting took {seconds:.0f} s")
    return slowest


def _true_size(home: Path, game: pa.Table, count: int) -> float:
    ids = _ids(REPLAYS_PER_PART * count)
    sought = ids[REPLAYS_PER_PART // 2]
    first_ids, other_ids = ids[:REPLAYS_PER_PART], ids[REPLAYS_PER_PART:]
    began = time.perf_counter()
    pieces = [_written(home, replay_id, game) for replay_id in first_ids]
    made = time.perf_counter()
    [first] = compact(home, part_folder("lake", "sc2", TABLE.name, 75689), TABLE.name, pieces)
    done = time.perf_counter()
    for piece in pieces:
        (home / piece.path).unlink()
    parts = [first, *_other_parts(home, first, other_ids)]
    slowest = _measured("of true size", home, _files(parts), sought, game.num_rows)
    print(
        f"{'':<14}one part of {REPLAYS_PER_PART} replays: {made - began:.0f} s to make, "
        f"{done - made:.0f} s to compact ({first.rows / (done - made) / 1e6:.1f} million rows/s), "
        f"{first.bytes / first.rows:.2f} bytes a row"
    )
    return slowest


def _ids(count: int) -> list[str]:
    return sorted(hashlib.sha256(str(number).encode()).hexdigest()[:16] for number in range(count))


def _written(home: Path, replay_id: str, rows: pa.Table) -> Piece:
    path = f"lake/observation/{replay_id[:2]}/{replay_id}.{DIGEST}/unit_snapshots.parquet"
    (home / path).parent.mkdir(parents=True, exist_ok=True)
    place = TABLE.schema.get_field_index("replay_id")
    named = rows.set_column(place, TABLE.schema.field(place), pa.array([replay_id] * rows.num_rows))
    pq.write_table(named, home / path, row_group_size=102_400, **parquet_options(TABLE))
    return Piece(replay_id=replay_id, settings_digest=DIGEST, path=path)


def _other_parts(home: Path, first: Part, ids: list[str]) -> Iterable[Part]:
    """Parts of other replays: a part spells every id out, sixteen letters long and not compressed."""
    content = bytearray((home / first.path).read_bytes())
    known = {piece.replay_id.encode(): number for number, piece in enumerate(first.pieces)}
    places = [(m.start(), known[m[0]]) for m in re.finditer(rb"[0-9a-f]{16}", content) if m[0] in known]
    for number in range(len(ids) // len(first.pieces)):
        own = ids[number * len(first.pieces) : (number + 1) * len(first.pieces)]
        for at, which in places:
            content[at : at + 16] = own[which].encode()
        path = first.path.replace("part-", f"part-{number:02}")
        (home / path).write_bytes(content)
        pieces = tuple(Piece(replay_id=replay_id, settings_digest=DIGEST, path=path) for replay_id in own)
        yield Part(path=path, pieces=pieces, bytes=len(content), rows=first.rows)


def _file(replay_id: str, path: str, held: int = 1) -> ParquetFile:
    return ParquetFile(replay_id=replay_id, part="observation", table_name=TABLE.name, path=path, held_replays=held)


def _files(parts: Iterable[Part]) -> list[ParquetFile]:
    return [_file(piece.replay_id, part.path, len(part.pieces)) for part in parts for piece in part.pieces]


def _measured(name: str, home: Path, files: list[ParquetFile], replay_id: str, rows: int) -> float:
    """Seconds for one replay, after a line of the table."""
    connection = open_warehouse(home / f"{name}.duckdb", home=home)
    replace_files(connection, files)
    asked = f"select {WANTED} from raw.unit_snapshots where replay_id = ?"
    seconds = statistics.median(_seconds(connection, asked, [replay_id], rows) for _ in range(ROUNDS))
    every = _seconds(connection, "select sum(health) from raw.unit_snapshots", [], 1)
    connection.close()
    paths = {file.path for file in files}
    size = sum((home / path).stat().st_size for path in paths) / 1e6
    print(
        f"{name:<14}{len({file.replay_id for file in files}):>9,}{len(paths):>8,}{size:>8,.0f}{rows:>11,}"
        f"{seconds:>10.3f} s{every:>15.1f} s",
        flush=True,
    )
    return seconds


def _seconds(connection: duckdb.DuckDBPyConnection, sql: str, values: list[str], rows: int) -> float:
    began = time.perf_counter()
    found = connection.sql(sql, params=values).to_arrow_table()
    if found.num_rows != rows:
        raise SystemExit(f"{found.num_rows} rows instead of {rows}: {sql}")
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
