"""Files with one thing in them that no game writes, all at once: each is accounted for, and the good ones beside them stay good."""

from collections import Counter
from pathlib import Path

import pytest

from sc2_pipeline_demo.synthetic import coop_game, ladder_game, write_replay
from sc2_pipeline_tests.hostile.bases import real_bases, synthetic_bases
from sc2_pipeline_tests.hostile.costs import costs_of
from sc2_pipeline_tests.hostile.mutator import LAYERS, mutations
from sc2_pipeline_tests.pipeline.homes import rows_of, run_home

SEED = 10
"""Among its files is one that once ended a whole run, and one that once had no typed reason."""

SYNTHETIC, REAL = 132, 22
"""Each layer six times in synthetic replays, and once in real ones, where those are at hand."""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def good(tmp_path_factory) -> tuple[Path, dict[str, object]]:
    """Folder of good replays of games that no mutation is of, and their rows where nothing else is loaded."""
    work = tmp_path_factory.mktemp("good")
    write_replay(work / "in" / "ladder.SC2Replay", ladder_game(1, game_loops=1_400))
    write_replay(work / "in" / "coop.SC2Replay", coop_game(2, game_loops=1_400))
    run_home([work / "in"], work / "home")
    return work / "in", rows_of(work / "home")


@pytest.fixture(scope="module")
def mutated(tmp_path_factory, request) -> Path:
    """Folder of mutations, the same ones at each run of the tests."""
    folder = tmp_path_factory.mktemp("mutated")
    made = list(mutations(synthetic_bases(), SYNTHETIC, seed=SEED))
    shared = Path(__file__).resolve().parents[3] / "shared" / "replays"
    if shared.is_dir():
        made += mutations(real_bases(shared, max_bytes=30_000), REAL, seed=SEED)
    for number, mutation in enumerate(made):
        (folder / f"{number}-{mutation.name}").write_bytes(mutation.content)
    return folder


@pytest.mark.parametrize(("workers", "every"), [(2, 1), (1, 3)])
def test_every_mutated_file_is_accounted_for_and_its_neighbours_stay_as_they_are(
    tmp_path, good, mutated, workers, every
):
    """All of them by worker processes, some of them by the run's own process, which they could bring down."""
    folder, rows = good
    files = sorted(mutated.iterdir())[::every]

    report = run_home([*files, folder], tmp_path, workers=workers)

    assert report.files == len(files) + 2
    assert report.found == report.loaded + report.rejected + report.failed
    assert report.failed_by_reason.keys() & {"internal_error", "killed_workers", "schema_broken"} == set()
    assert rows_of(tmp_path, rows) == rows
    # Nothing hides behind failures: a decoder that refused everything would keep all of the above.
    assert report.loaded > report.failed > 5


def test_the_same_seed_gives_the_same_files_and_every_layer_comes_up():
    bases = synthetic_bases()

    made, again = (list(mutations(bases, 2 * len(LAYERS), seed=4)) for _ in range(2))

    assert made == again
    assert set(Counter(mutation.layer for mutation in made)) == set(LAYERS)
    assert len({mutation.content for mutation in made}) > len(LAYERS)


def test_a_file_costs_processor_time_and_memory_of_its_own(tmp_path):
    whole = write_replay(tmp_path / "whole.SC2Replay", ladder_game(1, game_loops=1_400))
    (tmp_path / "half.SC2Replay").write_bytes(whole.read_bytes()[:500])

    costs = {
        name: (reason, seconds, memory)
        for name, reason, seconds, memory in costs_of(sorted(tmp_path.iterdir()), tmp_path)
    }

    assert (costs["whole.SC2Replay"][0], costs["half.SC2Replay"][0]) == ("extracted", "truncated")
    assert costs["whole.SC2Replay"][1] > costs["half.SC2Replay"][1] > 0
    assert costs["whole.SC2Replay"][2] > 2**20
