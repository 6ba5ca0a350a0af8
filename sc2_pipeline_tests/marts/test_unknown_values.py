"""Games in which a value is unknown are in no average or share of it: every question is asked of a mixed home."""

from collections.abc import Iterator, Mapping

import pytest

from sc2_pipeline.questions import Question, bound_values, read_questions, statement_of
from sc2_pipeline_tests.marts.extracted import marts_of_files

_TWIN = "'x' || substr(replay_id, 2)"
_GAMES = ("2.0.8", "patch_4", "patch_5", "CN_ZVP", "US_TVP", "2018", "CoA")

_STATISTICS = "spending_quotient, spending_quotient_before_max, average_income, average_unspent, median_unspent, workers_at_5_minutes, supply_blocked_seconds, supply_block_count, effective_supply_blocked_seconds"
_FRIENDLY_FIRE = ", ".join(
    f"{what}_friendly_fire_{of}" for what in ("minerals", "vespene") for of in ("army", "economy", "technology")
)
_UNKNOWN: Mapping[str, Mapping[str, str | None]] = {
    "killing units": {
        "marts.fct_units": "kill_count, minerals_killed, vespene_killed, killer_unit_tag",
        "marts.fct_unit_deaths": "killer_unit_tag, killer_unit_type",
    },
    "makers": {
        "marts.fct_units": "producer_unit_tag, producer_unit_type, producer_ability",
        "marts.fct_effective_supply_blocks": "is_effective",
        "intermediate.int_player_games": "effective_supply_blocked_seconds",
    },
    "friendly fire": {"marts.fct_economy_snapshots": _FRIENDLY_FIRE},
    "ratings": {"intermediate.int_player_games": "mmr", "marts.fct_replay_players": "mmr"},
    "actions": {"intermediate.int_player_games": "apm", "marts.fct_replay_players": "apm"},
    "results": {
        "intermediate.int_player_games": "is_winner, result",
        "marts.fct_replay_players": "is_winner, result",
    },
    "statistics": {
        "marts.fct_economy_snapshots": None,
        "marts.fct_player_minutes": None,
        "marts.fct_worker_timings": None,
        "marts.fct_supply_blocks": None,
        "marts.fct_effective_supply_blocks": None,
        "intermediate.int_player_games": _STATISTICS,
        "marts.fct_battle_players": "army_value_before, army_value_after",
    },
    "starts": {"marts.fct_units": "started_game_loop", "marts.fct_build_orders": None},
}
"""What a build or a file may not tell: columns that are then NULL, by table; a table without them has then no rows."""


@pytest.fixture(scope="module")
def mixed(shared_replays):
    """Games, and a twin of each with another key; and what the questions answered before there were twins."""
    files = sorted(shared_replays.rglob("*.[sS][cC]2[rR]eplay")) + sorted(
        (shared_replays.parent / "cases/older").glob("*")
    )
    chosen = [path for path in files if path.name.startswith(_GAMES) and path.suffix.lower() == ".sc2replay"]
    connection = marts_of_files(chosen)
    alone = {question.name: _answer(connection, question) for question in _asked()}
    for table, columns in _tables_of_replays(connection):
        key = ", 'x' || substr(game_key, 2) as game_key" if "game_key" in columns else ""
        connection.execute(f"insert into {table} select * replace ({_TWIN} as replay_id{key}) from {table}")
    return connection, alone, {question.name: _answer(connection, question) for question in _asked()}


@pytest.mark.slow
@pytest.mark.parametrize("unknown", _UNKNOWN)
def test_games_in_which_it_is_unknown_change_no_average_and_no_share(mixed, unknown):
    """What a twin of every game leaves as it is, is an average or a share; a twin that doesn't tell must leave it too."""
    connection, alone, doubled = mixed
    connection.execute("begin")
    try:
        for table, columns in _UNKNOWN[unknown].items():
            nothing = ", ".join(f"{column} = null" for column in columns.split(", ")) if columns else None
            change = f"update {table} set {nothing}" if nothing else f"delete from {table}"
            connection.execute(f"{change} where starts_with(replay_id, 'x')")
        found = {question.name: _answer(connection, question) for question in _asked()}
    finally:
        connection.execute("rollback")

    changed = []
    compared = 0
    for name, rows in alone.items():
        keys = _key_columns(rows, doubled[name], found[name])
        twice, now = ({row[:keys]: row for row in answer} for answer in (doubled[name], found[name]))
        for row in rows:
            both, told = twice.get(row[:keys]), now.get(row[:keys])
            # Where a rating is unknown, a twin without one belongs.
            if both is None or told is None or {"unknown", "unrated"} & set(row):
                continue
            for value, with_twin, with_unknown in zip(row[keys:], both[keys:], told[keys:], strict=True):
                if value is not None and value == with_twin:
                    compared += 1
                    if with_unknown != value:
                        changed.append((name, row, told))

    assert compared > 1_000
    assert changed == [], changed[:9]


def _asked() -> Iterator[Question]:
    return (q for q in read_questions() if q.answered_from != "engine" and not q.is_about_one_game)


def _answer(connection, question: Question) -> list[tuple]:
    return connection.execute(statement_of(question, bound_values(question, {}))).fetchall()


def _key_columns(*answers: list[tuple]) -> int:
    """How many of the first columns tell the rows of an answer apart."""
    width = max((len(row) for rows in answers for row in rows), default=0)
    fitting = (n for n in range(width + 1) if all(len({row[:n] for row in rows}) == len(rows) for rows in answers))
    return next(fitting, width)


def _tables_of_replays(connection) -> list[tuple[str, set[str]]]:
    rows = connection.execute(
        "select table_schema || '.' || table_name, list(column_name) from information_schema.columns"
        " inner join information_schema.tables using (table_schema, table_name)"
        " where table_type = 'BASE TABLE' and table_schema in ('raw', 'intermediate', 'marts') group by all"
    ).fetchall()
    return [(table, set(columns)) for table, columns in rows if "replay_id" in columns]
