"""Runs over packs, from the command line's function and from Dagster."""

import hashlib
import shutil
import time

import pytest
from typer.testing import CliRunner

from sc2_pipeline import read_replay
from sc2_pipeline.cli.app import app
from sc2_pipeline.config import Settings
from sc2_pipeline.manifest import Manifest
from sc2_pipeline.pipeline.new_files import Mark, arrivals
from sc2_pipeline.pipeline.stages import extract_replays, find_replays, judge_replays, replay_files
from sc2_pipeline.steps.discover import replay_id_of
from sc2_pipeline.workers import Died, Workers
from sc2_pipeline_tests.packs.zip_writer import Member, game, pack_bytes, pack_of
from sc2_pipeline_tests.pipeline.homes import answers, query, run_home

pytestmark = pytest.mark.slow

SECRET = "not to be found anywhere"


def _files(folder, numbers):
    folder.mkdir(parents=True)
    for number in numbers:
        (folder / f"{number}.SC2Replay").write_bytes(game(number))
    return folder


def test_replays_in_packs_give_the_warehouse_that_their_files_give(tmp_path):
    inner = pack_bytes([Member(name=b"2.SC2Replay", content=game(2))])
    pack_of(tmp_path / "packs" / "a.zip", {"x/0.SC2Replay": game(0), "inner.zip": inner})
    pack_of(tmp_path / "packs" / "b.zip", {"1.SC2Replay": game(1)}, SECRET)
    run_home([_files(tmp_path / "files", range(3))], tmp_path / "of_files")

    report = run_home([tmp_path / "packs"], tmp_path / "of_packs", pack_password=SECRET)

    assert (report.files, report.loaded, report.failed) == (3, 3, 0)
    assert answers(tmp_path / "of_packs") == answers(tmp_path / "of_files")
    assert query(tmp_path / "of_packs", "select path from ops.replay_files order by all") == [
        (f"{tmp_path}/packs/a.zip!inner.zip!2.SC2Replay",),
        (f"{tmp_path}/packs/a.zip!x/0.SC2Replay",),
        (f"{tmp_path}/packs/b.zip!1.SC2Replay",),
    ]
    again = run_home([tmp_path / "packs"], tmp_path / "of_packs")
    assert (again.already_loaded, again.failed) == (3, 0), "what is loaded needs no password"


def test_workers_read_packs_too_and_the_password_is_nowhere_in_the_home(tmp_path):
    pack_of(tmp_path / "a.zip", {f"{n}.SC2Replay": game(n % 30) for n in range(36)}, SECRET)

    report = run_home([tmp_path / "a.zip"], tmp_path / "home", workers=2, pack_password=SECRET)

    assert (report.files, report.duplicates, report.loaded) == (36, 6, 30)
    stored = [path for path in (tmp_path / "home").rglob("*") if path.is_file()]
    assert len(stored) > 30  # So few are not folded.
    assert [path for path in stored if SECRET.encode() in path.read_bytes()] == []


def test_a_fault_of_a_pack_is_the_outcome_of_its_path_and_is_gone_with_the_fault(tmp_path):
    pack_of(tmp_path / "in" / "secret.zip", {"0.SC2Replay": game(0)}, SECRET)
    (tmp_path / "in" / "cut.zip").write_bytes(
        pack_of(tmp_path / "whole.zip", {"1.SC2Replay": game(1)}).read_bytes()[:99]
    )
    pack_of(tmp_path / "in" / "good.zip", {"2.SC2Replay": game(2), "bad.SC2Replay": b"no replay"})
    home = tmp_path / "home"

    first = run_home([tmp_path / "in"], home)
    wrong = run_home([tmp_path / "in"], home, pack_password="wrong")
    shutil.copy(tmp_path / "whole.zip", tmp_path / "in" / "cut.zip")
    right = run_home([tmp_path / "in"], home, pack_password=SECRET)

    bad = {"not_an_archive": 1}
    assert (first.loaded, first.failed_by_reason) == (1, {"missing_password": 1, "damaged_pack": 1} | bad)
    assert (wrong.already_loaded, wrong.failed_by_reason) == (1, {"wrong_password": 1, "damaged_pack": 1} | bad)
    assert (right.loaded, right.already_loaded, right.failed_by_reason) == (2, 1, bad)
    assert query(home, "select path from ops.replays where status = 'failed'") == [
        (f"{tmp_path}/in/good.zip!bad.SC2Replay",)
    ]


def test_a_member_that_kills_its_worker_is_told_and_its_neighbours_are_found(tmp_path, monkeypatch):
    pack_of(tmp_path / "a.zip", {f"{name}.SC2Replay": name.encode() for name in ("good", "deadly", "other")})
    really_run = Workers.run

    def run(self, function, tasks, **how):
        for task in tasks:
            if any(path.stem.endswith("deadly") for path in task.paths):
                yield task, Died("killed")
            else:
                yield from really_run(self, function, [task], **how)

    monkeypatch.setattr(Workers, "run", run)
    found = find_replays(Settings(home=tmp_path / "home", workers=1), [tmp_path / "a.zip"])

    assert len(found.replay_ids) == 2
    assert found.unreadable == {
        f"{tmp_path}/a.zip!deadly.SC2Replay": "reading deadly.SC2Replay killed its worker process; please report it"
    }


def test_a_replay_in_a_pack_and_outside_is_one_and_read_from_the_file(tmp_path):
    pack_of(tmp_path / "in" / "a.zip", {"0.SC2Replay": game(0)}, SECRET)
    (tmp_path / "in" / "z.SC2Replay").write_bytes(game(0))
    settings = Settings(home=tmp_path / "home", workers=1, pack_password=SECRET)

    found = find_replays(settings, [tmp_path / "in"])

    assert (found.files, found.duplicates) == (2, 1)
    without = Settings(home=tmp_path / "home", workers=1)
    [outcome] = extract_replays(without, found.replay_ids)
    assert outcome.status == "extracted"
    with Manifest(tmp_path / "home" / "manifest.sqlite") as manifest:
        paths = {row["path"] for row in manifest.table("replay_files", found.replay_ids)}
        (tmp_path / "in" / "z.SC2Replay").unlink()
        [file] = replay_files(manifest, found.replay_ids).values()
    assert paths == {f"{tmp_path}/in/a.zip!0.SC2Replay", f"{tmp_path}/in/z.SC2Replay"}
    assert (file.path, file.name) == (tmp_path / "in" / "a.zip!0.SC2Replay", "0.SC2Replay")


def test_a_pack_that_goes_or_changes_between_discovery_and_extraction_fails_those_replays_alone(tmp_path):
    folder = tmp_path / "in"
    for name, number in (("gone", 0), ("other", 1), ("locked", 2), ("same", 3)):
        pack_of(folder / f"{name}.zip", {"a.SC2Replay": game(number)})
    settings = Settings(home=tmp_path / "home", workers=1)
    ids = judge_replays(settings, find_replays(settings, [folder]).replay_ids).accepted
    (folder / "gone.zip").unlink()
    pack_of(folder / "other.zip", {"a.SC2Replay": game(9)})
    pack_of(folder / "locked.zip", {"a.SC2Replay": game(2)}, SECRET)

    outcomes = {outcome.replay_id: outcome.reason for outcome in extract_replays(settings, ids)}
    again = extract_replays(Settings(home=tmp_path / "home", workers=1, pack_password=SECRET), ids)

    name = {number: replay_id_of(hashlib.sha256(game(number)).hexdigest()) for number in range(4)}
    assert outcomes == {
        name[0]: "vanished_file",
        name[1]: "changed_file",
        name[2]: "missing_password",
        name[3]: None,
    }
    assert {outcome.replay_id for outcome in again if outcome.status == "extracted"} == {name[2], name[3]}


def test_one_replay_of_a_pack_is_read_without_a_home(tmp_path):
    pack = pack_of(tmp_path / "a.zip", {"in/0.SC2Replay": game(0)}, SECRET)
    (tmp_path / "0.SC2Replay").write_bytes(game(0))

    replay = read_replay(f"{pack}!in/0.SC2Replay", pack_password=SECRET)

    assert replay.facts == read_replay(tmp_path / "0.SC2Replay").facts


def test_archives_of_other_kinds_are_told_by_name_where_there_is_nothing_else(tmp_path):
    for name in ("in/games.7z", "in/more/old.rar"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    settings = Settings(home=tmp_path / "home", workers=1)

    said = CliRunner().invoke(app, ["run", str(tmp_path / "in"), "--home", str(tmp_path / "home"), "--workers", "1"])
    found = find_replays(settings, [tmp_path / "in"])

    assert said.exit_code == 1
    assert "found games.7z, old.rar: archives of this kind are not read; unpack them" in said.stderr
    assert list(found.unreadable) == [f"{tmp_path}/in/games.7z", f"{tmp_path}/in/more/old.rar"]


def test_the_flag_and_the_environment_give_the_password_and_the_path_of_one_replay_is_enough(tmp_path, monkeypatch):
    pack_of(tmp_path / "a.zip", {"x/0.SC2Replay": game(0), "x/1.SC2Replay": game(1)}, SECRET)
    command = ["run", f"{tmp_path}/a.zip!x/0.SC2Replay", "--workers", "1", "--json", "--home"]

    flag = CliRunner().invoke(app, [*command, str(tmp_path / "one"), "--pack-password", SECRET])
    elsewhere = CliRunner().invoke(app, ["run", f"{tmp_path}/b.zip!x/0.SC2Replay"])
    assert (elsewhere.exit_code, "does not exist" in elsewhere.output) == (2, True)
    monkeypatch.setenv("SC2_PIPELINE_PACK_PASSWORD", SECRET)
    environment = CliRunner().invoke(app, [*command, str(tmp_path / "two")])

    for said in (flag, environment):
        assert '"loaded": 1' in said.stdout
        assert SECRET not in said.output


def test_replays_in_a_pack_arrive_with_it_and_none_is_taken_twice(tmp_path):
    pack_of(tmp_path / "drop" / "a.zip", {f"{n}.SC2Replay": b"" for n in range(3)})
    soon = time.time_ns() + 3600 * 10**9
    taken, mark = [], Mark()
    while files := arrivals(tmp_path / "drop", mark, settled_before_ns=soon, limit=2):
        taken += [file.path.name for file in files]
        mark = files[-1].mark

    assert taken == ["a.zip!0.SC2Replay", "a.zip!1.SC2Replay", "a.zip!2.SC2Replay"]
    pack_of(tmp_path / "drop" / "a.zip", {"new.SC2Replay": b""})
    assert [file.path.name for file in arrivals(tmp_path / "drop", mark, settled_before_ns=soon, limit=9)] == [
        "a.zip!new.SC2Replay"
    ]
