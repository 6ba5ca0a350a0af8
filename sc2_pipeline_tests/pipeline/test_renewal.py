"""What changes in this release renews what depends on it, and nothing else: no game runs for a new column of the lobby."""

import contextlib
import dataclasses
import os
import shutil
from pathlib import Path

import psutil
import pyarrow as pa
import pytest

from sc2_pipeline.config import Settings
from sc2_pipeline.pipeline import session
from sc2_pipeline.pipeline.pruning import prune_lake
from sc2_pipeline.sources import lobby_rows, tracker
from sc2_pipeline.sources.sc2 import Sc2Source
from sc2_pipeline.sources.tracker import TrackerSource
from sc2_pipeline.tables import RAW_TABLES, Column
from sc2_pipeline_demo import stand_in
from sc2_pipeline_demo.synthetic import ladder_game, write_replay
from sc2_pipeline_tests.pipeline.homes import answers, query, run_home

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="the stand-in is a script, which Windows does not run as a program"),
]

SETTINGS = {"source": "sc2", "filters": "all", "step_mul": 40}
BASE_BUILD = 92440


@pytest.fixture(scope="module")
def once_played(tmp_path_factory):
    """A folder of a home of two short games that the stand-in played, of their replays, and of the stand-in."""
    folder = tmp_path_factory.mktemp("renewal")
    (folder / "replays").mkdir()
    for seed in (1, 2):
        write_replay(
            folder / "replays" / f"{seed}.SC2Replay", ladder_game(seed, game_loops=1_500, base_build=BASE_BUILD)
        )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SC2PATH", str(stand_in.install(folder / "StarCraftII", [BASE_BUILD])))
        assert run_home([folder / "replays"], folder / "home", **SETTINGS).loaded == 2
    return folder


@pytest.fixture
def played(once_played, tmp_path, monkeypatch):
    """A copy of that home, and the folder of the replays."""
    monkeypatch.setenv("SC2PATH", str(once_played / "StarCraftII"))
    shutil.copytree(once_played / "home", tmp_path / "home")
    return tmp_path / "home", once_played / "replays"


def refuse(name):
    def refused(*_, **__):
        raise AssertionError(f"{name} is not to be called")

    return refused


def folders(home: Path) -> set[str]:
    """Extractions in the lake."""
    return {path.parent.relative_to(home / "lake").as_posix() for path in home.glob("lake/*/*/*/*")}


def current(home: Path) -> set[str]:
    return {folder for (folder,) in query(home, "select folder from ops.extractions where is_current")}


def digests_by_part(home: Path) -> dict[str, str]:
    return dict(query(home, "select distinct part, settings_digest from ops.loads"))


def new_lobby_column(monkeypatch):
    """What a release with another column of the lobby is like; every map's title is read otherwise too."""
    table = RAW_TABLES["replays"]
    column = Column("weather", pa.string(), "The weather outside.")
    monkeypatch.setitem(RAW_TABLES, "replays", dataclasses.replace(table, columns=(*table.columns, column)))
    real = lobby_rows.replay_row

    def replay_row(replay, lobby, **known):
        with monkeypatch.context() as patch:
            patch.setitem(RAW_TABLES, "replays", table)
            row = real(replay, dataclasses.replace(lobby, map_name="Read anew"), **known)
        return pa.RecordBatch.from_arrays([*row.columns, pa.array(["rain"])], schema=RAW_TABLES["replays"].schema)

    monkeypatch.setattr(tracker, "replay_row", replay_row)


def test_a_new_lobby_column_starts_no_game(played, monkeypatch):
    home, replays = played
    before = digests_by_part(home)
    new_lobby_column(monkeypatch)
    monkeypatch.setattr(Sc2Source, "extract", refuse("the game"))

    report = run_home([replays], home, **SETTINGS)

    after = digests_by_part(home)
    assert report.loaded == 2
    assert query(home, "select distinct weather from raw.replays") == [("rain",)]
    assert query(home, "select distinct map_name from marts.dim_replays") == [("Read anew",)]
    assert {part for part in before if before[part] != after[part]} == {"streams", "solved"}
    assert query(home, "select source, count(*) from ops.attempts group by all order by all") == [
        ("sc2", 2),
        ("tracker", 4),
    ]
    assert folders(home) == current(home)


def test_a_corrected_rule_decodes_no_file_and_starts_no_game(played, rule_book, monkeypatch):
    home, replays = played
    before, held = digests_by_part(home), answers(home)
    probes = "select distinct build_game_loops from marts.fct_build_orders where item = 'Probe' and kind = 'unit' order by all"
    assert query(home, probes) == [(272,)]
    rule_book.correct("rules", "280", subject="Probe", fact="build_time")
    monkeypatch.setattr(Sc2Source, "extract", refuse("the game"))
    monkeypatch.setattr(TrackerSource, "extract", refuse("the decoder"))

    report = run_home([replays], home, **SETTINGS)

    after = digests_by_part(home)
    assert report.loaded == 2
    assert query(home, probes) == [(280,)]
    assert {part for part in before if before[part] != after[part]} == {"solved"}
    now = answers(home)
    of_rules = ("raw.build_steps", "raw.macro_actions", "raw.known_rules", "raw.known_unit_types")
    untouched = [name for name in held if name.startswith("raw.") and name not in of_rules]
    assert {name: now[name] for name in untouched} == {name: held[name] for name in untouched}
    assert folders(home) == current(home)


def test_a_corrected_rule_reaches_a_compacted_home_too(played, rule_book, monkeypatch):
    from sc2_pipeline.pipeline.compaction import compact_lake

    home, replays = played
    compact_lake(Settings(home=home, workers=1))
    assert not [*home.glob("lake/streams/*/*/commands.parquet")]
    probes = "select count(*), min(build_game_loops) from raw.build_steps where item = 'Probe' and kind = 'unit'"
    [(count, _)] = query(home, probes)
    rule_book.correct("rules", "280", subject="Probe", fact="build_time")
    monkeypatch.setattr(TrackerSource, "extract", refuse("the decoder"))

    assert run_home([replays], home, **SETTINGS).loaded == 2

    assert query(home, probes) == [(count, 280)]


def test_what_commands_gave_leaves_with_them_and_comes_back(played):
    home, replays = played
    held = answers(home)

    without = run_home([replays], home, **SETTINGS, commands=False)

    assert without.loaded == 2
    assert query(home, "select count(*) from raw.build_steps") == [(0,)]
    assert query(home, "select count(*) from raw.commands") == [(0,)]
    assert set(digests_by_part(home)) == {"streams", "observation"}
    assert folders(home) == current(home)

    assert run_home([replays], home, **SETTINGS).loaded == 2

    assert answers(home) == held
    assert query(home, "select count(*) from ops.attempts where source = 'sc2'") == [(2,)]


def test_what_nothing_reads_any_more_is_named_before_it_is_removed(played, monkeypatch):
    from sc2_pipeline.pipeline import writer

    home, replays = played
    with monkeypatch.context() as patch:
        patch.setattr(writer, "remove_superseded", lambda *_: None)
        run_home([replays], home, **SETTINGS, commands=False)
    old = folders(home) - current(home)
    before = answers(home)

    named = prune_lake(Settings(home=home, workers=1), is_dry_run=True)
    assert (set(named.folders), len(old)) == (old, 4)
    assert old <= folders(home)
    removed = prune_lake(Settings(home=home, workers=1))

    assert set(removed.folders) == old
    assert removed.bytes == named.bytes > 0
    assert folders(home) == current(home)
    assert prune_lake(Settings(home=home, workers=1)).folders == ()
    assert answers(home) == before


def games_alive() -> list[str]:
    """Stand-in games that some descendant of this process runs."""
    lines = []
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            lines.append(" ".join(process.cmdline()))
    return [line for line in lines if "sc2_pipeline_demo.stand_in" in line]


def test_runs_in_one_process_leave_no_game_alive(played, monkeypatch):
    home, replays = played
    at_the_end = []
    real = session.close_sources
    monkeypatch.setattr(session, "close_sources", lambda owner: (at_the_end.append(len(games_alive())), real(owner)))

    for step_mul in (60, 80, 100):
        assert run_home([replays], home, **SETTINGS | {"step_mul": step_mul}).loaded == 2
        assert games_alive() == []
    assert at_the_end == [1, 1, 1], "each run had its game until then"


def test_a_run_on_a_cluster_that_goes_on_leaves_no_game_on_its_workers(played):
    from distributed import LocalCluster

    home, replays = played
    with LocalCluster(n_workers=1, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        ran = run_home([replays], home, scheduler=cluster.scheduler_address, **SETTINGS | {"step_mul": 60})

        assert ran.loaded == 2
        assert games_alive() == []
        assert len(psutil.Process().children(recursive=True)) >= 1
