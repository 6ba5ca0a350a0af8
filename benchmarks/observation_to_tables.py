"""How much a real engine's observations cost on their way to Parquet, against the seed's way.

    python benchmarks/observation_to_tables.py ../shared/engine_recordings
    uv run --with pandas python benchmarks/observation_to_tables.py ../shared/engine_recordings

A recorded observation is brought to 200 units that move smoothly, without images, as passes ask for it, and written as a
sequence. Every way goes from the bytes to files, in the same process, in turn; CPU time, the least of the rounds. The
seed's way is a dict for each unit, a DataFrame, a Parquet file: with every field, as ours (by MessageToDict, or read by
name), and with the ten that its text prints. Ours also writes actions and the rest. Where pandas is absent, polars stands
in for it: the bar is about pandas. Memory is that of a fresh process that takes 500 and 6,250 observations (4,000 and 50,000
game loops at step 8).

The last measurement, on two cores with much other work beside it: 0.31 to 0.36 ms an observation (0.35 to 0.46 in the same minutes
before equal units were decoded once for a group), a third of it decoding and a third Parquet's writing; 212 MB for 4,000 game
loops and 240 MB for 50,000. Here 40% of the units differ from all others of their group, of the stand-in's 8%.
"""

import argparse
import lzma
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
from google.protobuf.json_format import MessageToDict

from sc2_pipeline.game_messages import raw_pb2, sc2api_pb2
from sc2_pipeline.sc2_client.game_data import game_names
from sc2_pipeline.sc2_client.observation.names import GameNames
from sc2_pipeline.sc2_client.observation.observation_tables import ObservationTables, RouteMaker, preferred_route
from sc2_pipeline.sc2_client.observation.passes import Detail, Fog, plan_passes
from sc2_pipeline.sc2_client.observation.plain_route import PlainRoute
from sc2_pipeline.tables import RAW_TABLES
from sc2_pipeline.tables.parquet import table_writer

UNITS = 200
STEP_MUL = 8
BARS = {"ratio": 25.0, "milliseconds": 0.3, "bytes": 2.5, "megabytes": 350.0}

Way = Callable[[list[bytes], Path], object]
Row = dict[str, Any]


def enlarged(recordings: Path, count: int) -> Iterator[bytes]:
    """Observations of 200 units, every 8 game loops, shaped after a recorded one."""
    [path] = (recordings / "tvt_acid_plant" / "player").glob("*loop010000*")
    message = sc2api_pb2.ResponseObservation.FromString(lzma.decompress(path.read_bytes()))
    for screen in ("feature_layer_data", "ui_data", "abilities"):
        message.observation.ClearField(screen)
    message.observation.raw_data.ClearField("map_state")
    # The recording has the actions of a thousand loops: keep as many as eight loops have.
    del message.actions[2:]
    # The recording is fogged; passes see all by default: its units in sight, no remembered ones.
    recorded = [unit for unit in message.observation.raw_data.units if unit.display_type == raw_pb2.Visible]
    del message.observation.raw_data.units[:]
    for number in range(UNITS):
        unit = message.observation.raw_data.units.add()
        unit.CopyFrom(recorded[number % len(recorded)])
        unit.tag = 1 << 32 | (number + 1) << 18 | 1
    starts = [(unit.pos.x, unit.pos.y) for unit in message.observation.raw_data.units]
    for number in range(count):
        message.observation.game_loop = STEP_MUL * (number + 1)
        message.observation.player_common.minerals = number % 900
        _move(message.observation.raw_data.units, starts, message.observation.game_loop)
        yield message.SerializeToString()


def _move(units: Any, starts: list[tuple[float, float]], game_loop: int) -> None:
    for number, (unit, (x, y)) in enumerate(zip(units, starts, strict=True)):
        if unit.alliance == raw_pb2.Self and number % 2 == 0:
            turn = game_loop / 300 + number
            unit.pos.x, unit.pos.y, unit.facing = x + 9 * math.sin(turn), y + 9 * math.cos(turn), turn % math.tau
        if unit.energy_max:
            unit.energy = min(unit.energy_max, game_loop * 0.03515625)
        if unit.HasField("weapon_cooldown"):
            unit.weapon_cooldown = float((game_loop + number) % 16)


def ours(names: GameNames, route: RouteMaker) -> Way:
    """Our way: bytes to all tables of ``--detail units``."""

    def write(payloads: list[bytes], folder: Path) -> None:
        writers: dict[str, pq.ParquetWriter] = {}

        def take(name: str, batch: pa.RecordBatch) -> None:
            if name not in writers:
                writers[name] = table_writer(folder / f"{name}.parquet", RAW_TABLES[name])
            writers[name].write_batch(batch)

        [observed] = plan_passes([1], Fog.OFF, Detail.UNITS)
        tables = ObservationTables("00c0ffee00c0ffee", observed, take, names=names, route=route)
        for payload in payloads:
            tables.add(payload)
        tables.finish()
        for writer in writers.values():
            writer.close()

    return write


def seeds_ten_fields(payloads: list[bytes], folder: Path) -> None:
    """The seed's way as its text prints it: ten fields of each unit, a list of dicts for each frame."""
    frames = []
    for message in map(_parsed, payloads):
        common = message.observation.player_common
        raw = message.observation.raw_data
        frames.append(
            {"game_loop": message.observation.game_loop, "minerals": common.minerals, "vespene": common.vespene}
            | {"supply_used": common.food_used, "supply_cap": common.food_cap, "units": [_ten(u) for u in raw.units]}
            | {"upgrades": list(raw.player.upgrade_ids), "dead_units": list(raw.event.dead_units)}
        )
    _write_frame(frames, folder / "units.parquet")


def _ten(unit: raw_pb2.Unit) -> Row:
    row = {"tag": unit.tag, "unit_type": unit.unit_type, "owner": unit.owner, "alliance": unit.alliance}
    row |= {"pos_x": unit.pos.x, "pos_y": unit.pos.y, "pos_z": unit.pos.z}
    return row | {"health": unit.health, "shields": unit.shield, "energy": unit.energy}


def seeds_by_hand(payloads: list[bytes], folder: Path) -> None:
    """The seed's way with what our tables hold: every field read by its name, unset ones None."""
    _all_fields(payloads, folder, _by_hand)


def seeds_by_message_to_dict(payloads: list[bytes], folder: Path) -> None:
    """The same by protobuf's own MessageToDict, which leaves unset fields out."""
    _all_fields(payloads, folder, partial(MessageToDict, preserving_proto_field_name=True))


def _all_fields(payloads: list[bytes], folder: Path, as_dict: Callable[[Any], Row]) -> None:
    units: list[Row] = []
    frames: list[Row] = []
    for message in map(_parsed, payloads):
        seen = message.observation
        common, raw = as_dict(seen.player_common), seen.raw_data
        lists = {"upgrades": list(raw.player.upgrade_ids), "dead_units": list(raw.event.dead_units)}
        frames.append({"game_loop": seen.game_loop, "score": as_dict(seen.score)} | common | lists)
        units += ({"game_loop": seen.game_loop} | as_dict(unit) for unit in raw.units)
    _write_frame(units, folder / "units.parquet")
    _write_frame(frames, folder / "frames.parquet")


def _by_hand(message: Any) -> Row:
    row: Row = {}
    for name, is_repeated, is_message in _fields(message.DESCRIPTOR):
        if is_repeated:
            row[name] = (
                [_by_hand(one) for one in getattr(message, name)] if is_message else list(getattr(message, name))
            )
        elif not message.HasField(name):
            row[name] = None
        else:
            row[name] = _by_hand(getattr(message, name)) if is_message else getattr(message, name)
    return row


@cache
def _fields(descriptor: Any) -> list[tuple[str, bool, bool]]:
    return [(field.name, field.is_repeated, field.message_type is not None) for field in descriptor.fields]


def _parsed(payload: bytes) -> sc2api_pb2.ResponseObservation:
    return sc2api_pb2.ResponseObservation.FromString(payload)


def _write_frame(rows: list[Row], path: Path) -> None:
    if find_spec("pandas"):
        import pandas as pd  # noqa: PLC0415, TID251 - the way that is measured

        pd.DataFrame(rows).to_parquet(path)
    else:
        import polars as pl  # noqa: PLC0415

        pl.DataFrame(rows, infer_schema_length=None).write_parquet(path)


def measured(ways: dict[str, Way], payloads: list[bytes], rounds: int) -> dict[str, tuple[float, float]]:
    """Milliseconds of CPU an observation, and bytes of the units' file a unit row, for each way."""
    best: dict[str, tuple[float, float]] = {}
    for _ in range(rounds):
        for name, write in ways.items():
            with tempfile.TemporaryDirectory() as folder:
                start = time.process_time()
                write(payloads, Path(folder))
                milliseconds = (time.process_time() - start) * 1000 / len(payloads)
                [file] = (
                    path for path in Path(folder).iterdir() if path.name in ("units.parquet", "unit_snapshots.parquet")
                )
                size = file.stat().st_size / (UNITS * len(payloads))
            if name not in best or milliseconds < best[name][0]:
                best[name] = (milliseconds, size)
    return best


def peak_megabytes(recordings: Path, count: int) -> float:
    """The most memory that a fresh process held while it took so many observations."""
    command = [sys.executable, __file__, str(recordings), "--only-memory", str(count)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _print_peak(recordings: Path, count: int, names: GameNames) -> None:
    process, peak = psutil.Process(), 0
    writers: dict[str, pq.ParquetWriter] = {}
    with tempfile.TemporaryDirectory() as folder:

        def take(name: str, batch: pa.RecordBatch) -> None:
            nonlocal peak
            if name not in writers:
                writers[name] = table_writer(Path(folder) / name, RAW_TABLES[name])
            writers[name].write_batch(batch)
            peak = max(peak, process.memory_info().rss)

        [observed] = plan_passes([1], Fog.OFF, Detail.UNITS)
        tables = ObservationTables("00c0ffee00c0ffee", observed, take, names=names)
        for payload in enlarged(recordings, count):
            tables.add(payload)
        tables.finish()
        for writer in writers.values():
            writer.close()
    print(peak / 1e6)


def main() -> None:
    """Prints the table and whether the bars are met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recordings", type=Path)
    parser.add_argument("--observations", type=int, default=1024)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only-memory", type=int, metavar="OBSERVATIONS", help=argparse.SUPPRESS)
    options = parser.parse_args()
    [data] = options.recordings.glob("game_start/AcropolisLE.ResponseData*")
    names = game_names(lzma.decompress(data.read_bytes()))
    if options.only_memory:
        _print_peak(options.recordings, options.only_memory, names)
        return

    payloads = list(enlarged(options.recordings, options.observations))
    frame = "pandas" if find_spec("pandas") else "polars for want of pandas"
    ways = {
        "ours": ours(names, preferred_route()),
        "ours, plain protobuf": ours(names, PlainRoute),
        f"the seed's, MessageToDict ({frame})": seeds_by_message_to_dict,
        f"the seed's, every field by hand ({frame})": seeds_by_hand,
        f"the seed's, its ten fields ({frame})": seeds_ten_fields,
    }
    best = measured(ways, payloads, options.rounds)
    base = best["ours"][0]
    print(f"{len(payloads)} observations of {UNITS} units, {len(payloads[0]):,} bytes each; CPU, bytes to files")
    print(f"{'way':42} {'ms/observation':>15} {'times ours':>11} {'bytes/unit row':>15}")
    for name, (milliseconds, size) in best.items():
        print(f"{name:42} {milliseconds:15.3f} {milliseconds / base:10.1f}x {size:15.2f}")
    short, long = (peak_megabytes(options.recordings, count) for count in (500, 6250))
    print(f"peak memory: {short:.0f} MB for 4,000 game loops, {long:.0f} MB for 50,000")
    print(
        f"bars: the seed's with every field {BARS['ratio']:g}x ours, at most {BARS['milliseconds']} ms, {BARS['bytes']} bytes, "
        f"{BARS['megabytes']:g} MB"
    )


if __name__ == "__main__":
    main()
