"""Replays that nobody foresaw among good ones: each has its own outcome, the others are loaded as if it were not there."""

import errno
import os
from dataclasses import replace

import pytest

from sc2_pipeline.errors import LakeError, MachineError
from sc2_pipeline.pipeline import discovery, loading, writer
from sc2_pipeline.sql_models import SingularTest, read_models, read_tests
from sc2_pipeline.steps import discover, extract, validate
from sc2_pipeline.steps.replay_faults import replay_fault
from sc2_pipeline_demo.synthetic import ladder_game, replay_bytes, write_replay
from sc2_pipeline_tests.hostile.parts import DETAILS, METADATA, parts_of
from sc2_pipeline_tests.pipeline.homes import query, rows_of, run_home

pytestmark = pytest.mark.slow


class UnforeseenError(Exception):
    """Of no class that anybody lists."""


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """Folder of two good replays, and their rows in a warehouse of them alone."""
    work = tmp_path_factory.mktemp("good")
    for seed in range(2):
        write_replay(work / "in" / f"good{seed}.SC2Replay", ladder_game(seed, game_loops=1_400))
    run_home([work / "in"], work / "home")
    return work / "in", rows_of(work / "home")


def _bad(seed, name):
    return ladder_game(seed, game_loops=1_400, map_name=name)


def _standing(home):
    rows = query(home, "select parse_filename(path), stage, reason, detail from ops.replays where reason is not null")
    return {name.removesuffix(".SC2Replay"): rest for name, *rest in rows}


def _raise_for(monkeypatch, place, name, is_bad, error):
    """Makes a function raise when it is given what ``is_bad``."""
    function = getattr(place, name)

    def raising(*arguments, **named):
        if is_bad(*arguments):
            raise error
        return function(*arguments, **named)

    monkeypatch.setattr(place, name, raising)


def _map_in(tables, name):
    return "replays" in tables and name in tables["replays"]["map_name"].to_pylist()


STAGES = {
    "discover": (discover, "read_bytes", lambda path, _: path.stem == "discover"),
    "validate": (validate, "_facts", lambda lobby: lobby.map_name == "validate"),
    "judge": (discovery, "rule_outcomes", lambda facts, _: facts.map_name == "judge"),
    "extract": (extract, "extract_replay", lambda replay, *_: replay.path.stem == "extract"),
    "check": (loading, "check_batch", lambda tables: _map_in(tables, "check")),
    "merge": (loading, "merge_batch", lambda _, __, batch, *___: _map_in(batch.tables, "merge")),
}


def test_whatever_a_replay_raises_in_any_stage_is_its_own_outcome(good, tmp_path, monkeypatch, caplog):
    """A replay for each stage, which raises in it; those of the last two bring down the whole batch that they are in."""
    for seed, (stage, target) in enumerate(STAGES.items(), start=10):
        write_replay(tmp_path / "in" / f"{stage}.SC2Replay", _bad(seed, stage))
        _raise_for(monkeypatch, *target, UnforeseenError("half a character: \ud800"))

    report = run_home([good[0], tmp_path / "in"], tmp_path / "home")

    assert (report.loaded, report.failed_by_reason) == (2, {"internal_error": len(STAGES)})
    said = "UnforeseenError: half a character: \ufffd; please report it with this replay"
    recorded = {"judge": "validate", "check": "load", "merge": "load"}
    assert _standing(tmp_path / "home") == {
        stage: [recorded.get(stage, stage), "internal_error", said] for stage in STAGES
    }
    assert rows_of(tmp_path / "home", good[1]) == good[1]
    assert caplog.text.count("brought out a bug") == len(STAGES)


def test_what_the_machine_refuses_while_a_batch_is_merged_blames_no_replay(good, tmp_path, monkeypatch):
    no_room = OSError(errno.ENOSPC, "No space left on device")
    write_replay(tmp_path / "in" / "merge.SC2Replay", _bad(10, "merge"))
    with monkeypatch.context() as refusing:
        _raise_for(refusing, *STAGES["merge"], no_room)
        with pytest.raises(MachineError, match="make room"):
            run_home([good[0], tmp_path / "in"], tmp_path / "home")

    report = run_home([good[0], tmp_path / "in"], tmp_path / "home")

    assert (report.failed, report.loaded) == (0, 3)


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EMFILE, "Too many open files"),
        MachineError("the machine refused"),
    ],
)
def test_what_the_machine_refuses_to_one_replay_is_no_fault_of_it(error):
    with pytest.raises(type(error)) as caught:
        replay_fault("a" * 16, error)

    assert caught.value is error


@pytest.mark.parametrize(
    ("error", "may_pass"),
    [
        (PermissionError(errno.EACCES, "x"), True),
        (MemoryError(), True),
        (KeyError("x"), False),
        (LakeError("x"), False),
    ],
)
def test_what_was_refused_may_be_there_next_time_and_a_bug_stays_one(error, may_pass):
    assert replay_fault("a" * 16, error).is_retryable == may_pass


def test_a_file_that_cannot_be_opened_for_want_of_open_files_is_not_called_unreadable(tmp_path, monkeypatch):
    path = write_replay(tmp_path / "a.SC2Replay", _bad(1, "a"))

    def refuses(*_, **__):
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr("pathlib.Path.open", refuses)

    with pytest.raises(OSError, match="Too many open files"):
        discover.identify(path, {})


@pytest.fixture(scope="module")
def odd(good, tmp_path_factory):
    """The home of one run, of two workers, over good replays and odd ones, and its report."""
    work = tmp_path_factory.mktemp("odd")
    (work / "in").mkdir()
    for seed, (name, change) in enumerate(_ODD.items(), start=20):
        script = _bad(seed, name)
        parts = change(parts_of(replay_bytes(script), script.base_build), script.data_version.encode())
        (work / "in" / f"{name}.SC2Replay").write_bytes(parts.packed())
    year_2400 = 13_569_465_600
    os.utime(work / "in" / "surrogate.SC2Replay", (year_2400, year_2400))
    if os.name != "nt":
        (work / "in" / os.fsdecode(b"\xff\xed\xa0\x80.SC2Replay")).symlink_to("gone")
    report = run_home([good[0], work / "in"], work / "home", workers=2)
    return work / "home", report


_ODD = {
    "surrogate": lambda parts, stated: _with_metadata(parts, stated, rb"\ud800"),
    # It becomes part of a file's name where the game's own data is kept.
    "path": lambda parts, stated: _with_metadata(parts, stated, b"../../../evil"),
    "texts": lambda parts, _: parts.having(DETAILS, parts.members[DETAILS].replace(b"texts", b"t\0x\xffs")),
    "numbers": lambda parts, _: _with_metadata(_with_metadata(parts, b"4210", b"1e400"), b"212.0", b"1e300"),
    "digits": lambda parts, _: _with_metadata(parts, b"4210", b"1" * 5_000),
}


def _with_metadata(parts, old, new):
    assert old in parts.members[METADATA]
    return parts.having(METADATA, parts.members[METADATA].replace(old, new))


def test_odd_replays_are_loaded_and_cost_their_neighbours_nothing(odd, good):
    """Also one that says it changed in the year 2400, which is past what SQLite's numbers hold of nanoseconds."""
    home, report = odd

    assert report.loaded == len(_ODD) + 2
    assert rows_of(home, good[1]) == good[1]


@pytest.mark.skipif(os.name == "nt", reason="names of files are no bytes on Windows")
def test_a_name_that_is_no_text_can_be_told_in_a_reason(odd):
    assert odd[1].failed_by_reason == {"vanished_file": 1}


@pytest.mark.parametrize(("name", "seed"), [("surrogate", 20), ("path", 21)])
def test_a_data_version_that_is_none_is_taken_from_the_header(odd, name, seed):
    stated = query(odd[0], f"select data_version from raw.replays where map_name = '{name}'")

    assert stated == [(_bad(seed, name).data_version.upper(),)]


def test_texts_that_cannot_be_stored_and_numbers_that_do_not_fit_are_replaced_and_counted(odd):
    players = (
        "select mmr, mmr_status, apm from raw.replay_players join raw.replays using (replay_id) where player_id = 1"
    )

    assert query(odd[0], "select map_name from raw.replays where map_name like 't%s'") == [("t\ufffdx\ufffds",)]
    assert query(odd[0], f"{players} and map_name = 'numbers'") == [(None, "unreadable", None)]
    assert query(odd[0], f"{players} and map_name = 'digits'") == [(None, "unreadable", 212.0)]
    warnings = query(
        odd[0], "select table_name, check_name, severity, failed_rows from ops.check_outcomes order by all"
    )
    assert warnings == [
        ("replay_players", "apm_fits", "warning", 1),
        ("replays", "texts_were_readable", "warning", 1),
    ]


def test_a_test_of_a_mart_that_is_broken_costs_no_replay_and_is_told(good, tmp_path, monkeypatch):
    write_replay(tmp_path / "in" / "bad.SC2Replay", _bad(10, "bad"))
    claims = (
        _claim("names_it", "select replay_id from intermediate.int_replays where map_title = 'bad'"),
        _claim("names_none", "select map_title from intermediate.int_replays where map_title = 'bad'"),
    )
    monkeypatch.setattr(writer, "read_tests", lambda: (*read_tests(), *claims))

    report = run_home([good[0], tmp_path / "in"], tmp_path / "home")

    [(replay_id,)] = query(tmp_path / "home", "select replay_id from raw.replays where map_name = 'bad'")
    assert (report.loaded, report.failed) == (3, 0)
    named, unnamed = report.mart_test_failures
    assert (named.test, named.replays, named.examples) == ("names_it: No map is bad.", 1, (replay_id,))
    assert (unnamed.test, unnamed.replays) == ("names_none: No map is bad.", 3)
    kept = query(
        tmp_path / "home", "select test_name, detail, count(*) from ops.mart_test_failures group by all order by 1"
    )
    assert kept == [
        ("names_it", "its rows break names_it: No map is bad.", 1),
        ("names_none", "rows of a batch of 3 replays, this one among them, break names_none: No map is bad.", 3),
    ]


def _claim(name, sql):
    return SingularTest(
        name=name,
        sql=sql,
        path=f"tests/{name}.sql",
        severity="error",
        description="No map is bad.",
        depends_on=("intermediate.int_replays",),
    )


def test_a_loaded_replay_that_a_later_release_cannot_compute_is_taken_out_and_the_others_stay(
    good, tmp_path, monkeypatch
):
    write_replay(tmp_path / "in" / "bad.SC2Replay", _bad(10, "bad"))
    paths, home = [good[0], tmp_path / "in"], tmp_path / "home"
    assert run_home(paths, home).loaded == 3
    monkeypatch.setattr(writer, "read_models", _models_of_a_later_release)

    report = run_home(paths, home)

    assert (report.already_loaded, report.failed_by_reason) == (2, {"contract_broken": 1})
    assert _standing(home)["bad"][2].startswith("intermediate/int_replays.sql cannot compute its rows")
    assert rows_of(home) == good[1]


def _models_of_a_later_release():
    """One of them takes the bad replay's map for a number."""
    refuses = "cast(if(map_title = 'bad', map_title, '1') as integer) = 1"
    return tuple(
        replace(model, version="later", sql=f"select * from ({model.sql}) where {refuses}")
        if model.relation == "intermediate.int_replays"
        else model
        for model in read_models()
    )
