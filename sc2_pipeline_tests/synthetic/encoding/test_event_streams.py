"""Event streams written from decoded events are the streams they were decoded from."""

import pytest

from sc2_pipeline.replay_format.protocols import builds
from sc2_pipeline_demo.synthetic.encoding.event_streams import (
    fields_of,
    game_stream,
    has_event,
    message_stream,
    tracker_stream,
)
from sc2_pipeline_tests.synthetic.readers import archive_of, header_content, needs_s2protocol, plain, s2protocol_module

REAL = (
    "Blizzard+s2protocol/2018-12-01_P_Calm_VS_T_Aggression.SC2Replay",
    "ggtracker+sc2reader/Oblivion Express.SC2Replay",
    "google-deepmind+pysc2/replay_09.SC2Replay",
    "manuelseeger+sc2-ai-coach/Equilibrium LE (95) Greek letters in player name.SC2Replay",
)
STREAMS = {"tracker": tracker_stream, "game": game_stream, "message": message_stream}

BORN = {
    "_event": "SUnitBornEvent",
    "_gameloop": 3,
    "m_unitTagIndex": 1,
    "m_unitTagRecycle": 1,
    "m_unitTypeName": b"Probe",
    "m_controlPlayerId": 1,
    "m_upkeepPlayerId": 1,
    "m_x": 40,
    "m_y": 50,
}
TRAIN = {
    "_event": "SCmdEvent",
    "_gameloop": 12,
    "_userid": 1,
    "m_cmdFlags": 256,
    "m_abil": {"m_abilLink": 177, "m_abilCmdIndex": 0},
    "m_data": {"None": None},
    "m_sequence": 1,
}


@needs_s2protocol
@pytest.mark.parametrize("name", REAL)
def test_real_streams_decoded_and_written_again_are_the_same_bytes(shared_replays, name):
    from s2protocol import versions

    archive = archive_of((shared_replays / name).read_bytes())
    header = versions.latest().decode_replay_header(header_content(archive))
    build = header["m_version"]["m_baseBuild"]

    for stream, write in STREAMS.items():
        content = archive.read_file(f"replay.{stream}.events")
        events = getattr(versions.build(build), f"decode_replay_{stream}_events")(content)
        assert write(build, events) == content, stream


@needs_s2protocol
def test_a_command_written_from_a_dict_is_what_s2protocol_decodes():
    target = {"m_tag": 262145, "m_snapshotUnitLink": 82, "m_snapshotPoint": {"x": 131072, "y": 589824, "z": 49152}}
    chrono = TRAIN | {"_gameloop": 70_000, "m_abil": {"m_abilLink": 722}, "m_data": {"TargetUnit": target}}

    written = game_stream(92440, [TRAIN, chrono])

    first, second = plain(s2protocol_module(92440).decode_replay_game_events(written))
    assert (first["_gameloop"], first["_userid"], first["m_abil"]["m_abilLink"]) == (12, {"m_userId": 1}, 177)
    assert second["_gameloop"] == 70_000
    assert second["m_data"]["TargetUnit"]["m_tag"] == 262145
    assert second["m_data"]["TargetUnit"]["m_snapshotPoint"] == target["m_snapshotPoint"]
    assert second["m_otherUnit"] is None


@needs_s2protocol
def test_a_tracker_event_lacks_what_is_not_given():
    written = tracker_stream(92440, [BORN, BORN | {"_gameloop": 500_000}])

    events = plain(s2protocol_module(92440).decode_replay_tracker_events(written))
    assert events == [BORN, BORN | {"_gameloop": 500_000}]


@pytest.mark.parametrize(
    ("write", "events", "message"),
    [
        (tracker_stream, [BORN, BORN | {"_gameloop": 2}], "go backwards in time, from game loop 3 to 2"),
        (tracker_stream, [BORN | {"_event": "SUnitSleptEvent"}], "no event SUnitSleptEvent"),
        (tracker_stream, [BORN | {"m_unitTypename": b"Probe"}], "no field m_unitTypename"),
        (tracker_stream, [BORN | {"m_controlPlayerId": 99}], "SUnitBornEvent at game loop 3 cannot be written: 99"),
        (tracker_stream, [BORN | {"m_unitTypeName": None}], "cannot be written"),
        (game_stream, [TRAIN | {"m_abil": {"m_abilLink": 1 << 20}}], "out of bounds"),
        (game_stream, [TRAIN | {"m_data": {"TargetCloud": None}}], "no choice TargetCloud"),
    ],
)
def test_events_that_do_not_fit_the_schema_are_refused(write, events, message):
    with pytest.raises(ValueError, match=message):
        write(92440, events)


def test_builds_before_26490_have_no_tracker_stream():
    with pytest.raises(ValueError, match="has no event SUnitBornEvent"):
        tracker_stream(24944, [BORN])
    assert tracker_stream(24944, []) == b""


def test_builds_before_24944_name_no_users():
    with pytest.raises(ValueError, match="name no users"):
        game_stream(builds()[0], [TRAIN])


def test_what_a_build_knows_can_be_asked():
    assert has_event(92440, "SSetSyncLoadingTimeEvent")
    assert not has_event(26490, "SPlayerSetupEvent")
    assert "m_creatorAbilityName" in fields_of(55505, "SUnitBornEvent")
    assert "m_creatorAbilityName" not in fields_of(54518, "SUnitBornEvent")
    assert fields_of(92440, "SUserFinishedLoadingSyncEvent") == frozenset()
