"""Build orders of replay files, printed."""

import csv
import io
import json

import pytest
from typer.testing import CliRunner

from sc2_pipeline.build_orders import build_orders, read_game
from sc2_pipeline.cli.app import app
from sc2_pipeline.game import clock
from sc2_pipeline.replay_format.mpq import open_archive
from sc2_pipeline_demo.synthetic import ladder_game, write_replay

COLUMNS_OF_A_STEP = 5


@pytest.fixture(scope="module")
def replay(tmp_path_factory):
    names = ("Al\x1b[31mpha", "=Beta")
    script = ladder_game(1, game_loops=8_000, races=("Protoss", "Zerg"), names=names)
    return write_replay(tmp_path_factory.mktemp("built") / "a.SC2Replay", script)


def printed(*arguments, exit_code=0):
    result = CliRunner().invoke(app, ["build-order", *map(str, arguments)])
    assert result.exit_code == exit_code, result.output
    return result.output


def salt_steps(text):
    """Supply, second, kind and number of every step, as the format's readers take it apart."""
    header, _, body = text.partition("~")
    assert header.startswith("$")
    assert header.count("|") == 3
    assert len(body) % COLUMNS_OF_A_STEP == 0
    values = [ord(character) - 32 for character in body]
    chunks = [values[at : at + COLUMNS_OF_A_STEP] for at in range(0, len(values), COLUMNS_OF_A_STEP)]
    return [
        (supply + 4 if supply else None, minutes * 60 + seconds, kind, number)
        for supply, minutes, seconds, kind, number in chunks
    ]


def test_both_players_stand_side_by_side_and_names_do_nothing_to_a_terminal(replay):
    first, *lines = printed(replay).splitlines()

    assert "Al\\x1b[31mpha (Protoss)" in first
    assert "=Beta (Zerg)" in first
    assert len(lines) > 10


def test_only_wanted_steps_are_printed(replay):
    rows = json.loads(printed(replay, "--format", "json", "--player", "2", "--until", "2:00", "--no-workers"))

    assert {row["player_id"] for row in rows} == {2}
    assert max(row["started_game_loop"] for row in rows) * 5 // 112 <= 120
    assert not any(row["is_worker"] for row in rows)
    everything = json.loads(printed(replay, "--format", "json"))
    assert any(row["is_worker"] for row in everything)
    assert any(row["started_game_loop"] * 5 // 112 > 120 for row in everything)


def test_json_and_csv_have_every_step_of_the_solver(replay):
    steps = sum(len(order.steps) for order in build_orders(read_game(open_archive(replay))))

    rows = json.loads(printed(replay, "--format", "json"))
    table = list(csv.DictReader(io.StringIO(printed(replay, "--format", "csv"))))
    raw = list(csv.DictReader(io.StringIO(printed(replay, "--format", "csv", "--raw-csv"))))

    assert len(rows) == len(table) == steps > 0
    assert ({row["player"] for row in table} - {row["player"] for row in raw}) == {"'=Beta"}
    assert {row["player"] for row in raw} == {"Al\\x1b[31mpha", "=Beta"}
    assert [row["item"] or "" for row in rows] == [row["item"] for row in table]


def test_a_salt_string_holds_what_was_built_when(replay):
    text = printed(replay, "--format", "salt", "--player", "2", "--until", "2:00").splitlines()[0]
    rows = json.loads(printed(replay, "--format", "json", "--player", "2", "--until", "2:00"))
    drones = [
        row["started_game_loop"] * 5 // 112 for row in rows if row["item"] == "Drone" and row["outcome"] != "cancelled"
    ]

    found = salt_steps(text)

    assert [second for _, second, kind, number in found if (kind, number) == (1, 28)] == drones
    assert found[0][0] == 12


def test_what_a_published_salt_string_says_is_read_alike():
    # The beginning of build 196809 of spawningtool.com: 15 Hatchery at 0:35.
    assert salt_steps("$196809|spawningtool.com||~+ C D")[0] == (15, 35, 0, 36)


def test_two_replays_are_compared_step_by_step(replay, tmp_path):
    other = write_replay(tmp_path / "b.SC2Replay", ladder_game(2, game_loops=8_000, races=("Zerg", "Protoss")))

    first, *lines = printed(replay, "--compare", other).splitlines()

    assert first.startswith("what, clock faster ")
    pylon = next(line for line in lines if line.startswith("Pylon "))
    assert pylon.rstrip().endswith(" s")


@pytest.mark.parametrize(("here", "speed", "loops_per_second"), [("newer", "faster", 22.4), ("older", "normal", 16)])
def test_games_of_two_eras_are_compared_by_one_clock(tmp_path, here, speed, loops_per_second):
    builds = {"newer": 75800, "older": 27950}
    paths = {
        era: write_replay(
            tmp_path / f"{era}.SC2Replay", ladder_game(1, game_loops=8_000, races=("Protoss", "Zerg"), base_build=build)
        )
        for era, build in builds.items()
    }
    there = next(era for era in builds if era != here)
    loops = {}
    for era, path in paths.items():
        steps = json.loads(printed(path, "--format", "json"))
        assert {step["clock_speed"] for step in steps} == {"faster" if era == "newer" else "normal"}
        loops[era] = next(step["started_game_loop"] for step in steps if step["item"] == "Pylon")

    first, *lines = printed(paths[here], "--compare", paths[there]).splitlines()

    assert first.startswith(f"what, clock {speed} ")
    _, ours, theirs, *_ = next(line for line in lines if line.startswith("Pylon ")).split()
    assert [ours, theirs] == [clock(loops[era] / loops_per_second) for era in (here, there)]


@pytest.mark.parametrize(
    ("arguments", "exit_code", "said"),
    [
        (["--player", "7"], 2, "player 7 built nothing in a.SC2Replay"),
        (["--until", "noon"], 2, "give minutes and seconds"),
    ],
)
def test_what_cannot_be_shown_is_said_in_one_sentence(replay, arguments, exit_code, said):
    assert said in printed(replay, *arguments, exit_code=exit_code)


def test_a_file_that_is_no_replay_is_refused(tmp_path):
    path = tmp_path / "a.SC2Replay"
    path.write_bytes(b"not a replay")

    assert "sc2-pipeline: " in printed(path, exit_code=1)


def test_co_op_shows_its_own_clock_and_names(shared_replays):
    [path] = shared_replays.rglob("CoA.SC2Replay")

    rows = json.loads(printed(path, "--format", "json"))

    assert {row["race"] for row in rows} == {"Kerrigan", "Raynor"}
    [depot] = [row for row in rows if row["item"] == "SupplyDepotDrop"][:1]
    minutes, seconds = depot["clock"].split(":")
    assert int(minutes) * 60 + int(seconds) == depot["started_game_loop"] // 16
