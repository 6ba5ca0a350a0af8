"""The HTTP API, ``/api/v1``: what ``open_home`` answers, as JSON."""

from typing import Annotated, Any, Literal

import pyarrow as pa
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from sc2_pipeline import browsing
from sc2_pipeline.app import shapes
from sc2_pipeline.app.answers import csv_answer, json_answer, parquet_answer
from sc2_pipeline.app.news import news
from sc2_pipeline.browsing.records import records
from sc2_pipeline.data_dictionary import dictionary
from sc2_pipeline.errors import QueryError
from sc2_pipeline.population import Population, population_options
from sc2_pipeline.public.asking import answered, queried
from sc2_pipeline.public.named_replay import loaded_replay
from sc2_pipeline.public.reader import Reader
from sc2_pipeline.questions import read_questions

ROWS = 5_000
"""Rows of a question that are answered as JSON; CSV and Parquet have all."""

LARGEST_BYTES = 20_000_000
"""Size of rows that are answered as JSON, as Arrow has them."""

_ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"model": shapes.Refusal, "description": "The request is not valid."},
    404: {"model": shapes.Refusal, "description": "There is no such thing, or nothing is published."},
    503: {"model": shapes.Refusal, "description": "The query took too long."},
}
_HOME = """
select count(*) as games, (select count(*) from marts.dim_players) as players,
    (select count(*) from marts.dim_maps) as maps, min(played_at) as first_played_at, max(played_at) as last_played_at
from marts.games
"""

_OPTIONS = ("mode", "matchup", "map", "player", "patch", "era", "since", "until_date", "mmr")
_OWN = ("opener", "result", "opponents", "min_minutes", "max_minutes")


def api(reader: Reader, *, is_live: bool) -> APIRouter:
    """The routes, which ask by ``reader``; with those of the news if the server is live."""
    router = APIRouter(prefix="/api/v1", responses=_ERRORS)
    _add_games(router, reader)
    _add_comparisons(router, reader)
    _add_lists(router, reader)
    _add_questions(router, reader)

    @router.get("/home", response_model=shapes.Home)
    def home() -> Response:
        """What is published."""
        with reader.asking() as connection:
            [counts] = records(connection, _HOME)
        return json_answer(counts | {"generation": "-".join(map(str, reader.published())), "is_live": is_live})

    @router.get("/collection", response_model=shapes.Collection)
    def collection() -> Response:
        """The collection as a whole: openers, timings, maps, and what became of the files."""
        with reader.asking() as connection:
            return json_answer(browsing.collection(connection, Population.read({})))

    if is_live:

        @router.get("/news", response_class=StreamingResponse)
        async def told() -> StreamingResponse:
            """Server-sent events: ``published``, with the new ``generation``."""
            return StreamingResponse(
                news(reader), media_type="text/event-stream", headers={"cache-control": "no-store"}
            )

    return router


def _add_games(router: APIRouter, reader: Reader) -> None:
    @router.get("/games", response_model=shapes.Games)
    def games(asked: Annotated[shapes.GamesAsked, Query()]) -> Response:
        """Games, newest first: one recording of each, of every kind."""
        options = {name: value for name in _OPTIONS if (value := getattr(asked, name))}
        own = {name: getattr(asked, name) for name in _OWN}
        chosen = browsing.GamesAsked(
            search=asked.search, options=options, sort=asked.sort, is_ascending=asked.is_ascending, **own
        )
        with reader.asking() as connection:
            return json_answer(browsing.games(connection, chosen, limit=asked.limit, offset=asked.offset))

    @router.get("/games/{replay}", response_model=shapes.WholeGame)
    def game(replay: str) -> Response:
        """One game, by its replay's id or file name, or the beginning of either."""
        with reader.asking() as connection:
            return json_answer(browsing.game(connection, loaded_replay(connection, replay)))

    @router.get("/games/{replay}/advice", response_model=shapes.Advice)
    def advice(replay: str) -> Response:
        """What each player did worse than most peers, and where to look."""
        with reader.asking() as connection:
            return json_answer(browsing.advice(connection, loaded_replay(connection, replay)))

    @router.get("/games/{replay}/playback", response_model=shapes.Playback)
    def playback(replay: str) -> Response:
        """Where the units of a game were, and when."""
        with reader.asking() as connection:
            return json_answer(browsing.playback(connection, loaded_replay(connection, replay)))


def _add_comparisons(router: APIRouter, reader: Reader) -> None:
    @router.get("/compare/games", response_model=shapes.ComparedGames)
    def compared_games(asked: Annotated[shapes.GamesCompared, Query()]) -> Response:
        """A player's game beside another game, or beside the typical one of the same matchup and rating."""
        with reader.asking() as connection:
            one = loaded_replay(connection, asked.one)
            other = None if asked.other is None else loaded_replay(connection, asked.other)
            players = {"one_player": asked.one_player, "other_player": asked.other_player}
            return json_answer(browsing.compare_games(connection, one, other, **players))

    @router.get("/compare/players", response_model=shapes.ComparedPlayers)
    def compared_players(one: str, other: str, mode: str = "melee") -> Response:
        """Two players beside one another, by their keys, over games between people of a mode."""
        with reader.asking() as connection:
            return json_answer(browsing.compare_players(connection, one, other, Population.read({"mode": mode})))


def _add_lists(router: APIRouter, reader: Reader) -> None:
    @router.get("/players", response_model=shapes.Players)
    def players(asked: Annotated[shapes.Paging, Query()]) -> Response:
        """Players by number of games."""
        with reader.asking() as connection:
            return json_answer(browsing.players(connection, asked.search, limit=asked.limit, offset=asked.offset))

    @router.get("/players/{player_key:path}", response_model=shapes.WholePlayer)
    def player(player_key: str) -> Response:
        """One player: games, ratings, records."""
        with reader.asking() as connection:
            return json_answer(browsing.player(connection, player_key))

    @router.get("/maps", response_model=shapes.Maps)
    def maps(asked: Annotated[shapes.Paging, Query()]) -> Response:
        """Map families by number of games."""
        with reader.asking() as connection:
            return json_answer(browsing.maps(connection, asked.search, limit=asked.limit, offset=asked.offset))

    @router.get("/maps/{map_key}", response_model=shapes.WholeMap)
    def map_family(map_key: str) -> Response:
        """One map family: balance, starts, deaths."""
        with reader.asking() as connection:
            return json_answer(browsing.map_family(connection, map_key))

    @router.get("/files", response_model=shapes.Files)
    def files(asked: Annotated[shapes.FilesAsked, Query()]) -> Response:
        """What became of every file, why, and what to do; those that are not loaded first."""
        with reader.asking() as connection:
            return json_answer(
                browsing.fates(connection, asked.search, status=asked.status, limit=asked.limit, offset=asked.offset)
            )


def _add_questions(router: APIRouter, reader: Reader) -> None:
    @router.get("/questions", response_model=shapes.Questions)
    def questions() -> Response:
        """The ready-made questions, and their options."""
        return json_answer(
            {
                "shared": [_option(option) for option in population_options().values()]
                + [{"name": "replay", "type": "replay", "default": None, "description": "Only that game."}],
                "questions": [
                    {
                        "name": each.name,
                        "group": each.group,
                        "question": each.question,
                        "answered_from": each.answered_from,
                        "options": [_option(option) for option in each.parameters],
                        "columns": [{"name": name, "description": meaning} for name, meaning in each.columns],
                        "traps": list(each.traps),
                    }
                    for each in read_questions()
                ],
            }
        )

    @router.get("/questions/{name}", response_model=shapes.Answer)
    def answer(request: Request, name: str, format: Literal["json", "csv", "parquet"] = "json") -> Response:  # noqa: A002 - its name in the address
        """The answer to a question, narrowed by any of its options in the address; as JSON, CSV or Parquet."""
        narrowed = {key: value for key, value in request.query_params.items() if key != "format" and value != ""}
        with reader.asking() as connection:
            found = answered(connection, name, narrowed)
        if format == "csv":
            return csv_answer(found.rows, name)
        if format == "parquet":
            return parquet_answer(found.rows, name)
        return json_answer(
            {"question": found.question.question, "asked": found.asked, "sql": found.sql, **_table(found.rows, ROWS)}
        )

    @router.post("/sql", response_model=shapes.Table)
    def sql(asked: shapes.Statement) -> Response:
        """Rows of one statement that only reads."""
        with reader.asking() as connection:
            return json_answer(_table(queried(connection, asked.statement, limit=asked.limit + 1), asked.limit))

    @router.get("/tables", response_model=shapes.Relations)
    def tables() -> Response:
        """The data dictionary: every table and view, marts first."""
        with reader.asking() as connection:
            described = dictionary(connection)
        return json_answer(
            {
                "relations": [
                    {
                        "relation": each.relation,
                        "description": each.description,
                        "columns": [
                            {"name": column.name, "type": column.type, "description": column.description}
                            for column in each.columns
                        ],
                    }
                    for each in described
                ]
            }
        )


def _option(option: Any) -> dict[str, Any]:
    return {name: getattr(option, name) for name in ("name", "type", "default", "description")}


def _table(rows: pa.Table, limit: int) -> dict[str, Any]:
    """The first rows, as lists; raises QueryError if they are too large."""
    shown = rows.slice(0, limit)
    if shown.nbytes > LARGEST_BYTES:
        raise QueryError(f"the rows take {shown.nbytes / 1e6:,.0f} MB; ask for fewer or shorter ones")
    columns = [column.to_pylist() for column in shown.columns]
    return {
        "columns": rows.column_names,
        "rows": [list(row) for row in zip(*columns, strict=True)],
        "is_cut": rows.num_rows > limit,
    }
