"""The marts over all real replays, against their own tests, the game's own figures and sc2reader."""

import hashlib

import pytest

from sc2_pipeline.build_orders import read_game
from sc2_pipeline.replay_format.mpq import open_archive
from sc2_pipeline.sql_models import read_tests
from sc2_pipeline.warehouse.data_tests import run_tests
from sc2_pipeline_tests.marts.scripted import our_models, rows

ZVT = "Blizzard+s2protocol/2018_05_17_Z_Raphtor_VS_T_Tocon.SC2Replay"
PVZ = "ZephyrBlu+zephyrus-sc2-parser/Deathaura.SC2Replay"
LONG_PVZ = "manuelseeger+sc2-ai-coach/Equilibrium LE (84).SC2Replay"

PUBLIC = {
    "dim_replays": "replay_id sha256 base_build data_version game_version map_name duration_game_loops"
    " duration_seconds game_key is_canonical game_mode is_coop is_vs_ai played_at matchup tracker_complete",
    "fct_replay_players": "replay_id player_id name toon_handle race_actual race_requested result is_winner mmr"
    " mmr_status apm is_computer team",
    "fct_economy_snapshots": "replay_id player_id game_loop source minerals vespene minerals_per_minute"
    " vespene_per_minute worker_count supply_used supply_cap",
    "fct_unit_deaths": "replay_id unit_tag game_loop seconds clock player_id unit_type killer_player_id"
    " killer_unit_tag killer_unit_type x y is_worker is_army is_structure source",
}
"""Names that others rely on."""


@pytest.mark.parametrize("mart", PUBLIC)
def test_public_columns_keep_their_names(real_marts, mart):
    columns = [name for name, *_ in rows(real_marts, f"describe marts.{mart}")]

    assert set(PUBLIC[mart].split()) <= set(columns)


def test_every_test_of_the_marts_holds_on_every_real_replay(real_marts):
    outcomes = run_tests(real_marts, our_models(), read_tests())

    assert [outcome for outcome in outcomes if outcome.is_broken] == []


def test_only_arcade_and_coop_maps_have_units_of_nobody_in_the_lobby(real_marts):
    assert set(
        rows(
            real_marts,
            "select distinct game_mode from marts.fct_unit_deaths"
            " anti join marts.fct_replay_players using (replay_id, player_id)"
            " inner join marts.dim_replays using (replay_id)",
        )
    ) <= {("arcade",), ("coop",)}


@pytest.mark.parametrize(("race", "share"), [("Protoss", 0.99), ("Terran", 0.99), ("Zerg", 0.95)])
def test_workers_folded_from_events_are_those_the_game_counts(real_marts, race, share):
    [(samples, equal, furthest)] = rows(
        real_marts,
        f"""
        with folded as (
            select counts.replay_id, counts.player_id, counts.game_loop, sum(counts.alive_count) as workers
            from marts.fct_unit_counts as counts
            inner join marts.dim_unit_types as types on counts.unit_type = types.unit_type and types.is_worker
            group by all
        )
        select count(*), count(*) filter (workers = worker_count) / count(*), max(abs(workers - worker_count))
        from folded
        inner join marts.fct_economy_snapshots using (replay_id, player_id, game_loop)
        inner join marts.fct_replay_players using (replay_id, player_id)
        inner join marts.dim_replays using (replay_id)
        where race_actual = '{race}' and game_mode not in ('arcade', 'coop') and tracker_complete
        """,
    )

    assert samples > 5000
    assert equal >= share
    assert furthest <= 3


@pytest.mark.parametrize(("replay", "player_id", "vespene"), [(LONG_PVZ, 1, 6050), (LONG_PVZ, 2, 3725), (PVZ, 1, 1500)])
def test_army_lost_is_worth_what_the_game_says(real_marts, replay, player_id, vespene):
    # The game keeps what banelings cost that burst as friendly fire.
    replay_id = replay_id_of(real_marts, replay)
    [(lost,)] = rows(
        real_marts,
        "select sum(vespene_lost) from marts.fct_unit_deaths"
        f" where replay_id = '{replay_id}' and player_id = {player_id} and is_army",
    )
    [(said,)] = rows(
        real_marts,
        "select arg_max(vespene_lost_army + vespene_friendly_fire_army, game_loop) from marts.fct_economy_snapshots"
        f" where replay_id = '{replay_id}' and player_id = {player_id}",
    )

    assert (lost, said) == (vespene, vespene)


@pytest.mark.parametrize(
    ("replay", "player_id", "worker", "at_5_minutes"),
    [(ZVT, 2, "SCV", 38), (PVZ, 1, "Probe", 40), (LONG_PVZ, 1, "Probe", 40)],
)
def test_workers_at_five_minutes(real_marts, replay, player_id, worker, at_5_minutes):
    replay_id = replay_id_of(real_marts, replay)
    [(counted,)] = rows(
        real_marts,
        f"select alive_count from marts.fct_unit_counts where replay_id = '{replay_id}' and player_id = {player_id}"
        f" and unit_type = '{worker}' and game_loop = 6720",
    )
    [(summed,)] = rows(
        real_marts,
        f"select workers_at_5_minutes from marts.player_game_summary"
        f" where replay_id = '{replay_id}' and player_id = {player_id}",
    )

    assert (counted, summed) == (at_5_minutes, at_5_minutes)


@pytest.mark.parametrize("replay", [ZVT, PVZ, LONG_PVZ])
def test_units_are_those_sc2reader_finds(real_marts, shared_replays, replay):
    sc2reader = pytest.importorskip("sc2reader")
    theirs = sc2reader.load_replay(str(shared_replays / replay), load_level=3).objects.values()

    ours = rows(
        real_marts,
        "select unit_tag, finished_game_loop, died_game_loop from marts.fct_units"
        f" where replay_id = '{replay_id_of(real_marts, replay)}'",
    )

    assert sorted(ours) == sorted((unit.id, unit.finished_at, unit.died_at) for unit in theirs)


@pytest.mark.parametrize(
    ("unit_type", "build_time"), [("Zergling", 384), ("Overlord", 400), ("Roach", 432), ("Mutalisk", 528)]
)
def test_eggs_hatch_after_the_known_build_times(real_marts, unit_type, build_time):
    assert rows(
        real_marts,
        "select distinct finished_game_loop - started_game_loop from marts.fct_units"
        f" where start_method = 'egg' and first_unit_type = '{unit_type}'",
    ) == [(build_time,)]


def test_every_unit_that_the_solver_dates_has_its_start_everywhere(real_marts):
    [(units, protoss)] = rows(
        real_marts,
        """
        select count(*), count(*) filter (units.category = 'army' and players.race_actual = 'Protoss')
        from marts.fct_units as units
        inner join marts.fct_build_orders as steps using (replay_id, unit_tag, finished_game_loop)
        inner join marts.fct_replay_players as players on steps.replay_id = players.replay_id
            and steps.player_id = players.player_id
        where steps.started_game_loop = units.started_game_loop and steps.start_method = units.start_method
            and steps.start_error_game_loops = units.start_error_game_loops
        """,
    )

    assert (
        rows(
            real_marts,
            """
        select steps.kind, steps.start_method, units.start_method, count(*)
        from marts.fct_units as units
        inner join marts.fct_build_orders as steps using (replay_id, unit_tag, finished_game_loop)
        where steps.started_game_loop is not null and steps.started_game_loop <= steps.finished_game_loop
            and (steps.started_game_loop, steps.start_method, steps.start_error_game_loops)
            is distinct from (units.started_game_loop, units.start_method, units.start_error_game_loops)
        group by all
        """,
        )
        == []
    )
    assert units > 50_000
    assert protoss > 5_000


def test_no_real_game_goes_on_after_the_departure_that_decides_it(real_marts, shared_replays):
    ends, departures = [], 0
    for path in sorted(shared_replays.rglob("*.[sS][cC]2[rR]eplay")):
        known = rows(
            real_marts,
            "select duration_game_loops, recording_game_loops from marts.dim_replays"
            f" where replay_id = '{hashlib.sha256(path.read_bytes()).hexdigest()[:16]}'"
            " and game_mode = '1v1' and duration_known_by = 'statistics'",
        )
        if not known:
            continue
        record = read_game(open_archive(path))
        left = [one.game_loop for one in record.events.leaves if one.user_id in record.player_of_user]
        [(length, recording)] = known
        ends.append(length)
        assert length <= recording
        if left:
            # A side may lose all it has before anybody leaves.
            assert length <= min(left)
            departures += length == min(left)

    assert len(ends) > 100
    assert departures > 0.8 * len(ends)


def test_game_data_know_what_ladder_players_make(real_marts):
    unknown = rows(
        real_marts,
        "select distinct unit_type from intermediate.int_unit_types"
        " inner join marts.dim_replays using (replay_id)"
        " where game_mode in ('1v1', '2v2', '4v4') and not is_known and base_build >= 70000",
    )

    assert {name for (name,) in unknown} <= {"InterceptorFree", "LocustMPFlyer"}


def replay_id_of(marts, replay: str) -> str:
    """The replay of that file."""
    [(replay_id,)] = marts.execute(
        "select replay_id from marts.dim_replays where file_name = ?", [replay.rpartition("/")[2]]
    ).fetchall()
    return str(replay_id)
