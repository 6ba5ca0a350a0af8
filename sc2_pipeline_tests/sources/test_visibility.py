"""Who saw a unit: told to its own rows from the fogged passes, and equal to those passes' rows."""

import random

import pyarrow as pa
import pytest

from sc2_pipeline.sources.visibility import Sights
from sc2_pipeline.tables import RAW_TABLES
from sc2_pipeline_demo.stand_in import Assumptions, Control

FAR = 0x7F << 56
"""Tags of a game whose tags are not the tracker's are larger than 32 bits."""


def rows_of(name, rows):
    return pa.RecordBatch.from_pylist(rows, schema=RAW_TABLES[name].schema)


def sightings(seen, display_type="visible"):
    return rows_of(
        "unit_sightings",
        [{"unit_tag": tag, "game_loop": loop, "display_type": display_type} for tag, loop in sorted(seen)],
    )


def snapshots(*rows):
    return rows_of("unit_snapshots", [{"player_id": o, "unit_tag": tag, "game_loop": loop} for o, tag, loop in rows])


def looked(sights, player_id, loops):
    for loop in loops:
        sights.note_loop(player_id, loop)


def visible_to(sights, *rows):
    return sights.told(snapshots(*rows))["visible_to"].to_pylist()


def test_without_a_fogged_pass_nobody_knows_who_saw_a_unit():
    assert visible_to(Sights(), (1, 7, 8)) == [None]


def test_a_unit_is_visible_at_the_very_loops_of_its_sightings():
    sights = Sights()
    looked(sights, 2, [1, 8, 16, 24, 32])
    sights.note(2, sightings([(7, 8), (7, 16), (7, 32)]))

    seen = visible_to(sights, *((1, 7, loop) for loop in (1, 8, 16, 24, 32)), (1, 6, 8), (1, 8, 8))

    assert seen == [[], [2], [2], [], [2], [], []]


def test_what_is_only_remembered_is_not_seen():
    sights = Sights()
    looked(sights, 2, [1])
    sights.note(2, sightings([(7, 1)], display_type="snapshot"))

    assert visible_to(sights, (1, 7, 1)) == [[]]


def test_owners_do_not_count_and_nobodys_units_are_not_told_of():
    sights = Sights()
    for player in (1, 2):
        looked(sights, player, [1])
        sights.note(player, sightings([(7, 1)]))

    assert visible_to(sights, (1, 7, 1), (2, 7, 1), (3, 7, 1)) == [[2], [1], [1, 2]]
    assert visible_to(sights, (16, 7, 1), (0, 7, 1), (None, 7, 1), (1, None, 1)) == [None] * 4


def test_a_loop_that_a_fogged_pass_did_not_reach_is_not_known():
    sights = Sights()
    looked(sights, 2, [1, 8])

    assert visible_to(sights, (1, 7, 8), (1, 7, 16), (2, 7, 16)) == [[], None, []]


@pytest.mark.parametrize("tags", [range(5, 25), range(FAR, FAR + 20)], ids=["trackers", "own"])
def test_any_sightings_in_any_batches_are_told_as_they_are(tags):
    chance = random.Random(1)
    loops = [1, *range(8, 800, 8)]
    sights, seen = Sights(), {}
    for player in (1, 2, 4):
        seen[player] = {(tag, loop) for tag in tags for loop in loops if chance.random() < (loop // 80 % 3) / 3}
        for begin in range(0, len(loops), 30):
            group = loops[begin : begin + 30]
            looked(sights, player, group)
            sights.note(player, sightings([(tag, loop) for tag, loop in seen[player] if loop in group]))

    asked = [(chance.choice((1, 2, 3)), tag, loop) for tag in tags for loop in loops]

    assert visible_to(sights, *asked) == [
        [player for player in seen if player != owner and (tag, loop) in seen[player]] for owner, tag, loop in asked
    ]


@pytest.mark.slow
@pytest.mark.parametrize("keeps_fog", [False, True], ids=["as assumed", "fog that stays"])
def test_through_the_game_rows_say_what_the_fogged_passes_own_rows_say(stand_in_source, skirmish, keeps_fog):
    control = Control(keeps_answers=True, assumptions=Assumptions(ignores_disable_fog=keeps_fog))
    tables = stand_in_source(control, fog="both").tables(skirmish)

    seen = {
        (row["pass_player_id"], row["unit_tag"], row["game_loop"])
        for row in tables["unit_sightings"].to_pylist()
        if row["display_type"] == "visible"
    }
    rows = (
        tables["unit_snapshots"].select(["player_id", "unit_tag", "game_loop", "visible_to", "is_fogged"]).to_pylist()
    )
    players = [row for row in rows if row["player_id"] in (1, 2)]
    for row in players:
        other = 3 - row["player_id"]
        assert row["visible_to"] == [other] * ((other, row["unit_tag"], row["game_loop"]) in seen)
    assert {len(row["visible_to"]) for row in players} == {0, 1}
    assert {str(row["visible_to"]) for row in rows if row["player_id"] == 16} == {"None"}
    assert {row["is_fogged"] for row in rows} == {keeps_fog}
    assert tables["unit_sightings"]["pass_player_id"].unique().to_pylist() == [1, 2]
