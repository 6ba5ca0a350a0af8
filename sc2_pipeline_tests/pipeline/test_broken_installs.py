"""A broken install is said in one sentence, costs few launches, and leaves nothing behind once it is mended."""

import os
from pathlib import Path

import pytest

from sc2_pipeline_demo.stand_in import Control, Fault
from sc2_pipeline_demo.stand_in.faults import strikes_folder
from sc2_pipeline_demo.synthetic import collection
from sc2_pipeline_demo.synthetic.population import BUILDS
from sc2_pipeline_tests.pipeline.game_machine import Machine
from sc2_pipeline_tests.pipeline.homes import query

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="the stand-in is a script, which Windows does not run as a program"),
]

LAST_LINE = "error while loading shared libraries: libSDL2-2.0.so.0: cannot open shared object file"
MISSING_LIBRARY = Fault(kind="missing_library", words=LAST_LINE, times=1_000)
"""It strikes at every launch, and each leaves a file."""

REPLAYS = 22
STANDING = "select status, reason, count(*) from ops.replays group by all order by all"


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of short made-up replays of one client build."""
    folder = tmp_path_factory.mktemp("made_up")
    collection(folder, REPLAYS, seed=5, game_loops=(400, 500))
    return folder


@pytest.fixture
def here(tmp_path: Path) -> Machine:
    return Machine(tmp_path, BUILDS[:1])


def test_what_a_broken_install_kept_from_loading_is_loaded_once_it_is_mended(here, made_up, new_home):
    flags = ("--source", "sc2", "--filters", "all", "--workers", "2", "--step-mul", "64", "--home", new_home)
    control = here.misbehave(Control(faults=(MISSING_LIBRARY,)))

    broken = [here.run(made_up, *flags) for _ in range(2)]
    standing = query(new_home, STANDING)
    launches = len(list(strikes_folder(control).iterdir()))
    here.misbehave(Control())
    mended = here.run(made_up, *flags)

    for ended in broken:
        assert ended.returncode == 1
        [said] = [line for line in ended.stderr.splitlines() if "does not start" in line]
        assert LAST_LINE in said
        assert "sc2-pipeline doctor" in said
    assert standing == [("failed", "game_did_not_start", REPLAYS)]
    assert 2 * 3 <= launches < 10
    assert mended.returncode == 0, mended.stderr
    assert query(new_home, STANDING) == [("loaded", None, REPLAYS)]
    assert query(new_home, "select distinct source from marts.dim_replays") == [("sc2",)]
    assert here.left_behind() == []


def test_auto_goes_on_with_the_tracker_and_takes_the_game_once_it_is_mended(here, made_up, new_home):
    few = sorted(made_up.iterdir())[:6]
    words = (*few, "--source", "auto", "--workers", "1", "--step-mul", "64", "--home", new_home)
    control = here.misbehave(Control(faults=(MISSING_LIBRARY,)))
    here.environment["SC2_PIPELINE_FAILED_STARTS"] = "2"

    broken = here.run(*words)
    launches = len(list(strikes_folder(control).iterdir()))
    by_tracker = query(new_home, "select source, count(*) from marts.dim_replays group by all")
    here.misbehave(Control())
    mended = here.run(*words)

    assert (broken.returncode, mended.returncode) == (0, 0), broken.stderr
    assert launches == 2
    assert f"{len(few)} replays are read by the tracker alone" in broken.stderr
    assert LAST_LINE in broken.stderr
    assert by_tracker == [("tracker", len(few))]
    assert query(new_home, "select source, count(*) from marts.dim_replays group by all") == [("sc2", len(few))]
