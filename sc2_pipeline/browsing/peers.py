"""With whom a player of a game can be compared: players of other 1v1s between people who began alike."""

from typing import Final

import duckdb

from sc2_pipeline.population import Population

LEAST_PEERS: Final = 20
"""Fewer say nothing."""

RATING_BAND: Final = 300
"""Peers with a rating near a player's are rated at most so much higher or lower."""

ALIKE: Final = """players.race_actual = $race and players.matchup = $matchup
    and players.start_workers is not distinct from (select start_workers from marts.games where replay_id = $replay)"""
"""Of ``asked_players as players``: the same race, matchup and number of workers at the start as in the game ``$replay``."""

RATED_ALIKE: Final = f"players.mmr between $mmr - {RATING_BAND} and $mmr + {RATING_BAND}"


def peer_statement(sql: str) -> str:
    """A statement over ``asked_games`` or ``asked_players``, which are those of 1v1s between people, as questions have them."""
    return Population.read({}, mode="1v1").statement(sql)


def is_compared(connection: duckdb.DuckDBPyConnection, replay_id: str) -> bool:
    """Whether the game is such a 1v1 itself."""
    counts = peer_statement("select count(*) from asked_games where replay_id = ?")
    [(count,)] = connection.execute(counts, [replay_id]).fetchall()
    return bool(count)
