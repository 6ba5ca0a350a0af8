"""The list of games: filtered, sorted, in pages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import duckdb

from sc2_pipeline.browsing.records import Record, records
from sc2_pipeline.errors import SettingsError
from sc2_pipeline.game import RESULTS
from sc2_pipeline.population import Population

SORTS: Final = {
    "played": "games.played_at",
    "length": "games.duration_seconds",
    "map": "lower(games.map_name)",
    "matchup": "games.matchup",
    "rating": "games.mmr",
    "players": "lower(array_to_string(games.players, ' '))",
}
"""What games can be sorted by. Unknown values come last, and games that are equal in the order of their ids."""

PEOPLE: Final = {"people": "not games.has_ai", "computers": "games.has_ai"}

_EVERYTHING: Final = {"include_ai": "true", "include_resumed": "true", "include_short": "true"}

_GAMES = """
select {columns}
from asked_games as games
where {conditions}
order by {order}, games.replay_id
"""
_COLUMNS = """
    games.replay_id, games.game_key, games.played_at, games.map_key, games.map_name, games.matchup, games.game_mode,
    games.patch, games.region, games.mmr, games.has_ai, games.is_resumed, games.clock_speed, games.file_name,
    shown_seconds(games.duration_game_loops, games.clock_speed) as length_seconds
"""
_PLAYERS = """
select players.replay_id, players.player_id, players.name, players.player_key, players.side, players.race_actual as race,
    players.commander, players.result, players.mmr, players.is_computer, openers.opener, openers.plan
from marts.fct_replay_players as players
left join marts.fct_openers as openers using (replay_id, player_id)
where players.replay_id in (select unnest($ids))
order by players.replay_id, players.side, players.player_id
"""
_WORD = """contains(
    lower(concat_ws(' ', games.map_name, games.matchup, games.game_mode, games.file_name, games.played_on::text,
        games.patch, array_to_string(games.players, ' '))),
    lower($word_{number}))"""
_OPENER = """games.replay_id in (
    select replay_id from marts.fct_openers where contains(lower(opener || ' ' || plan), lower($opener)))"""
_RESULT = """games.replay_id in (
    select replay_id from marts.fct_replay_players
    where result = $result and lower($who) in (lower(player_key), lower(name)))"""


@dataclass(frozen=True, slots=True, kw_only=True)
class GamesAsked:
    """Which games are listed, in which order. By default all that count: one recording of each game, of every kind.

    ``search`` has words that all stand somewhere in map, matchup, mode, players, day, patch or file name. ``options`` are
    those of the population (``mode``, ``matchup``, ``map``, ``player``, ``patch``, ``era``, ``since``, ``until_date``,
    ``mmr``), as typed. ``opener`` is part of the name of a player's opener or plan. ``result`` is that of the player in
    ``options``. ``opponents`` is ``people`` or ``computers``. Lengths are minutes at speed Faster.
    """

    search: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    opener: str | None = None
    result: str | None = None
    opponents: str | None = None
    min_minutes: float | None = None
    max_minutes: float | None = None
    sort: str = "played"
    is_ascending: bool = False

    def __post_init__(self) -> None:
        for name, value, known in (
            ("sort", self.sort, SORTS),
            ("opponents", self.opponents, PEOPLE),
            ("result", self.result, RESULTS),
        ):
            if value is not None and value not in known:
                raise SettingsError(f"{name} is {value}; give one of {', '.join(known)}")
        if self.result is not None and "player" not in self.options:
            raise SettingsError("result is somebody's; give the player too")


def games_statement(asked: GamesAsked, columns: str = "games.*") -> tuple[str, dict[str, Any]]:
    """The select of these games and its parameters; raises SettingsError for options that are not valid."""
    words = asked.search.split()
    conditions = [_WORD.format(number=number) for number in range(len(words))]
    values: dict[str, Any] = {f"word_{number}": word for number, word in enumerate(words)}
    chosen = (
        ("opener", asked.opener, _OPENER),
        ("result", asked.result, _RESULT),
        ("min_minutes", asked.min_minutes, "games.duration_minutes >= $min_minutes"),
        ("max_minutes", asked.max_minutes, "games.duration_minutes <= $max_minutes"),
    )
    for name, value, condition in chosen:
        if value is not None:
            conditions.append(condition)
            values[name] = value
    if asked.result is not None:
        values["who"] = asked.options["player"]
    if asked.opponents is not None:
        conditions.append(PEOPLE[asked.opponents])
    order = f"{SORTS[asked.sort]} {'asc' if asked.is_ascending else 'desc'} nulls last"
    statement = _GAMES.format(columns=columns, conditions=" and ".join(conditions) or "true", order=order)
    return Population.read({**_EVERYTHING, **asked.options}, mode="any").statement(statement), values


def games(connection: duckdb.DuckDBPyConnection, asked: GamesAsked, *, limit: int = 100, offset: int = 0) -> Record:
    """``total``, the number of games asked for, and ``games``, a page of them; each with its ``players`` by side."""
    statement, values = games_statement(asked, f"{_COLUMNS}, count(*) over () as total")
    found = records(connection, f"{statement} limit $limit offset $offset", values | {"limit": limit, "offset": offset})
    return {"total": found[0]["total"] if found else 0, "games": with_players(connection, found)}


def with_players(connection: duckdb.DuckDBPyConnection, found: list[Record]) -> list[Record]:
    """Games, which have a ``replay_id``, with ``players`` added and ``total`` taken away."""
    by_game: dict[str, list[Record]] = {}
    for player in records(connection, _PLAYERS, {"ids": [game["replay_id"] for game in found]}):
        by_game.setdefault(player.pop("replay_id"), []).append(player)
    return [
        {key: value for key, value in game.items() if key != "total"} | {"players": by_game.get(game["replay_id"], [])}
        for game in found
    ]
