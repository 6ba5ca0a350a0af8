"""How fast game events and build orders are, beside s2protocol and spawningtool on the same replays.

    python benchmarks/build_orders.py FOLDER_OF_REPLAYS [--replays 20]

CPU seconds, median over modern ladder replays that every tool at hand can read; each measured in turn, replay by
replay, so that a busy machine slows all alike.
"""

import argparse
import contextlib
import io
import statistics
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

from sc2_pipeline.build_orders import build_orders, read_game
from sc2_pipeline.build_orders.record import names_makers
from sc2_pipeline.errors import ReplayError
from sc2_pipeline.replay_format.game_events import GAME_EVENTS_MEMBER, decode_game_events
from sc2_pipeline.replay_format.game_events.schema import game_event_decoder
from sc2_pipeline.replay_format.game_events.streams import decoded_stream
from sc2_pipeline.replay_format.lobby import read_lobby
from sc2_pipeline.replay_format.mpq import open_archive
from sc2_pipeline.replay_format.protocols import builds

try:
    from s2protocol import versions as s2protocol_versions
except ImportError:
    s2protocol_versions = None
try:
    from spawningtool.parser import GameParser
except ModuleNotFoundError:
    GameParser = None

REPEATS = 3


def main() -> None:
    """Prints medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--replays", type=int, default=20)
    settings = parser.parse_args()
    rows: dict[str, list[float]] = {}
    found = modern_replays(settings.folder)
    for path in (next(found) for _ in range(settings.replays)):
        for name, seconds in measured(path):
            rows.setdefault(name, []).append(seconds)
    medians = {name: statistics.median(times) for name, times in rows.items()}
    for name, seconds in medians.items():
        print(f"{name:44}{1000 * seconds:9.1f} ms")
    ratio(medians, "game events: s2protocol", "game events: decode")
    ratio(medians, "game events: s2protocol", "game events: decode and spell out commands")
    ratio(medians, "file to build order: spawningtool", "file to build order: sc2_pipeline")


def ratio(medians: dict[str, float], theirs: str, ours: str) -> None:
    """One line, where both were measured."""
    if theirs in medians:
        print(f"{ours}: {medians[theirs] / medians[ours]:.1f} times as fast")


def modern_replays(folder: Path) -> Iterator[Path]:
    """Two-player games with creator tags whose build s2protocol knows and that spawningtool opens."""
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() != ".sc2replay":
            continue
        try:
            lobby = read_lobby(open_archive(path))
        except ReplayError:
            continue
        is_modern = names_makers(lobby) and lobby.base_build in builds()
        if is_modern and lobby.game_mode == "1v1" and lobby.duration_game_loops > 5000 and lobby.map_hash:
            yield path


def measured(path: Path) -> Iterator[tuple[str, float]]:
    """Seconds of each piece of work on one replay, by name."""
    archive = open_archive(path)
    build = read_lobby(archive).base_build
    data = archive.read(GAME_EVENTS_MEMBER)

    yield "game events: decode", cpu_seconds(lambda: decoded_stream(data, build, game_event_decoder))
    yield "game events: decode and spell out commands", cpu_seconds(lambda: decode_game_events(data, build))
    if s2protocol_versions is not None:
        protocol = s2protocol_versions.build(build)
        yield "game events: s2protocol", cpu_seconds(lambda: list(protocol.decode_replay_game_events(data)), 1)
    yield "file to build order: sc2_pipeline", cpu_seconds(lambda: build_orders(read_game(open_archive(path))))
    if GameParser is not None:
        with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            yield "file to build order: spawningtool", cpu_seconds(lambda: GameParser(str(path)).get_parsed_data(), 1)


def cpu_seconds(work: Callable[[], object], repeats: int = REPEATS) -> float:
    """The best of a few, on this process's clock."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


if __name__ == "__main__":
    main()
