"""What was begun and never done: research of which no event tells, and eggs that never hatched."""

from sc2_pipeline.build_orders import build_orders, read_game
from sc2_pipeline.replay_format.mpq import open_archive

LADDER = "StoicLoofah+spawningtool"


def upgrades(folder, name):
    """Every step of that kind: player, item, outcome, start and end."""
    [path] = folder.rglob(name)
    return [
        (step.player_id, step.item, step.outcome, step.started_game_loop, step.ended_game_loop)
        for order in build_orders(read_game(open_archive(path)))
        for step in order.steps
        if step.kind == "upgrade" and step.outcome != "done"
    ]


def test_research_given_up_is_a_step_that_was_cancelled(shared_replays):
    found = upgrades(shared_replays / LADDER, "patch_5_0_14_tvp.SC2Replay")

    # Begun again at once, Warp Gate Research got done; Air Weapons were under way when the game ended.
    assert found == [
        (2, "WarpGateResearch", "cancelled", 2866, 3154),
        (2, "ProtossAirWeaponsLevel1", "unfinished", 15664, None),
    ]


def test_research_dies_with_its_structure(shared_replays):
    found = upgrades(shared_replays / LADDER, "patch_5_0_4_pvt.SC2Replay")

    assert (2, "PunisherGrenades", "destroyed", 14854, 15348) in found


def test_without_commands_nothing_is_known_of_it(shared_replays):
    [path] = (shared_replays / LADDER).rglob("patch_5_0_14_tvp.SC2Replay")

    orders = build_orders(read_game(open_archive(path), with_commands=False))

    assert all(step.outcome == "done" for order in orders for step in order.steps if step.kind == "upgrade")
