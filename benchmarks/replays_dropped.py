"""How soon replays that come to the watched folder are published: `python benchmarks/replays_dropped.py HOME GAMES REPLAYS`.

A copy of HOME gets its own games again under other ids until it has GAMES (`repeated_games.py`). Of the files in REPLAYS,
of games that HOME must not know (all files of a game are built anew with each), one is loaded first, which brings the home up to date. Then ten come to the folder that a running
`sc2-pipeline ui` watches, with the sensor's defaults, and ten more go through `sc2-pipeline run` into the same home: the
difference is Dagster's.
"""

import os
import shutil
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import duckdb
from dagster_overhead import WORKERS, measured, run_cli
from repeated_games import repeated

from sc2_pipeline_tests.orchestration.served import served, wait_for

DROPPED = 10
SETTLE_SECONDS = 20
BAR_SECONDS = 45


def main(home: Path, games: int, replays: Path) -> None:
    """Measures and prints."""
    first, *files = sorted(replays.rglob("*.SC2Replay"))[: 2 * DROPPED + 1]
    with tempfile.TemporaryDirectory(prefix="replays_dropped-") as name:
        work = Path(name)
        (drop := work / "drop").mkdir()
        (by_hand := work / "by_hand").mkdir()
        for file in files[DROPPED:]:
            shutil.copy(file, by_hand)
        copy = _copied(home, work / "home", games)
        # Whatever an older release made of the home is brought up to date first.
        run_cli(copy, first)
        held = _games(copy)
        with served(copy, watch=drop, workers=WORKERS, settle_seconds=SETTLE_SECONDS) as ui:
            ui.switch_on("new_replays")
            dagster = measured(lambda: _dropped(copy, files[:DROPPED], drop, held + DROPPED), ui)
            _print(f"from the copy to the published warehouse, {held:,} games", *dagster)
            wait_for(lambda: not ui.active_runs(), "the run to end", seconds=600)
        run = measured(lambda: run_cli(copy, by_hand))
        _print("sc2-pipeline run of as many", *run)
        assert _games(copy) == held + len(files)
        _print(
            f"Dagster, {SETTLE_SECONDS} s of which a file must be unchanged", dagster[0] - run[0], dagster[1] - run[1]
        )
        print(f"bar {BAR_SECONDS} s: {'ok' if dagster[0] <= BAR_SECONDS else 'MISSED'}")


def _print(what: str, clock: float, processor: float) -> None:
    print(
        f"{what:<64}{clock:>7.1f} s, processor {processor:>6.1f} s, load of the machine {os.getloadavg()[0]:.1f}",
        flush=True,
    )


def _dropped(home: Path, files: list[Path], drop: Path, expected: int) -> None:
    for file in files:
        shutil.copy(file, drop)
    wait_for(lambda: _games(home) >= expected, f"{expected} games to be published", seconds=1_800)


def _games(home: Path) -> int:
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as published:
        [(games,)] = published.execute("select count(*) from raw.replays").fetchall()
    return int(games)


def _copied(home: Path, copy: Path, games: int) -> Path:
    """A copy of a home, with more games in both files of its warehouse, and in its manifest."""
    shutil.copytree(home, copy)
    repeated(home, copy, games)
    with duckdb.connect(str(copy / "warehouse.duckdb")) as connection:
        # What was loaded has no copies yet: each stands as one that is loaded.
        strangers = connection.execute(
            "select replay_id from raw.replays anti join ops.loads using (replay_id)"
        ).fetchall()
        [(model,)] = connection.execute("select min(replay_id) from ops.loads").fetchall()
        connection.execute(
            "insert into ops.loads select r.replay_id, l.* exclude (replay_id) from raw.replays as r anti join ops.loads using (replay_id)"
            " cross join (from ops.loads where replay_id = ?) as l",
            [model],
        )
    with closing(sqlite3.connect(copy / "manifest.sqlite")) as manifest, manifest:
        for table in ("replays", "extractions"):
            columns = [name for _, name, *_ in manifest.execute(f"pragma table_info({table})") if name != "replay_id"]
            names = ", ".join(columns)
            manifest.executemany(
                f"insert into {table} (replay_id, {names}) select ?, {names} from {table} where replay_id = ?",
                [(stranger, model) for (stranger,) in strangers],
            )
        manifest.execute("delete from unmirrored_replays")
    shutil.copy(copy / "warehouse.duckdb", copy / "build" / "warehouse.duckdb")
    return copy


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
