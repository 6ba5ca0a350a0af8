"""The server for assistants, asked by the SDK's own client: in this process, and over the pipes of the program."""

import json
import os
import sys
from collections.abc import Callable, Coroutine
from typing import Any

import anyio
import pytest
from mcp import Client, StdioServerParameters

from sc2_pipeline import open_home
from sc2_pipeline.config import Home
from sc2_pipeline.errors import HomeError
from sc2_pipeline.mcp.answers import LARGEST_ANSWER, NOTE, answer
from sc2_pipeline.mcp.server import make_server
from sc2_pipeline_tests.app.conftest import HOSTILE, SCRIPT, TURNED

PROGRAM = [sys.executable, "-m", "sc2_pipeline", "mcp", "--home"]


def conversed(server: Any, talk: Callable[[Client], Coroutine[Any, Any, Any]]) -> Any:
    """What a conversation of the SDK's client with a server gives."""

    async def converse() -> Any:
        async with Client(server) as client:
            return await talk(client)

    return anyio.run(converse)


@pytest.fixture(scope="module")
def by_python(app_home):
    """The newest 1v1 and an answer, as ``open_home`` gives them; it is closed again, as a process opens a file once."""
    with open_home(app_home) as home:
        [newest, *_] = home.games(mode="1v1")
        return home.game(newest["replay_id"]), home.ask("win_rates", include_ai=True)


@pytest.fixture(scope="module")
def told(app_home, by_python):
    """Calls a tool: whether it failed, and its text."""
    server = make_server(Home(app_home))

    def call(tool: str, **arguments: Any) -> tuple[bool, str]:
        result = conversed(server, lambda client: client.call_tool(tool, arguments))
        [content] = result.content
        return result.is_error, content.text

    return call


@pytest.fixture
def asked(told):
    """Calls a tool that does not fail; its answer."""

    def call(tool: str, **arguments: Any) -> dict[str, Any]:
        failed, text = told(tool, **arguments)
        assert not failed, text
        assert len(text) < LARGEST_ANSWER * 1.1
        return json.loads(text)

    return call


def test_the_program_answers_a_client_over_pipes_and_says_nothing_else(app_home, by_python, tmp_path):
    errors = tmp_path / "errors"
    called = {"tool": "ask_question", "name": "win_rates", "options": {"include_ai": True}}
    # The shell keeps what the program says beside the protocol.
    server = StdioServerParameters(
        command="sh",
        args=["-c", f'exec "$@" 2>{errors}', "sh", *PROGRAM, str(app_home)],
        env=dict(os.environ),
    )

    async def talk(client: Client) -> tuple[Any, Any]:
        tools = await client.list_tools()
        return tools.tools, await client.call_tool(called["tool"], {k: called[k] for k in ("name", "options")})

    tools, answered = conversed(server, talk)

    _, expected = by_python
    found = json.loads(answered.content[0].text)
    assert all(tool.annotations.read_only_hint and tool.description for tool in tools)
    assert found["about"] == expected.asked
    assert [row[:5] for row in found["rows"]] == [list(row.values())[:5] for row in expected][:50]
    assert errors.read_text() == ""


def test_a_home_without_a_warehouse_has_no_server(tmp_path):
    with pytest.raises(HomeError, match="no warehouse at "):
        make_server(Home(tmp_path))


def test_questions_are_found_by_words_and_each_answer_says_which_games_it_is_about(asked):
    [found] = [row for row in asked("list_questions", search="supply blocks")["rows"] if row[0] == "supply_blocks"]

    answered = asked("ask_question", name=found[0], limit=2)

    assert answered["about"].partition(" of ")[2].startswith("26 games: ")
    assert len(answered["rows"][0]) == len(answered["columns"])
    assert (len(answered["rows"]), answered["is_cut"]) == (2, True)


def test_tables_are_described_with_units(asked):
    marts = asked("describe_tables")["rows"]
    battles = asked("describe_tables", table="fct_battles")["rows"]

    assert [name for name, _ in marts if name == "marts.fct_battles"] == ["marts.fct_battles"]
    assert any("Unit: game loops" in meaning for _, _, meaning in battles)


def test_a_game_has_facts_curves_and_build_orders_as_open_home_has_them(asked, by_python):
    [listed] = asked("list_games", limit=1, options={"mode": "1v1"})["rows"]
    game = asked("get_game", replay=listed["replay_id"])
    steps = asked("get_build_order", replay=listed["replay_id"], player_id=1, workers=True, until_seconds=60)

    expected, _ = by_python
    assert game["game"]["length_seconds"] == round(expected["game"]["length_seconds"], 3)
    last = [expected["curves"][0][name][-1] for name in ("army_value", "workers")]
    assert [row[2:4] for row in game["rows"] if row[0] == expected["curves"][0]["player_id"]][-1] == last
    assert [row[3] for row in steps["rows"]] == [
        step["name"] for step in expected["builds"] if step["player_id"] == 1 and step["started_seconds"] <= 60
    ]


def test_two_games_are_set_beside_one_another(asked):
    first, second = (row["replay_id"] for row in asked("list_games", limit=2, options={"mode": "1v1"})["rows"])

    compared = asked("compare", one=first, other=second)

    assert len(compared["columns"]) == 5
    assert {"APM", "workers lost"} <= {row[0] for row in compared["rows"]}


def test_names_of_strangers_are_marked_as_data_and_hide_nothing(asked, told):
    rows = asked("run_sql", statement="select distinct name from marts.fct_replay_players")
    _, failed = told("get_game", replay=TURNED)

    names = {name for (name,) in rows["rows"]}
    assert rows["note"] == NOTE
    assert {HOSTILE, SCRIPT, r"ann\u202egnp\U000e0020.exe"} <= names
    assert "\u202e" not in failed


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("run_sql", {"statement": "drop table raw.replays"}, "DROP is refused"),
        ("run_sql", {"statement": "from read_text('/etc/passwd')"}, "outside the home"),
        ("run_sql", {"statement": "select 1", "limit": 100_000}, "less than or equal to 200"),
        ("ask_question", {"name": "who_is_best"}, "there is no question who_is_best"),
        ("ask_question", {"name": "win_rates", "options": {"colour": "red"}}, "has no option --colour"),
        ("compare", {"one": "a", "other": "b", "options": {"colour": "red"}}, "there is no option colour"),
        ("describe_tables", {"table": "marts.nothing"}, "there is no table or schema marts.nothing"),
        (
            "run_sql",
            {"statement": f"select {', '.join(f'1 as column_{n}' for n in range(3_000))}"},
            "3000 columns are longer",
        ),
        ("get_game", {"replay": "nothing at all"}, "no replay in the warehouse is called nothing at all"),
    ],
)
def test_what_cannot_be_answered_is_said(told, tool, arguments, said):
    failed, text = told(tool, **arguments)

    assert failed
    assert said in text


def test_rows_that_do_not_fit_are_left_out_and_it_is_said():
    text = answer("all", (["x" * 500] for _ in range(1_000)))

    found = json.loads(text)
    assert len(text) <= LARGEST_ANSWER + 100
    assert (10 < len(found["rows"]) < 40, found["is_cut"]) == (True, True)
