"""A chosen population as SQL, and in one line how many games it holds and leaves out."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from sc2_pipeline.errors import SettingsError
from sc2_pipeline.population.options import PopulationOption, Value, converted, literal, population_options

if TYPE_CHECKING:
    import duckdb

ASKED_GAMES: Final = "asked_games"
ASKED_PLAYERS: Final = "asked_players"
ASKED_GAME: Final = "asked_game"
RELATIONS: Final = {
    ASKED_GAMES: ("marts.games",),
    ASKED_PLAYERS: ("marts.games", "marts.player_game_summary"),
    ASKED_GAME: ("marts.dim_replays", "marts.games"),
}
"""Relations that a statement may read of a population, and what they are made from.

asked_games: rows of ``marts.games``. asked_players: rows of ``marts.player_game_summary`` of these games, with ``patch``,
``start_workers`` and ``game`` of the game, and only those of the player that was asked about. asked_game: the id of one replay, of the
one that was named or of the latest game.
"""

_CHOOSES_A_GAME: Final = "player"
_NAMED: Final = re.compile("|".join(rf"\b{name}\b" for name in RELATIONS))
_WITH: Final = re.compile(r"^with\s+", re.MULTILINE)

# A named recording stands for its game, also where another recording of it counts.
_OF_REPLAY: Final = "games.game_key = (select game_key from marts.dim_replays where replay_id = {replay})"
_LATEST: Final = (
    "order by games.game_mode = '1v1' desc, games.played_at desc nulls last, games.replay_id\n\n    limit 1"
)


def relations_of(sql: str) -> set[str]:
    """Which of :data:`RELATIONS` a statement names."""
    return set(_NAMED.findall(sql))


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """Games by the options' values; ``replay`` names one recording, whatever the other options say."""

    values: Mapping[str, Value]
    replay: str | None = None

    @classmethod
    def read(cls, given: Mapping[str, str], *, mode: str = "melee", replay: str | None = None) -> Self:
        """The population of what was typed; ``mode`` is the default of ``--mode``. Raises SettingsError."""
        if unknown := sorted(given.keys() - population_options().keys()):
            raise SettingsError(f"there is no option {unknown[0]}; give some of {', '.join(population_options())}")
        defaults = {name: option.default for name, option in population_options().items()} | {"mode": mode}
        values = {name: converted(name, population_options()[name].type, text) for name, text in given.items()}
        return cls(values=defaults | values, replay=replay)

    def statement(self, sql: str) -> str:
        """``sql`` with the relations of :data:`RELATIONS` that it reads put before it, complete and to be run anywhere."""
        used = relations_of(sql)
        parts = [f"{name} as (\n\n    {text}\n\n)" for name, text in self._parts(used)]
        if not parts:
            return sql
        head = "with\n\n" + ",\n\n".join(parts)
        if _WITH.search(sql):
            return _WITH.sub(lambda _: head + ",\n\n", sql, count=1)
        return re.sub(r"^select", lambda _: head + "\n\nselect", sql, count=1, flags=re.MULTILINE)

    def _parts(self, used: set[str]) -> Iterator[tuple[str, str]]:
        # Where one game is looked at, the player and the replay choose that game, and no other.
        narrows = ASKED_GAME not in used
        if ASKED_GAME in used:
            yield ASKED_GAME, self._game()
        if used & {ASKED_GAMES, ASKED_PLAYERS}:
            yield ASKED_GAMES, f"select games.*\n\n    from marts.games as games{self._where(narrows=narrows)}"
        if ASKED_PLAYERS in used:
            player = literal(self.values[_CHOOSES_A_GAME])
            rows = f"\n\n    where lower({player}) in (lower(players.player_key), lower(players.name))"
            yield (
                ASKED_PLAYERS,
                "select players.*, asked_games.patch, asked_games.start_workers, asked_games.game\n\n"
                "    from marts.player_game_summary as players\n\n    inner join asked_games using (replay_id)"
                + (rows if narrows and self.values[_CHOOSES_A_GAME] is not None else ""),
            )

    def _game(self) -> str:
        if self.replay is not None:
            return f"select replay_id from marts.dim_replays where replay_id = {literal(self.replay)}"
        return f"select games.replay_id\n\n    from marts.games as games{self._where(narrows=True)}\n\n    {_LATEST}"

    def _where(self, *, narrows: bool) -> str:
        if self.replay is not None and narrows:
            return f"\n\n    where {_OF_REPLAY.format(replay=literal(self.replay))}"
        conditions = [text for option, text in self._conditions() if narrows or option.name != _CHOOSES_A_GAME]
        return "\n\n    where " + "\n        and ".join(f"({text})" for text in conditions) if conditions else ""

    def _conditions(self) -> Iterator[tuple[PopulationOption, str]]:
        for option in population_options().values():
            if (condition := option.condition(self.values[option.name])) is not None:
                yield option, condition

    def line(self, connection: "duckdb.DuckDBPyConnection") -> str:
        """One line: how many of all games were asked, what they have in common, and how many others were left out and why."""
        if self.replay is not None:
            return f"the game of replay {self.replay}, whatever its kind"
        conditions = list(self._conditions())
        cases = "".join(
            f" when not coalesce({text}, false) then {number}" for number, (_, text) in enumerate(conditions)
        )
        first_reason = f"case{cases} end" if cases else "null"
        counts = dict(
            connection.execute(
                f"select {first_reason} as reason, count(*) from marts.games as games group by reason"
            ).fetchall()
        )
        kept = counts.pop(None, 0)
        stated = ", ".join(option.statement(self.values[option.name]) for option, _ in conditions) or "all there are"
        left = ", ".join(f"{counts[number]} {conditions[number][0].left_out}" for number in sorted(counts))
        return f"{kept} of {kept + sum(counts.values())} games: {stated}" + (f"; left out: {left}" if left else "")
