"""Files of made-up games, as clients and tools make them."""

from dataclasses import replace

import pytest

from sc2_pipeline.tables import RAW_TABLES
from sc2_pipeline_demo import synthetic
from sc2_pipeline_demo.synthetic.members.details import header_bytes
from sc2_pipeline_tests.identity.recordings import (
    GAME_EVENTS,
    TRACKER,
    extracted,
    games,
    grouped,
    member,
    repacked,
    standing,
)
from sc2_pipeline_tests.marts.scripted import built_marts

LOOPS = 1_600


@pytest.fixture(scope="module")
def script():
    return synthetic.ladder_game(3, game_loops=LOOPS)


@pytest.fixture(scope="module")
def saved(script):
    return synthetic.replay_bytes(script)


def written(script, **changes) -> bytes:
    return synthetic.replay_bytes(replace(script, **changes))


def test_both_players_files_are_of_one_game_whatever_their_clocks_say(script, saved):
    other = written(script, saved_by=2, played_at=script.played_at.replace(year=2013))

    told = games({"one": saved, "other": other})

    assert grouped(told) == [{"one", "other"}]
    assert standing(told) == {"other": "duration_game_loops"}


def test_a_localised_coop_twin_is_of_its_game():
    english = synthetic.coop_game(5, game_loops=LOOPS)
    names = {True: "전투순양함", False: ""}
    players = tuple(replace(p, name=names[p.is_computer] or p.name, toon_handle=p.toon_handle) for p in english.players)
    korean = replace(english, players=players, map=replace(english.map, name="공허의 출격"), saved_by=2)

    assert grouped(games({"en": synthetic.replay_bytes(english), "ko": synthetic.replay_bytes(korean)})) == [
        {"en", "ko"}
    ]


@pytest.fixture(scope="module")
def twin(script, saved):
    """As the Chinese client wrote headers: no version, and another base build."""
    header = header_bytes(replace(script, base_build=24944, game_version="0.0.0.1"))
    return repacked(saved, {}, header=header)


def test_a_twin_with_a_repaired_header_is_of_its_game(saved, twin):
    told = games({"original": twin, "repaired": saved})

    assert grouped(told) == [{"original", "repaired"}]
    assert standing(told) == {min(told, key=lambda name: told[name]["replay_id"]): "replay_id"}


def test_a_twin_with_a_repaired_header_gives_equal_marts(script, saved, twin):
    relations = ("dim_replays", "fct_replay_players", "fct_build_orders", "fct_units", "player_game_summary")
    kept = []
    for replay in (saved, twin):
        with built_marts(extracted(replay, commands=True, tables=RAW_TABLES).items()) as marts:
            kept.append(
                {
                    name: marts.sql(
                        f"select columns(lambda name: name not in ('replay_id', 'sha256', 'file_name', 'file_bytes'))"
                        f" from marts.{name} order by all"
                    ).fetchall()
                    for name in relations
                }
            )

    assert kept[0] == kept[1]
    assert all(kept[0].values())
    versions = "base_build", "data_build", "game_version"
    [row] = extracted(twin)["replays"].select(versions).to_pylist()
    assert tuple(row.values()) == (script.base_build, int(script.game_version.split(".")[3]), script.game_version)


def test_other_games_of_the_same_people_map_seed_and_minute_are_other_games(script, saved):
    other = synthetic.ladder_game(4, game_loops=LOOPS)
    disguised = replace(other, players=script.players, map=script.map, random_seed=script.random_seed)
    assert disguised.played_at == script.played_at

    assert grouped(games({"one": saved, "other": synthetic.replay_bytes(disguised)})) == [{"one"}, {"other"}]


def test_a_file_without_game_events_is_known_by_its_tracker(script, saved):
    stripped = written(script, without=frozenset({GAME_EVENTS}))
    empty = repacked(saved, {GAME_EVENTS: b""})
    another = synthetic.replay_bytes(
        replace(synthetic.ladder_game(8, game_loops=LOOPS), without=frozenset({GAME_EVENTS}))
    )

    told = games({"stripped": stripped, "empty": empty, "whole": saved, "another": another})

    assert grouped(told) == [{"another"}, {"empty", "stripped", "whole"}]
    assert {name: row["game_known_by"] for name, row in told.items()} == {
        "whole": "game_events",
        "stripped": "tracker_events",
        "empty": "tracker_events",
        "another": "tracker_events",
    }


def test_files_without_any_stream_are_games_of_their_own(script):
    without = frozenset({GAME_EVENTS, TRACKER})
    told = games({"one": written(script, without=without), "other": written(script, without=without, saved_by=2)})

    assert grouped(told) == [{"one"}, {"other"}]
    assert {row["game_known_by"] for row in told.values()} == {"alone"}
    assert {row["canonical_by"] for row in told.values()} == {"alone"}


def test_short_game_events_are_told_apart_by_the_tracker(script, saved):
    other = synthetic.replay_bytes(synthetic.ladder_game(4, game_loops=LOOPS, races=("Zerg", "Zerg")))
    idle = {GAME_EVENTS: member(saved, GAME_EVENTS)[:200]}

    told = games({"one": repacked(saved, idle), "other": repacked(other, idle)})

    assert grouped(told) == [{"one"}, {"other"}]


@pytest.mark.parametrize("content", [b"\x00", b"\xff" * 5_000, bytes(100_000), b"\x00\x40\x1b\x00" * 20_000])
def test_streams_of_anything_raise_nothing(saved, content):
    hostile = repacked(saved, {GAME_EVENTS: content})

    for commands in (False, True):
        [row] = extracted(hostile, commands=commands)["replays"].to_pylist()
        assert row["game_events_bytes"] == len(content)
    assert grouped(games({"one": hostile, "other": saved})) == [{"one"}, {"other"}]


def test_the_collection_of_the_demo_has_the_games_that_were_scripted(tmp_path):
    paths = synthetic.collection(tmp_path, 45, seed=4, game_loops=(300, 1200))

    told = games({f"{number:03}": path.read_bytes() for number, path in enumerate(paths)})

    assert [sorted(game) for game in grouped(told) if len(game) > 1] == [["010", "011"], ["030", "031"]]
