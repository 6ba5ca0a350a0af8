"""A pass gives every observation of its plan, byte for byte the same at any depth of the pipeline."""

import dataclasses
from dataclasses import dataclass

import pytest

from sc2_pipeline.game_messages import sc2api_pb2 as api
from sc2_pipeline.sampling import PassPlan
from sc2_pipeline.sc2_client.instance import InstanceKeeper
from sc2_pipeline.sc2_client.maps import PlayableReplay
from sc2_pipeline_demo import synthetic
from sc2_pipeline_demo.stand_in import Control, Fault, install


def run(instance, replay, *, player=1, disable_fog=True, **plan):
    playable = replay.playable
    info = instance.replay_info(playable)
    started = instance.start_pass(
        playable, info, observed_player_id=player, disable_fog=disable_fog, plan=PassPlan(**plan)
    )
    return list(started.observations())


def test_loops_are_the_first_then_multiples_then_the_last(instance, short_game):
    observations = run(instance, short_game, step_mul=100)

    assert [o.game_loop for o in observations] == [1, *range(100, 2654, 100), 2654]
    assert [o.is_last for o in observations].index(True) == len(observations) - 1

    # Stretches of more than one request: to what is asked for, to the end, and past an end that comes early.
    for end in (2654, 9_999):
        sampled = run(instance, short_game, step_mul=0, chosen={1_001: "at", 1_002: "at"}, end=end)
        assert [o.game_loop for o in sampled] == [1, 1_001, 1_002, 2654]
        assert sampled[-1].is_last


def test_every_loop_is_observed_at_step_one(instance, tiny_game, keeper):
    tiny = keeper.instance(tiny_game.base_build, tiny_game.data_version)

    assert [o.game_loop for o in run(tiny, tiny_game, step_mul=1)] == list(range(1, 460))


@pytest.mark.parametrize(
    ("game_loops", "expected"), [(1, [1]), (2, [1, 2]), (8, [1, 8]), (9, [1, 8, 9]), (19, [1, 8, 16, 19])]
)
def test_a_game_of_hardly_a_loop_is_observed_to_its_end(keeper, tmp_path, monkeypatch, game_loops, expected):
    script = synthetic.ladder_game(seed=5, game_loops=game_loops)
    monkeypatch.setenv("SC2PATH", str(install(tmp_path / "OtherStarCraftII", [script.base_build])))
    replay = WrittenReplay(PlayableReplay(content=synthetic.replay_bytes(script)))

    observations = run(keeper.instance(script.base_build, None), replay, step_mul=8)

    assert [o.game_loop for o in observations] == expected
    assert [o.is_last for o in observations] == [False] * (len(expected) - 1) + [True]


@dataclass
class WrittenReplay:
    playable: PlayableReplay


@pytest.mark.parametrize(("until", "expected"), [(1, [1]), (8, [1, 8]), (20, [1, 8, 16, 20])])
def test_a_pass_ends_at_until(instance, short_game, until, expected):
    observations = run(instance, short_game, step_mul=8, until=until)

    assert [o.game_loop for o in observations] == expected
    assert not observations[-1].is_last


def test_until_beyond_the_end_changes_nothing(instance, short_game):
    assert run(instance, short_game, step_mul=500, until=9999)[-1].game_loop == short_game.game_loops


def test_the_last_observation_has_everybodys_result(instance, short_game):
    last = run(instance, short_game, step_mul=500)[-1]

    results = api.ResponseObservation.FromString(last.payload).player_result
    assert [(r.player_id, api.Result.Name(r.result)) for r in results] == [(1, "Defeat"), (2, "Victory")]


@pytest.mark.parametrize("depth", [2, 16, 200])
def test_the_depth_of_the_pipeline_changes_no_byte(sc2path, settings, short_game, depth):
    payloads = []
    for pipeline_depth in (1, depth):
        deep = dataclasses.replace(settings, pipeline_depth=pipeline_depth)
        with InstanceKeeper(deep) as keeper:
            instance = keeper.instance(short_game.base_build, short_game.data_version)
            payloads.append([o.payload for o in run(instance, short_game, step_mul=40)])
            assert instance.is_usable()

    assert payloads[0] == payloads[1]


@pytest.mark.parametrize("depth", [1, 16])
def test_a_loop_that_jumps_is_counted_and_the_samples_return_to_the_plan(
    sc2path, settings, short_game, misbehave, depth
):
    misbehave(Control(faults=(Fault(kind="loop_jump", game_loop=400, game_loops_jumped=30, times=1),)))
    with InstanceKeeper(dataclasses.replace(settings, pipeline_depth=depth)) as keeper:
        instance = keeper.instance(short_game.base_build, short_game.data_version)
        info = instance.replay_info(short_game.playable)
        plan = PassPlan(step_mul=100)
        started = instance.start_pass(short_game.playable, info, observed_player_id=1, disable_fog=True, plan=plan)
        loops = [observation.game_loop for observation in started.observations()]

    assert started.jumps == 1
    assert loops[:6] == [1, 100, 200, 300, 400, 530]
    assert loops[-1] == short_game.game_loops
    # Requests that were sent before the jump was seen come that much later.
    assert loops[6] == (600 if depth == 1 else 630)
    assert loops[-2] == 2600 if depth == 1 else loops[-2] % 100 in (0, 30)


def test_an_instance_plays_both_passes_and_more_replays(instance, keeper, short_game):
    first = run(instance, short_game, player=1, step_mul=200)
    second = run(instance, short_game, player=2, step_mul=200)
    again = keeper.instance(short_game.base_build, short_game.data_version)

    assert again is instance
    assert [o.game_loop for o in first] == [o.game_loop for o in second]
    assert [o.payload for o in run(again, short_game, player=1, step_mul=200)] == [o.payload for o in first]


def test_an_iteration_given_up_costs_a_fresh_instance_only(instance, keeper, short_game):
    playable = short_game.playable
    info = instance.replay_info(playable)
    plan = PassPlan(step_mul=8)
    started = instance.start_pass(playable, info, observed_player_id=1, disable_fog=True, plan=plan)
    for _ in zip(range(3), started.observations(), strict=False):
        pass

    fresh = keeper.instance(short_game.base_build, short_game.data_version)

    assert fresh is not instance
    assert run(fresh, short_game, step_mul=1000)[-1].is_last


def test_game_info_and_game_data_come_as_bytes(instance, short_game):
    playable = short_game.playable
    info = instance.replay_info(playable)
    started = instance.start_pass(playable, info, observed_player_id=1, disable_fog=True, plan=PassPlan())

    game_info = api.ResponseGameInfo.FromString(started.game_info())
    game_data = api.ResponseData.FromString(started.game_data())

    assert (game_info.options.raw, game_info.options.show_burrowed_shadows) == (True, True)
    assert {unit.name: unit.build_time for unit in game_data.units}["Drone"] == 272
