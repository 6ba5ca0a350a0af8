"""An instance is kept between replays and replaced when it is due."""

import dataclasses

import psutil

from sc2_pipeline.sc2_client.instance import InstanceKeeper
from sc2_pipeline_demo.stand_in import Assumptions, Control
from sc2_pipeline_tests.sc2_client.test_replay_pass import run


def test_an_instance_is_replaced_after_so_many_replays(sc2path, settings, short_game):
    with InstanceKeeper(dataclasses.replace(settings, restart_every=3)) as keeper:
        pids = [keeper.instance(short_game.base_build, short_game.data_version).pid for _ in range(7)]

    assert [pids.count(pid) for pid in dict.fromkeys(pids)] == [3, 3, 1]


def test_an_instance_belongs_to_one_build_and_data_version(sc2path, settings, short_game, tiny_game):
    build, data_version = short_game.base_build, short_game.data_version
    with InstanceKeeper(settings) as keeper:
        first = keeper.instance(build, data_version)
        same = keeper.instance(build, data_version.lower())
        other_data = keeper.instance(build, "0" * 32)
        other_build = keeper.instance(tiny_game.base_build, tiny_game.data_version)

        assert same is first
        assert len({first.pid, other_data.pid, other_build.pid}) == 3
        assert not psutil.pid_exists(first.pid)
        assert not psutil.pid_exists(other_data.pid)


def test_an_instance_near_the_memory_ceiling_is_replaced(sc2path, settings, short_game, misbehave):
    misbehave(Control(assumptions=Assumptions(megabytes_kept_per_replay=200)))
    with InstanceKeeper(dataclasses.replace(settings, memory_ceiling_bytes=600 << 20)) as keeper:
        first = keeper.instance(short_game.base_build, short_game.data_version)
        run(first, short_game, step_mul=1000)
        run(first, short_game, player=2, step_mul=1000)

        assert keeper.instance(short_game.base_build, short_game.data_version) is not first


def test_a_game_that_died_between_replays_is_replaced(keeper, short_game):
    first = keeper.instance(short_game.base_build, short_game.data_version)
    psutil.Process(first.pid).kill()
    psutil.Process(first.pid).wait()

    second = keeper.instance(short_game.base_build, short_game.data_version)

    assert run(second, short_game, step_mul=1000)[-1].is_last
