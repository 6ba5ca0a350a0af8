"""Reading replays and asking the warehouse needs no Dagster, no game and no Dask; whatever does need one says so."""

import subprocess
import sys

import pytest

from sc2_pipeline import extras
from sc2_pipeline_demo.synthetic import collection

WITHOUT = """
import importlib.util
import sys

find_spec = importlib.util.find_spec

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {modules}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent())
importlib.util.find_spec = lambda name, package=None: None if name in {modules} else find_spec(name, package)
from sc2_pipeline.cli.app import main
main()
"""


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """Runs the program in a folder of 20 short replays, with the modules of every extra made absent."""
    folder = tmp_path_factory.mktemp("bare")
    collection(folder / "replays", 20, seed=5, game_loops=(600, 700))
    absent = {module for modules in extras.EXTRAS.values() for module in modules}

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-c", WITHOUT.format(modules=absent), *arguments]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)

    run.folder = folder
    return run


@pytest.mark.slow
def test_replays_are_read_and_asked_without_any_extra(bare):
    ran = bare("run", "replays", "--source", "auto")
    asked = bare("sql", "select count(*) as games from marts.dim_replays")
    looked_over = bare("doctor")

    assert ran.returncode == 0, ran.stderr
    assert asked.stdout.split() == ["games", "20"], asked.stderr
    assert looked_over.returncode == 0, looked_over.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "extra"),
    [
        (["ui"], "dagster"),
        (["serve"], "app"),
        (["mcp"], "mcp"),
        (["run", "replays", "--source", "sc2"], "game"),
        (["run", "replays", "--workers", "2", "--home", "other"], "workers"),
        (["demo", "--home", "made_up"], "demo"),
        (["demo", "--home", "made_up", "--source", "sc2"], "demo"),
    ],
)
def test_work_that_needs_an_extra_says_which_in_one_sentence(bare, arguments, extra):
    result = bare(*arguments)

    assert result.returncode != 0
    assert f"`pip install 'sc2-pipeline[{extra}]'`" in result.stderr
    assert "Traceback" not in result.stderr
    assert not (bare.folder / "made_up").exists()
