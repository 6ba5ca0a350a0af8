"""Every field of every event of every real replay, against Blizzard's own decoder."""

import importlib.util
import sys
from pathlib import Path

import pytest

from sc2_pipeline.errors import ReplayError
from sc2_pipeline.replay_format import protocols
from sc2_pipeline.replay_format.lobby import TRACKER, read_header
from sc2_pipeline.replay_format.mpq import Archive, open_archive
from sc2_pipeline.replay_format.tracker import UNIT_EVENT_NAMES, TrackerEvents, decode_tracker
from sc2_pipeline.replay_format.tracker_fields import STATS

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        sys.version_info >= (3, 12) or importlib.util.find_spec("s2protocol") is None,
        reason="s2protocol imports the module imp, which Python 3.12 removed",
    ),
]

WIRE_STATS = ["m_scoreValue" + "".join(part.capitalize() for part in name.split("_")) for name in STATS]


def replays(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() == ".sc2replay")


def archives_with_events(folder: Path) -> list[tuple[str, Archive]]:
    found = []
    for path in replays(folder):
        try:
            archive = open_archive(path)
        except ReplayError:
            continue
        if TRACKER in archive:
            found.append((path.name, archive))
    return found


def published_events(archive: Archive):
    """Events of s2protocol with the build's own protocol, or the newest where that has none."""
    from s2protocol import versions

    base_build = read_header(archive)["m_version"]["m_baseBuild"]
    has_own = base_build in protocols.builds() and protocols.protocol(base_build).tracker_event_types
    decoder = versions.build(base_build) if has_own else versions.latest()
    return decoder.decode_replay_tracker_events(archive.read(TRACKER))


def tag(index: int | None, recycle: int | None) -> int | None:
    return None if index is None or recycle is None else (index << 18) + recycle


def text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("utf-8", "replace")


def expected_row(event) -> tuple[str, list[tuple]]:
    """The batch an event of s2protocol belongs to, and its rows there without event_index."""
    kind, loop = event["_eventid"], event["_gameloop"] % 2**32
    if kind in UNIT_EVENT_NAMES:
        return "unit_events", [
            (
                loop,
                UNIT_EVENT_NAMES[kind],
                tag(event["m_unitTagIndex"], event["m_unitTagRecycle"]),
                text(event.get("m_unitTypeName")),
                event.get("m_controlPlayerId"),
                event.get("m_upkeepPlayerId"),
                event.get("m_x"),
                event.get("m_y"),
                event.get("m_killerPlayerId"),
                tag(event.get("m_killerUnitTagIndex"), event.get("m_killerUnitTagRecycle")),
                tag(event.get("m_creatorUnitTagIndex"), event.get("m_creatorUnitTagRecycle")),
                text(event.get("m_creatorAbilityName")),
            )
        ]
    if kind == 0:
        stats = event["m_stats"]
        return "player_stats", [(loop, event["m_playerId"], *(stats.get(name) for name in WIRE_STATS))]
    if kind == 5:
        return "upgrade_events", [(loop, event["m_playerId"], text(event["m_upgradeTypeName"]), event.get("m_count"))]
    if kind == 8:
        index, rows = event["m_firstUnitIndex"], []
        for place, (step, x, y) in enumerate(zip(*[iter(event["m_items"])] * 3, strict=True)):
            index += step
            rows.append((loop, place, index, x, y))
        return "unit_positions", rows
    return "player_setups", [
        (loop, event["m_playerId"], event["m_type"], event["m_userId"], event["m_slotId"]),
    ]


def rows(events: TrackerEvents, name: str) -> list[tuple]:
    columns = getattr(events, name).to_pydict()
    if name == "unit_positions":
        del columns["unit_tag"]
    return list(zip(*columns.values(), strict=True))


BATCHES = ("unit_events", "player_stats", "upgrade_events", "unit_positions", "player_setups")


def test_every_field_of_every_event_equals_s2protocol(shared_replays):
    compared = 0
    for name, archive in archives_with_events(shared_replays):
        expected = {batch: [] for batch in BATCHES}
        count = 0
        decoder = published_events(archive)
        while True:
            try:
                event = next(decoder)
            except StopIteration:
                is_whole = True
                break
            except Exception:  # noqa: BLE001 - s2protocol raises what it meets: TypeError, KeyError, its own
                is_whole = False
                break
            batch, new_rows = expected_row(event)
            expected[batch] += [(count, *row) for row in new_rows]
            count += 1

        ours = decode_tracker(archive.read(TRACKER))

        assert ours.is_complete == is_whole, (name, ours.fault)
        assert ours.event_count == count, (name, ours.fault)
        for batch in BATCHES:
            assert rows(ours, batch) == expected[batch], (name, batch)
        compared += count
    assert compared > 500_000
