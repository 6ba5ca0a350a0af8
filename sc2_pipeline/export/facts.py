"""What is measured of a dataset's games for its card: how many there are, what became of all files, and how many games
can be recognised."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import duckdb

from sc2_pipeline.export.anonymise import Anonymity
from sc2_pipeline.export.splits import LEFT_OUT
from sc2_pipeline.population import Population


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """Files with one outcome; ``reason`` is a code, empty where there is none."""

    status: str
    reason: str
    files: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetFacts:
    """``games`` counts games by split; ``asked`` says which they are; ``fates`` what became of every file found.

    ``recognised``: games of the dataset that are the only one with their date, length, matchup and map in what is
    published. Who knows these of a game, as its spectators do, can find it.
    """

    games: Mapping[str, int]
    asked: str
    fates: tuple[Fate, ...]
    recognised: int

    @classmethod
    def read(
        cls,
        connection: duckdb.DuckDBPyConnection,
        population: Population,
        games: Mapping[str, int],
        anonymity: Anonymity,
    ) -> Self:
        """From a warehouse to which ``assign_splits`` has added its tables."""
        fates = connection.execute(
            "select status, coalesce(reason, ''), count(*) from ops.replays group by all order by 3 desc, 1, 2"
        ).fetchall()
        known = (
            "date_trunc('month', played_on), ceil(duration_seconds / 60), matchup"
            if anonymity.is_coarse
            else "played_on, duration_seconds, matchup, map_key"
        )
        [(recognised,)] = connection.execute(
            f"""
            select coalesce(sum(alone.games), 0)::bigint from (
                select count(*) as games
                from marts.games semi join game_splits on games.game_key = game_splits.game_key and split != '{LEFT_OUT}'
                group by {known} having count(*) = 1
            ) as alone
            """
        ).fetchall()
        return cls(
            games=games,
            asked=population.line(connection),
            fates=tuple(Fate(status=status, reason=reason, files=files) for status, reason, files in fates),
            recognised=recognised,
        )
