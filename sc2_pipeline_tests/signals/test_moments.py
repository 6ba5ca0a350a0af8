"""A few moments of each command; all of them on demand: `python -m sc2_pipeline_tests.signals`."""

import pytest

from sc2_pipeline_tests.signals.moments import NUMBERS, SCENES, Moments, needs_signals, spread

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not needs_signals, reason="Windows has no SIGINT for one process"),
]

MOMENTS = {"run": 4, "run with two workers": 3, "compact": 2}
"""How many moments of a command are tried; of others one."""


@pytest.fixture(scope="module")
def moments(tmp_path_factory):
    return Moments(tmp_path_factory.mktemp("signals"))


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_a_command_that_is_told_to_stop_says_one_line_leaves_nothing_and_loses_nothing(moments, scene):
    at = spread(MOMENTS.get(scene.name, 1), moments.calls(scene))

    found = [moments.amiss(scene, NUMBERS[i % 2], moment, to_all=i % 2 == 0) for i, moment in enumerate(at)]

    assert found == [[]] * len(at)
