"""A few moments of each command; many, of all their work, on demand: `python -m sc2_pipeline_tests.signals`."""

import signal

import pytest

from sc2_pipeline_tests.signals.moments import SCENES, Moments, needs_signals

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not needs_signals, reason="Windows has no SIGINT for one process"),
]

MOMENTS = [
    ("run", "invoke", signal.SIGTERM),
    ("run", "extract_replay", signal.SIGINT),
    ("run", "merge_batch", signal.SIGTERM),
    ("run", "publish", signal.SIGINT),
    ("run with two workers", "_started", signal.SIGINT),
    ("run with two workers", "merge_batch", signal.SIGTERM),
    ("compact", "_write_part", signal.SIGINT),
    ("compact", "_clone", signal.SIGTERM),
    ("export", "of_table", signal.SIGINT),
    ("report", "answers_of_game", signal.SIGTERM),
    ("sql", "print_result", signal.SIGINT),
]
"""The first call of a function that is in the middle of something. SIGINT goes to all processes, as from a terminal."""


@pytest.fixture(scope="module")
def moments(tmp_path_factory, empty_warehouse):
    return Moments(tmp_path_factory.mktemp("signals"), empty_warehouse)


@pytest.mark.parametrize(("name", "moment", "number"), MOMENTS)
def test_a_command_that_is_told_to_stop_says_one_line_leaves_nothing_and_loses_nothing(moments, name, moment, number):
    [scene] = [scene for scene in SCENES if scene.name == name]

    assert moments.amiss(scene, number, moment, to_all=number == signal.SIGINT) == []
