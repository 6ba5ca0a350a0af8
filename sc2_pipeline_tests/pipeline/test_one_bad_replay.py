"""One replay that nobody foresaw among good ones: it has its outcome, the others are loaded as if it were not there."""

import errno
import os

import pytest

from sc2_pipeline.errors import MachineError
from sc2_pipeline.pipeline import loading
from sc2_pipeline.sql_models import SingularTest, read_tests
from sc2_pipeline.steps import discover, extract, validate
from sc2_pipeline.synthetic import ladder_game, replay_bytes, write_replay
from sc2_pipeline_tests.hostile.parts import DETAILS, METADATA, parts_of
from sc2_pipeline_tests.pipeline.homes import answers, query, run_home

BAD = ladder_game(90, game_loops=1_400, map_name="The Bad One")


class UnforeseenError(Exception):
    """Of no class that anybody lists."""


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """Folder of three good replays, and what a warehouse of them alone answers."""
    work = tmp_path_factory.mktemp("good")
    for seed in range(3):
        write_replay(work / "in" / f"{seed}.SC2Replay", ladder_game(seed, game_loops=1_400))
    run_home([work / "in"], work / "home")
    return work / "in", answers(work / "home")


def _bad_beside(good, folder, content=None):
    folder.mkdir(parents=True)
    path = folder / "bad.SC2Replay"
    path.write_bytes(replay_bytes(BAD) if content is None else content)
    return [good[0], path]


def _reason(home):
    [row] = query(home, "select status, stage, reason, detail from ops.replays where path like '%bad.SC2Replay'")
    return row


def _raising_for_the_bad_one(function, error, is_bad):
    def raising(*arguments, **named):
        if is_bad(*arguments):
            raise error
        return function(*arguments, **named)

    return raising


def _patch(monkeypatch, stage, error):
    """Makes one stage raise for the bad replay, or for any batch that it is in."""
    targets = {
        "discover": (discover, "_sha256", lambda path: path.name == "bad.SC2Replay"),
        "validate": (validate, "_facts", lambda lobby: lobby.map_name == "The Bad One"),
        "extract": (extract, "extract_replay", lambda replay, *_: replay.path.name == "bad.SC2Replay"),
        "check": (loading, "check_batch", lambda tables: "The Bad One" in tables["replays"]["map_name"].to_pylist()),
        "merge": (loading.Merger, "merge", lambda _, checked, *__: "The Bad One" in checked.tables["replays"]["map_name"].to_pylist()),
    }  # fmt: skip
    place, name, is_bad = targets[stage]
    monkeypatch.setattr(place, name, _raising_for_the_bad_one(getattr(place, name), error, is_bad))


@pytest.mark.parametrize(
    ("stage", "said"),
    [("discover", "discover"), ("validate", "validate"), ("extract", "extract"), ("check", "load"), ("merge", "load")],
)
def test_whatever_a_replay_raises_in_any_stage_is_its_own_outcome(good, tmp_path, monkeypatch, caplog, stage, said):
    paths = _bad_beside(good, tmp_path / "bad")
    _patch(monkeypatch, stage, UnforeseenError("half a character: \ud800"))

    report = run_home(paths, tmp_path / "home")

    assert (report.loaded, report.failed_by_reason) == (3, {"internal_error": 1})
    assert _reason(tmp_path / "home") == (
        "failed",
        said,
        "internal_error",
        "UnforeseenError: half a character: \ufffd; please report it with this replay",
    )
    assert answers(tmp_path / "home") == good[1]
    assert "UnforeseenError" in caplog.text


@pytest.mark.parametrize("stage", ["discover", "validate", "extract", "check", "merge"])
def test_what_the_machine_refuses_in_any_stage_blames_no_replay(good, tmp_path, monkeypatch, stage):
    paths = _bad_beside(good, tmp_path / "bad")
    with monkeypatch.context() as refusing:
        _patch(refusing, stage, OSError(errno.ENOSPC, "No space left on device"))
        with pytest.raises(MachineError, match="make room"):
            run_home(paths, tmp_path / "home")

    report = run_home(paths, tmp_path / "home")

    assert (report.failed, report.loaded + report.already_loaded) == (0, 4)


def _with_metadata(value: bytes) -> bytes:
    parts = parts_of(replay_bytes(BAD), BAD.base_build)
    stated = BAD.data_version.encode()
    return parts.having(METADATA, parts.members[METADATA].replace(stated, value)).packed()


@pytest.mark.parametrize("workers", [1, 2])
def test_half_a_character_in_the_metadata_costs_nothing(good, tmp_path, workers):
    paths = _bad_beside(good, tmp_path / "bad", _with_metadata(rb"\ud800"))

    report = run_home(paths, tmp_path / "home", workers=workers)

    assert (report.loaded, report.failed) == (4, 0)
    # The header tells it too.
    stated = query(tmp_path / "home", "select data_version from raw.replays where map_name = 'The Bad One'")
    assert stated == [(BAD.data_version.upper(),)]


def test_a_version_that_names_a_path_is_none(good, tmp_path):
    """It becomes part of a file's name where the game's own data is kept."""
    paths = _bad_beside(good, tmp_path / "bad", _with_metadata(b"../../../evil"))

    run_home(paths, tmp_path / "home")

    stated = query(tmp_path / "home", "select data_version from raw.replays where map_name = 'The Bad One'")
    assert stated == [(BAD.data_version.upper(),)]


def test_a_text_that_cannot_be_stored_and_a_number_that_does_not_fit_are_counted_as_warnings(good, tmp_path):
    parts = parts_of(replay_bytes(BAD), BAD.base_build)
    details = parts.members[DETAILS].replace(b"The Bad One", b"The\0Bad\xffOne")
    metadata = parts.members[METADATA].replace(b"4210", b"1e400").replace(b"212.0", b"1e300")
    paths = _bad_beside(good, tmp_path / "bad", parts.having(DETAILS, details).having(METADATA, metadata).packed())

    report = run_home(paths, tmp_path / "home")

    assert (report.loaded, report.failed) == (4, 0)
    home = tmp_path / "home"
    players = "select mmr, mmr_status, apm from raw.replay_players semi join raw.replays using (replay_id)"
    [(name,)] = query(home, "select map_name from raw.replays where map_name like 'The_Bad%'")
    assert name == "The\ufffdBad\ufffdOne"
    assert (None, "unreadable", None) in query(home, players)
    warnings = query(home, "select table_name, check_name, severity, failed_rows from ops.check_outcomes order by all")
    assert warnings == [
        ("replay_players", "apm_fits", "warning", 1),
        ("replays", "texts_were_readable", "warning", 1),
    ]


def test_a_file_from_the_far_future_is_found_like_any_other(good, tmp_path):
    paths = _bad_beside(good, tmp_path / "bad")
    year_2400 = 13_569_465_600
    os.utime(paths[1], (year_2400, year_2400))

    assert run_home(paths, tmp_path / "home").loaded == 4
    assert run_home(paths, tmp_path / "home").already_loaded == 4


@pytest.mark.skipif(os.name == "nt", reason="names of files are no bytes on Windows")
def test_a_name_that_is_no_text_can_be_told_in_a_reason(good, tmp_path):
    folder = tmp_path / "odd"
    folder.mkdir()
    try:
        (folder / os.fsdecode(b"\xff\xed\xa0\x80.SC2Replay")).symlink_to("gone")
    except OSError:
        pytest.skip("this file system takes no such name")

    report = run_home([good[0], folder], tmp_path / "home")

    assert (report.loaded, report.failed_by_reason) == (3, {"vanished_file": 1})


def _claiming(monkeypatch, sql):
    """Adds a test of ours that some rows break."""
    claim = SingularTest(
        name="no_bad_map", sql=sql, path="tests/no_bad_map.sql", severity="error", description="No map is bad.",
        depends_on=("marts.dim_replays",),
    )  # fmt: skip
    monkeypatch.setattr(loading, "read_tests", lambda: (*read_tests(), claim))


def test_a_test_of_a_mart_that_is_broken_costs_no_replay_and_is_told(good, tmp_path, monkeypatch):
    paths, home = _bad_beside(good, tmp_path / "bad"), tmp_path / "home"
    with monkeypatch.context() as mistaken:
        _claiming(mistaken, "select replay_id from marts.dim_replays where map_name = 'The Bad One'")

        report = run_home(paths, home)

    [(replay_id,)] = query(home, "select replay_id from raw.replays where map_name = 'The Bad One'")
    assert (report.loaded, report.failed) == (4, 0)
    [failure] = report.mart_test_failures
    assert (failure.test, failure.replays, failure.examples) == ("no_bad_map: No map is bad.", 1, (replay_id,))
    assert query(home, "select replay_id, relation, test_name, detail from ops.mart_test_failures") == [
        (replay_id, None, "no_bad_map", "its rows break no_bad_map: No map is bad.")
    ]


def test_a_broken_test_whose_rows_name_no_replay_is_told_of_all_in_the_batch(good, tmp_path, monkeypatch):
    paths, home = _bad_beside(good, tmp_path / "bad"), tmp_path / "home"
    _claiming(monkeypatch, "select map_name from marts.dim_replays where map_name = 'The Bad One'")

    report = run_home(paths, home)

    assert (report.loaded, [failure.replays for failure in report.mart_test_failures]) == (4, [4])
    said = query(home, "select distinct detail from ops.mart_test_failures")
    assert said == [("rows of a batch of 4 replays, this one among them, break no_bad_map: No map is bad.",)]
