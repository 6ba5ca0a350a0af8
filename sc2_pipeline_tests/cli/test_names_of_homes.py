"""Homes whose paths hold signs that mean something to DuckDB, to SQLite or to a shell."""

import json
import os
import shutil

import pytest

from sc2_pipeline.cli.ui import dagster_environment
from sc2_pipeline.config import Home
from sc2_pipeline.errors import HomeError
from sc2_pipeline_tests.cli.conftest import GAMES

ON_WINDOWS = os.name == "nt"
NAMES = ["#", "%20 %s", "a b", "o'ne", "[ab]", "[", "{a}", "ünï日本", "$HOME;&", "~", "-v", "x" * 200]
if not ON_WINDOWS:
    NAMES += ["st*r", 'q"q', "two\nlines", "a:b", "file:"]

COUNTED = "select count(*) as n from raw.commands"


@pytest.fixture(scope="module")
def moving(loaded_home, tmp_path_factory):
    """Where the home is that tests move about; its last place."""
    return [shutil.copytree(loaded_home.root, tmp_path_factory.mktemp("moving") / "home")]


@pytest.mark.parametrize("name", NAMES)
def test_a_home_answers_whatever_it_is_called(command, moving, tmp_path, name):
    home = tmp_path / name / "home"
    home.parent.mkdir()
    moving[0] = moving[0].rename(home)

    asked = command("sql", COUNTED, "--home", home)
    near = command(
        "sql",
        f"select count(*) as n from '{str(Home(home).lake).replace(chr(39), chr(39) * 2)}/no.csv'",
        "--home",
        home,
    )
    status = command("status", "--json", "--home", home)

    assert int(asked.stdout.split()[-1]) > 0
    assert "lies outside" not in near.stderr
    assert json.loads(status.stdout)["replays"]["loaded"] == GAMES


def test_a_home_with_all_of_these_signs_is_made_compacted_and_exported(command, games, tmp_path):
    name = "#%20[b] {c}'$;ü~" if ON_WINDOWS else "#%20[b] {c}'$;ü~*:\"\n"
    home = tmp_path / name
    [file, *_] = sorted(games.glob("synthetic*"))

    made = command("run", file, "--home", home, "--workers", "1")
    before = command("sql", COUNTED, "--home", home).stdout
    compacted = command("compact", "--home", home)
    after = command("sql", COUNTED, "--home", home).stdout
    exported = command("export", "csv", home / "out", "--table", "dim_replays", "--home", home)

    assert [result.exit_code for result in (made, compacted, exported)] == [0, 0, 0], made.output + compacted.output
    assert int(before.split()[-1]) > 0
    assert after == before
    assert list((home / "lake" / "compact").rglob("part-*.parquet"))


REFUSED = [("a,b", "a comma"), ("a?b", "a question mark"), ("a?mode=ro#", "a question mark")]
if not ON_WINDOWS:
    REFUSED += [("a\\b", "a backslash"), ("a\udcff", "no text in UTF-8")]


@pytest.mark.parametrize(("name", "said"), REFUSED)
def test_a_home_that_duckdb_would_take_for_another_is_refused_before_any_work(command, games, tmp_path, name, said):
    home = tmp_path / name / "home"

    result = command("run", games, "--home", home)

    assert (result.exit_code, result.stderr.count("\n")) == (1, 1), result.output
    assert said in result.stderr
    assert "give another --home" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_link_of_such_a_name_is_refused_too(command, games, tmp_path):
    (tmp_path / "real").mkdir()
    try:
        (tmp_path / "a,b").symlink_to(tmp_path / "real", target_is_directory=True)
    except OSError:
        pytest.skip("this user may make no links here, as on Windows")

    result = command("run", games, "--home", tmp_path / "a,b")

    assert (result.exit_code, "a comma" in result.stderr) == (1, True)
    assert list((tmp_path / "real").iterdir()) == []


@pytest.mark.parametrize(("name", "said"), [("a?b", "a question mark"), ("a%20b", "%20")])
def test_a_home_that_dagster_would_take_for_another_gets_no_records(tmp_path, name, said):
    with pytest.raises(HomeError, match=f"{said}.*give another --home"):
        dagster_environment(Home(tmp_path / name), [])

    assert list(tmp_path.iterdir()) == []
