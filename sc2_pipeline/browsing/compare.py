"""Two players, two games, or a game and the typical one of its matchup and rating, set beside one another."""

from typing import Any, Final

import duckdb

from sc2_pipeline.browsing.peers import ALIKE, LEAST_PEERS, RATED_ALIKE, RATING_BAND, is_compared, peer_statement
from sc2_pipeline.browsing.players import account, tallies
from sc2_pipeline.browsing.records import Record, records
from sc2_pipeline.errors import HomeError
from sc2_pipeline.game import GAME_LOOPS_PER_MINUTE, shown_seconds
from sc2_pipeline.population import Population

FIGURES: Final = {
    "mmr": ("MMR", "mmr", 0),
    "apm": ("APM", "apm", 0),
    "spending_quotient": ("spending quotient", "spending_quotient", 1),
    "average_unspent": ("bank, mean", "average_unspent", 0),
    "average_income": ("income a minute", "average_income", 0),
    "workers_at_5_minutes": ("workers at 5:00, speed Faster", "workers_at_5_minutes", 1),
    "blocked": ("blocked, seconds a minute", "supply_blocked_seconds / nullif(duration_seconds / 60, 0)", 1),
    "units_lost": ("units lost", "units_lost", 1),
    "workers_lost": ("workers lost", "workers_lost", 1),
    "units_killed": ("units killed", "units_killed", 1),
    "minutes": ("minutes, speed Faster", "duration_seconds / 60", 1),
}
"""Title, SQL over a row of ``marts.player_game_summary``, and decimal places of what is compared."""

MOST_PEERS: Final = 400
"""A typical game is made of so many peers' at most, those with the nearest ratings."""

CURVES: Final = ("army_value", "workers", "income", "unspent", "supply_used")

_MEANS = ", ".join(f"round(avg({value}), {digits}) as {name}" for name, (_, value, digits) in FIGURES.items())
_QUARTILES = ", ".join(
    f"list_transform(quantile_cont({value}, [0.25, 0.5, 0.75]), lambda each: round(each, {digits})) as {name}"
    for name, (_, value, digits) in FIGURES.items()
)
_MEETINGS = """
select count(*) as games, count(*) filter (is_winner) as won_by_first, count(*) filter (not is_winner) as won_by_second
from marts.players_in_games where player_key = ? and opponent_player_key = ?
"""
_SIDE = """
select mine.replay_id, mine.player_id, mine.name, mine.player_key, mine.race_actual as race, mine.result, mine.mmr,
    players.opponent_name, replays.matchup, replays.played_at, coalesce(replays.map_name, 'unknown map') as map_name,
    replays.clock_speed, replays.duration_game_loops
from marts.fct_replay_players as mine
inner join marts.dim_replays as replays using (replay_id)
left join marts.player_game_summary as players using (replay_id, player_id)
where mine.replay_id = ? and mine.player_id is not null
order by mine.side = 'computer', mine.player_id
"""
_SAMPLES = """
select shown_seconds(game_loop, $speed) as seconds, army_value, worker_count as workers,
    minerals_per_minute + vespene_per_minute as income, unspent, supply_used
from marts.fct_economy_snapshots where replay_id = $replay and player_id = $player and game_loop <= $end
order by game_loop
"""
_STEPS = """
select display_name as name, kind, started_game_loop, supply_used,
    row_number() over (partition by replay_id, player_id, display_name order by step_number)::integer as number
from {source}
where not is_cancelled and not is_worker and started_game_loop is not null and {condition}
"""
_OWN_STEPS = f"""
select name, kind, number, shown_seconds(started_game_loop, $speed) as seconds, supply_used as supply, null as share
from ({_STEPS.format(source="marts.fct_build_orders", condition="replay_id = $replay and player_id = $player")})
order by started_game_loop, name, number
"""
_PEERS = f"""
select players.replay_id, players.player_id from asked_players as players
where {ALIKE} and players.game_key != (select game_key from marts.dim_replays where replay_id = $replay) and {{rated}}
order by abs(players.mmr - $mmr) nulls last, players.played_at desc, players.replay_id limit {MOST_PEERS}
"""
_THEY = "(select unnest($replays) as replay_id, unnest($players) as player_id)"
_OF_THEM = f"marts.player_game_summary inner join {_THEY} using (replay_id, player_id)"
# Samples are 160 game loops apart; a game's last one may lie between, after another one.
_TYPICAL_SAMPLES = f"""
select shown_seconds(samples.whole_loop, $speed) as seconds, {{columns}}
from (
    select *, worker_count as workers, minerals_per_minute + vespene_per_minute as income, game_loop // 160 * 160 as whole_loop
    from marts.fct_economy_snapshots
    inner join {_THEY} using (replay_id, player_id)
    inner join marts.dim_replays using (replay_id)
    where game_loop <= duration_game_loops
    qualify row_number() over (partition by replay_id, player_id, whole_loop order by game_loop) = 1
) as samples
group by samples.whole_loop having count(*) * 2 >= len($replays) order by samples.whole_loop
"""
_TYPICAL_STEPS = f"""
select name, any_value(kind) as kind, number, shown_seconds(median(started_game_loop), $speed) as seconds,
    median(supply_used) as supply, count(*) / len($replays) as share
from ({_STEPS.format(source=f"marts.fct_build_orders inner join {_THEY} using (replay_id, player_id)", condition="true")})
group by name, number having count(*) * 2 >= len($replays)
order by seconds, name, number
"""


def compare_players(connection: duckdb.DuckDBPyConnection, one: str, other: str, population: Population) -> Record:
    """Two accounts over the asked games: ``asked`` (a line that says which), ``players`` with games, wins and records by
    ``matchups``, ``figures`` with the means of both, and their ``meetings``.

    Raises HomeError for an account that the warehouse does not contain.
    """
    players = [account(connection, key) for key in (one, other)]
    means = [player_means(connection, key, population) for key in (one, other)]
    asked = population.statement("select replay_id from asked_games")
    return {
        "asked": population.line(connection),
        "players": [
            player
            | {"games": mean.pop("games"), "won": mean.pop("won")}
            | {"matchups": tallies(connection, player["player_key"], "matchups", f"mine.replay_id in ({asked})")}
            for player, mean in zip(players, means, strict=True)
        ],
        "figures": [_figure(name, mean[name], other_mean[name]) for mean, other_mean in [means] for name in FIGURES],
        "meetings": meetings(connection, one, other),
    }


def player_means(connection: duckdb.DuckDBPyConnection, player_key: str, population: Population) -> Record:
    """``games``, those ``won``, and the means of :data:`FIGURES` over an account's games of a population."""
    rows = "marts.players_in_games where player_key = ? and replay_id in (select replay_id from asked_games)"
    statement = f"select count(*) as games, count(*) filter (is_winner) as won, {_MEANS} from {rows}"
    return records(connection, population.statement(statement), [player_key])[0]


def game_figures(connection: duckdb.DuckDBPyConnection, replay_id: str) -> list[Record]:
    """:data:`FIGURES` of each player of a game, with ``player_id``, ``name`` and ``is_winner``; empty where another
    recording of the game is the canonical one."""
    values = ", ".join(f"round({value}, {digits}) as {name}" for name, (_, value, digits) in FIGURES.items())
    statement = f"select player_id, name, is_winner, {values} from marts.player_game_summary where replay_id = ?"
    return records(connection, f"{statement} order by player_id", [replay_id])


def meetings(connection: duckdb.DuckDBPyConnection, one: str, other: str) -> Record:
    """Games of two accounts against one another: how many ``games``, ``won_by_first`` and ``won_by_second``."""
    return records(connection, _MEETINGS, [one, other])[0]


def compare_games(
    connection: duckdb.DuckDBPyConnection,
    one: str,
    other: str | None = None,
    *,
    one_player: int | None = None,
    other_player: int | None = None,
) -> Record:
    """A player's game beside another one, or beside the typical one of its peers if ``other`` is None.

    ``sides`` says whose games they are, ``figures`` has the numbers of both, ``curves`` their samples, ``steps`` their
    build orders in the order of the first, the n-th of each item beside the n-th; all on the clock of the first game
    (``clock_speed``). Without ``one_player`` it is the winner's game, and without ``other_player`` that of the same account, or else of the same
    race. The typical game has medians: of what at least half of the peers had, of samples for as long as half of them
    played. Raises HomeError for a replay or player that the warehouse does not contain; where there are fewer than
    :data:`~sc2_pipeline.browsing.peers.LEAST_PEERS` peers, the typical side has no numbers and says so (``silence``).
    """
    mine = _side(connection, one, one_player, None)
    speed = mine["clock_speed"]
    if other is None:
        theirs = _typical(connection, mine, speed)
    else:
        theirs = _whole(connection, _side(connection, other, other_player, mine), speed)
    whole = _whole(connection, mine, speed)
    quartiles = theirs.get("quartiles", {})
    return {
        "clock_speed": speed,
        "sides": [whole["side"], theirs["side"]],
        "figures": [
            _figure(name, whole["figures"].get(name), theirs["figures"].get(name), quartiles.get(name))
            for name in FIGURES
        ],
        "curves": [whole["curves"], theirs["curves"]],
        "steps": _aligned(whole["steps"], theirs["steps"]),
    }


def _side(
    connection: duckdb.DuckDBPyConnection, replay_id: str, player_id: int | None, beside: Record | None
) -> Record:
    """The game of one player: the given one, else the account or race that it is set beside, else the winner."""
    players = records(connection, _SIDE, [replay_id])
    if not players:
        raise HomeError(f"replay {replay_id} is not in the warehouse; see `sc2-pipeline status {replay_id}`")
    if player_id is not None:
        fitting = [player for player in players if player["player_id"] == player_id]
        if not fitting:
            known = ", ".join(str(player["player_id"]) for player in players)
            raise HomeError(f"replay {replay_id} has no player {player_id}; its players are {known}")
        chosen = fitting[0]
    elif beside is None:
        chosen = min(players, key=lambda player: player["result"] != "victory")
    else:
        chosen = min(
            players,
            key=lambda player: [player[name] != beside[name] for name in ("player_key", "race", "matchup")],
        )
    choices = [{name: player[name] for name in ("player_id", "name", "race", "result")} for player in players]
    return chosen | {"players": choices, "peers": None, "said": None, "silence": None}


def _whole(connection: duckdb.DuckDBPyConnection, side: Record, speed: str) -> Record:
    """Figures, curves and steps of a player in a game."""
    asked = {"replay": side["replay_id"], "player": side["player_id"], "speed": speed}
    figures = [row for row in game_figures(connection, side["replay_id"]) if row["player_id"] == side["player_id"]]
    samples = records(connection, _SAMPLES, asked | {"end": side["duration_game_loops"]})
    return {
        "side": {key: value for key, value in side.items() if key not in ("clock_speed", "duration_game_loops")}
        | {"length_seconds": shown_seconds(side["duration_game_loops"], speed)},
        "figures": figures[0] if figures else {},
        "curves": _columns(samples, ("seconds", *CURVES)),
        "steps": records(connection, _OWN_STEPS, asked),
    }


def _typical(connection: duckdb.DuckDBPyConnection, mine: Record, speed: str) -> Record:
    """The same of the peers of a player in a game, as medians; with ``quartiles`` of the figures."""
    peers, said, silence = _peers(connection, mine)
    nobody = dict.fromkeys(
        ("replay_id", "player_id", "player_key", "result", "mmr", "opponent_name", "played_at", "map_name")
    )
    side = nobody | {"name": "the typical game", "race": mine["race"], "matchup": mine["matchup"], "players": []}
    side |= {"peers": len(peers), "said": said, "silence": silence, "length_seconds": None}
    if silence is not None:
        return {"side": side, "figures": {}, "quartiles": {}, "curves": _columns([], ("seconds", *CURVES)), "steps": []}
    asked = {"replays": [replay_id for replay_id, _ in peers], "players": [player_id for _, player_id in peers]}
    [quartiles] = records(connection, f"select {_QUARTILES} from {_OF_THEM}", asked)
    columns = ", ".join(
        f"quantile_cont({curve}, {share}) as {curve}{suffix}"
        for curve in CURVES
        for suffix, share in (("_first_quartile", 0.25), ("", 0.5), ("_third_quartile", 0.75))
    )
    samples = records(connection, _TYPICAL_SAMPLES.format(columns=columns), asked | {"speed": speed})
    [(seconds,)] = connection.execute(f"select median(duration_seconds) from {_OF_THEM}", asked).fetchall()
    return {
        "side": side | {"length_seconds": shown_seconds(round(seconds * GAME_LOOPS_PER_MINUTE / 60), speed)},
        "figures": {name: values[1] for name, values in quartiles.items() if values},
        "quartiles": quartiles,
        "curves": _columns(samples, tuple(samples[0]) if samples else ("seconds", *CURVES)),
        "steps": records(connection, _TYPICAL_STEPS, asked | {"speed": speed}),
    }


def _peers(connection: duckdb.DuckDBPyConnection, mine: Record) -> tuple[list[Any], str, str | None]:
    """The peers' games (replay id, player id), who they are (those rated alike, or all where these are too few), and why
    nothing can be said of them if nothing can."""
    who = f"{mine['race']} in {mine['matchup']}"
    if not is_compared(connection, mine["replay_id"]):
        return [], who, "only 1v1s between people, of a minute or more, are compared"
    asked = {"replay": mine["replay_id"], "race": mine["race"], "matchup": mine["matchup"], "mmr": mine["mmr"]}
    alike = connection.execute(peer_statement(_PEERS.format(rated=RATED_ALIKE)), asked).fetchall()
    if len(alike) >= LEAST_PEERS:
        return alike, f"{who}, rated at most {RATING_BAND} higher or lower", None
    found = connection.execute(peer_statement(_PEERS.format(rated="true")), asked).fetchall()
    said = f"{who}, whatever the rating, since fewer than {LEAST_PEERS} are known to be rated alike"
    few = f"{len(found)} {'game' if len(found) == 1 else 'games'} of {who} to compare with, which is less than {LEAST_PEERS}"
    return found, said, few if len(found) < LEAST_PEERS else None


def _figure(name: str, one: Any, other: Any, quartiles: Any = None) -> Record:
    first, third = (quartiles[0], quartiles[2]) if quartiles else (None, None)
    return {
        "name": name,
        "title": FIGURES[name][0],
        "one": one,
        "other": other,
        "first_quartile": first,
        "third_quartile": third,
    }


def _columns(samples: list[Record], names: tuple[str, ...]) -> Record:
    return {name: [sample[name] for sample in samples] for name in names}


def _aligned(one: list[Record], other: list[Record]) -> list[Record]:
    """The steps of both in the order of the first, the n-th of an item beside the n-th."""
    theirs = {(step["name"], step["number"]): step for step in other}
    pairs: list[tuple[Record | None, Record | None]] = [
        (step, theirs.pop((step["name"], step["number"]), None)) for step in one
    ]
    pairs += [(None, step) for step in theirs.values()]
    rows = []
    for mine, its in pairs:
        step = mine or its
        assert step is not None
        rows.append(
            {name: step[name] for name in ("name", "number", "kind")}
            | {"one_seconds": mine and mine["seconds"], "one_supply": mine and mine["supply"]}
            | {"other_seconds": its and its["seconds"], "other_supply": its and its["supply"]}
            | {"share": its and its["share"]}
        )
    return sorted(rows, key=lambda row: row["other_seconds"] if row["one_seconds"] is None else row["one_seconds"])
