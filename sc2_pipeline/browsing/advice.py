"""What a player did worse in a game than most of its peers, and where in the game to look."""

from dataclasses import dataclass
from typing import Final

import duckdb

from sc2_pipeline.browsing.peers import ALIKE, LEAST_PEERS, RATED_ALIKE, is_compared, peer_statement
from sc2_pipeline.browsing.records import Record, records
from sc2_pipeline.errors import HomeError

MOST: Final = 3
"""So many things are named, those furthest beyond the worse quartile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A number of one player in one game; ``place`` is a select of the game loop at which to look."""

    name: str
    title: str
    unit: str
    value: str
    is_worse_high: bool
    place: str
    how: str
    races: tuple[str, ...] = ("Protoss", "Terran", "Zerg")


_MINUTE = "nullif(duration_seconds / 60, 0)"
_OF_PLAYER = "replay_id = $replay and player_id = $player"


def _longest_gap(kind: str) -> str:
    """Where the longest time without such an action begins."""
    return f"""
    select game_loop from (
        select game_loop, coalesce(lead(game_loop) over (order by game_loop),
            (select duration_game_loops from marts.dim_replays where replay_id = $replay)) - game_loop as gap
        from marts.fct_macro_actions where {_OF_PLAYER} and kind = '{kind}')
    order by gap desc, game_loop limit 1"""


MEASURES: Final = (
    Measure(
        name="blocked",
        title="supply blocked",
        unit="seconds a minute",
        value=f"effective_supply_blocked_seconds / {_MINUTE}",
        is_worse_high=True,
        place="select started_game_loop from marts.fct_effective_supply_blocks"
        f" where {_OF_PLAYER} and is_effective order by duration_seconds desc, started_game_loop limit 1",
        how="time without supply while something idle could have been made; the longest such time",
    ),
    Measure(
        name="workers",
        title="workers at 5:00",
        unit="workers",
        value="workers_at_5_minutes",
        is_worse_high=False,
        place="select game_loop_at(5) from marts.dim_replays where replay_id = $replay",
        how="workers alive at 5:00 of speed Faster",
    ),
    Measure(
        name="unspent",
        title="bank",
        unit="minerals and vespene",
        value="average_unspent",
        is_worse_high=True,
        place="select game_loop from marts.fct_economy_snapshots"
        f" where {_OF_PLAYER} order by unspent desc, game_loop limit 1",
        how="mean of what was not spent; its highest moment",
    ),
    Measure(
        name="workers_lost",
        title="workers lost",
        unit="workers",
        value="workers_lost",
        is_worse_high=True,
        place="select started_game_loop from marts.fct_battles inner join marts.fct_battle_players as mine"
        " using (replay_id, battle_number) where replay_id = $replay and mine.player_id = $player"
        " order by mine.workers_lost desc, started_game_loop limit 1",
        how="workers that were killed; the fight that cost most of them",
    ),
    Measure(
        name="trades",
        title="trades",
        unit="of all that died, by worth",
        value="(resources_killed_army + resources_killed_economy + resources_killed_technology)"
        " / nullif(resources_killed_army + resources_killed_economy + resources_killed_technology"
        " + resources_lost_army + resources_lost_economy + resources_lost_technology, 0)",
        is_worse_high=False,
        place="select started_game_loop from marts.fct_battles inner join marts.fct_battle_players as mine"
        " using (replay_id, battle_number) where replay_id = $replay and mine.player_id = $player"
        " order by mine.resources_lost - mine.resources_killed desc, started_game_loop limit 1",
        how="what was killed, of what was killed and lost together; the fight with the worst balance",
    ),
    *(
        Measure(
            name=kind,
            title=title,
            unit="a minute",
            value=f"(select count(*) from marts.fct_macro_actions as acts where acts.replay_id = players.replay_id"
            f" and acts.player_id = players.player_id and acts.kind = '{kind}') / {_MINUTE}",
            is_worse_high=False,
            place=_longest_gap(kind),
            how="commands of it; the longest time without one",
            races=(race,),
        )
        for kind, title, race in (
            ("inject", "injects", "Zerg"),
            ("chrono", "chrono boosts", "Protoss"),
            ("mule", "MULEs", "Terran"),
        )
    ),
)
"""Idle production is not among them: tracker events do not tell of it."""

_PLAYERS = (
    "select player_id, race_actual, matchup, mmr from marts.player_game_summary where replay_id = ? order by player_id"
)

_MEASURED = f"""
select players.game_key = (select game_key from marts.dim_replays where replay_id = $replay) as is_own, {{values}}
from asked_players as players
where {ALIKE} and {RATED_ALIKE} and (players.replay_id != $replay or players.player_id = $player)
"""
_QUARTILES = """
select {columns}, count(*) filter (not is_own) as peers from measured
"""


def advice(connection: duckdb.DuckDBPyConnection, replay_id: str) -> Record:
    """``players``: of each the number of ``peers``, and ``things``, at most :data:`MOST` that were worse than the worse
    quartile of the peers, the worst first; where nothing can be said, ``silence`` says why.

    Peers are those of :mod:`sc2_pipeline.browsing.peers`, with a rating near the player's. Raises HomeError if the warehouse does not contain the replay.
    """
    found = records(connection, _PLAYERS, [replay_id])
    if not found:
        raise HomeError(f"replay {replay_id} is not in the warehouse; see `sc2-pipeline status {replay_id}`")
    is_asked = is_compared(connection, replay_id)
    return {"players": [_advised(connection, replay_id, player, is_asked=is_asked) for player in found]}


def _advised(connection: duckdb.DuckDBPyConnection, replay_id: str, player: Record, *, is_asked: bool) -> Record:
    answer = {"player_id": player["player_id"], "peers": 0, "things": [], "silence": None}
    if not is_asked:
        return answer | {"silence": "only 1v1s between people, of a minute or more, are compared"}
    if player["mmr"] is None:
        return answer | {"silence": "the rating is unknown"}
    measures = [measure for measure in MEASURES if player["race_actual"] in measure.races]
    if not measures:
        return answer | {"silence": "nothing is measured of this race"}
    asked = {
        "replay": replay_id,
        "player": player["player_id"],
        "race": player["race_actual"],
        "matchup": player["matchup"],
        "mmr": player["mmr"],
    }
    [row] = records(connection, _statement(measures), asked)
    answer["peers"] = row["peers"]
    if row["peers"] < LEAST_PEERS:
        return answer | {"silence": f"{row['peers']} players to compare with, which is less than {LEAST_PEERS}"}
    things = [thing for measure in measures if (thing := _thing(measure, row)) is not None]
    worst = sorted(things, key=lambda thing: -thing["beyond"])[:MOST]
    for thing in worst:
        thing["place_seconds"] = _place(connection, thing["name"], asked)
    return answer | {"things": worst}


def _statement(measures: list[Measure]) -> str:
    values = ", ".join(f"{measure.value} as {measure.name}" for measure in measures)
    columns = ", ".join(
        f"max({name}) filter (is_own) as {name}, count({name}) filter (not is_own) as {name}_peers,"
        f" quantile_cont({name}, [0.25, 0.5, 0.75]) filter (not is_own) as {name}_quartiles"
        for name in (measure.name for measure in measures)
    )
    measured = _MEASURED.format(values=values)
    return peer_statement(f"with measured as (\n{measured}\n)\n{_QUARTILES.format(columns=columns)}")


def _thing(measure: Measure, row: Record) -> Record | None:
    """The measure, if it was worse than the worse quartile of enough peers."""
    value, quartiles = row[measure.name], row[f"{measure.name}_quartiles"]
    if value is None or row[f"{measure.name}_peers"] < LEAST_PEERS:
        return None
    first, median, third = quartiles
    excess = value - third if measure.is_worse_high else first - value
    if excess <= 0:
        return None
    return {
        "name": measure.name,
        "title": measure.title,
        "unit": measure.unit,
        "how": measure.how,
        "value": value,
        "first_quartile": first,
        "median": median,
        "third_quartile": third,
        "beyond": excess / max(third - first, abs(median) / 10, 1e-9),
    }


def _place(connection: duckdb.DuckDBPyConnection, name: str, asked: Record) -> float | None:
    """Seconds on the game's own clock at which to look; None where there is no such moment."""
    [measure] = [each for each in MEASURES if each.name == name]
    statement = (
        f"select shown_seconds(place.game_loop, clock_speed) from ({measure.place}) as place(game_loop)"
        " cross join marts.dim_replays where dim_replays.replay_id = $replay"
    )
    values = {"replay": asked["replay"]} | ({"player": asked["player"]} if "$player" in measure.place else {})
    found = connection.execute(statement, values).fetchall()
    return found[0][0] if found else None
