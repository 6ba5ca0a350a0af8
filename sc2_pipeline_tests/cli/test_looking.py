"""The commands ask, report, game, players and compare over a home of synthetic replays."""

import csv
import json

import pytest

from sc2_pipeline.cli.game_screen import sparkline
from sc2_pipeline.config import Settings
from sc2_pipeline.pipeline import run
from sc2_pipeline_demo.synthetic import ladder_game, write_replay

HOSTILE = "\x1b[2J[red]<b>Ev\u202eil"


@pytest.fixture(scope="module")
def looked_at(tmp_path_factory):
    """A home of three ladder games; in one a player's name is hostile, in another it is Korean."""
    folder = tmp_path_factory.mktemp("games")
    names = [("Ardun", "Belisar"), ("Ardun", HOSTILE), ("마루", "Belisar")]
    for number, pair in enumerate(names):
        handles = [f"2-S2-1-{sum(map(ord, name))}" for name in pair]
        script = ladder_game(number, game_loops=9_000, names=pair, toon_handles=handles, races=("Protoss", "Zerg"))
        write_replay(folder / f"game_{number}.SC2Replay", script)
    home = folder / "home"
    run([folder], Settings(home=home, workers=1))
    return home


def test_ask_lists_all_questions(command):
    result = command("ask")

    assert result.exit_code == 0
    assert result.stdout.count("\n") > 66
    assert "openings" in result.stdout


def test_ask_answers_in_a_table_and_saves_what_it_answers(command, looked_at, tmp_path):
    shown = command("ask", "actions_per_minute", "--matchup", "zvp", "--home", looked_at)
    saved = command("ask", "actions_per", "--matchup=PvZ", "--home", looked_at, "--csv", tmp_path / "apm.csv")
    as_json = command("ask", "actions", "--home", looked_at, "--json", "-")

    assert (shown.exit_code, saved.exit_code, as_json.exit_code) == (0, 0, 0)
    rows = list(csv.DictReader((tmp_path / "apm.csv").read_text(encoding="utf-8").splitlines()))
    assert [(row["race_actual"], row["player_games"]) for row in rows] == [("Protoss", "3"), ("Zerg", "3")]
    assert [row["median_apm"] for row in json.loads(as_json.stdout)] == [212.0, 187.0]
    assert "Protoss" in shown.stdout


def test_ask_says_why_there_is_no_answer(command, looked_at):
    narrowed = command("ask", "openings", "--player", "Nobody", "--home", looked_at)
    engine = command("ask", "saturation", "--home", looked_at)

    assert "nothing in the warehouse fits --player Nobody" in narrowed.stdout
    assert "--source sc2" in engine.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("ask", "nonsense"), "there is no question nonsense"),
        (("ask", "openings", "--min_games"), "--min_games has no value"),
        (("ask", "openings", "PvZ"), "PvZ is no option"),
        (("ask", "--player", "X"), "there is no question"),
    ],
)
def test_ask_refuses_what_it_does_not_understand(command, words, said):
    result = command(*words)

    assert result.exit_code == 2
    assert said in result.stderr


def test_ask_prints_the_statement_that_it_would_run(command, looked_at):
    statement = command("ask", "win_rates", "--matchup", "PvZ", "--sql").stdout
    answered = command("ask", "win_rates", "--matchup", "PvZ", "--home", looked_at, "--csv", "-").stdout

    assert command("sql", statement, "--home", looked_at, "--csv", "-").stdout == answered


def test_a_game_stands_on_one_screen(command, looked_at):
    result = command("game", "game_0", "--home", looked_at)

    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert len(lines) <= 30
    assert any(line.split() == ["Ardun", "Belisar"] for line in lines)
    assert sum("▁" in line for line in lines) >= 6


def test_a_hostile_name_does_nothing_to_the_terminal(command, looked_at):
    for words in (("game", "game_1"), ("players",), ("ask", "biggest_battle")):
        result = command(*words, "--home", looked_at)

        assert result.exit_code == 0
        assert "\x1b[2J" not in result.stdout
        assert "\u202e" not in result.stdout
        assert r"\x1b[2J[red]<b>Ev\u202eil" in result.stdout


def test_a_name_that_fits_several_games_is_refused_with_their_names(command, looked_at):
    result = command("game", "game_", "--home", looked_at)

    assert result.exit_code == 1
    assert "game_ fits 3 replays" in result.stderr


@pytest.mark.parametrize(
    ("words", "file"), [(("belisar", "ardun"), "game_0"), (("마루",), "game_2"), (("ARDUN", "Ev"), "game_1")]
)
def test_words_that_one_game_fits_name_it(command, looked_at, words, file):
    told = json.loads(command("game", *words, "--json", "--home", looked_at).stdout)

    assert told["game"]["file_name"] == f"{file}.SC2Replay"


def test_words_that_several_games_fit_list_them_by_what_people_know(command, looked_at):
    result = command("game", "belisar", "--home", looked_at)

    assert result.exit_code == 1
    assert "belisar fits 2 replays" in result.stderr
    assert "Ardun - Belisar" in result.stderr
    assert "마루 - Belisar" in result.stderr
    first = result.stderr.partition("replays (")[2].partition(":")[0]
    assert command("game", first, "--home", looked_at).exit_code == 0


def test_games_are_listed_the_newest_first_and_chosen_by_words_and_options(command, looked_at):
    everything = json.loads(command("games", "--json", "--home", looked_at).stdout)
    some = json.loads(
        command("games", "pvz", "--player", "Ardun", "--limit", "1", "--json", "--home", looked_at).stdout
    )
    won = json.loads(command("games", "--player", "Ardun", "--result", "victory", "--json", "--home", looked_at).stdout)
    people = command("games", "--ids", "--home", looked_at).stdout

    days = [game["played_at"] for game in everything["games"]]
    assert (everything["total"], days) == (3, sorted(days, reverse=True))
    assert (some["total"], len(some["games"])) == (2, 1)
    assert won["total"] == 2
    assert people.count(".SC2Replay") == 3
    assert "Ardun (P) - Belisar (Z)" in people


def test_no_game_fits_is_said_so(command, looked_at):
    assert "no game fits" in command("games", "nowhere", "--home", looked_at).stdout


def test_what_people_look_at_is_json_for_programs(command, looked_at, tmp_path):
    home = ("--home", looked_at, "--json")
    players = json.loads(command("players", *home).stdout)
    compared = json.loads(command("compare", "Ardun", "Belisar", *home).stdout)
    games = json.loads(command("compare", "game_0", "game_2", *home).stdout)
    report = ("report", "--replay", "game_2", "--out", tmp_path / "page.html")
    page = json.loads(command(*report, *home).stdout)

    assert players["total"] == len(players["players"]) == 4
    assert compared["meetings"] == {"games": 1, "won_by_first": 1, "won_by_second": 0}
    assert [one["name"] for one in compared["compared"]] == ["Ardun", "Belisar"]
    assert len(games["compared"]) == 4
    assert page["bytes"] == (tmp_path / "page.html").stat().st_size


def test_players_are_counted_by_account(command, looked_at):
    result = command("players", "ardun", "--home", looked_at)

    [_, row] = result.stdout.splitlines()
    assert row.split()[0] == "Ardun"
    assert row.split()[3:5] == ["2", "2"]


def test_two_players_and_two_games_stand_beside_one_another(command, looked_at):
    players = command("compare", "Ardun", "belisar", "--home", looked_at)
    games = command("compare", "game_0", "game_2", "--home", looked_at)

    assert "against one another: Ardun 1, belisar 0" in players.stdout
    assert games.stdout.splitlines()[0].count("Belisar") == 2
    assert command("compare", "Ardun", "nobody", "--home", looked_at).exit_code == 1


def test_report_writes_a_folder_and_replaces_no_other(command, looked_at, tmp_path):
    page = looked_at / "reports" / "collection" / "index.html"
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "index.html").write_text("mine")

    first = json.loads(command("report", "--games", "2", "--json", "--home", looked_at).stdout)
    again = json.loads(command("report", "--json", "--home", looked_at).stdout)
    foreign = command("report", "--out", tmp_path / "mine", "--home", looked_at)

    assert (first["page"], again["page"], first["games"], again["games"]) == (str(page), str(page), 2, 3)
    assert again["bytes"] == sum(file.stat().st_size for file in page.parent.rglob("*") if file.is_file())
    assert [path.name for path in page.parent.parent.iterdir()] == ["collection"]
    assert foreign.exit_code == 1
    assert (tmp_path / "mine" / "index.html").read_text() == "mine"


def test_a_report_that_cannot_be_written_says_so(command, looked_at, tmp_path):
    (tmp_path / "file").write_text("")

    for options in ((), ("--replay", "game_2")):
        result = command("report", *options, "--out", tmp_path / "file" / "page.html", "--home", looked_at)

        assert result.exit_code == 1
        assert "give another --out" in result.stderr


@pytest.mark.parametrize(
    ("values", "most", "drawn"), [([0, 5, 10], 10, "▁▅█"), ([0, 0], 0, "▁▁"), ([1] * 100, 1, "█" * 48), ([3], 4, "▇")]
)
def test_a_sparkline_is_as_high_as_its_values(values, most, drawn):
    assert sparkline(values, most) == drawn
