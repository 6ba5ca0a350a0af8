"""What was begun and never done: research of which no event tells, and eggs that never hatched."""

from collections import Counter

import pytest

from sc2_pipeline.build_orders import build_orders, read_game
from sc2_pipeline.errors import ReplayError
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


def solved(folder):
    """Every replay that has a tracker stream, with its build orders."""
    for path in sorted(folder.glob("*/*")):
        if path.suffix.lower() == ".sc2replay":
            try:
                record = read_game(open_archive(path))
            except ReplayError:
                continue
            yield path.name, record, build_orders(record)


@pytest.mark.slow
def test_what_a_larva_was_told_to_become_is_what_hatched(shared_replays):
    """Of eggs that hatched both are known: so the orders can be trusted for those that did not."""
    told, named = Counter(), Counter()
    for name, _, orders in solved(shared_replays):
        for order in orders:
            for step in order.steps:
                if step.start_method != "egg":
                    continue
                if step.outcome != "done":
                    named[step.item is not None] += 1
                    continue
                item = order.context.ordered.item_of_egg(step.producer_tag, step.started_game_loop)
                assert item in (None, step.item), (name, step)
                told[item is not None] += 1

    assert told[True] > 12_000
    assert named[True] > 0.85 * named.total()


@pytest.mark.slow
def test_research_that_was_given_up_or_lost_leaves_time_for_no_other_at_its_structure(shared_replays):
    outcomes = Counter()
    for name, record, orders in solved(shared_replays):
        for order in orders:
            research = [step for step in order.steps if step.kind == "upgrade"]
            for step in research:
                if step.outcome == "done":
                    continue
                outcomes[step.outcome] += 1
                end = record.last_game_loop if step.ended_game_loop is None else step.ended_game_loop
                assert step.start_method == "command", name
                assert step.started_game_loop < end <= record.last_game_loop, (name, step)
                beside = [
                    other
                    for other in research
                    if other is not step
                    and other.producer_tag == step.producer_tag
                    and step.started_game_loop <= other.order_game_loop < end
                ]
                assert beside == [], (name, step)
                # Nobody researches the same thing twice at a time, nor again what he has.
                assert not any(
                    other.item == step.item and other.outcome == "done" and other.order_game_loop < end
                    for other in research
                ), (name, step)

    assert outcomes["cancelled"] > 20
    assert outcomes["unfinished"] > 40
    assert outcomes["destroyed"] > 5
