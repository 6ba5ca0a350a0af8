"""Assignment of games to splits, by properties of the game alone, so that adding replays moves no game."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from sc2_pipeline.errors import SettingsError
from sc2_pipeline.population import Population

SPLITS = ("train", "validation", "test")
LEFT_OUT = "left_out"
"""Games in no split, because their players (or start times) belong to different splits."""

WAYS = ("game", "player", "time", "patch", "map")


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitPlan:
    """How games are divided. ``shares`` are those of train, validation and test, and add up to 1.

    ``by``: ``game`` divides games; ``player`` divides accounts and leaves out games between accounts of different
    splits, so that no account is in two splits; ``time`` puts games that began before the first of ``cuts`` in train,
    and those before the second in validation; ``patch`` and ``map`` divide patches and map families, so that no
    patch or map is in two splits. Both files of a game are always in one split. Raises SettingsError for an
    inconsistent plan.
    """

    by: str = "game"
    shares: tuple[float, float, float] = (0.8, 0.1, 0.1)
    seed: int = 0
    cuts: tuple[datetime, datetime] | None = None

    def __post_init__(self) -> None:
        if self.by not in WAYS:
            raise SettingsError(f"split by {self.by!r}; give one of {', '.join(WAYS)}")
        if min(self.shares) < 0 or abs(sum(self.shares) - 1) > 1e-9:
            raise SettingsError(f"split shares are {self.shares}; give three that add up to 1")
        if (self.by == "time") != (self.cuts is not None):
            raise SettingsError("a split by time, and only that, needs two moments to cut at; give --cuts FROM,TO")
        if self.cuts is not None and self.cuts[0] > self.cuts[1]:
            raise SettingsError("the cuts are the wrong way round; give the earlier moment first")

    def to_json(self) -> dict[str, Any]:
        """The plan as manifests keep it; moments as ISO 8601."""
        cuts = None if self.cuts is None else [cut.isoformat() for cut in self.cuts]
        return {"by": self.by, "shares": list(self.shares), "seed": self.seed, "cuts": cuts}


def assign_splits(connection: duckdb.DuckDBPyConnection, plan: SplitPlan, population: Population) -> dict[str, int]:
    """Creates the temporary tables ``dataset_replays(game_key, replay_id, ...)``, all recordings of the games asked for,
    and ``game_splits(game_key, split)``; returns games by split."""
    asked = population.statement("select game_key from asked_games")
    connection.execute(f"create or replace temporary table dataset_games as {asked}")
    connection.execute(
        "create or replace temporary table dataset_replays as select game_key, replay_id, base_build, matchup, map_key,"
        " regexp_extract(game_version, '^\\d+\\.\\d+\\.\\d+') as patch, started_at, is_canonical"
        " from marts.dim_replays semi join dataset_games using (game_key)"
    )
    shares = (plan.shares[0], plan.shares[0] + plan.shares[1])
    split = {
        "game": f"select game_key, {_by_share('game_key', shares, plan.seed)} as split from dataset_games",
        "player": _by_player(shares, plan.seed),
        "time": "select game_key, case when min(started_at) < $first then 'train' when min(started_at) < $second"
        f" then 'validation' when min(started_at) is null then '{LEFT_OUT}' else 'test' end as split"
        " from dataset_replays group by game_key",
        "patch": _by_group("patch", shares, plan.seed),
        "map": _by_group("map_key", shares, plan.seed),
    }[plan.by]
    moments = {} if plan.cuts is None else {"first": plan.cuts[0], "second": plan.cuts[1]}
    connection.execute(f"create or replace temporary table game_splits as {split}", moments)
    return dict(connection.execute("select split, count(*) from game_splits group by split order by split").fetchall())


def _by_share(key: str, shares: tuple[float, float], seed: int) -> str:
    """SQL of a split by a hash of the key alone, the same on every machine and in every release."""
    place = f"(('0x' || left(md5('{seed}:' || {key}), 8))::ubigint / 4294967296.0)"
    return (
        f"case when {place} < {shares[0]!r} then 'train' when {place} < {shares[1]!r} then 'validation' else 'test' end"
    )


def _by_group(key: str, shares: tuple[float, float], seed: int) -> str:
    """Games whose recordings do not tell the group are left out."""
    return f"""
        select game_key, if({key} is null, '{LEFT_OUT}', {_by_share(key, shares, seed)}) as split
        from dataset_replays where is_canonical
    """


def _by_player(shares: tuple[float, float], seed: int) -> str:
    return f"""
        with people as (
            select replays.game_key, {_by_share("players.player_key", shares, seed)} as split
            from dataset_replays as replays
            inner join marts.fct_replay_players as players using (replay_id)
            where not players.is_computer
        ),
        decided as (
            select game_key, if(min(split) = max(split), min(split), '{LEFT_OUT}') as split from people group by game_key
        )
        select replays.game_key, coalesce(decided.split, '{LEFT_OUT}') as split
        from dataset_games as replays left join decided using (game_key)
    """
