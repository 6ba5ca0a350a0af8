"""``audit`` and ``open_home(...).audit()``: what they say of a published warehouse, and that they only read it."""

import json

import duckdb
import pytest

import sc2_pipeline
from sc2_pipeline.errors import SettingsError
from sc2_pipeline.sql_models import read_audit_checks
from sc2_pipeline_demo.synthetic import ladder_game, write_replay
from sc2_pipeline_tests.pipeline.homes import run_home

pytestmark = pytest.mark.slow

CHECKS = [check.name for check in read_audit_checks()]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    work = tmp_path_factory.mktemp("audited")
    for number in range(2):
        write_replay(work / "in" / f"{number}.SC2Replay", ladder_game(number, game_loops=3_000))
    run_home([work / "in"], work / "home")
    return work / "home"


@pytest.fixture
def spoilt(home):
    """The home while its published lengths are wrong."""
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        connection.execute("create table kept as from marts.games")
        connection.execute("drop view marts.games")
        connection.execute("create table marts.games as select * replace (302400 as duration_game_loops) from kept")
    return home


def test_it_says_of_every_check_what_it_looked_at_and_exits_0(command, home):
    before = (home / "warehouse.duckdb").read_bytes()

    result = command("audit", "--home", home)

    assert result.exit_code == 0, result.output
    assert [name for name in CHECKS if f"\n{name} " not in f"\n{result.stdout}"] == []
    assert "docs/truth.md#who-won" in result.stdout
    assert result.stderr.endswith("0 of them unexplained\n")
    assert (home / "warehouse.duckdb").read_bytes() == before


def test_python_has_the_same_rows_as_the_command(command, home):
    document = json.loads(command("audit", "one_winner", "mode_evidence", "--home", home, "--json").stdout)

    with sc2_pipeline.open_home(home) as opened:
        rows = list(opened.audit("one_winner", "mode_evidence"))

    assert document == {"unexplained": 0, "checks": rows}
    assert [row["check"] for row in rows] == ["mode_evidence", "one_winner"]


def test_an_unknown_check_is_a_wrong_argument(command, home):
    result = command("audit", "openings", "--home", home)

    assert result.exit_code == 2
    assert "there is no audit check openings" in result.stderr
    with sc2_pipeline.open_home(home) as opened, pytest.raises(SettingsError):
        opened.audit("openings")


def test_an_unexplained_finding_exits_1_with_file_and_game(command, spoilt):
    result = command("audit", "lengths_end_with_the_play", "--home", spoilt, "--json", "--examples", 1)

    assert result.exit_code == 1
    [check] = json.loads(result.stdout)["checks"]
    assert (check["verdict"], check["findings"], check["looked_at"]) == ("unexplained", 2, 2)
    [example] = check["examples"]
    assert example["file_name"] in {"0.SC2Replay", "1.SC2Replay"}
    assert example["finding"].startswith("is 225:00 long")
    assert command("audit", "lengths_end_with_the_play", "--home", spoilt).exit_code == 1
