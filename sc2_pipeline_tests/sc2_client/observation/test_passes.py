"""Which passes a replay takes, and which rows come from which."""

import pytest

from sc2_pipeline.game_messages import raw_pb2
from sc2_pipeline.sc2_client.observation.passes import Detail, Fog, ObservedPass, plan_passes, tables_of_pass, with_fog
from sc2_pipeline_tests.sc2_client.observation.collecting import Collected, collect
from sc2_pipeline_tests.sc2_client.observation.messages import LIVE, add_unit, observation

FIELD = {"unit_snapshots", "unit_orders", "unit_buffs", "unit_passengers", "unit_rally_targets", "effects"}


def _seen_by(player: int) -> bytes:
    """A field with units of players 1 and 2, of computer 3 and of nobody, and one whose owner cannot be known."""
    message = observation(8, player_id=player)
    for tag, owner in ((10, 1), (20, 2), (30, 3), (40, 16)):
        alliance = raw_pb2.Self if owner == player else raw_pb2.Neutral if owner == 16 else raw_pb2.Enemy
        add_unit(message, LIVE | tag, owner=owner, alliance=alliance).orders.add(ability_id=owner)
        if owner != 16:
            message.observation.raw_data.effects.add(effect_id=1, owner=owner).pos.add(x=float(owner))
    hidden = add_unit(message, LIVE | 50, alliance=raw_pb2.Enemy)
    hidden.ClearField("owner")
    return message.SerializeToString()


def _passes(player_ids: list[int], fog: Fog, detail: Detail = Detail.UNITS) -> list[tuple[ObservedPass, Collected]]:
    planned = plan_passes(player_ids, fog, detail)
    return [(observed, collect([_seen_by(observed.player_id)], observed, detail=detail)) for observed in planned]


@pytest.mark.parametrize(
    ("fog", "detail", "expected"),
    [
        (Fog.OFF, Detail.UNITS, [(1, False, True, False), (2, False, True, False)]),
        (Fog.ON, Detail.UNITS, [(1, True, True, True), (2, True, True, True)]),
        (
            Fog.BOTH,
            Detail.UNITS,
            [(1, True, False, True), (2, True, False, True), (1, False, True, False), (2, False, True, False)],
        ),
        (Fog.BOTH, Detail.ECONOMY, [(1, False, True, False), (2, False, True, False)]),
    ],
)
def test_fog_and_detail_say_which_passes_are_run(
    fog: Fog, detail: Detail, expected: list[tuple[int, bool, bool, bool]]
) -> None:
    planned = plan_passes([1, 2], fog, detail)

    assert [(one.player_id, one.is_fogged, one.gives_truth, one.gives_sight) for one in planned] == expected
    assert [one.takes_rest for one in planned if one.gives_truth] == [True, False]
    assert not any(one.takes_rest for one in planned if not one.gives_truth)


def test_a_game_that_keeps_its_fog_tells_each_sight_in_one_pass() -> None:
    for fog in (Fog.OFF, Fog.BOTH):
        kept = with_fog(plan_passes([1, 2], fog, Detail.UNITS), Detail.UNITS)

        assert all(one.is_fogged for one in kept)
        assert [one.player_id for one in kept if one.gives_sight] == [1, 2]
        assert [one.player_id for one in kept if one.gives_truth] == [1, 2]
    assert not any(one.gives_sight for one in with_fog(plan_passes([1], Fog.OFF, Detail.ECONOMY), Detail.ECONOMY))


def test_each_unit_order_and_effect_comes_from_exactly_one_pass() -> None:
    passes = _passes([1, 2], Fog.OFF)

    tags = [[row["unit_tag"] for row in seen.rows("unit_snapshots")] for _, seen in passes]
    orders = [[row["ability_id"] for row in seen.rows("unit_orders")] for _, seen in passes]
    effects = [[row["player_id"] for row in seen.rows("effects")] for _, seen in passes]
    assert tags == [[10, 30, 40, 50], [20]]
    assert orders == [[1, 3, 16], [2]]
    assert effects == [[1, 3], [2]]


def test_a_computer_that_is_observed_gives_its_own_units() -> None:
    passes = _passes([1, 2, 3], Fog.OFF)

    assert [[row["unit_tag"] for row in seen.rows("unit_snapshots")] for _, seen in passes] == [
        [10, 40, 50],
        [20],
        [30],
    ]


def test_a_replay_with_one_participant_has_one_pass_with_everything() -> None:
    [(_, seen)] = _passes([2], Fog.OFF)

    assert [row["unit_tag"] for row in seen.rows("unit_snapshots")] == [10, 20, 30, 40, 50]


def test_fogged_passes_tell_what_was_seen_of_others() -> None:
    passes = _passes([1, 2], Fog.BOTH)

    sightings = [[row["unit_tag"] for row in seen.rows("unit_sightings")] for _, seen in passes]
    assert sightings == [[20, 30, 50], [10, 30, 50], [], []]
    assert [set(seen.batches) for observed, seen in passes if not observed.gives_truth] == [{"unit_sightings"}] * 2


def test_under_fog_alone_the_same_passes_give_truth_and_sight() -> None:
    for _, seen in _passes([1, 2], Fog.ON):
        assert {"unit_snapshots", "unit_sightings", "player_snapshots"} <= set(seen.batches)
        assert {row["is_fogged"] for row in seen.rows("unit_snapshots")} == {True}


def test_detail_says_which_tables_are_filled() -> None:
    [observed] = plan_passes([1], Fog.OFF, Detail.UNITS)
    names = {detail: {table.name for table in tables_of_pass(observed, detail)} for detail in Detail}

    assert not names[Detail.ECONOMY] & FIELD
    assert names[Detail.UNITS] - names[Detail.ECONOMY] == FIELD | {"power_sources", "radar"}
    assert names[Detail.FULL] - names[Detail.UNITS] == {"map_layers", "available_abilities"}
    assert {"player_snapshots", "actions", "dead_units", "upgrades_seen", "chat_messages"} <= names[Detail.ECONOMY]
