"""The tools: what ``open_home`` and the HTTP API answer, in fewer words. A model reads the docstrings and annotations.

They are listed before DuckDB and the models are imported, which :meth:`Tools.prepare` does meanwhile.
"""

from collections.abc import Mapping
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from sc2_pipeline.config import Home
from sc2_pipeline.errors import QueryError, SettingsError
from sc2_pipeline.mcp.answers import LARGEST_ANSWER, answer, marked
from sc2_pipeline.population import Population
from sc2_pipeline.public.plain_json import json_text

if TYPE_CHECKING:
    from sc2_pipeline.browsing.records import Record
    from sc2_pipeline.data_dictionary import DescribedRelation
    from sc2_pipeline.public.reader import Reader

LARGEST_PAGE = 200
"""Rows of an answer."""

_FIGHTS = 8
_EVERY_KIND = "games of every kind, also against computers and short ones, each counted once"
_AS_STORED = "rows of the tables as they are: all loaded replays, unless the statement leaves some out"
_SHOWN_TIME = "seconds on the clock that the game itself shows, which clock_speed names"

Options = Annotated[
    dict[str, str | int | float | bool] | None,
    Field(
        description="Which games, by name: mode (melee, 1v1, 2v2, coop, any, ...), matchup (PvZ), map, player, patch, era, since and "
        "until_date (2024-06-01), mmr (3000-4000), include_ai, include_short, include_resumed; and the question's own."
    ),
]
Limit = Annotated[int, Field(ge=1, le=LARGEST_PAGE, description="Rows at most; fewer if they are long.")]
ReplayName = Annotated[
    str, Field(description="A replay's id or file name, the beginning of either, or words that one game fits alone.")
]


class Tools:
    """The tools over what a home publishes; they raise the package's errors."""

    def __init__(self, home: Home) -> None:
        self._home = home

    @cached_property
    def _reader(self) -> "Reader":
        from sc2_pipeline.public.reader import Reader  # noqa: PLC0415 - DuckDB and the models

        return Reader(self._home)

    def prepare(self) -> None:
        """Imports what the tools need and opens the warehouse, so that the first answer waits for neither."""
        for name in ("browsing", "data_dictionary", "public.asking", "public.comparison", "questions"):
            import_module(f"sc2_pipeline.{name}")
        with self._reader.asking():
            pass

    def list_questions(self, search: Annotated[str, Field(description="Words.")] = "") -> str:
        """Lists the ready-made questions that have all these words, with the names to ask them by."""
        from sc2_pipeline.questions import read_questions  # noqa: PLC0415 - DuckDB and the models

        rows = [
            [each.name, each.question, each.answered_from]
            for each in read_questions()
            if all(word in f"{each.name} {each.group} {each.question}".lower() for word in search.lower().split())
        ]
        return answer("questions that can be asked", rows, columns=["name", "question", "answered_from"])

    def describe_tables(self, table: str = "") -> str:
        """Lists the marts; with a table's name, its columns with types, meaning and units. A schema (raw, staging, ops) lists that schema."""
        from sc2_pipeline.data_dictionary import SCHEMA_DESCRIPTIONS, dictionary  # noqa: PLC0415 - DuckDB and the models

        with self._reader.asking() as connection:
            described = dictionary(connection)
        schema = table or "marts"
        if schema in SCHEMA_DESCRIPTIONS:
            rows = [[each.relation, each.description] for each in described if each.schema == schema]
            return answer(SCHEMA_DESCRIPTIONS[schema], rows, columns=["table", "description"])
        relation = _named(described, table)
        columns = [[each.name, each.type, each.description] for each in relation.columns]
        return answer(_AS_STORED, columns, table=relation.relation, description=relation.description)

    def ask_question(self, name: str, options: Options = None, limit: Limit = 50) -> str:
        """Answers a ready-made question by its name, about the games that the options choose, with the meaning of each column."""
        from sc2_pipeline.public.asking import answered  # noqa: PLC0415 - DuckDB and the models
        from sc2_pipeline.questions import find_question  # noqa: PLC0415 - DuckDB and the models

        question = find_question(name)
        with self._reader.asking() as connection:
            found = answered(connection, name, _typed(options))
        return answer(
            found.asked,
            _rows(found.rows.slice(0, limit)),
            is_cut=found.rows.num_rows > limit,
            question=question.question,
            columns=[{"name": column, "meaning": meaning} for column, meaning in question.columns],
            mind=list(question.traps),
        )

    def run_sql(
        self, statement: Annotated[str, Field(description="One DuckDB statement that only reads.")], limit: Limit = 50
    ) -> str:
        """Runs SQL on the warehouse, for 10 seconds at most. The functions clock(game_loop) and game_seconds(game_loop) convert times."""
        from sc2_pipeline.public.asking import queried  # noqa: PLC0415 - DuckDB and the models

        with self._reader.asking() as connection:
            found = queried(connection, statement, limit=limit + 1)
        columns = marked(found.column_names)
        if len(json_text(columns)) > LARGEST_ANSWER:
            raise QueryError(f"the names of {len(columns)} columns are longer than an answer may be; select fewer")
        return answer(
            _AS_STORED,
            _rows(found.slice(0, limit)),
            is_cut=found.num_rows > limit,
            columns=columns,
            units="describe_tables names each column's unit",
        )

    def compare(
        self,
        one: Annotated[str, Field(description="A player's name or account, or a replay.")],
        other: Annotated[str, Field(description="Another of the same.")],
        options: Options = None,
    ) -> str:
        """Sets two players beside one another over the games that the options choose, or the players of two games."""
        from sc2_pipeline.public.comparison import comparison  # noqa: PLC0415 - DuckDB and the models

        population = Population.read(_typed(options))
        with self._reader.asking() as connection:
            found = comparison(connection, one, other, population)
        about = found.pop("asked", "the two games that are named, whatever their kind")
        names = [each["name"] for each in found["compared"]]
        figures = found["compared"][0]["figures"]
        rows = [[figure, *(each["figures"][figure] for each in found["compared"])] for figure in figures]
        meetings = {"games_against_one_another": found["meetings"]} if "meetings" in found else {}
        return answer(about, rows, columns=marked(["figure", *names]), **meetings)

    def list_games(
        self,
        search: Annotated[str, Field(description="Words that stand in map, players, matchup, day or file name.")] = "",
        options: Options = None,
        *,
        result: Annotated[
            Literal["victory", "defeat", "tie", "undecided"] | None,
            Field(description="The result of the player in options."),
        ] = None,
        sort: Literal["played", "length", "map", "matchup", "rating", "players"] = "played",
        limit: Limit = 20,
        offset: Annotated[int, Field(ge=0)] = 0,
    ) -> str:
        """Lists games of every kind, the newest first, each counted once."""
        from sc2_pipeline import browsing  # noqa: PLC0415 - DuckDB and the models

        asked = browsing.GamesAsked(search=search, options=_typed(options), result=result, sort=sort)
        with self._reader.asking() as connection:
            found = browsing.games(connection, asked, limit=limit, offset=offset)
        rows = [_short_game(game) for game in found["games"]]
        return answer(
            f"{found['total']} {_EVERY_KIND}",
            rows,
            is_cut=found["total"] > offset + len(rows),
            units={"length_seconds": _SHOWN_TIME, "mmr": "ladder rating, mean of the players"},
        )

    def get_game(self, replay: ReplayName) -> str:
        """One game: facts, players, the largest fights, supply blocks; in rows each player's economy and army by the minute."""
        from sc2_pipeline.browsing.game import CURVES  # noqa: PLC0415 - DuckDB and the models

        replay_id, found = self._game(replay)
        fights = sorted(found["fights"], key=lambda fight: -(fight["resources_lost"] or 0))[:_FIGHTS]
        return answer(
            f"one game, replay {replay_id}",
            _by_the_minute(found["curves"], CURVES),
            units={
                "_seconds": _SHOWN_TIME,
                "army_value, unspent, resources_lost": "minerals and vespene",
                "income": "minerals and vespene a minute",
            },
            game=marked(found["game"]),
            players=marked(found["players"]),
            largest_fights=marked(fights),
            supply_blocked=_blocked(found["blocks"]),
            columns=["player_id", *CURVES],
        )

    def get_build_order(
        self,
        replay: ReplayName,
        player_id: Annotated[int | None, Field(description="Only this player's, as get_game numbers them.")] = None,
        *,
        until_seconds: Annotated[float, Field(description="Steps begun by then, on the game's own clock.")] = 480,
        workers: Annotated[bool, Field(description="With SCVs, Probes and Drones.")] = False,
    ) -> str:
        """What the players of a game built, and when they began it."""
        replay_id, found = self._game(replay)
        names = {player["player_id"]: player["name"] for player in found["players"]}
        if player_id is not None and player_id not in names:
            raise SettingsError(f"there is no player {player_id}; give one of {', '.join(map(str, names))}")
        columns = ("player_id", "started_seconds", "supply_used", "name", "count", "outcome", "start_method")
        rows = [
            [step[column] for column in columns]
            for step in found["builds"]
            if player_id in (None, step["player_id"])
            and (workers or not step["is_worker"])
            and (step["started_seconds"] or 0) <= until_seconds
        ]
        rows.sort(key=lambda row: (row[1] is None, row[1]))
        return answer(
            f"one game, replay {replay_id}, until {until_seconds:g} seconds, {'with' if workers else 'without'} workers",
            rows,
            columns=list(columns),
            players=marked(names),
            units={"started_seconds": _SHOWN_TIME, "clock_speed": found["game"]["clock_speed"]},
        )

    def _game(self, replay: str) -> "tuple[str, Record]":
        """The id of the replay that is named, and all that is known of its game."""
        from sc2_pipeline import browsing  # noqa: PLC0415 - DuckDB and the models
        from sc2_pipeline.public.named_replay import loaded_replay  # noqa: PLC0415 - DuckDB and the models

        with self._reader.asking() as connection:
            replay_id = loaded_replay(connection, replay)
            return replay_id, browsing.game(connection, replay_id)


def _typed(options: Mapping[str, Any] | None) -> dict[str, str]:
    """Options as they are typed on the command line; one that is false is left out."""
    return {
        name: "true" if value is True else str(value)
        for name, value in (options or {}).items()
        if value is not False and value != ""
    }


def _rows(table: Any) -> list[list[Any]]:
    columns = [column.to_pylist() for column in table.columns]
    return [list(row) for row in zip(*columns, strict=True)]


def _named(described: "tuple[DescribedRelation, ...]", name: str) -> "DescribedRelation":
    for relation in described:
        if name.lower() in (relation.relation, relation.name):
            return relation
    raise SettingsError(f"there is no table or schema {name}; describe_tables without a name lists the marts")


def _short_game(game: "Record") -> "Record":
    players = [
        {
            name: player[name]
            for name in ("player_id", "name", "side", "race", "result", "mmr", "opener")
            if player[name] is not None
        }
        for player in game["players"]
    ]
    kept = (
        "replay_id",
        "played_at",
        "map_name",
        "matchup",
        "game_mode",
        "patch",
        "length_seconds",
        "clock_speed",
        "mmr",
    )
    return {name: game[name] for name in kept} | {"has_ai": game["has_ai"], "players": players}


def _by_the_minute(curves: "list[Record]", names: tuple[str, ...]) -> list[list[Any]]:
    """The last sample of each player in each minute."""
    rows = {}
    for curve in curves:
        for sample in zip(*(curve[name] for name in names), strict=True):
            rows[curve["player_id"], int(sample[0] // 60)] = [curve["player_id"], *sample]
    return [rows[key] for key in sorted(rows, key=lambda key: (key[1], key[0]))]


def _blocked(blocks: "list[Record]") -> "list[Record]":
    ids = sorted({block["player_id"] for block in blocks})
    lengths = {
        each: [block["ended_seconds"] - block["started_seconds"] for block in blocks if block["player_id"] == each]
        for each in ids
    }
    return [{"player_id": each, "times": len(lengths[each]), "seconds": round(sum(lengths[each]))} for each in ids]
