"""How much of the game's own speed reaches the Parquet files, against a client that throws everything away.

    python benchmarks/engine_path.py ../shared/replays/REPLAY.SC2Replay

The game is the stand-in, which sleeps 2.5 ms a step (400 observations a second, what a real one does) and answers from
memory. Four clients play the same pass:

* one that receives and throws away, requests pipelined: the most that any client can have
* ours: the same, then observation to tables and Parquet files
* ours with the pipeline off (depth 1)
* the seed's way: pysc2's controller, one request at a time, a dict per unit, one table and Parquet file at the end

The first three run in turn, every other round in the opposite order, so that a machine that grows busy is hard on all of
them; a client's share is the median of its shares in the rounds. The seed's way runs once, at the end, against the median
of throwing away. CPU tells who was the brake: the game's is the stand-in's own, without its sleep, for each observation,
the client's that of this process. A game that computes through most of its 2.5 ms would be the brake itself. Memory is the
peak of this process, which is what a worker holds beside its game, before the seed's way runs in it.

CPU against receiving alone, the last column, hardly depends on the machine; ``--step-seconds 0`` leaves out what waiting
for the game costs. Last measured so, on two busy cores, for observations of 57 KB and some 220 units: 0.46 to 0.61 ms an
observation, 3.6 to 3.8 times receiving alone (0.58 ms and 4.9 times before equal units were decoded once, in the same
minutes as the 0.46). With the game's 2.5 ms: 2.0 to 2.8 times, and 85 to 100% of the rate of throwing away, by what else
the machine did; 195 to 218 MB.
"""

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

import psutil
import pyarrow as pa
import pyarrow.parquet as pq

from sc2_pipeline.game_messages import sc2api_pb2 as api
from sc2_pipeline.replay_format.lobby import ReplayLobby, read_lobby
from sc2_pipeline.replay_format.mpq import open_archive
from sc2_pipeline.sampling import PassPlan
from sc2_pipeline.sc2_client.installs import prepare_pysc2
from sc2_pipeline.sc2_client.instance import INTERFACE, Instance
from sc2_pipeline.sc2_client.launch import GameVersion
from sc2_pipeline.sc2_client.maps import PlayableReplay
from sc2_pipeline.sc2_client.observation.observation_tables import ObservationTables
from sc2_pipeline.sc2_client.observation.passes import Detail, Fog, plan_passes
from sc2_pipeline.sc2_client.replay_pass import ReplayPass
from sc2_pipeline.sc2_client.settings import GameSettings
from sc2_pipeline.tables import RAW_TABLES
from sc2_pipeline.tables.parquet import table_writer
from sc2_pipeline_demo import stand_in

STEP_MUL = 8
BAR = 0.9
BAR_MEGABYTES = 350
BAR_TIMES = 4.05
"""0.30 ms for the whole of an observation, where receiving alone took 0.074."""
THROWN_AWAY = "receives and throws away"
OURS = "ours, to Parquet"
SEEDS = "the seed's way"


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
            writers[name] = table_writer(bench.folder / f"{name}.parquet", RAW_TABLES[name])
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
    prepare_pysc2()
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One pass of one client: observations, and the seconds of wall and CPU that they took."""

    observations: int
    seconds: float
    client_cpu: float
    game_cpu: float

    @property
    def rate(self) -> float:
        """Observations a second."""
        return self.observations / self.seconds

    @property
    def cost(self) -> float:
        """CPU seconds of the client for each observation."""
        return self.client_cpu / self.observations


Client = Callable[[Instance, Bench], int]


def timed(client: Client, instance: Instance, bench: Bench) -> Run:
    """One pass, measured."""
    game = psutil.Process(instance.pid)
    game_before, client_before, begun = _cpu_seconds(game), time.process_time(), time.perf_counter()
    observations = client(instance, bench)
    return Run(
        observations=observations,
        seconds=time.perf_counter() - begun,
        client_cpu=time.process_time() - client_before,
        game_cpu=_cpu_seconds(game) - game_before,
    )


def _cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def runs(bench: Bench, rounds: int) -> dict[str, list[Run]]:
    """The runs of each of the first three clients, in the order of the rounds."""
    strict = replace(bench, settings=replace(bench.settings, pipeline_depth=1))
    ahead, in_turn = Instance(bench.version, bench.settings), Instance(bench.version, strict.settings)
    turns: list[tuple[str, Client, Instance]] = [
        (THROWN_AWAY, receive_only, ahead),
        (OURS, to_parquet, ahead),
        ("ours, pipeline off", to_parquet, in_turn),
    ]
    found: dict[str, list[Run]] = {name: [] for name, _, _ in turns}
    try:
        for instance in (ahead, in_turn):
            receive_only(instance, bench)  # the stand-in makes its answers
        for number in range(rounds):
            for name, client, instance in turns if number % 2 == 0 else reversed(turns):
                found[name].append(timed(client, instance, bench))
    finally:
        ahead.close()
        in_turn.close()
    return found


def print_runs(found: dict[str, list[Run]]) -> None:
    """A line for each client, and what each round said of ours."""
    print(
        f"{'client':26} {'obs/s':>7} {'of throwing away':>17} {'client CPU':>12} {'game CPU':>12}   ms an observation; "
        "client CPU of throwing away"
    )
    for name, given in found.items():
        rate = median(run.rate for run in given)
        client, game = (
            median(1000 * getattr(run, part) / run.observations for run in given) for part in ("client_cpu", "game_cpu")
        )
        times = median(run.cost / best.cost for run, best in zip(given, found[THROWN_AWAY], strict=True))
        print(f"{name:26} {rate:7.1f} {median(shares(found, name)):17.1%} {client:12.3f} {game:12.3f} {times:25.1f}x")
    print(f"{OURS}, by round: {', '.join(f'{share:.1%}' for share in shares(found, OURS))}")


def shares(found: dict[str, list[Run]], name: str) -> list[float]:
    """A client's rate as a share of throwing away, for each round."""
    return [run.rate / best.rate for run, best in zip(found[name], found[THROWN_AWAY], strict=True)]


def main() -> None:
    """Prints a line per client, and whether the bar is met."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("replay", type=Path)
    arguments.add_argument("--until", type=int, default=16_000, help="game loops to play")
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--depth", type=int, default=GameSettings().pipeline_depth)
    arguments.add_argument("--step-seconds", type=float, default=0.0025, help="what the game takes for a step")
    given = arguments.parse_args()
    lobby = read_lobby(open_archive(given.replay))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["SC2PATH"] = str(stand_in.install(folder / "StarCraftII", [lobby.base_build]))
        control = stand_in.Control(step_seconds=given.step_seconds, keeps_answers=True)
        os.environ[stand_in.CONTROL_VARIABLE] = str(stand_in.write_control(folder / "control.json", control))
        bench = Bench(
            replay=PlayableReplay(content=given.replay.read_bytes()),
            lobby=lobby,
            settings=GameSettings(games_folder=folder / "games", pipeline_depth=given.depth, launch_gap_seconds=0),
            until=min(given.until, lobby.duration_game_loops),
            folder=folder,
        )
        found = runs(bench, given.rounds)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        count, seconds = seeds_way(bench)
    print_runs(found)
    best = median(run.rate for run in found[THROWN_AWAY])
    print(f"{SEEDS:26} {count / seconds:7.1f} {count / seconds / best:17.1%}")
    print(f"peak memory of the client: {peak:.0f} MB")
    print(f"bars: {OURS}, at least {BAR:.0%} of throwing away, within {BAR_MEGABYTES} MB and {BAR_TIMES} times its CPU")


if __name__ == "__main__":
    main()
