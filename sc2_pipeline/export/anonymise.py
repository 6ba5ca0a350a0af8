"""Anonymisation of exported rows, by the type of a column: text is left out unless it is known to be the game's own, and
moments keep their day."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from sc2_pipeline.durable_files import whole_file
from sc2_pipeline.errors import SettingsError
from sc2_pipeline.game import GAME_LOOPS_PER_MINUTE
from sc2_pipeline.population import Population, population_options

ACCOUNTS = frozenset({"toon_handle", "partner_toon_handle", "player_key", "opponent_player_key"})
NAMES = frozenset({"name", "partner_name", "opponent_name", "winner", "loser"})
NAME_LISTS = frozenset({"names_seen", "players"})
KEYS = frozenset({"replay_id", "game_key", "continues_replay_id"})
"""Texts that identify a person or a file and become pseudonyms; a name means the same in every table (HOUSE_RULES)."""

# fmt: off
GAME_TEXTS = frozenset({
    "ai_difficulty", "attributes", "base_unit_type", "canonical_by", "category", "clock", "clock_speed", "color",
    "commander", "commanders", "composition_before", "data_version", "definition", "died_known_by", "difficulty",
    "difficulty_known_by", "display_name", "duration_known_by", "end_reason", "finish_method", "first_unit_type",
    "from_unit_type", "game_known_by", "game_mode", "game_mode_known_by", "game_speed", "game_version", "item",
    "killer_side", "killer_unit_type", "kind", "known_by", "last_unit_type", "left_out_by", "made_of", "map_hash",
    "map_key", "map_name", "map_names_seen", "map_title", "map_version_key", "mastery_points", "matchup",
    "mission", "mmr_status", "mutators_known_by", "opener", "opening_key", "opponent_race_actual", "outcome", "patch",
    "pathing_grid_pixels", "placement_grid_pixels", "plan", "player_join", "prestige", "producer_ability",
    "producer_unit_type", "race", "race_actual", "race_letter", "race_requested", "races", "recipient",
    "recorded_in",
    "region", "result", "side", "source", "split", "start_locations", "start_method", "statistic",
    "target_unit_type", "terrain_height_pixels", "to_unit_type", "unit", "unit_type", "upgrade",
    "upgrades_before", "value", "weapons", "winner_side",
})
# fmt: on
"""Texts (and images) that are the game's or ours and tell of nobody. Whatever text is not named here is left out."""

FILE_NUMBERS = frozenset({"file_bytes", "random_seed"})
"""Numbers that single out a file without telling anything of the game."""

RATINGS, RATING_LIST = frozenset({"mmr", "opponent_mmr"}), "ratings"
LENGTHS = frozenset({"duration_game_loops", "duration_seconds", "duration_minutes", "duration_normal_seconds"})
RECORDINGS = frozenset({"recording_game_loops", "recording_seconds", "tracker_event_count", "resumed_at_game_loop"})
MAPS = frozenset({"map_hash", "map_key", "map_name", "map_names_seen", "map_title", "map_version_key", "mission"})

COARSE_TABLES = (
    "dim_replays",
    "dim_unit_types",
    "fct_coop_players",
    "fct_replay_players",
    "games",
    "player_game_summary",
)
"""Tables without a place on the map or a moment of the game, which would tell the map and the length again."""

RATING_STEP = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Anonymity:
    """How much is taken out of the rows. Raises SettingsError where an option needs another.

    ``is_anonymous``: people and files are pseudonyms, the same in every table and every export of a home. ``is_unlinkable``:
    a person has another pseudonym in every game, and ratings are rounded to 100. ``is_coarse``: lengths are rounded up
    to minutes, dates to months, and maps and tables of events are left out.
    """

    is_anonymous: bool = False
    is_unlinkable: bool = False
    is_coarse: bool = False

    def __post_init__(self) -> None:
        if (self.is_unlinkable or self.is_coarse) and not self.is_anonymous:
            raise SettingsError("--unlinkable and --coarse are about anonymous datasets; give --anonymise too")

    def check(self, population: Population) -> None:
        """Raises SettingsError for an option that chooses games by what the dataset leaves out, since its card says how they were chosen."""
        told = ["player"] * self.is_anonymous + ["map", "since", "until_date"] * self.is_coarse
        if given := [population_options()[name].flag for name in told if population.values[name] is not None]:
            raise SettingsError(
                f"{', '.join(given)} would tell what the dataset is to leave out; choose games by other options"
            )


def salt_of(home: Path) -> str:
    """The home's secret salt, created at the first export. Later exports give the same pseudonyms, and nobody can
    reverse them without the file."""
    path = home / "anonymise.salt"
    if not path.is_file():
        with whole_file(path) as partial:
            partial.touch(0o600)
            partial.write_text(secrets.token_hex(32), encoding="utf-8")
    return path.read_text(encoding="utf-8").strip()


def anonymous_columns(columns: Mapping[str, str], anonymity: Anonymity, salt: str, *, game: str) -> str:
    """The select list over ``columns`` (name to type) that returns the same columns anonymised.

    ``game``: SQL for the key of the row's game, which makes its people's pseudonyms its own if they are unlinkable.
    """
    people = f"'{salt}' || {game}" if anonymity.is_unlinkable else f"'{salt}'"
    return ", ".join(
        f'{_expression(name, kind, anonymity, people=people, files=salt)} as "{name}"' for name, kind in columns.items()
    )


def anonymous_rows(rows: pa.Table, anonymity: Anonymity, salt: str) -> pa.Table:
    """Rows without names, as of a training set: their replays and games have the pseudonyms of the home's anonymous datasets,
    and ratings are rounded as there."""
    for name in KEYS & set(rows.column_names):
        keys = rows.column(name).to_pylist()
        known = {key: hashlib.md5(f"{salt}{key}".encode()).hexdigest()[:16] for key in set(keys)}
        rows = rows.set_column(rows.column_names.index(name), name, pa.array([known[key] for key in keys], pa.string()))
    for name in RATINGS & set(rows.column_names) if anonymity.is_unlinkable else ():
        ratings = rows.column(name)
        rounded = pc.multiply(pc.round(pc.divide(pc.cast(ratings, pa.float64()), RATING_STEP)), RATING_STEP)
        rows = rows.set_column(rows.column_names.index(name), name, pc.cast(rounded, ratings.type))
    return rows


def unclassified(columns: Mapping[str, str]) -> Sequence[str]:
    """Columns of text that are in none of the sets above: they are left out, and somebody should decide on them."""
    known = ACCOUNTS | NAMES | NAME_LISTS | KEYS | GAME_TEXTS
    return [name for name, kind in columns.items() if _tells_text(kind) and name not in known]


def _tells_text(kind: str) -> bool:
    """Whether a type holds text or bytes, in a list, a struct or a map too."""
    return "VARCHAR" in kind or "BLOB" in kind


def _expression(name: str, kind: str, anonymity: Anonymity, *, people: str, files: str) -> str:
    quoted, nothing = f'"{name}"', f"null::{kind}"
    made = {
        **dict.fromkeys(KEYS, f"left(md5('{files}' || {quoted}), 16)"),
        **dict.fromkeys(ACCOUNTS, _pseudonym(quoted, "account-", people)),
        **dict.fromkeys(NAMES, _pseudonym(quoted, "player-", people)),
        **dict.fromkeys(NAME_LISTS, f"list_transform({quoted}, lambda one: {_pseudonym('one', 'player-', people)})"),
        **dict.fromkeys(FILE_NUMBERS, nothing),
    }
    if anonymity.is_unlinkable:
        made["continues_replay_id"] = nothing
        made |= dict.fromkeys(RATINGS, f"{_rounded(quoted)}::{kind}")
        made[RATING_LIST] = f"list_transform({quoted}, lambda one: {_rounded('one')}::integer)"
    if anonymity.is_coarse:
        made |= dict.fromkeys(MAPS | RECORDINGS, nothing)
        made |= {length: _whole_minutes(length, kind) for length in LENGTHS}
    if kind.startswith(("TIMESTAMP", "DATE")):
        return f"date_trunc('{'month' if anonymity.is_coarse else 'day'}', {quoted})::{kind}"
    return made.get(name, nothing if _tells_text(kind) and name not in GAME_TEXTS else quoted)


def _rounded(rating: str) -> str:
    return f"(round({rating} / {RATING_STEP}) * {RATING_STEP})"


def _pseudonym(value: str, prefix: str, salt: str) -> str:
    return f"if({value} is null, null, '{prefix}' || left(md5({salt} || {value}), 12))"


def _whole_minutes(name: str, kind: str) -> str:
    """A length rounded up to minutes of game time, in the column's unit."""
    minute = {"duration_game_loops": GAME_LOOPS_PER_MINUTE, "duration_minutes": 1, "duration_normal_seconds": 84}.get(
        name, 60
    )
    return f'(ceil("{name}" / {minute}) * {minute})::{kind}'
