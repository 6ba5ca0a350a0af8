"""The API against its own document, and against `open_home`."""

import csv
import io
import json
import shutil
import urllib.parse

import jsonschema
import pyarrow.parquet as pq
import pytest

import sc2_pipeline
from sc2_pipeline.app.answers import json_answer
from sc2_pipeline.config import Home
from sc2_pipeline.public.reader import Reader, TooSlowError
from sc2_pipeline_demo.synthetic import collection
from sc2_pipeline_tests.app.conftest import HOSTILE
from sc2_pipeline_tests.app.served import served_app
from sc2_pipeline_tests.pipeline.homes import run_home

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def document(app):
    return app.get("openapi.json")


def check(document, path, content, *, method="get"):
    """Raises ValidationError if an answer is not as the document says."""
    schema = document["paths"][f"/api/v1/{path}"][method]["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema.validate(json.loads(json.dumps(content)), {**schema, "components": document["components"]})


def test_every_address_of_the_document_answers_as_it_says(app, document):
    games = app.get("games?limit=1000")["games"]
    players, maps = app.get("players")["players"], app.get("maps")["maps"]
    of_modes = {game["game_mode"]: game["replay_id"] for game in games}.values()
    quoted = urllib.parse.quote
    asked = {
        "home": ["home"],
        "collection": ["collection"],
        "games": ["games", "games?matchup=PvT&sort=length&is_ascending=true&limit=3"],
        "games/{replay}": [f"games/{each}" for each in of_modes],
        "games/{replay}/advice": [f"games/{each}/advice" for each in of_modes],
        "games/{replay}/playback": [f"games/{each}/playback" for each in of_modes],
        "compare/games": [
            f"compare/games?one={games[0]['replay_id']}{other}"
            for other in ("", *(f"&other={game['replay_id']}" for game in games[1:3]))
        ],
        "compare/players": [
            f"compare/players?{urllib.parse.urlencode({'one': players[0]['player_key'], 'other': player['player_key']})}"
            for player in players[:2]
        ],
        "players": ["players", "players?search=a"],
        "players/{player_key}": [f"players/{quoted(player['player_key'], safe='')}" for player in players[:3]],
        "maps": ["maps"],
        "maps/{map_key}": [f"maps/{quoted(each['map_key'], safe='')}" for each in maps[:3]],
        "questions": ["questions"],
        "questions/{name}": [f"questions/{each['name']}" for each in app.get("questions")["questions"]],
        "tables": ["tables"],
        "files": ["files", "files?status=failed"],
    }

    assert {f"/api/v1/{path}" for path in asked} | {"/api/v1/sql"} == set(document["paths"])
    for path, addresses in asked.items():
        for address in addresses:
            check(document, path, app.get(address))
    check(
        document, "sql", app.get("sql", body={"statement": "select 1, 'nan'::double, {'a': 1}, today()"}), method="post"
    )


def test_an_answer_that_the_document_does_not_describe_is_seen(app, document):
    games = app.get("games")

    with pytest.raises(jsonschema.ValidationError):
        check(document, "games", games | {"colour": "red"})
    with pytest.raises(jsonschema.ValidationError):
        check(document, "games", games | {"total": "many"})


def as_json(value):
    return json.loads(json_answer(value).body)


def test_the_api_says_what_open_home_says(app, app_home):
    with sc2_pipeline.open_home(app_home) as home:
        listed = [row["replay_id"] for row in home.games()]
        longest = [row["replay_id"] for row in home.games("pvt", sort="length")]
        player_key = next(iter(home.sql("select player_key from marts.dim_players order by game_count desc, 1")))[
            "player_key"
        ]

        assert [game["replay_id"] for game in app.get("games?limit=1000")["games"]] == listed
        assert [game["replay_id"] for game in app.get("games?search=pvt&sort=length")["games"]] == longest
        assert app.get(f"games/{listed[0]}") == as_json(home.game(listed[0]))
        assert app.get(f"games/{listed[0]}/playback") == as_json(home.playback(listed[0]))
        assert app.get(f"compare/games?one={listed[0]}&other={longest[0]}") == as_json(
            home.compare_games(listed[0], longest[0])
        )
        assert app.get(
            f"compare/players?{urllib.parse.urlencode({'one': player_key, 'other': player_key})}"
        ) == as_json(home.compare_players(player_key, player_key))
        assert app.get(f"players/{urllib.parse.quote(player_key, safe='')}") == as_json(home.player(player_key))
        assert app.get("collection") == as_json(home.collection())
        assert app.get("files?limit=1000") == as_json(home.files(limit=1000))
        answer, openings = app.get("questions/openings?min_games=1"), home.ask("openings", min_games=1)
        assert answer["rows"] == as_json([list(row.values()) for row in openings])
        assert answer["asked"] == openings.asked
        assert app.get("sql", body={"statement": answer["sql"]})["rows"] == answer["rows"]


def test_rows_are_taken_along_as_csv_without_formulas_and_as_parquet(app):
    rows = app.get("questions/openings?min_games=1")

    _, text = app.answer("/api/v1/questions/openings?min_games=1&format=csv")
    _, parquet = app.answer("/api/v1/questions/openings?min_games=1&format=parquet")

    lines = list(csv.reader(io.StringIO(text.decode())))
    assert (lines[0], len(lines)) == (rows["columns"], len(rows["rows"]) + 1)
    assert pq.read_table(io.BytesIO(parquet)).num_rows == len(rows["rows"])


@pytest.mark.parametrize(
    ("path", "body", "status", "said"),
    [
        ("games?colour=red", None, 400, "colour"),
        ("games?sort=replay_id", None, 400, "sort"),
        ("games?matchup=red", None, 400, "--matchup is red"),
        ("games?limit=100000", None, 400, "limit"),
        ("games?result=victory", None, 400, "give the player too"),
        ("games/nobody", None, 404, "nobody"),
        ("games/nobody/playback", None, 404, "nobody"),
        ("compare/games", None, 400, "one"),
        ("compare/games?one=nobody", None, 404, "nobody"),
        ("compare/players?one=nobody&other=nobody", None, 404, "nobody"),
        ("players/nobody", None, 404, "nobody"),
        ("maps/nobody", None, 404, "nobody"),
        ("questions/nobody", None, 400, "nobody"),
        ("questions/openings?colour=red", None, 400, "--colour"),
        ("sql", {"statement": "copy (select 1) to 'x.csv'"}, 400, "COPY is refused"),
        ("sql", {"statement": "attach 'x.duckdb'"}, 400, "ATTACH is refused"),
        ("sql", {"statement": "set memory_limit = '9GB'"}, 400, "is refused"),
        ("sql", {"statement": "select * from read_text('/etc/passwd')"}, 400, "outside the home"),
        ("sql", {"statement": "select 1; select 2"}, 400, "2 statements were given"),
        ("sql", {"statement": "select nobody"}, 400, "does not run"),
        ("sql", {"statement": "select repeat('x', 30000000)"}, 400, "the rows take 30 MB"),
        ("sql", {"no": "statement"}, 400, "statement"),
    ],
)
def test_what_cannot_be_answered_is_said_in_one_sentence(app, document, path, body, status, said):
    answered, content = app.answer(f"/api/v1/{path}", body=body)

    assert answered == status, content
    refusal = json.loads(content)
    jsonschema.validate(refusal, {**document["components"]["schemas"]["Refusal"]})
    assert said in refusal["error"]
    assert "Traceback" not in refusal["error"]


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/", {"Host": "evil.example"}, 403),
        ("/api/v1/games", {"Host": "evil.example:8022"}, 403),
        ("/api/v1/games", {"Origin": "http://evil.example"}, 403),
        ("/api/v1/games", {"Origin": "null"}, 403),
        ("/static/vega.js", {"Host": "evil.example"}, 403),
        ("/static/..%2Fserver.py", {}, 404),
        ("/static/nothing.js", {}, 404),
        ("/nothing", {}, 404),
        ("/docs", {}, 404),
        ("/", {}, 200),
        ("/games?search=x", {}, 200),
    ],
)
def test_strangers_are_refused_and_there_is_nothing_else(app, path, headers, status):
    assert app.answer(path, headers=headers)[0] == status


def test_a_statement_as_a_form_of_another_page_sends_it_is_refused(app):
    status, _ = app.answer("/api/v1/sql", body={"statement": "select 1"}, headers={"Content-Type": "text/plain"})

    assert status == 415


def test_a_slow_query_is_stopped_and_the_next_one_answered(app_home):
    # In a process of its own, a file has one set of settings; here the test's own process opens it.
    reader = Reader(Home(app_home), seconds=0.3)

    with pytest.raises(TooSlowError, match=r"longer than 0\.3 seconds"), reader.asking() as connection:
        connection.execute("select count(*) from range(100000000000)").fetchall()
    with reader.asking() as connection:
        assert connection.execute("select current_setting('memory_limit')").fetchall() == [("286.1 MiB",)]
        with pytest.raises(Exception, match="locked"):
            connection.execute("set memory_limit = '9GB'")
    reader.close()


def test_what_is_published_while_the_app_runs_is_there_with_the_next_request(app_home, tmp_path):
    home = shutil.copytree(app_home, tmp_path / "home")
    collection(tmp_path / "more", 2, seed=77, game_loops=(1_400, 1_600))

    with served_app(home) as app:
        before = app.get("home")
        run_home([tmp_path / "more"], home, filters="all")
        after = app.get("home")

    assert after["games"] == before["games"] + 2
    assert after["generation"] != before["generation"]


def test_with_a_token_only_who_has_it_is_answered(app_home):
    with served_app(app_home, "--token") as app:
        token = app.address.partition("?token=")[2]
        without, _ = app.answer("/api/v1/games")
        page, _ = app.answer("/")
        known, _ = app.answer("/api/v1/games", headers={"Authorization": f"Bearer {token}"})
        first, content = app.answer(f"/?token={token}")

    assert (without, page, known, first) == (403, 403, 200, 200)
    assert b"refresh" in content


def test_an_address_that_others_reach_needs_the_token(app_home):
    with served_app(app_home, "--interface", "0.0.0.0") as app:
        status, _ = app.answer("/api/v1/games")

    assert "?token=" in app.address
    assert status == 403


def test_a_bot_whose_name_looks_like_an_address_has_its_own(app):
    [bot] = app.get("players?search=b%3Fc")["players"]

    assert bot["name"] == "a/../b?c#d"
    assert app.get(f"players/{urllib.parse.quote(bot['player_key'], safe='')}")["player"]["name"] == bot["name"]


def test_hostile_names_are_data_in_json(app):
    [game] = app.get("games?search=onerror")["games"]

    assert game["players"][0]["name"] == HOSTILE
    assert game["map_name"] == "</script><script>alert(2)</script>"
