"""How fast a replay's tracker stream becomes columns, against the two decoders people use.

    python benchmarks/tracker_decode.py ../shared/replays

Every decoder goes from the file's path to every tracker event in memory, in the same process, on the same replays,
in turn, so that a busy machine slows all alike. CPU time; the least of the rounds for each replay, the median over
replays. s2protocol needs Python 3.11 (it imports the module imp) and a replay of a build it knows; sc2reader runs at
load_level 3, which reads the tracker and no game events.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from sc2_pipeline.errors import ReplayError
from sc2_pipeline.replay_format import protocols
from sc2_pipeline.replay_format.lobby import TRACKER, read_header, read_lobby
from sc2_pipeline.replay_format.mpq import open_archive
from sc2_pipeline.replay_format.tracker import decode_tracker

MODERN_SINCE_BUILD = 67188
"""Patch 4.5 (2018); the tracker's last schema is older (55505)."""

Decoder = Callable[[Path], object]


def ours(path: Path) -> object:
    """Columns of every event."""
    return decode_tracker(open_archive(path).read(TRACKER))


def ours_with_lobby(path: Path) -> object:
    """Columns of every event and everything known before them, as extraction reads both."""
    archive = open_archive(path)
    return read_lobby(archive), decode_tracker(archive.read(TRACKER))


def peers() -> dict[str, Decoder]:
    """The peers that this Python can import."""
    found: dict[str, Decoder] = {}
    if sys.version_info < (3, 12):
        import mpyq  # noqa: PLC0415 - a peer, measured where it can be imported
        from s2protocol import versions  # noqa: PLC0415

        def s2protocol_tracker(path: Path) -> object:
            archive = mpyq.MPQArchive(str(path), listfile=False)
            header = versions.latest().decode_replay_header(archive.header["user_data_header"]["content"])
            protocol = versions.build(header["m_version"]["m_baseBuild"])
            return list(protocol.decode_replay_tracker_events(archive.read_file(TRACKER)))

        found["s2protocol, tracker events"] = s2protocol_tracker
    import sc2reader  # noqa: PLC0415

    found["sc2reader, load_level 3"] = lambda path: sc2reader.load_replay(str(path), load_level=3)
    return found


def modern_replays(folder: Path) -> list[Path]:
    """Replays with a tracker stream of a build that s2protocol knows, those that a peer cannot open left out."""
    modern = []
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() != ".sc2replay":
            continue
        try:
            archive = open_archive(path)
            base_build = read_header(archive)["m_version"]["m_baseBuild"]
        except ReplayError:
            continue
        if TRACKER in archive and base_build >= MODERN_SINCE_BUILD and base_build in protocols.builds():
            modern.append(path)
    return modern


def measured(decoders: dict[str, Decoder], replays: list[Path], rounds: int) -> dict[str, list[float]]:
    """Milliseconds of CPU per decoder, one for each replay that all of them read."""
    milliseconds: dict[str, list[float]] = {name: [] for name in decoders}
    for path in replays:
        try:
            best = {name: min(_once(decode, path) for _ in range(rounds)) for name, decode in decoders.items()}
        except Exception as error:  # noqa: BLE001 - what a peer raises on a replay that it cannot read
            print(f"left out {path.name}: {type(error).__name__}", file=sys.stderr)
            continue
        for name, value in best.items():
            milliseconds[name].append(value)
    return milliseconds


def _once(decode: Decoder, path: Path) -> float:
    start = time.process_time()
    decode(path)
    return (time.process_time() - start) * 1000


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--limit", type=int, default=30, help="replays at most (default 30, at least 20 make sense)")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()

    decoders = {"ours": ours, "ours, with lobby": ours_with_lobby, **peers()}
    replays = modern_replays(options.folder)
    step = max(1, len(replays) // options.limit)
    milliseconds = measured(decoders, replays[::step][: options.limit], options.rounds)

    base = statistics.median(milliseconds["ours"])
    print(
        f"{len(milliseconds['ours'])} replays since base build {MODERN_SINCE_BUILD}, median CPU of one, file to events"
    )
    print(f"{'decoder':28} {'ms':>8} {'times ours':>11}")
    for name, values in milliseconds.items():
        median = statistics.median(values)
        print(f"{name:28} {median:8.1f} {median / base:10.1f}x")


if __name__ == "__main__":
    main()
