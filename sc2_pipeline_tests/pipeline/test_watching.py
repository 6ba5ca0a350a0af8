"""Files that appear in watched folders, and where the client keeps them."""

import signal
import subprocess
import zipfile

import pytest

import sc2_pipeline
from sc2_pipeline.config import Home
from sc2_pipeline.pipeline.watching import StillFiles
from sc2_pipeline.pipeline.writer_lock import WriterLock
from sc2_pipeline.sc2_client.account_folders import account_folders
from sc2_pipeline_demo.synthetic import ladder_game, write_replay
from sc2_pipeline_tests.cli.programs import environment, program


def written(path, content=b"x"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_a_file_is_found_once_when_two_looks_find_it_the_same(tmp_path):
    files = StillFiles([tmp_path])
    replay = written(tmp_path / "any" / "depth" / "Game.SC2REPLAY")
    written(tmp_path / "notes.txt")

    first = files.look()
    replay.write_bytes(b"still being written")
    second, third = files.look(), files.look()
    files.take(third)

    assert (first, second, third, files.look()) == ([], [], [replay], [])


def test_a_file_that_was_not_taken_is_found_again_and_one_that_changed_too(tmp_path):
    files = StillFiles([tmp_path])
    replay, pack = written(tmp_path / "a.SC2Replay"), tmp_path / "b.zip"
    with zipfile.ZipFile(pack, "w"):
        pass
    files.look()

    assert files.look() == files.look() == [replay, pack]
    files.take([replay, pack])
    replay.write_bytes(b"longer")
    assert (files.look(), files.look()) == ([], [replay])


def test_a_folder_that_is_not_there_yet_is_looked_at_when_it_is(tmp_path):
    files = StillFiles([tmp_path / "later"])
    before = files.look()
    replay = written(tmp_path / "later" / "a.SC2Replay")

    assert (before, files.look(), files.look()) == ([], [], [replay])


def test_what_was_deleted_or_leads_nowhere_is_no_file(tmp_path):
    files = StillFiles([tmp_path])
    written(tmp_path / "a.SC2Replay")
    (tmp_path / "b.SC2Replay").symlink_to(tmp_path / "nowhere")
    files.look()
    (tmp_path / "a.SC2Replay").unlink()

    assert files.look() == []


@pytest.mark.parametrize(
    "folder",
    [
        "Documents/StarCraft II",
        "OneDrive/Dokumente/StarCraft II",
        "문서/StarCraft II",
        "Library/Application Support/Blizzard/StarCraft II",
        ".wine/drive_c/users/ann/My Documents/StarCraft II",
    ],
)
def test_the_clients_folders_are_found_in_any_language(tmp_path, folder):
    accounts = tmp_path / folder / "Accounts"
    replay = written(accounts / "123" / "2-S2-1-1" / "Replays" / "Multiplayer" / "Game.SC2Replay")
    written(tmp_path / "Documents" / "Other game" / "Accounts" / "x.SC2Replay")

    found = account_folders(tmp_path)
    files = StillFiles(found)
    files.look()

    assert (found, files.look()) == ([accounts], [replay])


@pytest.mark.slow
def test_games_are_loaded_as_they_appear_and_the_warehouse_is_free_between(tmp_path):
    games, home = tmp_path / "games", tmp_path / "home"
    games.mkdir()
    words = ("run", "--watch", games, "--home", home, "--filters", "all")
    process = subprocess.Popen(
        program(*words), cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    said, counts = [process.stdout.readline()], []
    for number in range(2):
        write_replay(games / "deep" / f"{number}.SC2Replay", ladder_game(number, game_loops=1_500))
        said.append(next(line for line in process.stdout if " loaded" in line))
        counts.append(
            (WriterLock(Home(home), 0).is_taken(), sc2_pipeline.open_home(home).sql("from marts.games").table.num_rows)
        )
    process.send_signal(signal.SIGTERM)
    rest, _ = process.communicate(timeout=60)

    assert said[0].startswith("watching ")
    assert [line.split(", in")[0] for line in said[1:]] == ["0.SC2Replay: 1 loaded", "1.SC2Replay: 1 loaded"]
    assert counts == [(False, 1), (False, 2)]
    assert (process.returncode, "Traceback" in rest) == (128 + signal.SIGTERM, False)
