import pytest

from sc2_pipeline.cli.examples import EXAMPLES
from sc2_pipeline_tests.cli.programs import run_program


@pytest.mark.slow
def test_the_demo_goes_from_files_to_answers_and_can_be_run_again(tmp_path):
    words = ("demo", "--replays", "12", "--workers", "1")

    first = run_program(*words, cwd=tmp_path, SC2_PIPELINE_HOME=str(tmp_path / "mine"))
    second = run_program(*words, cwd=tmp_path)

    assert first.returncode == 0, first.stderr
    lines = [" ".join(line.split()) for line in first.stdout.splitlines()]
    assert "loaded 12" in lines
    for example in EXAMPLES:
        at = lines.index(" ".join(example.question.split()))
        answer = lines[at + 2 + len(example.sql.splitlines()) :]
        assert len(answer[: answer.index("")]) >= 2, example.question
    assert "Next:" in lines
    assert "already loaded 12 by an earlier run" in [" ".join(line.split()) for line in second.stdout.splitlines()]
    assert not (tmp_path / "mine").exists(), "made-up games must not mix with anybody's own"
