"""A real game seen from both sides: the two passes join to one set of rows that fits what is known of it."""

from pathlib import Path

import pytest

from sc2_pipeline.sc2_client.observation.passes import Detail, Fog, plan_passes
from sc2_pipeline_tests.sc2_client.observation.collecting import Collected, collect, recorded_side

LOOPS = [50, *range(1000, 14001, 1000)]

SUPPLY_USED = {
    1: [13, 15, 17, 23, 24, 28, 34, 42, 55, 65, 74, 78, 90, 89, 111],
    2: [13, 16, 19, 22, 26, 31, 40, 39, 50, 59, 69, 78, 86, 81, 98],
}
SUPPLY_WORKERS = {
    1: [12, 15, 16, 18, 20, 24, 27, 28, 35, 41, 48, 48, 46, 45, 45],
    2: [12, 15, 19, 19, 20, 23, 25, 29, 34, 39, 39, 43, 45, 48, 41],
}
DEAD_UNITS = {
    1: {7000: 2, 8000: 5, 10000: 6, 11000: 4, 12000: 1, 14000: 11},
    2: {8000: 5, 10000: 6, 11000: 4, 12000: 3, 14000: 13},
}
UPGRADES = {1: {20: 8000, 15: 11000, 16: 13000, 7: 13000}, 2: {15: 10000, 7: 11000, 16: 14000, 11: 14000}}


@pytest.fixture(scope="module")
def passes(recordings: Path) -> dict[int, Collected]:
    """The fogged passes of both players."""
    sides = {1: "player", 2: "opponent"}
    return {
        observed.player_id: collect(recorded_side(recordings, sides[observed.player_id]), observed, detail=Detail.UNITS)
        for observed in plan_passes([1, 2], Fog.ON, Detail.UNITS)
    }


@pytest.mark.parametrize("player", [1, 2])
def test_fifteen_loops_of_each_side_have_the_right_supply_and_workers(
    passes: dict[int, Collected], player: int
) -> None:
    rows = passes[player].rows("player_snapshots")

    assert [row["game_loop"] for row in rows] == LOOPS
    assert {(row["pass_player_id"], row["player_id"]) for row in rows} == {(player, player)}
    assert [row["supply_used"] for row in rows] == SUPPLY_USED[player]
    assert [row["supply_workers"] for row in rows] == SUPPLY_WORKERS[player]


@pytest.mark.parametrize("player", [1, 2])
def test_dead_units_and_upgrades_stand_at_their_loops(passes: dict[int, Collected], player: int) -> None:
    dead: dict[int, int] = {}
    for row in passes[player].rows("dead_units"):
        dead[row["game_loop"]] = dead.get(row["game_loop"], 0) + 1
    upgrades = {row["upgrade_id"]: row["game_loop"] for row in passes[player].rows("upgrades_seen")}

    assert dead == DEAD_UNITS[player]
    assert upgrades == UPGRADES[player]


def test_the_bank_and_the_score_of_the_last_observation(passes: dict[int, Collected]) -> None:
    last = passes[1].rows("player_snapshots")[-1]

    assert (last["minerals"], last["vespene"], last["supply_cap"]) == (829, 539, 149)
    assert (last["supply_army"], last["supply_used_army"], last["supply_used_economy"]) == (66, 66.0, 45.0)
    assert (last["minerals_lost_army"], last["minerals_lost_economy"], last["minerals_lost_technology"]) == (
        2005,
        525,
        150,
    )
    assert last["minerals_collected"] == 13425
    assert (last["camera_x"], last["camera_y"], last["camera_z"]) == (141.19921875, 56.53125, None)


def test_each_pass_keeps_the_units_of_its_player_and_the_first_the_neutral_ones(passes: dict[int, Collected]) -> None:
    owners = {player: {row["player_id"] for row in seen.rows("unit_snapshots")} for player, seen in passes.items()}

    assert owners == {1: {1, 16}, 2: {2}}
    last = [row for row in passes[2].rows("unit_snapshots") if row["game_loop"] == 14000]
    assert len(last) == 115
    assert sum(row["unit_type_id"] == 45 for row in last) == 39


def test_what_a_player_sees_of_the_other_is_what_the_others_pass_knows(passes: dict[int, Collected]) -> None:
    known = {
        (row["game_loop"], row["unit_tag"]): (row["unit_type_id"], row["x"], row["y"], row["health"])
        for seen in passes.values()
        for row in seen.rows("unit_snapshots")
    }
    visible = [
        row
        for seen in passes.values()
        for row in seen.rows("unit_sightings")
        if row["display_type"] == "visible" and not row["is_blip"] and row["player_id"] != 16
    ]
    seers_of_neutral = {row["pass_player_id"] for row in passes[1].rows("unit_sightings") + passes[2].rows("unit_sightings")
        if row["player_id"] == 16}  # fmt: skip

    assert seers_of_neutral == {2}
    assert len(visible) > 200
    assert {row["player_id"] for row in visible} == {1, 2}
    for row in visible:
        seen = (row["unit_type_id"], row["x"], row["y"], row["health"])
        assert seen == known[row["game_loop"], row["unit_tag"]]


def test_remembered_and_hidden_units_of_the_other_are_sightings_too(passes: dict[int, Collected]) -> None:
    rows = [row for seen in passes.values() for row in seen.rows("unit_sightings")]

    assert {row["display_type"] for row in rows} == {"visible", "snapshot", "hidden"}
    assert {row["pass_player_id"] == row["player_id"] for row in rows} == {False}
    assert {row["player_id"] for row in rows if row["display_type"] == "hidden"} == {None}


def test_orders_belong_to_units_of_the_pass(passes: dict[int, Collected]) -> None:
    for player, seen in passes.items():
        units = {(row["game_loop"], row["api_tag"]): row for row in seen.rows("unit_snapshots")}
        orders = seen.rows("unit_orders")

        assert len(orders) > 300
        assert {units[order["game_loop"], order["api_tag"]]["player_id"] for order in orders} == {player}
