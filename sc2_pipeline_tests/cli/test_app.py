import subprocess
import sys

import pytest

from sc2_pipeline.errors import ContractError, HomeError, MachineError, SettingsError
from sc2_pipeline_tests.cli.programs import run_program

HEAVY = ("duckdb", "polars", "pyarrow", "pandera", "sqlglot", "distributed", "pysc2", "numpy", "google.protobuf")


def test_help_and_an_assistants_list_of_tools_wait_for_no_heavy_import():
    code = f"import sys, sc2_pipeline.cli.app, sc2_pipeline.mcp.server; print([name for name in {HEAVY} if name in sys.modules])"

    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert output == "[]\n"


def test_every_command_describes_itself(command):
    for name in ("run", "demo", "status", "rejects", "quarantine", "sql", "tables", "doctor"):
        result = command(name, "--help")

        assert result.exit_code == 0
        assert "--home" in result.stdout


@pytest.mark.parametrize(
    ("error", "exit_code"),
    [
        (SettingsError("workers is 0; give at least 1"), 2),
        (HomeError("the warehouse is being written by process 1; wait"), 1),
        (MachineError("no Dask scheduler answers"), 1),
        (OSError(28, "No space left on device"), 1),
        (ContractError("a table broke"), 1),
        (KeyboardInterrupt(), 130),
    ],
)
def test_an_error_is_one_sentence_and_an_exit_code(command, monkeypatch, tmp_path, error, exit_code):
    def raising(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("sc2_pipeline.pipeline.run", raising)

    result = command("run", tmp_path, "--home", tmp_path / "home")

    assert result.exit_code == exit_code
    assert result.stdout == ""
    assert result.stderr.startswith("sc2-pipeline: ")
    assert result.stderr.count("\n") == 1


def test_an_error_in_a_run_with_json_is_a_json_object(command, monkeypatch, tmp_path):
    def raising(*_: object, **__: object) -> None:
        raise HomeError("no room")

    monkeypatch.setattr("sc2_pipeline.pipeline.run", raising)

    result = command("run", tmp_path, "--json")

    assert (result.exit_code, result.stdout) == (1, '{"error": "no room"}\n')


@pytest.mark.parametrize(
    "words",
    [
        ["run"],
        ["run", "no/such/folder"],
        ["run", ".", "--workers", "0"],
        ["run", ".", "--workers", "many"],
        ["run", ".", "--source", "video"],
        ["run", ".", "--filters", "nonsense"],
        ["run", ".", "--batch-replays", "0"],
        ["dance"],
        ["sql"],
        ["sql", "select 1", "--file", "no.sql"],
        ["sql", "select 1", "--csv", "a", "--json", "b"],
        ["sql", "select 1", "--limit", "-1"],
        ["demo", "--replays", "0"],
    ],
)
def test_wrong_arguments_leave_with_2_and_make_nothing(command, monkeypatch, tmp_path, words):
    monkeypatch.chdir(tmp_path)

    result = command(*words)

    assert result.exit_code == 2
    assert result.stderr != ""
    assert result.stdout == ""
    assert not (tmp_path / "sc2_home" / "warehouse.duckdb").exists()


def test_a_terminal_of_few_characters_and_no_colour_is_enough(standing_home, tmp_path):
    result = run_program(
        "status", "0002", "--home", standing_home.root, cwd=tmp_path, PYTHONIOENCODING="ascii", NO_COLOR="1"
    )

    assert result.returncode == 0
    assert "\\u0662" in result.stdout
    assert result.stderr == ""
