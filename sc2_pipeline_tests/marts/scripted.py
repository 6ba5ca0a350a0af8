"""Raw rows written by hand, one game at a time, and the marts that our SQL builds from them."""

import re
from collections.abc import Iterable
from functools import cache
from itertools import count
from typing import Any

import duckdb
import pyarrow as pa

from sc2_pipeline.sql_models import Model, batch_models, read_models
from sc2_pipeline.tables import RAW_TABLES
from sc2_pipeline.warehouse.declared import insert_rows, make_input_tables
from sc2_pipeline.warehouse.relations import build_models, make_relation
from sc2_pipeline_tests.warehouse.rows import ONE_THREAD

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
    "game_events_bytes": 4096,
    "game_events_checksums": [1, 2, 3, 4],
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
    """Builder of one replay. Every method adds a row, in stream order."""

    def __init__(self, replay_id: str = "a" * 16, *, game: str | None = None, **replay: Any) -> None:
        """Files with the same ``game`` have its events."""
        self._identity = {"replay_id": replay_id, "source": "tracker"}
        self._indexes = count()
        self.rows: Rows = {name: [] for name in RAW_TABLES}
        family = game or replay_id
        self._add("replays", **{**_REPLAY, "game_key": family, "game_events_family": family, **replay})

    def player(self, player_id: int, race: str | None, team: int | None = None, **facts: Any) -> "Game":
        """Adds a player to the lobby, a person with an account on a separate team by default."""
        team = player_id - 1 if team is None else team
        account = None if facts.get("is_computer") else f"2-S2-1-{player_id}"
        facts = {"name": f"player {player_id}", "toon_handle": account, "race_actual": race, **facts}
        return self._add("replay_players", **{**_PLAYER, "player_id": player_id, "team": team, **facts})

    def born(self, game_loop: int, tag: int, unit_type: str, player_id: int = 1, **facts: Any) -> "Game":
        """Adds a unit that appears complete."""
        return self._unit("born", game_loop, tag, unit_type=unit_type, player_id=player_id, **facts)

    def init(self, game_loop: int, tag: int, unit_type: str, player_id: int = 1, **facts: Any) -> "Game":
        """Starts a structure or warp-in."""
        return self._unit("init", game_loop, tag, unit_type=unit_type, player_id=player_id, **facts)

    def done(self, game_loop: int, tag: int) -> "Game":
        """Completes a structure or warp-in."""
        return self._unit("done", game_loop, tag)

    def died(self, game_loop: int, tag: int, killer_player_id: int | None = None, **facts: Any) -> "Game":
        """Removes a unit from the stream."""
        return self._unit("died", game_loop, tag, killer_player_id=killer_player_id, **facts)

    def turned_into(self, game_loop: int, tag: int, unit_type: str) -> "Game":
        """Changes a unit's type."""
        return self._unit("type_change", game_loop, tag, unit_type=unit_type)

    def owned_by(self, game_loop: int, tag: int, player_id: int) -> "Game":
        """Changes a unit's owner."""
        return self._unit("owner_change", game_loop, tag, player_id=player_id)

    def said(self, game_loop: int, text: str, **facts: Any) -> "Game":
        """Adds a message to all."""
        place = {"message_index": len(self.rows["chat_messages"]), "recipient": "all"}
        return self._add("chat_messages", **{**place, "game_loop": game_loop, "text": text, **facts})

    def sample(self, game_loop: int, player_id: int = 1, **stats: float) -> "Game":
        """Adds a player's economy sample; omitted values are 0."""
        stats = {**_NOTHING_SPENT, "supply_used": 12.0, "supply_cap": 15.0, **stats}
        return self._event("player_stats", game_loop=game_loop, player_id=player_id, **stats)

    def step(self, player_id: int, kind: str, item: str, started_game_loop: int | None, **facts: Any) -> "Game":
        """Adds a build step as the solver reports it: by default known by its event and finished immediately."""
        step = {**_STEP, "started_game_loop": started_game_loop, "finished_game_loop": started_game_loop, **facts}
        index = len(self.rows["build_steps"])
        named = {"step_index": index, "player_id": player_id, "kind": kind, "item": item, "display_name": item}
        return self._add("build_steps", **{**step, **named})

    def action(self, game_loop: int, kind: str, player_id: int = 1, **facts: Any) -> "Game":
        """Adds a macro action of a player."""
        index = len(self.rows["macro_actions"])
        facts = {"known_by": "event", "action_index": index, "player_id": player_id, **facts}
        return self._add("macro_actions", game_loop=game_loop, kind=kind, **facts)

    def making(self, game_loop: int, tag: int, progress: float, ability_id: int = 1) -> "Game":
        """Adds an observation of the sc2 source: a structure with an order in progress."""
        order = {"source": "sc2", "pass_player_id": 1, "order_index": 0, "repeat_index": 0, "is_snapshot": False}
        made = {"game_loop": game_loop, "unit_tag": tag, "api_tag": tag, "progress": progress, "ability_id": ability_id}
        names = set(RAW_TABLES["unit_orders"].schema.names)
        return self._add("unit_orders", **{name: value for name, value in (order | made).items() if name in names})

    def taken_over(self, game_loop: int, byte_offset: int = 4096) -> "Game":
        """The game was resumed from a replay at that game loop."""
        index = len(self.rows["takeovers"])
        place = {"takeover_index": index, "byte_offset": byte_offset, "event_index": index}
        return self._add("takeovers", game_loop=game_loop, user_id=0, **place)

    def upgraded(self, game_loop: int, player_id: int, upgrade: str) -> "Game":
        """Adds a completed upgrade."""
        return self._event("upgrade_events", game_loop=game_loop, player_id=player_id, upgrade=upgrade, count=1)

    def minute(self, user_id: int, game_minute: int, commands: int, player_id: int | None = None) -> "Game":
        """Adds a user's activity in one minute."""
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
    """A connection to raw rows that builds models when a statement first names them, since a test needs only a few."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._to_make = {model.relation: model for model in our_models()}

    def execute(self, sql: str, *arguments: Any) -> duckdb.DuckDBPyConnection:
        """Runs a statement after building the models that it reads."""
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
    """The models, built from these games only."""
    return Marts(_with_raw_rows(raw_tables(*games)))


def raw_tables(*games: Game) -> Iterable[tuple[str, pa.Table]]:
    """The raw tables of these games; those that stay in Parquet only where a game has rows."""
    for name, table in RAW_TABLES.items():
        rows = [row for game in games for row in game.rows[name]]
        if rows or not table.stays_in_parquet:
            yield name, pa.Table.from_pylist(rows, schema=_nullable(name))


def built_marts(tables: Iterable[tuple[str, pa.Table]]) -> duckdb.DuckDBPyConnection:
    """All models, built from raw tables like those of a batch."""
    connection = _with_raw_rows(tables)
    models = our_models()
    of_replays = batch_models(models)
    build_models(connection, of_replays)
    made = {model.relation for model in of_replays}
    build_models(connection, [model for model in models if model.relation not in made])
    return connection


def _with_raw_rows(tables: Iterable[tuple[str, pa.Table]]) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config=ONE_THREAD)
    make_input_tables(connection)
    for name, rows in tables:
        if RAW_TABLES[name].stays_in_parquet:
            # In a warehouse a view over files; here over the rows themselves.
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
