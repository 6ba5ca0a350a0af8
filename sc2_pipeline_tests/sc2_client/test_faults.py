"""Every way in which the game fails has its type, says what happened, and costs no more than a fresh instance."""

import contextlib
import dataclasses
import os
import re
import signal
from collections import deque

import psutil
import pytest

from sc2_pipeline.errors import EngineError, EngineUnavailableError
from sc2_pipeline.sampling import PassPlan
from sc2_pipeline.sc2_client import bounded_socket
from sc2_pipeline.sc2_client.instance import InstanceKeeper
from sc2_pipeline.sc2_client.maps import PlayableReplay
from sc2_pipeline.sc2_client.stray_processes import GAME_FOLDER_VARIABLE
from sc2_pipeline_demo.stand_in import Control, Fault
from sc2_pipeline_tests.sc2_client.conftest import strays
from sc2_pipeline_tests.sc2_client.test_replay_pass import run


def failure(keeper, replay, **plan):
    with pytest.raises(EngineError) as caught:
        run(keeper.instance(replay.base_build, replay.data_version), replay, **plan)
    return caught.value


LOOP_FAULTS = [
    ("crash", "engine_crashed", "by signal SIGSEGV"),
    ("error_reply", "protocol_error", "told to fail"),
    ("bare_error", "protocol_error", "told to fail"),
    ("garbled_bytes", "garbled_reply", "reply of 64 bytes"),
    ("truncated_frame", "garbled_reply", "in the middle of a message"),
    ("closed_connection", "protocol_error", "closed the connection"),
    ("frozen_loop", "engine_stalled", "did not advance"),
]


def test_a_fault_in_mid_replay_is_typed_and_the_next_try_comes_as_far_again(keeper, short_game, misbehave):
    for kind, reason, words in LOOP_FAULTS:
        misbehave(Control(faults=(Fault(kind=kind, game_loop=1000),)))

        error = failure(keeper, short_game)

        assert (error.reason, error.is_retryable) == (reason, True), kind
        assert words in str(error)
        # Answers that were on their way when the game died are read first. One that stands still has answered once more.
        answered = 1000 if kind == "frozen_loop" else 992
        assert str(error).endswith(f"between game loops {answered} and {answered + 8}"), kind
    misbehave(Control())
    again = keeper.instance(short_game.base_build, short_game.data_version)
    assert run(again, short_game, step_mul=100)[-1].is_last


def test_answers_on_their_way_are_read_before_a_death_is_reported(sc2path, settings, short_game, misbehave):
    misbehave(Control(faults=(Fault(kind="crash", game_loop=900),)))
    with InstanceKeeper(dataclasses.replace(settings, pipeline_depth=16)) as keeper:
        instance = keeper.instance(short_game.base_build, short_game.data_version)
        info = instance.replay_info(short_game.playable)
        plan = PassPlan(step_mul=8)
        started = instance.start_pass(short_game.playable, info, observed_player_id=1, disable_fog=True, plan=plan)
        observations = started.observations()
        assert next(o for o in observations if o.game_loop == 800)
        # The death lies within the requests that were sent ahead; more are sent before the next answer is read.
        psutil.wait_procs([psutil.Process(instance.pid)], timeout=30)

        with pytest.raises(EngineError) as caught:
            deque(observations)

    assert caught.value.reason == "engine_crashed"
    # What the dead process had not handed to the system is lost: at most the last answers before the crash.
    [(answered, following)] = re.findall(r"between game loops (\d+) and (\d+)$", str(caught.value))
    assert 800 < int(answered) <= 896
    assert int(following) == int(answered) + 8


@pytest.mark.parametrize("depth", [1, 16])
def test_a_game_that_answers_no_more_is_given_up(sc2path, settings, short_game, misbehave, depth):
    misbehave(Control(faults=(Fault(kind="hang", game_loop=1000),)))
    impatient = dataclasses.replace(settings, request_timeout_seconds=2, pipeline_depth=depth)

    with InstanceKeeper(impatient) as keeper:
        error = failure(keeper, short_game)

    assert (error.reason, error.is_retryable) == ("engine_stalled", True)
    assert "no answer to observation within 2 s, between game loops 992 and 1000" in str(error)
    assert strays(settings) == []


BUSY_FAULTS = [
    ("dripping_answer", "engine_stalled", "no answer to observation within 1.5 s"),
    ("endless_pings", "engine_stalled", "no answer to observation within 1.5 s"),
    ("endless_answer", "garbled_reply", "an answer has more than 2 MB"),
]


@pytest.mark.parametrize(("kind", "reason", "words"), BUSY_FAULTS)
def test_a_game_that_talks_on_without_answering_is_given_up(
    sc2path, settings, short_game, misbehave, monkeypatch, kind, reason, words
):
    monkeypatch.setattr(bounded_socket, "MAX_EXCHANGE_BYTES", 2 << 20)
    misbehave(Control(faults=(Fault(kind=kind, game_loop=1000),)))
    impatient = dataclasses.replace(settings, request_timeout_seconds=1.5)

    with InstanceKeeper(impatient) as keeper:
        error = failure(keeper, short_game)

    assert (error.reason, error.is_retryable) == (reason, True)
    assert words in str(error)
    assert strays(settings) == []


@pytest.mark.parametrize("ends", ["well", "killed"])
def test_what_the_game_started_and_let_go_of_ends_with_it(sc2path, settings, short_game, misbehave, ends):
    faults = (Fault(kind="left_child"), *([Fault(kind="crash", game_loop=500)] if ends == "killed" else []))
    misbehave(Control(faults=faults))
    with InstanceKeeper(settings) as keeper:
        instance = keeper.instance(short_game.base_build, short_game.data_version)
        folder = str(instance.folder)
        assert len(started_in(folder)) == 2

        if ends == "killed":
            assert failure(keeper, short_game).reason == "engine_crashed"
            assert [child.parent().pid == instance.pid for child in started_in(folder)] == [False]

    assert started_in(folder) == []
    assert strays(settings) == []


def started_in(folder):
    """Processes that live with that game's folder in their environment."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get(GAME_FOLDER_VARIABLE) == folder and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def test_what_a_game_prints_without_end_does_not_fill_the_disk(keeper, short_game, misbehave):
    misbehave(Control(faults=(Fault(kind="flooded_output"),)))
    instance = keeper.instance(short_game.base_build, short_game.data_version)
    [log] = instance.folder.glob("*.log")
    while log.stat().st_size < 17 << 20:
        assert instance.is_usable()

    os.kill(instance.pid, signal.SIGSTOP)
    # It goes on with a write that it was in: the signal is not yet the stop.
    while psutil.Process(instance.pid).status() != psutil.STATUS_STOPPED:
        pass
    instance.memory_bytes()

    assert log.stat().st_size == 0
    os.kill(instance.pid, signal.SIGCONT)
    assert run(instance, short_game, step_mul=1000)[-1].is_last


def test_a_game_that_grows_past_the_ceiling_is_stopped(sc2path, settings, short_game, misbehave):
    misbehave(Control(step_seconds=0.02, faults=(Fault(kind="memory_growth", megabytes=300, times=1),)))
    tight = dataclasses.replace(settings, memory_ceiling_bytes=250 << 20)

    with InstanceKeeper(tight) as keeper:
        error = failure(keeper, short_game)

    assert error.reason == "memory_exceeded"
    assert "ceiling 250 MB" in str(error)


def test_memory_and_processor_are_those_of_all_processes_of_the_game(sc2path, settings, short_game, misbehave):
    grows = Fault(kind="memory_growth", game_loop=600, megabytes=300, times=1)
    misbehave(Control(step_seconds=0.02, faults=(Fault(kind="wrapper"), grows)))
    tight = dataclasses.replace(settings, memory_ceiling_bytes=300 << 20)

    with InstanceKeeper(tight) as keeper:
        instance = keeper.instance(short_game.base_build, short_game.data_version)
        wrapper = psutil.Process(instance.pid)
        [game] = wrapper.children()
        alone = [wrapper.memory_info().rss, game.memory_info().rss]
        memory, processor = instance.memory_bytes(), instance.processor_seconds()
        processor_of_wrapper = sum(wrapper.cpu_times()[:2])
        error = failure(keeper, short_game)

    assert memory > max(alone)
    assert processor > processor_of_wrapper
    assert error.reason == "memory_exceeded"
    assert strays(settings) == []


BOOT_FAULTS = [
    (Fault(kind="slow_boot", seconds=60), "did not open its port"),
    (Fault(kind="never_listens"), "did not open its port"),
    (Fault(kind="refused_connection"), "rejected"),
    (Fault(kind="dripping_handshake"), "did not open its port"),
    (Fault(kind="crash_on_boot"), "told to end before it listens"),
    (
        Fault(kind="missing_library", words="libSDL2.so.0: cannot open shared object file"),
        "the game died with exit code 127, its last line: libSDL2.so.0: cannot open shared object file",
    ),
]


@pytest.mark.parametrize(("fault", "words"), BOOT_FAULTS, ids=lambda v: getattr(v, "kind", None))
def test_a_game_that_does_not_boot_is_typed(sc2path, settings, short_game, misbehave, fault, words):
    misbehave(Control(faults=(fault,)))
    impatient = dataclasses.replace(settings, boot_timeout_seconds=2 if "did not open" in words else 60)

    with InstanceKeeper(impatient) as keeper:
        error = failure(keeper, short_game)

    assert (error.reason, error.is_retryable) == ("game_did_not_start", True)
    assert words in str(error)
    assert strays(settings) == []


def test_a_slow_boot_within_the_timeout_is_waited_for(keeper, short_game, misbehave):
    misbehave(Control(faults=(Fault(kind="slow_boot", seconds=1.0),)))

    assert keeper.instance(short_game.base_build, short_game.data_version).is_usable()


def test_a_game_of_another_build_is_a_version_mismatch(keeper, short_game, misbehave):
    misbehave(Control(faults=(Fault(kind="wrong_version"),)))

    error = failure(keeper, short_game)

    assert (error.reason, error.is_retryable) == ("version_mismatch", False)
    assert f"base build 1 where {short_game.base_build} was asked for" in str(error)


def test_a_replay_of_another_build_is_a_version_mismatch(keeper, short_game, tiny_game):
    instance = keeper.instance(short_game.base_build, short_game.data_version)

    with pytest.raises(EngineError) as caught:
        instance.replay_info(tiny_game.playable)

    assert (caught.value.reason, caught.value.is_retryable) == ("version_mismatch", False)
    assert instance.is_usable()


def test_a_missing_local_map_is_named_with_where_it_was_looked_for(keeper, short_game, misbehave, sc2path):
    misbehave(Control(faults=(Fault(kind="missing_map"),)))

    error = failure(keeper, short_game)

    assert (error.reason, error.is_retryable) == ("map_missing", False)
    assert "NowhereLE.SC2Map" in str(error)
    assert str(sc2path / "Maps" / "Ladder2019Season3" / "NowhereLE.SC2Map") in str(error)


def test_a_local_map_is_found_in_any_folder_of_maps_whatever_its_case(keeper, short_game, misbehave, sc2path):
    misbehave(Control(faults=(Fault(kind="missing_map"),)))
    (sc2path / "Maps" / "mine").mkdir()
    (sc2path / "Maps" / "mine" / "nowherele.sc2map").write_bytes(b"a map")

    instance = keeper.instance(short_game.base_build, short_game.data_version)

    assert run(instance, short_game, step_mul=1000)[-1].is_last


def test_a_hang_for_want_of_a_map_is_a_missing_map(sc2path, settings, short_game, misbehave):
    misbehave(Control(faults=(Fault(kind="missing_cache"),)))
    impatient = dataclasses.replace(settings, start_timeout_seconds=3)
    handle = "0f" * 32 + ".s2ma"
    replay = dataclasses.replace(short_game.playable, map_name="Goldenaura LE", map_handles=(handle,))

    class WithHandles:
        playable = replay
        base_build, data_version = short_game.base_build, short_game.data_version

    with InstanceKeeper(impatient) as keeper:
        error = failure(keeper, WithHandles)

    assert (error.reason, error.is_retryable) == ("map_missing", False)
    assert "Goldenaura LE" in str(error)
    assert "the game gave no answer to start replay within 3 s" in str(error)
    assert str(sc2path / "Battle.net" / "Cache" / "0f" / "0f" / handle) in str(error)


def test_bytes_that_are_no_replay_are_rejected_and_the_instance_goes_on(keeper, short_game):
    instance = keeper.instance(short_game.base_build, short_game.data_version)

    with pytest.raises(EngineError) as caught:
        instance.replay_info(PlayableReplay(content=b"not a replay"))

    assert (caught.value.reason, caught.value.is_retryable) == ("replay_rejected", False)
    assert keeper.instance(short_game.base_build, short_game.data_version) is instance


def test_a_replay_that_does_not_start_may_be_tried_again_on_a_fresh_instance(keeper, short_game, misbehave):
    misbehave(Control(faults=(Fault(kind="launch_error", times=1),)))

    error = failure(keeper, short_game)

    assert (error.reason, error.is_retryable) == ("launch_failed", True)
    again = keeper.instance(short_game.base_build, short_game.data_version)
    assert run(again, short_game, step_mul=1000)[-1].is_last


def test_a_game_without_the_replays_data_says_so_and_is_not_asked_again(keeper, short_game, misbehave):
    misbehave(Control(faults=(Fault(kind="missing_data", times=1),)))

    error = failure(keeper, short_game)

    assert (error.reason, error.is_retryable) == ("version_mismatch", False)
    assert short_game.data_version.upper() in str(error)
    assert "watch the replay once in the game" in str(error)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("unreadable_replay", "Possible corruption - Failed to open the map archive: Battle.net/Cache/fd/88/fd88.s2ma"),
        (
            "launch_error",
            "The launch of this game makes reference to mod or map dependencies which are no longer available.",
        ),
    ],
)
def test_what_real_games_say_for_want_of_a_map_is_a_missing_map(keeper, short_game, misbehave, kind, words):
    misbehave(Control(faults=(Fault(kind=kind, words=words, times=1),)))

    error = failure(keeper, short_game)

    assert (error.reason, error.is_retryable) == ("map_missing", False)
    assert words in str(error)


def test_a_folder_called_map_is_no_missing_map(sc2path, settings, short_game, misbehave):
    misbehave(Control(faults=(Fault(kind="named_folder"),)))

    with InstanceKeeper(dataclasses.replace(settings, games_folder=settings.games_folder / "map")) as keeper:
        error = failure(keeper, short_game)

    assert (error.reason, error.is_retryable) == ("replay_rejected", False)
    assert "/map/" in str(error)


def test_a_player_who_is_not_in_the_replay_is_refused(keeper, short_game):
    with pytest.raises(EngineError) as caught:
        run(keeper.instance(short_game.base_build, short_game.data_version), short_game, player=9)

    assert (caught.value.reason, caught.value.is_retryable) == ("replay_rejected", False)
    assert "InvalidObservedPlayerId" in str(caught.value)


@pytest.mark.parametrize("kind", ["death_in_quit", "ignored_sigterm"])
def test_a_game_that_does_not_end_well_is_ended(sc2path, settings, short_game, misbehave, kind):
    misbehave(Control(faults=(Fault(kind=kind),)))

    with InstanceKeeper(settings) as keeper:
        instance = keeper.instance(short_game.base_build, short_game.data_version)
        assert run(instance, short_game, step_mul=1000)[-1].is_last

    assert strays(settings) == []


def test_a_build_that_is_not_installed_says_what_is_at_hand(sc2path, settings):
    with InstanceKeeper(settings) as keeper, pytest.raises(EngineUnavailableError) as caught:
        keeper.instance(75689, None)

    assert str(caught.value) == (
        f"no game client for base build 75689 (installed: 91115, 96516 under {sc2path}); "
        "install that client or set SC2PATH, or use --source tracker"
    )
