"""The audit: silent on sound games, and each check seen to find what it is for."""

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from sc2_pipeline.errors import ContractError, SettingsError
from sc2_pipeline.sql_models import chosen_audit_checks, read_audit_checks
from sc2_pipeline.warehouse.audit import audit
from sc2_pipeline.warehouse.declared import make_declared_tables
from sc2_pipeline.warehouse.relations import drop_relation
from sc2_pipeline_tests.conftest import PROJECT
from sc2_pipeline_tests.marts.scripted import Game, built_marts, raw_tables, rows

FIRST, COPY, OTHER, OLD, RESUMED = (letter * 16 for letter in "abcde")
CHECKS = [check.name for check in read_audit_checks()]


def _game(replay_id: str, **replay) -> Game:
    """A 1v1 in which both players gather 1,000 minerals a minute for six minutes, and a Gateway makes a Stalker."""
    facts = {"game_mode_known_by": "starts", "random_seed": 7, "first_game_loop": 0, "duration_game_loops": 8064}
    game = Game(replay_id, **{**facts, **replay})
    game.player(1, "protoss", result="victory", name="Ann", toon_handle="2-S2-1-1")
    game.player(2, "zerg", result="defeat", name="Bob", toon_handle="2-S2-1-2")
    game.born(0, 1, "Nexus").born(0, 2, "Probe").born(0, 11, "Hatchery", 2).born(0, 12, "Drone", 2)
    game.init(500, 3, "Gateway").born(700, 6, "Probe", creator_unit_tag=1).done(1500, 3)
    game.init(1600, 4, "CyberneticsCore").done(2400, 4).init(2500, 5, "Stalker").done(3000, 5).died(7000, 12, 1)
    game.step(1, "structure", "Gateway", 500, finished_game_loop=1500, unit_tag=3)
    game.step(1, "unit", "Probe", 428, finished_game_loop=700, unit_tag=6, producer_unit_tag=1)
    game.step(1, "structure", "CyberneticsCore", 1600, finished_game_loop=2400, unit_tag=4)
    game.step(1, "warp_in", "Stalker", 2500, finished_game_loop=3000, unit_tag=5)
    rate = 1000 if game.rows["replays"][0]["base_build"] >= 41743 else round(1000 * 960 / 1344)
    for game_loop in range(0, 8065, 160):
        for player_id in (1, 2):
            stats = {"minerals_current": round(game_loop * 1000 / 1344), "minerals_collection_rate": rate}
            game.sample(game_loop, player_id, **stats)
    return game


@pytest.fixture(scope="module")
def built() -> duckdb.DuckDBPyConnection:
    """A game that both players saved, another one of the same people, one of 2013, and one that was resumed."""
    connection = built_marts(
        raw_tables(
            _game(FIRST),
            _game(COPY, game=FIRST, duration_game_loops=8060),
            _game(OTHER, random_seed=8),
            _game(OLD, random_seed=9, base_build=24944),
            _game(RESUMED, random_seed=10).taken_over(4000),
        )
    )
    make_declared_tables(connection)
    return connection


@pytest.fixture
def marts(built) -> Iterator[duckdb.DuckDBPyConnection]:
    """The same, for a test to damage."""
    built.begin()
    yield built
    built.rollback()


def _spoil(connection: duckdb.DuckDBPyConnection, relation: str, change: str) -> None:
    """Makes a table of a relation, so that its rows can be wrong whatever they come from, and changes it."""
    connection.execute(f"create or replace temp table kept as from {relation}")
    drop_relation(connection, relation)
    connection.execute(f"create table {relation} as from kept")
    connection.execute(f"{change.format(relation=relation)}")


def _outcome(connection: duckdb.DuckDBPyConnection, name: str):
    [outcome] = audit(connection, chosen_audit_checks((name,)))
    return outcome


def test_sound_games_have_no_unexplained_finding(marts):
    outcomes = list(audit(marts, read_audit_checks()))

    assert {outcome.check.name: outcome.examples for outcome in outcomes if outcome.unexplained} == {}
    assert {outcome.check.name for outcome in outcomes if not outcome.looked_at} == {"games_held_apart"}


DAMAGE = {
    "clocks_agree": [
        ("marts.fct_build_orders", "update {relation} set started_seconds = started_seconds * 1.4"),
        ("marts.fct_build_orders", "update {relation} set clock_speed = 'normal'"),
    ],
    "counters_below_zero": [
        ("marts.fct_economy_snapshots", "update {relation} set army_value = -5"),
        ("marts.fct_player_minutes", "update {relation} set avg_army_value = -5"),
        ("marts.player_game_summary", "update {relation} set resources_lost_economy = -5"),
        ("intermediate.int_state_vectors", "update {relation} set opponent_army_value = -5"),
    ],
    "games_counted_once": [
        ("marts.dim_replays", "update {relation} set is_canonical = true"),
        ("marts.games", "insert into {relation} from {relation} limit 1"),
        ("marts.games", f"delete from {{relation}} where replay_id = '{OTHER}'"),
    ],
    "games_held_apart": [
        (
            "intermediate.int_recordings",
            "update {relation} set game_known_by = 'tracker_events'",
            "marts.dim_replays",
            "update {relation} set random_seed = 7",
        ),
        (
            "intermediate.int_recordings",
            "update {relation} set game_events_bytes = 100",
            "marts.dim_replays",
            "update {relation} set random_seed = 7",
        ),
    ],
    "games_joined": [
        ("marts.dim_replays", f"update {{relation}} set random_seed = 5 where replay_id = '{FIRST}'"),
        ("marts.fct_replay_players", f"update {{relation}} set toon_handle = '2-S2-1-9' where replay_id = '{FIRST}'"),
    ],
    "incomes_equal_gathered": [
        ("marts.fct_economy_snapshots", "update {relation} set minerals_per_minute = minerals_per_minute * 1.4"),
    ],
    "lengths_end_with_the_play": [
        ("marts.games", "update {relation} set duration_game_loops = 302400"),
    ],
    "maps_held_apart": [
        ("marts.dim_replays", f"update {{relation}} set map_key = 'another' where replay_id = '{OTHER}'"),
    ],
    "mart_tests_hold": [
        (
            "ops.mart_test_failures",
            f"insert into {{relation}} values ('{FIRST}', null, 'units_live_forwards', '1 row', now())",
        ),
    ],
    "mode_evidence": [
        ("marts.dim_replays", "update {relation} set game_mode_known_by = null"),
        ("marts.dim_replays", "update {relation} set game_mode = '2v2'"),
        ("marts.fct_replay_players", "update {relation} set side = 'team 0'"),
    ],
    "one_winner": [
        ("marts.fct_replay_players", "update {relation} set result = 'victory', is_winner = true"),
        (
            "marts.fct_replay_players",
            "update {relation} set result = 'undecided', is_winner = null where player_id = 2",
        ),
    ],
    "players_have_units": [
        ("marts.fct_units", "update {relation} set player_id = 8 where player_id = 2"),
        ("marts.fct_units", "delete from {relation} where player_id = 2"),
    ],
    "ratings_are_possible": [
        ("marts.fct_replay_players", "update {relation} set mmr = 2147483647"),
        ("marts.fct_replay_players", "update {relation} set mmr = 0"),
        ("marts.fct_replay_players", "update {relation} set apm = 0"),
    ],
    "regions_of_people": [
        ("marts.fct_replay_players", "update {relation} set toon_handle = '44-S2-1-1'"),
    ],
    "results_of_sides": [
        ("marts.fct_replay_players", "update {relation} set result = 'victory'"),
        ("marts.fct_replay_players", "update {relation} set side = 'team 0'"),
    ],
    "resumed_games": [
        ("marts.dim_replays", "update {relation} set is_resumed = false"),
        ("marts.dim_replays", f"update {{relation}} set continues_replay_id = '{OTHER}' where replay_id = '{FIRST}'"),
    ],
    "shares_of_something": [
        ("marts.fct_economy_snapshots", "delete from {relation} where player_id = 2"),
        ("marts.fct_economy_snapshots", "delete from {relation} where game_loop > 300"),
        ("marts.player_game_summary", "update {relation} set spending_quotient = 'inf'"),
    ],
    "starts_after_producers": [
        ("marts.fct_units", "update {relation} set finished_game_loop = 600 where unit_type = 'Nexus'"),
    ],
    "starts_equal": [
        ("marts.fct_units", "update {relation} set started_game_loop = started_game_loop + 1"),
    ],
    "technology_before_units": [
        ("marts.fct_units", "update {relation} set finished_game_loop = 3100 where unit_type = 'CyberneticsCore'"),
        ("marts.fct_units", "update {relation} set player_id = 2 where unit_type = 'CyberneticsCore'"),
    ],
    "units_equal": [
        ("marts.fct_build_orders", "delete from {relation} where item = 'Stalker'"),
        ("marts.fct_build_orders", "update {relation} set unit_count = 2"),
    ],
    "unknown_is_not_zero": [
        ("marts.fct_units", "update {relation} set kill_count = 0"),
        ("marts.player_game_summary", "update {relation} set effective_supply_blocked_seconds = 0"),
        (
            "marts.fct_effective_supply_blocks",
            f"insert into {{relation}} by name select '{OLD}' as replay_id, 'tracker' as source, false as is_effective",
        ),
    ],
}
"""By check: damages, each as relations and the changes of their rows, of which the check has to find every one."""

FACTS = {
    "games_joined": ("intermediate.int_recordings", "update {relation} set game_events_bytes = 100"),
    "counters_below_zero": ("marts.fct_economy_snapshots", "update {relation} set minerals_lost_army = -5"),
    "recordings_known_by_little": ("intermediate.int_recordings", "update {relation} set game_known_by = 'alone'"),
    "streams_are_whole": ("marts.dim_replays", "update {relation} set tracker_complete = false, tracker_fault = 'cut'"),
    "mode_evidence": ("marts.dim_replays", "update {relation} set game_mode_known_by = 'teams'"),
    "one_winner": ("marts.fct_replay_players", "update {relation} set result = 'undecided', is_winner = null"),
    "lengths_end_with_the_play": (
        "marts.dim_replays",
        "update {relation} set tracker_complete = false",
        "marts.games",
        "update {relation} set duration_game_loops = 302400",
    ),
}
"""By check: facts of the data, which it has to find and to explain."""


def test_every_check_is_seen_to_find_something():
    assert sorted({*DAMAGE, *FACTS}) == CHECKS


@pytest.mark.parametrize(
    ("name", "damage"),
    [(name, damage) for name, damages in DAMAGE.items() for damage in damages],
    ids=[f"{name}-{number}" for name, damages in DAMAGE.items() for number in range(len(damages))],
)
def test_a_damage_is_found_and_not_explained(marts, name, damage):
    for relation, change in zip(damage[::2], damage[1::2], strict=True):
        _spoil(marts, relation, change)

    outcome = _outcome(marts, name)

    assert outcome.verdict == "unexplained"
    assert outcome.looked_at >= outcome.findings >= outcome.unexplained > 0
    assert not outcome.examples[0].is_explained


@pytest.mark.parametrize("name", FACTS)
def test_a_fact_is_found_and_explained(marts, name):
    fact = FACTS[name]
    for relation, change in zip(fact[::2], fact[1::2], strict=True):
        _spoil(marts, relation, change)

    outcome = _outcome(marts, name)

    assert outcome.verdict == "explained"
    assert outcome.examples
    assert all(example.is_explained for example in outcome.examples)


def test_a_finding_names_file_and_game(marts):
    _spoil(marts, "marts.games", f"update {{relation}} set duration_game_loops = 302400 where replay_id = '{OTHER}'")

    [example] = _outcome(marts, "lengths_end_with_the_play").examples

    [(file_name, game_key)] = rows(marts, f"select file_name, game_key from marts.games where replay_id = '{OTHER}'")
    assert (example.replay_id, example.file_name, example.game_key) == (OTHER, file_name, game_key)
    assert example.finding == "is 225:00 long, and its last statistics are of 5:57"


def test_examples_are_as_many_as_asked_for_and_those_without_an_explanation_first(marts):
    _spoil(
        marts,
        "marts.dim_replays",
        f"update {{relation}} set game_mode_known_by = if(replay_id = '{OLD}', null, 'teams')",
    )
    checks = chosen_audit_checks(("mode_evidence",))

    by_number = {number: next(iter(audit(marts, checks, examples=number))).examples for number in (0, 1, 50)}

    assert {number: len(examples) for number, examples in by_number.items()} == {0: 0, 1: 1, 50: 5}
    assert [example.replay_id for example in by_number[1]] == [OLD]


def test_an_unknown_check_is_refused_with_the_names_there_are():
    with pytest.raises(SettingsError, match=r"no audit check openings; there are clocks_agree, "):
        chosen_audit_checks(("openings",))


def test_a_check_without_all_its_parts_is_refused(tmp_path: Path):
    (tmp_path / "audit").mkdir()
    (tmp_path / "audit" / "nothing.sql").write_text("-- Looks at: games\nselect 1 as one\n", encoding="utf-8")

    with pytest.raises(ContractError, match=r"nothing.sql does not begin with -- Looks at: \.\.\., -- Explained in: "):
        read_audit_checks(tmp_path)


@pytest.mark.parametrize("check", read_audit_checks(), ids=CHECKS)
def test_every_check_leads_to_a_section_that_is_there(check):
    page, _, section = check.explained_in.partition("#")
    headings = re.findall(r"^#+ (.*)$", (PROJECT / "docs" / page).read_text(encoding="utf-8"), re.MULTILINE)

    assert not section or section in {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
