"""Assembles a script's members into a replay file."""

from pathlib import Path

from sc2_pipeline_demo.synthetic.encoding.event_streams import Event, game_stream, message_stream, tracker_stream
from sc2_pipeline_demo.synthetic.encoding.mpq_writer import GAME_LAYOUT, ArchiveLayout, archive_bytes
from sc2_pipeline_demo.synthetic.members.attributes import attributes_bytes
from sc2_pipeline_demo.synthetic.members.details import details_bytes, header_bytes, metadata_bytes
from sc2_pipeline_demo.synthetic.members.lobby import initdata_bytes
from sc2_pipeline_demo.synthetic.script import GameScript

FIRST_BUILD_WITH_TRACKER = 26490
FIRST_BUILD_WITH_METADATA = 38215

_LOAD_INFO_BYTES = 52


def replay_bytes(script: GameScript, *, layout: ArchiveLayout = GAME_LAYOUT) -> bytes:
    """A complete ``.SC2Replay`` file. The same script gives the same bytes on every Python (with bz2, the default).

    Raises ValueError if an event does not fit the base build's schema.
    """
    return archive_bytes(_members(script), user_data=header_bytes(script), layout=layout)


def write_replay(path: Path | str, script: GameScript, *, layout: ArchiveLayout = GAME_LAYOUT) -> Path:
    """Writes the replay to ``path``, creating parent folders; returns the path."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(replay_bytes(script, layout=layout))
    return path


def _members(script: GameScript) -> dict[str, bytes]:
    details = details_bytes(script)
    members = {
        "replay.attributes.events": attributes_bytes(script),
        "replay.details": details,
        "replay.game.events": game_stream(script.base_build, script.game_events),
        "replay.gamemetadata.json": metadata_bytes(script),
        "replay.initData": initdata_bytes(script),
        "replay.load.info": bytes(_LOAD_INFO_BYTES),
        "replay.message.events": message_stream(script.base_build, script.messages),
        "replay.sync.events": b"",
    }
    if script.base_build < FIRST_BUILD_WITH_METADATA:
        del members["replay.gamemetadata.json"]
    if script.base_build >= FIRST_BUILD_WITH_TRACKER:
        members["replay.tracker.events"] = tracker_stream(script.base_build, _recorded_tracker_events(script))
    return {name: content for name, content in members.items() if name not in script.without}


def _recorded_tracker_events(script: GameScript) -> list[Event]:
    """The tracker's events in this file: the last statistics are recorded when the recording ends."""
    return [
        {**event, "_gameloop": script.recorded_game_loops}
        if event["_gameloop"] == script.game_loops and str(event["_event"]).endswith("SPlayerStatsEvent")
        else event
        for event in script.tracker_events
    ]
