import csv
import io
import json
import shutil

import duckdb
import pyarrow.parquet as pq
import pytest

from sc2_pipeline.config import Home
from sc2_pipeline_tests.cli.conftest import GAMES
from sc2_pipeline_tests.cli.programs import run_program


def test_a_question_is_answered_with_a_table(command, loaded_home):
    result = command(
        "sql", "select count(*) as games, null as nothing from marts.dim_replays", "--home", loaded_home.root
    )

    assert [line.split() for line in result.stdout.splitlines()] == [["games", "nothing"], [str(GAMES), "NULL"]]


def test_the_clocks_of_the_game_can_be_asked_for(command, loaded_home):
    result = command("sql", "select clock(1344) as at, game_seconds(112) as seconds", "--home", loaded_home.root)

    assert [line.split() for line in result.stdout.splitlines()] == [["at", "seconds"], ["1:00", "5.0"]]


def test_numbers_of_four_bytes_are_told_as_short_as_they_are(command, loaded_home):
    numbers = ["20.8", "-0.1", "16777216.0", "3.4028235e+38", "1e-45", "0.0", "nan", "inf", "NULL"]
    selected = ", ".join(f"{n if n == 'NULL' else repr(n)}::float as c{i}" for i, n in enumerate(numbers))

    result = command("sql", f"select {selected}", "--home", loaded_home.root)

    assert result.stdout.splitlines()[1].split() == numbers


def test_a_file_of_statements_is_run_one_after_the_other(command, loaded_home, tmp_path):
    path = tmp_path / "questions.sql"
    path.write_text(
        "-- a comment; with a semicolon\nselect 41 + 1 as n;\nselect 'ü' as text",
        encoding="utf-8-sig",
    )

    result = command("sql", "--file", path, "--home", loaded_home.root)

    assert result.exit_code == 0
    assert result.stdout.split() == ["n", "42", "text", "ü"]


@pytest.mark.parametrize(
    "statement",
    [
        "create table marts.mine as select 1",
        "delete from marts.dim_replays",
        "drop view staging.stg_replays",
        "update raw.replays set base_build = 0",
    ],
)
def test_nothing_can_be_written(command, loaded_home, statement):
    result = command("sql", statement, "--home", loaded_home.root)

    assert result.exit_code == 1
    assert "read-only" in result.stderr
    with duckdb.connect(str(loaded_home.warehouse), read_only=True) as connection:
        assert connection.execute("select count(*) from marts.dim_replays").fetchall() == [(GAMES,)]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("select * from marts.dim_replay", "dim_replays"),
        ("selec 1", "syntax error"),
        ("select 'a", "unterminated"),
        ("select 1 / 'a'", "Could not convert"),
        ("select * from read_csv('lake/no/such/file.csv')", "No files found"),
        ("select 1; select nope", "nope"),
    ],
)
def test_a_statement_that_does_not_run_is_one_sentence(command, loaded_home, statement, said):
    result = command("sql", statement, "--home", loaded_home.root)

    assert result.exit_code == 1
    assert result.stderr.startswith("sc2-pipeline: the statement does not run (")
    assert said in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("statement", ["", ";", "-- nothing", "select '\udcff'"])
def test_no_statement_is_a_wrong_argument(command, loaded_home, statement):
    assert command("sql", statement, "--home", loaded_home.root).exit_code == 2


QUESTION = "select replay_id, [1, 2] as list, map_name from marts.dim_replays order by replay_id -- at the end;"


def test_rows_go_whole_to_files(command, loaded_home, tmp_path):
    paths = {kind: tmp_path / "out's" / f"rows.{kind}" for kind in ("csv", "json", "parquet")}

    for kind, path in paths.items():
        result = command("sql", QUESTION, f"--{kind}", path, "--home", loaded_home.root)
        assert (result.exit_code, result.stdout) == (0, ""), result.output
        assert f"{GAMES} rows to" in result.stderr

    ids = [row["replay_id"] for row in json.loads(paths["json"].read_text(encoding="utf-8"))]
    with paths["csv"].open(encoding="utf-8", newline="") as lines:
        assert [row["replay_id"] for row in csv.DictReader(lines)] == ids
    assert pq.read_table(paths["parquet"])["replay_id"].to_pylist() == ids
    assert len(set(ids)) == GAMES
    assert {path.name for path in (tmp_path / "out's").iterdir()} == {"rows.csv", "rows.json", "rows.parquet"}


FORMULA = "=cmd|' /C calc'!A0"


def test_text_in_csv_is_no_formula_to_a_spreadsheet_and_numbers_stay_numbers(command, loaded_home, tmp_path):
    texts = [FORMULA, "+1", "-1", "@sum", "\t=1", "＝1", "", "a=1", " =1"]
    listed = ", ".join(f"('{text.replace(chr(39), chr(39) * 2)}', -5, ['=1'])" for text in texts)
    statement = (
        f"select text, number, list, text as \"=name\", '=x'::blob as b from (values {listed}) as t(text, number, list)"
    )

    for words in ((), ("--raw-csv",)):
        assert (
            command(
                "sql", statement, "--csv", tmp_path / f"{len(words)}.csv", *words, "--home", loaded_home.root
            ).exit_code
            == 0
        )
    tame, raw = (list(csv.reader((tmp_path / f"{n}.csv").read_text(encoding="utf-8").splitlines())) for n in (0, 1))

    assert [row[0] for row in raw[1:]] == texts
    assert [row[0] for row in tame[1:]] == [f"'{text}" for text in texts[:6]] + texts[6:]
    assert tame[0][3:] == ["'=name", "b"]
    assert {(row[1], row[2], row[4]) for row in tame[1:]} == {("-5", "['=1']", "'=x")}


def test_an_answer_in_csv_is_no_formula_either(command, loaded_home, tmp_path):
    home = Home(tmp_path / "home")
    shutil.copytree(loaded_home.root, home.root)
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("update marts.dim_map_versions set map_name = ?", [FORMULA])

    answers = [
        command("ask", "map_balance", "--csv", "-", *words, "--home", home.root).stdout
        for words in ((), ("--raw-csv",))
    ]

    assert all(FORMULA in answer for answer in answers)
    assert [f"'{FORMULA}" in answer for answer in answers] == [True, False]


def test_a_statement_that_fails_leaves_the_file_of_before(command, loaded_home, tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("before")

    result = command("sql", "select error('broken')", "--csv", path, "--home", loaded_home.root)

    assert result.exit_code == 1
    assert [entry.name for entry in tmp_path.iterdir()] == ["rows.csv"]
    assert path.read_text() == "before"


@pytest.mark.parametrize("place", ["file/rows.csv", "file/folder/rows.csv", "folder"])
def test_an_out_that_cannot_be_written_is_one_sentence(command, loaded_home, tmp_path, place):
    (tmp_path / "file").write_text("before")
    (tmp_path / "folder").mkdir()

    result = command("sql", "select 1", "--csv", tmp_path / place, "--home", loaded_home.root)

    assert result.exit_code == 1
    assert "cannot be written" in result.stderr
    assert result.stderr.count("\n") == 1
    assert {path.name for path in tmp_path.rglob("*")} == {"file", "folder"}
    assert (tmp_path / "file").read_text() == "before"


def test_rows_can_go_to_standard_output(loaded_home, tmp_path):
    result = run_program("sql", "select 'ü' as a, 1 as b", "--csv", "-", "--home", loaded_home.root, cwd=tmp_path)

    assert list(csv.reader(io.StringIO(result.stdout))) == [["a", "b"], ["ü", "1"]]


def test_rows_beyond_the_limit_are_spoken_of(command, loaded_home):
    result = command("sql", "from range(5)", "--limit", "2", "--home", loaded_home.root)
    everything = command("sql", "from range(5)", "--limit", "0", "--home", loaded_home.root)

    assert result.stdout.split() == ["range", "0", "1"]
    assert "the first 2 rows" in result.stderr
    assert everything.stdout.split() == ["range", "0", "1", "2", "3", "4"]
    assert everything.stderr == ""


def test_hostile_values_reach_the_terminal_as_escapes(command, loaded_home):
    result = command("sql", "select '[/red]' || chr(27) || '[2J' || chr(10) as a", "--home", loaded_home.root)

    assert result.stdout.splitlines() == ["a", "[/red]\\x1b[2J\\n"]


def test_a_moved_home_answers_from_anywhere(command, loaded_home, tmp_path, monkeypatch):
    shutil.copytree(loaded_home.root, tmp_path / "copy")
    monkeypatch.chdir(tmp_path)

    result = command("sql", "select count(*) as n from raw.unit_events", "--home", "copy")

    assert int(result.stdout.split()[-1]) > 0


def test_without_a_warehouse_there_is_one_sentence(command, tmp_path):
    result = command("sql", "select 1", "--home", tmp_path)

    assert result.exit_code == 1
    assert "run `sc2-pipeline run` first" in result.stderr


def test_a_file_that_is_no_warehouse_is_one_sentence(command, tmp_path):
    Home(tmp_path).warehouse.write_bytes(b"no database" * 1000)

    result = command("sql", "select 1", "--home", tmp_path)

    assert result.exit_code == 1
    assert "is damaged" in result.stderr
    assert result.stderr.count("\n") == 1


def test_an_empty_quarantine_is_said_so(command, loaded_home):
    result = command("quarantine", "--home", loaded_home.root)

    assert (result.exit_code, result.stdout) == (0, "no row is in quarantine\n")


def test_the_quarantine_shows_counts_and_rows(command, loaded_home, tmp_path):
    home = Home(tmp_path / "home")
    shutil.copytree(loaded_home.root, home.root)
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute(
            "insert into ops.quarantined_rows by name select 'abc' as replay_id, 'tracker' as source,"
            " 'unit_events' as table_name, 'x' as column_name, 'in_range' as check_name,"
            " '{\"x\": ' || i || '}' as row_json, now() as quarantined_at from range(3) t(i)"
        )

    shown = command("quarantine", "--limit", "2", "--home", home.root).stdout
    other = command("quarantine", "--table", "player_stats", "--home", home.root).stdout

    assert ["unit_events", "x", "in_range", "3", "1"] in [line.split() for line in shown.splitlines()]
    assert '{"x": 1}' in shown
    assert '{"x": 2}' not in shown
    assert "(1 more rows; --limit 0 prints all)" in shown
    assert other == "no row is in quarantine of table player_stats\n"
