"""The rule of the quick tests names places that are there, and marks what it should."""

from pathlib import PurePosixPath

from sc2_pipeline_tests.conftest import PROJECT
from sc2_pipeline_tests.quick import LONG_PLACES, is_quick, is_quick_place

TESTS = PROJECT / "sc2_pipeline_tests"


def test_every_long_place_is_there():
    assert [place for place in LONG_PLACES if not (TESTS / place).exists()] == []


def test_a_place_is_long_with_all_that_is_in_it_and_no_other():
    assert not is_quick_place(PurePosixPath("orchestration"))
    assert not is_quick_place(PurePosixPath("sc2_client/observation/test_layout.py"))
    assert not is_quick_place(PurePosixPath("cli/test_run.py"))
    assert is_quick_place(PurePosixPath("cli/test_app.py"))
    assert is_quick_place(PurePosixPath("."))


def test_a_quick_test_has_the_mark(request):
    assert is_quick(request.node)
    assert request.node.get_closest_marker("quick") is not None
