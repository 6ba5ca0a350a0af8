"""Raw rows written by hand, a game at a time, and the marts that our SQL makes of them."""

import re
from collections.abc import Iterable
from functools import cache
from itertools import count
from typing import Any

import duckdb
import pyarrow as pa

from sc2_pipeline.sql_models import Model, batch_models, read_models
from sc2_pipeline.steps.marts import build_models
from sc2_pipeline.tables import RAW_TABLES
from sc2_pipeline.warehouse.declared import insert_rows, make_input_tables
from sc2_pipeline.warehouse.relations import make_relation

Rows = dict[str, list[dict[str, Any]]]

_REPLAY = {
    "sha256": "0" * 64,
    "file_name": "scripted.SC2Replay",
    "file_bytes": 1000,
    "base_build": 90000,
    "game_version": "5.0.11.90000",
    "map_name": "Scripted LE",
    "duration_game_loops": 13440,
    "game_speed": "faster",
    "game_mode": "1v1",
    "is_coop": False,
    "is_vs_ai": False,
    "player_count": 2,
    "player_join": "slot_id",
    "tracker_complete": True,
    "tracker_event_count": 1,
}
_PLAYER = {"is_computer": False, "mmr_status": "absent", "result": "undecided"}
_STEP = {
    "unit_count": 1,
    "outcome": "done",
    "start_method": "init",
    "start_error_game_loops": 0,
    "is_worker": False,
    "is_chronoboosted": False,
    "chrono_game_loops_saved": 0,
}
_NOT_STATS = ("replay_id", "source", "event_index", "game_loop", "player_id")
_NOTHING_SPENT = {name: 0 for name in RAW_TABLES["player_stats"].schema.names if name not in _NOT_STATS}


class Game:
    """One replay in the making. Every method adds a row, in the order of the stream."""

    def __init__(self, replay_id: str = "a" * 16, **replay: Any) -> None:
        self._identity = {"replay_id": replay_id, "source": "tracker"}
        self._indexes = count()
        self.rows: Rows = {name: [] for name in RAW_TABLES}
        self._add("replays", **{**_REPLAY, "game_key": replay_id, **replay})

    def player(self, player_id: int, race: str | None, team: int | None = None, **facts: Any) -> "Game":
        """A player of the lobby, on a team of their own unless given."""
        team = player_id - 1 if team is None else team
        facts = {"name": f"player {player_id}", "race_actual": race, **facts}
        return self._add("replay_players", **{**_PLAYER, "player_id": player_id, "team": team, **facts})

    def born(self, game_loop: int, tag: int, unit_type: str, player_id: int = 1, **facts: Any) -> "Game":
        """A unit appears complete."""
        return self._unit("born", game_loop, tag, unit_type=unit_type, player_id=player_id, **facts)

    def init(self, game_loop: int, tag: int, unit_type: str, player_id: int = 1, **facts: Any) -> "Game":
        """A structure or warp-in is begun."""
        return self._unit("init", game_loop, tag, unit_type=unit_type, player_id=player_id, **facts)

    def done(self, game_loop: int, tag: int) -> "Game":
        """A structure or warp-in is complete."""
        return self._unit("done", game_loop, tag)

    def died(self, game_loop: int, tag: int, killer_player_id: int | None = None, **facts: Any) -> "Game":
        """A unit leaves the stream."""
        return self._unit("died", game_loop, tag, killer_player_id=killer_player_id, **facts)

    def turned_into(self, game_loop: int, tag: int, unit_type: str) -> "Game":
        """A unit's type changes."""
        return self._unit("type_change", game_loop, tag, unit_type=unit_type)

    def owned_by(self, game_loop: int, tag: int, player_id: int) -> "Game":
        """A unit's owner changes."""
        return self._unit("owner_change", game_loop, tag, player_id=player_id)

    def sample(self, game_loop: int, player_id: int = 1, **stats: float) -> "Game":
        """A player's economy; what is not given is 0."""
        stats = {**_NOTHING_SPENT, "supply_used": 12.0, "supply_cap": 15.0, **stats}
        return self._event("player_stats", game_loop=game_loop, player_id=player_id, **stats)

    def step(self, player_id: int, kind: str, item: str, started_game_loop: int | None, **facts: Any) -> "Game":
        """Something made, as the solver tells it: known by its event and done at once unless said otherwise."""
        step = {**_STEP, "started_game_loop": started_game_loop, "finished_game_loop": started_game_loop, **facts}
        index = len(self.rows["build_steps"])
        named = {"step_index": index, "player_id": player_id, "kind": kind, "item": item, "display_name": item}
        return self._add("build_steps", **{**step, **named})

    def action(self, game_loop: int, kind: str, player_id: int = 1, **facts: Any) -> "Game":
        """Something a player did to make more."""
        index = len(self.rows["macro_actions"])
        facts = {"known_by": "event", "action_index": index, "player_id": player_id, **facts}
        return self._add("macro_actions", game_loop=game_loop, kind=kind, **facts)

    def making(self, game_loop: int, tag: int, progress: float, ability_id: int = 1) -> "Game":
        """An observation of the sc2 source: a structure works on something."""
        order = {"source": "sc2", "pass_player_id": 1, "order_index": 0, "repeat_index": 0, "is_snapshot": False}
        made = {"game_loop": game_loop, "unit_tag": tag, "api_tag": tag, "progress": progress, "ability_id": ability_id}
        names = set(RAW_TABLES["unit_orders"].schema.names)
        return self._add("unit_orders", **{name: value for name, value in (order | made).items() if name in names})

    def upgraded(self, game_loop: int, player_id: int, upgrade: str) -> "Game":
        """Adds an upgrade that was completed."""
        return self._event("upgrade_events", game_loop=game_loop, player_id=player_id, upgrade=upgrade, count=1)

    def minute(self, user_id: int, game_minute: int, commands: int, player_id: int | None = None) -> "Game":
        """What a person did in a minute."""
        counts = {"command_count": commands, "camera_update_count": 0}
        return self._add("user_minutes", user_id=user_id, player_id=player_id, game_minute=game_minute, **counts)

    def _unit(self, event: str, game_loop: int, tag: int, **facts: Any) -> "Game":
        place = {} if event in ("done", "type_change", "owner_change") else {"x": 50.0, "y": 50.0}
        return self._event("unit_events", event=event, game_loop=game_loop, unit_tag=tag, **{**place, **facts})

    def _event(self, table: str, **values: Any) -> "Game":
        return self._add(table, event_index=next(self._indexes), **values)

    def _add(self, table: str, **values: Any) -> "Game":
        self.rows[table].append({**self._identity, **values})
        return self


class Marts:
    """A connection to raw rows whose models are made when a statement first names them: a test asks for a few."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._to_make = {model.relation: model for model in our_models()}

    def execute(self, sql: str, *arguments: Any) -> duckdb.DuckDBPyConnection:
        """Runs a statement, having made the models that it reads."""
        for relation in re.findall(r"\b\w+\.\w+\b", sql):
            self._make(relation)
        return self._connection.execute(sql, *arguments)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def _make(self, relation: str) -> None:
        if model := self._to_make.pop(relation, None):
            for read in model.depends_on:
                self._make(read)
            make_relation(self._connection, model)


def marts_of(*games: Game) -> Marts:
    """The models, built from those games alone."""
    tables = {
        name: pa.Table.from_pylist([row for game in games for row in game.rows[name]], schema=_nullable(name))
        for name in RAW_TABLES
        if not RAW_TABLES[name].stays_in_parquet or any(game.rows[name] for game in games)
    }
    return Marts(_with_raw_rows(tables.items()))


def built_marts(tables: Iterable[tuple[str, pa.Table]]) -> duckdb.DuckDBPyConnection:
    """All models, built from raw tables as a batch's are."""
    connection = _with_raw_rows(tables)
    models = our_models()
    of_replays = batch_models(models)
    build_models(connection, of_replays)
    made = {model.relation for model in of_replays}
    build_models(connection, [model for model in models if model.relation not in made])
    return connection


def _with_raw_rows(tables: Iterable[tuple[str, pa.Table]]) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    make_input_tables(connection)
    for name, rows in tables:
        if RAW_TABLES[name].stays_in_parquet:
            # A view over files in a warehouse: here over the rows themselves.
            connection.register(f"{name}_rows", rows)
            connection.execute(f"create or replace view raw.{name} as select * from {name}_rows")
            continue
        insert_rows(connection, f"raw.{name}", rows)
    return connection


@cache
def our_models() -> tuple[Model, ...]:
    """The models of dbt_like_sql, read once."""
    return read_models()


def rows(connection: duckdb.DuckDBPyConnection | Marts, query: str) -> list[tuple[Any, ...]]:
    """All rows of a query."""
    return connection.execute(query).fetchall()


def _nullable(name: str) -> pa.Schema:
    return pa.schema([pa.field(field.name, field.type) for field in RAW_TABLES[name].schema])
