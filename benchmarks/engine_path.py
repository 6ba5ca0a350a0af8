"""How much of the game's own speed reaches the Parquet files, against a client that throws everything away.

    python benchmarks/engine_path.py ../shared/replays/REPLAY.SC2Replay

The game is the stand-in, which takes 2.5 ms a step (400 observations a second, what a real one does) and answers from
memory, so that it is not itself the brake. Four clients play the same pass in turn, every round:

* one that receives and throws away, requests pipelined: the most that any client can have
* ours: the same, then observation to tables and Parquet files
* ours with the pipeline off (depth 1)
* the seed's way: pysc2's controller, one request at a time, a dict per unit, one table and Parquet file at the end

Wall time, the best of the rounds.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from s2clientprotocol import sc2api_pb2 as api

from sc2_pipeline import stand_in
from sc2_pipeline.replay_format.lobby import ReplayLobby, read_lobby
from sc2_pipeline.replay_format.mpq import open_archive
from sc2_pipeline.sc2_client.installs import parse_absl_flags
from sc2_pipeline.sc2_client.instance import INTERFACE, Instance
from sc2_pipeline.sc2_client.launch import GameVersion
from sc2_pipeline.sc2_client.maps import PlayableReplay
from sc2_pipeline.sc2_client.observation.observation_tables import ObservationTables
from sc2_pipeline.sc2_client.observation.passes import Detail, Fog, plan_passes
from sc2_pipeline.sc2_client.replay_pass import PassPlan, ReplayPass
from sc2_pipeline.sc2_client.settings import GameSettings
from sc2_pipeline.tables import RAW_TABLES
from sc2_pipeline.tables.parquet import parquet_options

STEP_SECONDS = 0.0025
STEP_MUL = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """The replay to play, on which games, writing where."""

    replay: PlayableReplay
    lobby: ReplayLobby
    settings: GameSettings
    until: int
    folder: Path

    @property
    def version(self) -> GameVersion:
        """Of the instance that plays it."""
        return GameVersion(self.lobby.base_build, self.lobby.data_version)


def started_pass(instance: Instance, bench: Bench) -> ReplayPass:
    """The first player's pass, just begun."""
    info = instance.replay_info(bench.replay)
    plan = PassPlan(step_mul=STEP_MUL, until=bench.until)
    return instance.start_pass(bench.replay, info, observed_player_id=1, disable_fog=True, plan=plan)


def receive_only(instance: Instance, bench: Bench) -> int:
    """Observations received, none looked at."""
    return sum(1 for _ in started_pass(instance, bench).observations())


def to_parquet(instance: Instance, bench: Bench) -> int:
    """Observations received, turned into tables and written."""
    writers: dict[str, pq.ParquetWriter] = {}

    def take(name: str, batch: pa.RecordBatch) -> None:
        if name not in writers:
            table = RAW_TABLES[name]
            path = bench.folder / f"{name}.parquet"
            writers[name] = pq.ParquetWriter(path, table.schema, **parquet_options(table))
        writers[name].write_batch(batch)

    observed = plan_passes((1, 2), Fog.OFF, Detail.UNITS)[0]
    tables = ObservationTables("0" * 16, observed, take, detail=Detail.UNITS)
    for observation in started_pass(instance, bench).observations():
        tables.add(observation.payload)
    tables.finish()
    for writer in writers.values():
        writer.close()
    return tables.observations


def seeds_way(bench: Bench) -> tuple[int, float]:
    """Observations and seconds of pysc2's controller with a dict per unit, launch not counted."""
    parse_absl_flags()
    from pysc2 import run_configs  # noqa: PLC0415 - a peer, measured beside us
    from pysc2.run_configs.lib import Version  # noqa: PLC0415

    version = Version("any", bench.version.base_build, bench.version.data_version, "SC2_x64")
    with run_configs.get(version=version).start(want_rgb=False) as controller:
        for _ in range(2):  # once for the stand-in to have its answers ready, once to be measured
            begun = time.perf_counter()
            count = _seeds_loop(controller, bench)
    return count, time.perf_counter() - begun


def _seeds_loop(controller: Any, bench: Bench) -> int:
    controller.start_replay(
        api.RequestStartReplay(
            replay_data=bench.replay.content, options=INTERFACE, observed_player_id=1, disable_fog=True
        )
    )
    rows: list[dict[str, Any]] = []
    count = 0
    controller.step()
    while True:
        observed = controller.observe()
        count += 1
        loop = observed.observation.game_loop
        rows.extend(_seeds_row(loop, unit) for unit in observed.observation.raw_data.units)
        if observed.player_result or loop >= bench.until:
            break
        controller.step(STEP_MUL)
    pq.write_table(pa.Table.from_pylist(rows), bench.folder / "seed.parquet")
    return count


def _seeds_row(game_loop: int, unit: Any) -> dict[str, Any]:
    """The fields that the seed's document names, of one unit."""
    return {
        "game_loop": game_loop,
        "tag": unit.tag,
        "unit_type": unit.unit_type,
        "pos_x": unit.pos.x,
        "pos_y": unit.pos.y,
        "pos_z": unit.pos.z,
        "health": unit.health,
        "shields": unit.shield,
        "energy": unit.energy,
        "owner": unit.owner,
        "alliance": unit.alliance,
    }


def timed(client: Callable[[Instance, Bench], int], instance: Instance, bench: Bench) -> tuple[int, float]:
    """Observations and seconds."""
    begun = time.perf_counter()
    return client(instance, bench), time.perf_counter() - begun


def rates(bench: Bench, rounds: int) -> dict[str, float]:
    """Observations a second of each client, the best of the rounds."""
    found: dict[str, float] = {}

    def note(name: str, count: int, seconds: float) -> None:
        found[name] = max(found.get(name, 0), count / seconds)

    deep, strict = bench, replace(bench, settings=replace(bench.settings, pipeline_depth=1))
    instances = [Instance(b.version, b.settings) for b in (deep, strict)]
    try:
        for instance in instances:
            receive_only(instance, bench)  # the stand-in makes its answers
        for _ in range(rounds):
            note("receives and throws away", *timed(receive_only, instances[0], deep))
            note("ours, to Parquet", *timed(to_parquet, instances[0], deep))
            note("ours, pipeline off", *timed(to_parquet, instances[1], strict))
    finally:
        for instance in instances:
            instance.close()
    note("the seed's way", *seeds_way(bench))
    return found


def main() -> None:
    """Prints a line per client."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("replay", type=Path)
    arguments.add_argument("--until", type=int, default=16_000, help="game loops to play")
    arguments.add_argument("--rounds", type=int, default=2)
    arguments.add_argument("--depth", type=int, default=GameSettings().pipeline_depth)
    given = arguments.parse_args()
    lobby = read_lobby(open_archive(given.replay))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["SC2PATH"] = str(stand_in.install(folder / "StarCraftII", [lobby.base_build]))
        control = stand_in.Control(step_seconds=STEP_SECONDS, keeps_answers=True)
        os.environ[stand_in.CONTROL_VARIABLE] = str(stand_in.write_control(folder / "control.json", control))
        bench = Bench(
            replay=PlayableReplay(content=given.replay.read_bytes()),
            lobby=lobby,
            settings=GameSettings(games_folder=folder / "games", pipeline_depth=given.depth, launch_gap_seconds=0),
            until=min(given.until, lobby.duration_game_loops),
            folder=folder,
        )
        found = rates(bench, given.rounds)
    best = found["receives and throws away"]
    for client, rate in found.items():
        print(f"{client:26} {rate:6.1f} observations/s  {rate / best:6.1%} of throwing away")


if __name__ == "__main__":
    main()
