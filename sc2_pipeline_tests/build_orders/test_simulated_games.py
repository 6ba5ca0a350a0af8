"""Games of which everything is known: each start that is claimed lies where it was, within the error that is claimed."""

from collections import Counter

import pytest

from sc2_pipeline.build_orders import build_orders, macro_actions, read_game
from sc2_pipeline.replay_format.mpq import Archive
from sc2_pipeline_demo.synthetic import ladder_game, replay_bytes

GAMES = [
    (seed, races) for seed, races in enumerate([("Protoss", "Terran"), ("Zerg", "Protoss"), ("Terran", "Zerg")] * 3)
]


@pytest.mark.parametrize("with_commands", [True, False], ids=["commands", "no commands"])
@pytest.mark.parametrize(("seed", "races"), GAMES)
def test_every_start_is_within_its_error(seed, races, with_commands):
    script = ladder_game(seed, races=races, game_loops=16_000)
    record = read_game(Archive(replay_bytes(script)), with_commands=with_commands)
    truth = {start.unit_tag: start for start in script.truth.starts}

    wrong, seen = [], Counter()
    for order in build_orders(record):
        for step in order.steps:
            known = truth.get(step.unit_tag)
            if known is None or step.unit_tag is None or step.kind == "morph" or step.started_game_loop is None:
                continue
            seen[step.start_method] += 1
            least, most = (
                step.started_game_loop - step.start_error_game_loops,
                step.started_game_loop + step.start_error_game_loops,
            )
            if not least <= known.game_loop <= most:
                wrong.append(
                    (step.item, step.start_method, step.started_game_loop, known.game_loop, step.start_error_game_loops)
                )
    assert wrong == []
    assert sum(seen.values()) > 100


@pytest.mark.parametrize(
    "base_build", [26490, 32283, 51702, 55505, 59587, 62848, 70154, 75689, 80949, 89720, 93333, 97364]
)
def test_games_of_every_era_are_solved_by_the_rules_that_they_were_played_by(base_build):
    wrong, begun = [], 0
    for races in (("Protoss", "Terran"), ("Zerg", "Protoss")):
        script = ladder_game(base_build, races=races, game_loops=9_000, base_build=base_build)
        truth = {start.unit_tag: start.game_loop for start in script.truth.starts if start.unit_tag is not None}
        for order in build_orders(read_game(Archive(replay_bytes(script)))):
            for step in order.steps:
                if step.unit_tag in truth and step.kind != "morph" and step.started_game_loop is not None:
                    begun += 1
                    if abs(truth[step.unit_tag] - step.started_game_loop) > step.start_error_game_loops:
                        wrong.append((step.item, step.start_method, step.started_game_loop, truth[step.unit_tag]))

    assert wrong == []
    assert begun > 250


def test_chrono_boosts_are_those_that_were_cast():
    script = ladder_game(3, races=("Protoss", "Zerg"), game_loops=16_000)
    record = read_game(Archive(replay_bytes(script)))

    [found] = [
        [action for action in macro_actions(record, order.context) if action.kind == "chrono"]
        for order in build_orders(record)
        if order.context.player.race_actual == "protoss"
    ]

    assert [action.game_loop for action in found] == sorted(chrono.game_loop for chrono in script.truth.chronos)
    assert len(found) > 3
