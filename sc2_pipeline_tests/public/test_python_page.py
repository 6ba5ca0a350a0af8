"""docs/python.md and docs/tools.md do what they say, block by block, and the public names are those that they promise."""

import re
import subprocess
import sys
from importlib.util import find_spec

import duckdb
import pytest

import sc2_pipeline
from sc2_pipeline.errors import QueryError, ReplayError, SettingsError
from sc2_pipeline_demo.synthetic import collection
from sc2_pipeline_tests.conftest import PROJECT


@pytest.fixture(scope="module")
def games(tmp_path_factory):
    folder = tmp_path_factory.mktemp("python")
    paths = collection(folder / "games", 3, seed=11, game_loops=(3_000, 4_000))
    (paths[0] if paths else next((folder / "games").iterdir())).rename(folder / "games" / "game_0000.SC2Replay")
    return folder


@pytest.fixture(scope="module")
def home(games):
    sc2_pipeline.run(games / "games", home=games / "home", workers=1)
    return games / "home"


def test_the_public_names_are_these():
    assert sc2_pipeline.__all__ == ["OpenHome", "Replay", "Rows", "__version__", "open_home", "read_replay", "run"]
    assert all(getattr(sc2_pipeline, name) for name in sc2_pipeline.__all__)


def test_importing_the_package_imports_nothing_heavy():
    program = "import sc2_pipeline, sys; print(sorted({'duckdb', 'pyarrow', 'polars', 'dagster'} & sys.modules.keys()))"

    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert result.stdout.strip() == "[]"


@pytest.mark.slow
def test_every_block_of_the_page_runs(games, monkeypatch, capsys):
    monkeypatch.chdir(games)
    page = (PROJECT / "docs" / "python.md").read_text(encoding="utf-8")
    names: dict[str, object] = {}

    for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        exec(compile(block, "python.md", "exec"), names)

    said = capsys.readouterr().out
    assert "3 3 {}" in said, said
    assert len(names["replay"].players) == 2


@pytest.mark.slow
def test_an_open_home_answers_from_what_is_published_now(games, home, tmp_path):
    more = collection(tmp_path / "more", 2, seed=12, game_loops=(2_000, 2_500))

    with sc2_pipeline.open_home(home) as opened:
        before = len(opened.games())
        sc2_pipeline.run(tmp_path / "more", home=home, workers=1)
        after = len(opened.games())

    assert (before, after) == (3, 5), more


@pytest.mark.slow
def test_a_home_can_be_opened_twice_and_again(home):
    first, second = sc2_pipeline.open_home(home), sc2_pipeline.open_home(home)
    counts = {len(first.games()), len(second.games())}
    first.close()
    counts |= {len(second.games()), len(first.games())}

    assert len(counts) == 1
    first.close()
    second.close()


@pytest.mark.slow
def test_an_open_home_only_reads(home):
    with sc2_pipeline.open_home(home) as opened:
        for statement in ("create table mine (a int)", "copy (select 1) to 'x.csv'", "select 1; select 2"):
            with pytest.raises(QueryError):
                opened.sql(statement)
        with pytest.raises(SettingsError, match="no question"):
            opened.ask("nothing_of_the_kind")
        with pytest.raises(SettingsError, match=r"\.tables\(\) lists"):
            opened.table("nothing_of_the_kind")


def test_a_file_that_is_no_replay_is_refused_with_its_reason(tmp_path):
    (tmp_path / "notes.txt").write_text("no replay", encoding="utf-8")

    with pytest.raises(ReplayError) as refused:
        sc2_pipeline.read_replay(tmp_path / "notes.txt")

    assert refused.value.reason == "not_an_archive"


TOOLS = PROJECT / "docs" / "tools.md"
SECTIONS = dict(re.findall(r"\n## ([^\n]+)\n(.*?)(?=\n## |\Z)", TOOLS.read_text(encoding="utf-8"), re.DOTALL))
NEEDS = {"SQLAlchemy": ("sqlalchemy", "duckdb_engine"), "Ibis": ("ibis",), "jupysql": ("sql", "duckdb_engine")}


@pytest.mark.slow
@pytest.mark.parametrize("title", SECTIONS)
def test_each_tool_reads_a_home_as_the_page_says(title, home, tmp_path, monkeypatch):
    if missing := [module for module in NEEDS.get(title, ()) if find_spec(module) is None]:
        pytest.skip(f"{missing[0]} is not installed; run with `uv run --group tools`")
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        [(expected,)] = connection.execute("select count(*) from marts.games").fetchall()
    (tmp_path / "my_home").symlink_to(home)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLOOMBER_STATS_ENABLED", "false")
    [(language, block)] = re.findall(r"```(python|ipython)\n(.*?)```", SECTIONS[title], re.DOTALL)

    assert said_games(language, block) == expected


def said_games(language: str, block: str) -> int:
    """What a block leaves as `games`."""
    if language == "python":
        names: dict[str, int] = {}
        exec(compile(block, "tools.md", "exec"), names)
        return names["games"]
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    shell.run_cell(block).raise_error()
    return shell.user_ns["games"]
