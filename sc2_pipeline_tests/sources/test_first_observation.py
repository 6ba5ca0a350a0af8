"""What the first observation of a replay shows of the game, beside what the replay's tracker knows."""

import dataclasses
import lzma

import pytest

from sc2_pipeline.game_messages import raw_pb2
from sc2_pipeline.replay_format.lobby import TRACKER
from sc2_pipeline.replay_format.mpq import Archive, open_archive
from sc2_pipeline.sc2_client.observation.passes import Detail, Fog, plan_passes
from sc2_pipeline.sc2_client.traits import ASSUMED
from sc2_pipeline.sources.first_observation import Opening, first_look, opening
from sc2_pipeline.sources.streams import read_tracker
from sc2_pipeline_tests.replay_format.archives import archive, with_zlib
from sc2_pipeline_tests.sc2_client.observation.messages import LIVE, add_unit, observation

OPEN, OTHERS_OPEN = plan_passes([1, 2], Fog.OFF, Detail.UNITS)
FOGGED, _ = plan_passes([1, 2], Fog.ON, Detail.UNITS)
BOTH_BEGAN = Opening(tags=frozenset({1 << 18 | 1, 2 << 18 | 1}), town_hall_owners=frozenset({1, 2}))


def seen(*owners, tag=LIVE | 1 << 18 | 1, neutral=16):
    message = observation(1)
    for owner in owners:
        add_unit(message, tag, owner=owner, alliance=raw_pb2.Self if owner == 1 else raw_pb2.Enemy)
    add_unit(message, LIVE | 9 << 18 | 1, owner=neutral, alliance=raw_pb2.Neutral)
    return message.SerializeToString()


@pytest.mark.parametrize(
    ("payload", "observed", "shown"),
    [
        (seen(1, 2), OPEN, {}),
        (seen(1), OPEN, {"can_disable_fog": False}),
        (seen(1), FOGGED, {}),
        (seen(2), OTHERS_OPEN, {"can_disable_fog": False}),
        (seen(1, 2, tag=LIVE | 77 << 18), OPEN, {"tags_are_the_trackers": False}),
        (seen(1, 2, neutral=0), OPEN, {"neutral_owner": 0}),
        (seen(), OPEN, {}),
        (b"\xff\xff\xff", OPEN, {}),
    ],
    ids=["as assumed", "fog", "fog wanted", "fog for the other", "tags", "neutral", "nobody's units", "no message"],
)
def test_the_first_observation_shows_what_is_otherwise(payload, observed, shown):
    assert first_look(payload, observed, BOTH_BEGAN, ASSUMED) == dataclasses.replace(ASSUMED, **shown)


def test_without_a_tracker_neither_fog_nor_tags_are_judged():
    assert first_look(seen(1, tag=LIVE | 77 << 18), OPEN, Opening(), ASSUMED) == ASSUMED


def test_what_a_player_of_a_real_game_saw_at_its_start_is_told_from_an_open_pass(shared):
    paths = sorted((shared / "engine_recordings" / "game_start").glob("*.ResponseObservation.pb.xz"))
    assert paths
    for path in paths:
        traits = first_look(
            lzma.decompress(path.read_bytes()), OPEN, Opening(town_hall_owners=frozenset({1, 2})), ASSUMED
        )

        assert traits.differences == "can_disable_fog=false", path.name


def test_the_opening_has_everybodys_town_hall_and_all_tags(skirmish):
    known = opening(read_tracker(open_archive(skirmish.path), 5_000))

    assert known.town_hall_owners == {1, 2}
    assert len(known.tags) > 100


@pytest.mark.parametrize(
    "members",
    [(), (with_zlib(TRACKER, b"\x00" * 64),), (with_zlib(TRACKER, b""),)],
    ids=["no stream", "no event in it", "empty"],
)
def test_a_damaged_or_missing_tracker_stream_leaves_the_opening_unknown(members):
    replay = Archive(archive(with_zlib("replay.details", b"details"), *members))

    assert opening(read_tracker(replay, 5_000)) == Opening()
