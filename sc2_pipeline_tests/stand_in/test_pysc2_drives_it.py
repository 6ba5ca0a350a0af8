"""The stand-in is no special case of our client: pysc2's own launcher and controller drive it, unmodified."""

import pytest

from sc2_pipeline.game_messages import sc2api_pb2 as api
from sc2_pipeline.sc2_client.installs import prepare_pysc2


@pytest.fixture
def controller(sc2path, short_game):
    prepare_pysc2()
    from pysc2 import run_configs
    from pysc2.run_configs.lib import Version

    version = Version("stand-in", short_game.base_build, short_game.data_version, "SC2_x64")
    with run_configs.get(version=version).start(want_rgb=False, timeout_seconds=30) as controller:
        yield controller


def test_pysc2_runs_a_replay_to_its_end_as_replay_actions_does(controller, short_game):
    content = short_game.path.read_bytes()
    ping = controller.ping()
    info = controller.replay_info(content)
    interface = api.InterfaceOptions(raw=True, score=True)
    controller.start_replay(api.RequestStartReplay(replay_data=content, options=interface, observed_player_id=2))
    controller.step()
    loops = []
    while True:
        observation = controller.observe()
        loops.append(observation.observation.game_loop)
        if observation.player_result:
            break
        controller.step(8)

    assert (ping.base_build, ping.data_version) == (short_game.base_build, short_game.data_version)
    assert info.game_duration_loops == short_game.game_loops
    assert loops == [*range(1, short_game.game_loops, 8), short_game.game_loops]


def test_pysc2_reads_game_info_and_static_data(controller, short_game):
    content = short_game.path.read_bytes()
    options = api.InterfaceOptions(raw=True)
    controller.start_replay(api.RequestStartReplay(replay_data=content, options=options, observed_player_id=1))

    assert len(controller.game_info().player_info) == 2
    assert {"Drone", "Probe"} <= set(controller.data().units.values())


def test_pysc2_sees_an_error_for_a_step_without_a_game(controller):
    from pysc2.lib import protocol

    with pytest.raises(protocol.ProtocolError, match="launched"):
        controller.step()


def test_pysc2_sees_a_request_error_for_bytes_that_are_no_replay(controller):
    from pysc2.lib import remote_controller

    with pytest.raises(remote_controller.RequestError, match="ParsingError"):
        controller.replay_info(b"nothing")
