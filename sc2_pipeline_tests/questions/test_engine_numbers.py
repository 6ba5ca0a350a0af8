"""Questions that only the game can answer, over a few rows as the game would give them."""

import pytest

from sc2_pipeline.warehouse.relations import drop_relation
from sc2_pipeline_tests.marts.scripted import marts_of
from sc2_pipeline_tests.questions.test_numbers import answer, pvz

REPLAY = "a" * 16


@pytest.fixture
def observed():
    """A game of which the engine saw two observations of player 1."""
    game = pvz(duration_game_loops=3_000)
    game.born(0, 1, "Nexus", x=20.0, y=20.0).born(0, 2, "Hatchery", 2, x=90.0, y=90.0).init(900, 3, "Spire", 2)
    game.init(1500, 4, "PhotonCannon")
    for player_id in (1, 2):
        game.sample(1344, player_id, minerals_used_current_army=400)
    marts = marts_of(game)
    # What stays in Parquet is a view over no file here; a table of its columns stands in.
    for table in ("unit_snapshots", "unit_sightings", "unit_buffs", "player_snapshots", "unit_passengers", "actions"):
        marts.execute(f"create temp table rows as from raw.{table} limit 0")
        drop_relation(marts, f"raw.{table}")
        marts.execute(f"create table raw.{table} as from rows")
        marts.execute("drop table rows")
    return marts


def put(marts, table: str, **values: object) -> None:
    values = {"replay_id": REPLAY, "source": "sc2", **values}
    places = ", ".join("?" for _ in values)
    marts.execute(f"insert into raw.{table} ({', '.join(values)}) values ({places})", list(values.values()))


def unit(marts, game_loop: int, unit_type: str, **values: object) -> None:
    known = {
        "pass_player_id": 1,
        "player_id": 1,
        "unit_tag": 1,
        "repeat_index": 0,
        "is_fogged": True,
        "build_progress": 1.0,
    }
    put(marts, "unit_snapshots", game_loop=game_loop, unit_type=unit_type, **{**known, **values})


def test_saturation_and_the_share_on_gas(observed):
    for loop, minerals, gas in ((1344, 12, 3), (1352, 20, 1)):
        unit(observed, loop, "Nexus", assigned_harvesters=minerals, ideal_harvesters=16)
        unit(observed, loop, "Assimilator", unit_tag=5, assigned_harvesters=gas, ideal_harvesters=3)

    assert answer(observed, "saturation") == [(1, "gas", 2, 2.0, 3.0, 0.67), (1, "town hall", 2, 16.0, 16.0, 1.0)]
    assert answer(observed, "gas_share") == [(1, 16.0, 2.0, 0.111)]


def test_energy_and_idle_production(observed):
    unit(observed, 1344, "HighTemplar", energy=50.0, energy_max=200.0)
    unit(observed, 1352, "HighTemplar", energy=200.0, energy_max=200.0)
    unit(observed, 1344, "Gateway", unit_tag=6, is_active=True)
    unit(observed, 1352, "Gateway", unit_tag=6, is_active=False)

    assert answer(observed, "caster_energy") == [("High Templar", 2, 125.0, 0.5)]
    assert answer(observed, "idle_production") == [("Gateway", 2, 0.5)]


def test_exact_totals_and_idle_workers_are_those_of_the_last_observation(observed):
    for loop, collected, idle in ((1344, 900.0, 5.0), (2800, 2500.0, 11.5)):
        put(
            observed,
            "player_snapshots",
            pass_player_id=1,
            player_id=1,
            game_loop=loop,
            minerals_collected=collected,
            vespene_collected=100.0,
            minerals_spent=800.0,
            vespene_spent=50.0,
            idle_worker_time=idle,
            idle_worker_count=2,
            **{
                f"{what}_lost_{part}": 10.0
                for what in ("minerals", "vespene")
                for part in ("army", "economy", "technology")
            },
        )

    assert answer(observed, "exact_totals") == [(REPLAY, "Ann", 2500.0, 100.0, 800.0, 50.0, 60.0)]
    assert answer(observed, "idle_workers") == [(REPLAY, "Ann", 11.5, 2)]


def test_what_was_seen_when_and_what_followed(observed):
    seen = {"pass_player_id": 1, "player_id": 2, "unit_tag": 3, "repeat_index": 0, "unit_type": "Spire"}
    put(observed, "unit_sightings", game_loop=1100, display_type="snapshot", **seen)
    put(observed, "unit_sightings", game_loop=1344, display_type="visible", **seen)
    put(
        observed,
        "unit_sightings",
        game_loop=1400,
        display_type="visible",
        **{**seen, "unit_type": "Roach", "unit_tag": 9},
    )

    assert answer(observed, "first_seen") == [(REPLAY, "Ann", "Spire", "1:00")]
    # Begun at 900, seen at 1344: 444 game loops. The cannon is begun 156 later.
    assert answer(observed, "tech_scouted") == [(REPLAY, "Ann", "Spire", "0:40", "1:00", 19.8)]
    assert answer(observed, "reaction_times", seen="Spire", response="PhotonCannon") == [
        (REPLAY, "Ann", "1:00", "1:06", 7.0)
    ]
    # A roach is worth 100 of an army of 400.
    assert answer(observed, "army_known")[-1] == (REPLAY, "Ann", 1, 100, 400, 0.25)


def test_injects_are_a_share_of_the_hatcheries_time(observed):
    for loop in (1344, 1352, 1360, 1368):
        unit(observed, loop, "Hatchery", pass_player_id=2, player_id=2, unit_tag=2)
    put(
        observed,
        "unit_buffs",
        pass_player_id=2,
        game_loop=1352,
        unit_tag=2,
        repeat_index=0,
        buff="QueenSpawnLarvaTimer",
    )

    assert answer(observed, "injects") == [(REPLAY, "Bob", 4, 0.25)]


def test_boosts_are_counted_by_what_was_boosted(observed):
    for loop, is_active, buff in ((1344, True, "ChronoBoostEnergyCost"), (1352, False, "TimeWarpProduction")):
        unit(observed, loop, "Gateway", unit_tag=6, is_active=is_active)
        put(observed, "unit_buffs", pass_player_id=1, game_loop=loop, unit_tag=6, repeat_index=0, buff=buff)
    unit(observed, 1360, "Gateway", unit_tag=6, is_active=True)

    assert answer(observed, "chrono_targets") == [("Gateway", 2, 0.5)]


def test_a_scan_is_no_attack_move(observed):
    unit(observed, 1344, "OrbitalCommand", energy=50.0, energy_max=200.0)
    said = ("Effect CalldownMULE", "Effect CalldownMULE", "Effect Scan", "Scan Move", "Effect Repair Mule")
    for number, ability in enumerate(said):
        put(observed, "actions", pass_player_id=1, game_loop=1344, action_index=number, ability=ability)

    assert answer(observed, "orbital_energy") == [(REPLAY, "Ann", 50.0, 2, 1, 0)]
